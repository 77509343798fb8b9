use insideout::prelude::*;

#[cps]
const fn constant() -> u32 {
    1
}

fn main() {}
