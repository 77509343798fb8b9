use insideout::prelude::*;

#[cps]
fn outer() {
    fn inner() {
        coop!();
    }
    inner();
    coop!();
}

fn main() {}
