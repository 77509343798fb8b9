use insideout::prelude::*;

#[cps]
fn caller() -> u32 {
    let double = |n: u32| n * 2;
    call!(double(2))
}

fn main() {
    caller();
}
