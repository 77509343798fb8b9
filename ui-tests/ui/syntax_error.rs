use insideout::prelude::*;

#[cps]
fn work() {
    coop!();
    let n = ;
}

fn main() {}
