use insideout::prelude::*;

#[cps]
fn work() -> usize {
    let list = Vec::new();
    coop!();
    list.len()
}

fn main() {}
