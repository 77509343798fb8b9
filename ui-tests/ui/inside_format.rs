use insideout::prelude::*;

#[cps]
fn number() -> u32 {
    coop!();
    1
}

#[cps]
fn show() -> String {
    format!("{}", call!(number()))
}

fn main() {}
