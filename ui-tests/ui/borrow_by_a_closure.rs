use insideout::prelude::*;

#[cps]
fn measure() -> usize {
    let text = String::from("text");
    let length = || text.len();
    coop!();
    length()
}

fn main() {}
