use insideout::prelude::*;

#[cps(quick)]
fn broken(n: u32) -> u32 {
    coop!();
    n
}

#[cps]
fn caller() -> u32 {
    call!(broken(1)) + broken(2)
}

fn main() {
    caller();
}
