use insideout::prelude::*;

#[cps]
fn later() {
    let future = async || coop!();
    drop(future);
}

fn main() {}
