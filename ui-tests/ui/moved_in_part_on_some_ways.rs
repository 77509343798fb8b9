//! Only native control flow knows whether the part is there.

use insideout::prelude::*;

#[cps]
fn some(pair: (String, String), yes: bool) -> usize {
    if yes {
        drop(pair.0);
    }
    coop!();
    pair.1.len()
}

fn main() {}
