use insideout::prelude::*;

#[cps]
fn callee(n: u32, m: u32) -> u32 {
    coop!();
    n + m
}

#[cps]
fn caller() -> u32 {
    call!(callee(1))
}

fn main() {}
