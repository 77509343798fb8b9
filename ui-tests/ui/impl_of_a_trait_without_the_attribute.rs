use insideout::prelude::*;

trait Read {
    fn read(&self) -> u32;
}

struct Zero;

#[cps]
impl Read for Zero {
    #[cps]
    fn read(&self) -> u32 {
        coop!();
        0
    }
}

fn main() {
    Zero.read();
}
