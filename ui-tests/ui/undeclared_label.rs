use insideout::prelude::*;

#[cps]
fn work() {
    loop {
        coop!();
        break 'outer;
    }
}

fn main() {}
