use insideout::prelude::*;

struct Held(u32);

#[cps(local, fits = 64)]
impl Held {
    #[cps]
    fn get(&self) -> u32 {
        coop!();
        self.0
    }

    #[cps(fast)]
    fn set(&mut self, to: u32) {
        coop!();
        self.0 = to;
    }
}

fn main() {
    Held(1).get();
    Held(1).set(2);
}
