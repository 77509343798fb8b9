use insideout::prelude::*;

#[cps]
fn callee() -> String {
    coop!();
    String::new()
}

#[cps]
fn caller() -> u32 {
    let n: u32 = call!(callee());
    n
}

fn main() {}
