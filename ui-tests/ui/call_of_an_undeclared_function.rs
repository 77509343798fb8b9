use insideout::prelude::*;

#[cps]
fn number() -> u32 {
    coop!();
    1
}

#[cps]
fn work() -> u32 {
    call!(nunber()) + call!(std::cmp::max(1, 2))
}

fn main() {
    number();
    work();
}
