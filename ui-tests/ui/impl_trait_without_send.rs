use insideout::prelude::*;

#[cps]
fn show(value: impl ToString) -> String {
    coop!();
    value.to_string()
}

fn main() {}
