use insideout::prelude::*;

#[cps]
fn work(number: u32) -> u32 {
    call!(number)
}

fn main() {
    work(1);
}
