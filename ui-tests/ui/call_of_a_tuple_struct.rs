use insideout::prelude::*;

struct Wrapper(u32);

#[cps]
fn caller() -> Wrapper {
    call!(Wrapper(1))
}

fn main() {}
