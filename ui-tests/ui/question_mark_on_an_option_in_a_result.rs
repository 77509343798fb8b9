use insideout::prelude::*;

#[cps]
fn first(list: Vec<u32>) -> Result<u32, String> {
    coop!();
    let first = list.first().copied()?;
    coop!();
    Ok(first)
}

fn main() {}
