use insideout::prelude::*;

#[cps]
fn work() -> u32 {
    let n = 1;
    coop!();
    n += 1;
    n
}

fn main() {}
