use insideout::prelude::*;

#[cps]
fn length(text: &str) -> usize {
    coop!();
    text.len()
}

#[cps]
fn caller() -> usize {
    let name = String::from("name");
    call!(length(name.as_str()))
}

fn main() {}
