use insideout::prelude::*;

#[cps]
extern "C" fn foreign() {
    coop!();
}

fn main() {}
