use insideout::prelude::*;

#[cps]
fn work() {
    coop!();
    break;
}

fn main() {}
