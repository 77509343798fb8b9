use insideout::prelude::*;

#[cps]
fn work(number: u32) {
    sleep!(number);
    sleep_until!(number);
    readable!(number).ok();
    child!(number).ok();
}

fn main() {
    work(1);
}
