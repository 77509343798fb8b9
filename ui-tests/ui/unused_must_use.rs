use insideout::prelude::*;

#[cps]
fn number() -> Result<u32, String> {
    coop!();
    Ok(1)
}

#[cps]
#[deny(warnings)]
fn work() {
    call!(number());
    coop!();
}

fn main() {}
