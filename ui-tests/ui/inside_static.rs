use insideout::prelude::*;

#[cps]
fn number() -> u32 {
    static N: u32 = call!(other());
    N
}

#[cps]
fn other() -> u32 {
    1
}

fn main() {}
