use insideout::prelude::*;

#[cps]
unsafe fn careless() {
    coop!();
}

fn main() {}
