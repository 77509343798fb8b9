use insideout::prelude::*;

#[cps]
fn work(n: Option<u32>) -> u32 {
    match n {
        Some(n) => {
            coop!();
            n
        }
    }
}

fn main() {}
