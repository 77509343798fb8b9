use insideout::prelude::*;

#[cps]
fn text(n: u32) -> String {
    coop!();
    n + 1
}

fn main() {}
