use insideout::prelude::*;

#[cps]
fn callee(n: u32, text: &str) -> u32 {
    coop!();
    n + text.len() as u32
}

#[cps]
fn caller() -> u32 {
    call!(callee("one", "two"))
}

fn main() {}
