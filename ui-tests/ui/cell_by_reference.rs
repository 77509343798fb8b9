use insideout::prelude::*;

use std::cell::Cell;

#[cps]
fn count(counter: &Cell<u32>) {
    counter.set(1);
    coop!();
    counter.set(2);
}

fn main() {}
