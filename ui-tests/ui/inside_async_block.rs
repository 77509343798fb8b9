use insideout::prelude::*;

#[cps]
fn later() {
    let future = async {
        coop!();
        1
    };
    drop(future);
}

fn main() {}
