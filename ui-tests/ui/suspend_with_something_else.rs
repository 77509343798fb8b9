use insideout::prelude::*;

#[cps]
fn work(number: u32) {
    suspend!(number);
    suspend!(|| None);
    suspend!(|continuation| continuation);
}

fn main() {
    work(1);
}
