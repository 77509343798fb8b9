use insideout::prelude::*;

#[cps]
fn work(number: u32) {
    recv!(number).ok();
    send!(number, 1).ok();
    migrate!(number).ok();
}

fn main() {
    work(1);
}
