use insideout::prelude::*;

#[cps(fits = 32)]
fn holds(a: u64, b: u64) -> u64 {
    coop!();
    a + b
}

fn main() {
    holds(1, 2);
}
