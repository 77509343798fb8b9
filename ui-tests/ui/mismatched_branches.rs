use insideout::prelude::*;

#[cps]
fn work(yes: bool) -> usize {
    let value = if yes {
        coop!();
        1
    } else {
        "text"
    };
    value
}

fn main() {
    work(true);
}
