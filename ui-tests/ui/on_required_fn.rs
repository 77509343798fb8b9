use insideout::prelude::*;

trait Read {
    #[cps]
    fn read(&self) -> u32;
}

struct Zero;

impl Read for Zero {
    fn read(&self) -> u32 {
        0
    }
}

fn main() {
    Zero.read();
}
