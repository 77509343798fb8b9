//! What a function borrows from a local is not held across a suspension, whatever the type of the local.

use insideout::prelude::*;

fn itself(n: &u32) -> &u32 {
    n
}

#[cps]
fn reads() -> u32 {
    let n = 5;
    let r = itself(&n);
    coop!();
    *r
}

fn main() {
    reads();
}
