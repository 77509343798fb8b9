use insideout::prelude::*;

#[cps]
fn parse(text: &str) {
    let n: u32 = text.parse()?;
    coop!();
    println!("{n}");
}

fn main() {}
