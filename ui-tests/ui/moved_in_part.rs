use insideout::prelude::*;

#[cps]
fn split(text: String) -> usize {
    let pair = (text, String::from("other"));
    let first = pair.0.into_bytes();
    coop!();
    first.len()
}

fn main() {}
