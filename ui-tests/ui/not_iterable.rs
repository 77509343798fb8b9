use insideout::prelude::*;

#[cps]
fn work(n: u32) {
    for _ in n {
        coop!();
    }
}

fn main() {
    work(1);
}
