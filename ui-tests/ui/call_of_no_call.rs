use insideout::prelude::*;

#[cps]
fn caller() -> u32 {
    call!(1 + 2)
}

fn main() {}
