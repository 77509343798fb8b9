//! A type in a block that suspends has the name of another: there would have to be two of the one, or one of the two.

use insideout::prelude::*;

struct Unit;

#[cps]
fn two_of_one_name(yes: bool) -> Unit {
    if yes {
        struct Unit(u32);
        coop!();
        let _number = Unit(3).0;
    }
    Unit
}

fn main() {
    two_of_one_name(true);
}
