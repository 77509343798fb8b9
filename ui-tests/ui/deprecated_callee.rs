use insideout::prelude::*;

#[cps]
#[deprecated = "use another"]
fn old() {
    coop!();
}

#[cps]
#[deny(warnings)]
fn work() {
    call!(old());
}

fn main() {}
