use insideout::prelude::*;

#[cps]
fn caller(text: String) -> usize {
    call!(text.len())
}

fn main() {}
