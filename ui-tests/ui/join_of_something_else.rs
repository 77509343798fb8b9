use insideout::prelude::*;

#[cps]
fn work(number: u32) {
    join!(number).ok();
}

fn main() {
    work(1);
}
