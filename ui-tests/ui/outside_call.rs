use insideout::prelude::*;

#[cps]
fn work() {}

fn ordinary() {
    call!(work());
}

fn main() {}
