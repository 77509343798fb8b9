//! Only native control flow knows whether the part is there.

use insideout::prelude::*;

#[cps]
fn some(pair: (String, String), yes: bool) -> usize {
    let more = 1 + if yes { pair.0.len() + taken(pair.0) } else { 0 };
    coop!();
    pair.1.len() + more
}

fn taken(text: String) -> usize {
    text.len()
}

fn main() {}
