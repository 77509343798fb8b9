use insideout::prelude::*;

#[cps]
fn work(n: Option<u32>) -> u32 {
    let Some(n) = n else {
        coop!();
    };
    n
}

fn main() {}
