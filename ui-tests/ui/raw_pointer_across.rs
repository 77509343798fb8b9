use insideout::prelude::*;

#[cps]
fn work(n: u32) -> bool {
    let pointer = &raw const n;
    coop!();
    pointer.is_null()
}

fn main() {
    work(1);
}
