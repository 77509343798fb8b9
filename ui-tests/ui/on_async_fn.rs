use insideout::prelude::*;

#[cps]
async fn later() {
    coop!();
}

fn main() {}
