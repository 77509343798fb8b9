use insideout::prelude::*;

use std::num::ParseIntError;

#[cps]
fn parse(text: &str) -> Result<bool, ParseIntError> {
    coop!();
    let yes: bool = text.parse()?;
    Ok(yes)
}

fn main() {}
