use insideout::prelude::*;

#[cps]
fn work() {
    coop!();
}

#[deny(warnings)]
fn ordinary() {
    thunk!(work());
}

fn main() {}
