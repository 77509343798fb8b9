use insideout::prelude::*;

#[cps]
fn text(n: u32) -> String {
    coop!();
    n.to_string();
}

fn main() {}
