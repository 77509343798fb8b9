use insideout::prelude::*;

#[cps]
fn work() {
    call!();
}

fn main() {}
