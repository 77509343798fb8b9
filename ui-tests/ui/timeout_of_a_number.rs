use insideout::prelude::*;

#[cps]
fn inner() -> u32 {
    7
}

#[cps]
fn outer() -> u32 {
    timeout!(10, inner()).unwrap_or(0)
}

fn main() {}
