use insideout::prelude::*;

#[cps]
fn work() -> u32 {
    let first = 1;
    coop!();
    first + second
}

fn main() {}
