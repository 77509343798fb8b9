use insideout::prelude::*;

#[cps]
fn work(n: u32) -> u32 {
    let found: u32 = loop {
        coop!();
        if n > 1 {
            break "text";
        }
    };
    found
}

fn main() {}
