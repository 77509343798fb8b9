use insideout::prelude::*;

#[cps]
trait Reads {
    #[cps(fits = 24)]
    fn read(&self) -> u8 {
        coop!();
        call!(self.bytes())[0]
    }

    #[cps]
    fn bytes(&self) -> [u8; 2];
}

struct Held;

#[cps]
impl Reads for Held {
    #[cps]
    fn bytes(&self) -> [u8; 2] {
        [1, 2]
    }
}

fn main() {
    Held.read();
}
