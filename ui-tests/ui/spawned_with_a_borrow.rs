use insideout::prelude::*;

#[cps]
fn length(text: &str) -> usize {
    coop!();
    text.len()
}

fn ordinary(pool: &Pool) {
    let text = String::from("text");
    let handle = pool.spawn(thunk!(length(&text)));
    drop(handle);
}

fn main() {}
