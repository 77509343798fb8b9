use insideout::prelude::*;

#[cps]
fn give(n: u32) -> u32 {
    coop!();
    n
}

#[cps]
fn caller() -> u32 {
    let thunk = thunk!(give(1));
    call!(thunk) + call!(thunk)
}

fn main() {}
