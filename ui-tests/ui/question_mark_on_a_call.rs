use insideout::prelude::*;

#[cps]
fn number() -> u32 {
    coop!();
    1
}

#[cps]
fn caller() -> Option<u32> {
    Some(call!(number())?)
}

fn main() {}
