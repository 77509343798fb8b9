use insideout::prelude::*;

#[cps]
fn wanted(n: u32) -> bool {
    coop!();
    n > 3
}

#[cps]
fn choose(n: u32) -> u32 {
    match n {
        n if call!(wanted(n)) => 1,
        _ => 0,
    }
}

fn main() {}
