use insideout::prelude::*;

fn take(text: String) -> usize {
    text.len()
}

#[cps]
fn work(n: u32) -> usize {
    coop!();
    take(n)
}

fn main() {}
