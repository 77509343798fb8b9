use insideout::prelude::*;

macro_rules! twice {
    ($value:expr) => {
        $value + $value
    };
}

#[cps]
fn number() -> u32 {
    coop!();
    1
}

#[cps]
fn sum() -> u32 {
    twice!(call!(number()))
}

fn main() {}
