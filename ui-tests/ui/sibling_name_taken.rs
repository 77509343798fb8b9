use insideout::prelude::*;

#[allow(non_camel_case_types)]
enum work {}

#[cps]
fn work() {
    coop!();
}

fn main() {}
