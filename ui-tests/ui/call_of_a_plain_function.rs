use insideout::prelude::*;

fn plain(n: u32) -> u32 {
    n
}

#[cps]
fn caller() -> u32 {
    call!(plain(1))
}

fn main() {}
