//! What borrows by a method is evaluated when the callee is made. Here a suspension stands behind it, so it is evaluated before.

use insideout::prelude::*;

#[cps]
fn length(text: &str) -> usize {
    coop!();
    text.len()
}

#[cps]
fn is_longer(text: &str, than: usize) -> bool {
    coop!();
    text.len() > than
}

#[cps]
fn caller() -> bool {
    let (name, other) = (String::from("name"), String::from("other"));
    call!(is_longer(name.as_str(), call!(length(other.as_str()))))
}

fn main() {}
