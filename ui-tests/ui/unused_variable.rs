use insideout::prelude::*;

#[cps]
#[deny(warnings)]
fn work(n: u32) {
    let unused = 1;
    coop!();
}

fn main() {}
