use insideout::prelude::*;

#[cps]
fn length(text: &str) -> usize {
    coop!();
    text.len()
}

fn ordinary() -> Thunk<'static, usize> {
    let text = String::from("text");
    thunk!(length(&text))
}

fn main() {}
