use insideout::prelude::*;
use std::rc::Rc;

#[cps(local)]
fn stays(text: &mut String) -> usize {
    coop!();
    text.len()
}

#[cps(local)]
fn starts(text: Rc<str>) -> usize {
    coop!();
    text.len()
}

#[cps]
fn borrows(text: String) -> usize {
    let mut text = text;
    call!(stays(&mut text))
}

#[cps]
fn moves() -> usize {
    call!(starts("text".into()))
}

fn main() {
    borrows("text".to_owned());
    moves();
}
