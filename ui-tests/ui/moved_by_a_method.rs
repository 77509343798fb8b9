use insideout::prelude::*;

struct Order(String);

impl Order {
    fn ship(self) -> String {
        self.0
    }
}

#[cps]
fn process(text: String) -> usize {
    let order = Order(text);
    let shipped = order.ship();
    coop!();
    shipped.len()
}

fn main() {}
