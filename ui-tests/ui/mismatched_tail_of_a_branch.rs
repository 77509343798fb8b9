use insideout::prelude::*;

#[cps]
fn text(n: u32) -> String {
    if n > 1 {
        coop!();
        String::new()
    } else {
        n
    }
}

fn main() {}
