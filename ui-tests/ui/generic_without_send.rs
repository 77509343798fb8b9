use insideout::prelude::*;

#[cps]
fn give<T>(value: T) -> T {
    coop!();
    value
}

fn main() {}
