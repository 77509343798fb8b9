use insideout::prelude::*;

#[allow(non_camel_case_types)]
struct work;

#[cps]
fn work() {
    coop!();
}

fn main() {}
