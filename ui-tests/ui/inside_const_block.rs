use insideout::prelude::*;

#[cps]
fn constant() -> u32 {
    const {
        coop!();
        1
    }
}

fn main() {}
