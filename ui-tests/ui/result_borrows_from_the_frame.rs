use insideout::prelude::*;

#[cps]
fn first(words: &[String]) -> &str {
    coop!();
    &words[0]
}

#[cps]
fn owner() -> usize {
    let words = vec![String::from("word")];
    let word = call!(first(&words));
    word.len()
}

fn main() {}
