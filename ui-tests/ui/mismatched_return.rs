use insideout::prelude::*;

#[cps]
fn text(n: u32) -> String {
    coop!();
    if n > 3 {
        return n;
    }
    n.to_string()
}

fn main() {}
