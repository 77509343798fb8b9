use insideout::prelude::*;

#[cps]
fn show<T: Send>(value: T) -> String {
    coop!();
    value.to_string()
}

fn main() {
    show(1);
}
