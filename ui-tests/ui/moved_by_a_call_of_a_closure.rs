use insideout::prelude::*;

#[cps]
fn once(text: String) {
    let end = move || drop(text);
    end();
    coop!();
}

fn main() {}
