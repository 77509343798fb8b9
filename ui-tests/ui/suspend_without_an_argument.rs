use insideout::prelude::*;

#[cps]
fn work() {
    suspend!();
}

fn main() {}
