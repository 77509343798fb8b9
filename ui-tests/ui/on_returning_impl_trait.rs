use insideout::prelude::*;

#[cps]
fn numbers() -> impl Iterator<Item = u32> {
    coop!();
    0..3
}

fn main() {}
