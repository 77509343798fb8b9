//! A type with a lifetime that is not written, as parameters of functions may have it.

use insideout::prelude::*;
use std::str::Chars;

#[cps]
fn vowels(mut text: Chars) -> usize {
    let mut count = 0;
    while let Some(letter) = text.next() {
        coop!();
        count += usize::from("aeiou".contains(letter));
    }
    count
}

#[cps]
fn starts_with(text: &str, mut rest: Chars) -> bool {
    coop!();
    rest.next() == text.chars().next()
}

fn main() {
    vowels("text".chars());
    starts_with("text", "text".chars());
}
