use insideout::prelude::*;

#[cps]
fn work() {
    coop!(1);
}

fn main() {}
