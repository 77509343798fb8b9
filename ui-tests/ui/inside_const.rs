use insideout::prelude::*;

#[cps]
fn constant() -> u32 {
    const N: u32 = {
        coop!();
        1
    };
    N
}

fn main() {}
