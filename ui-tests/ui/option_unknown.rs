use insideout::prelude::*;

#[cps(fast)]
fn work() {
    coop!();
}

fn main() {}
