use insideout::prelude::*;

#[cps]
fn work(text: String) -> usize {
    drop(text);
    coop!();
    text.len()
}

fn main() {}
