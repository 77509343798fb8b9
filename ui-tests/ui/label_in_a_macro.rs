use insideout::prelude::*;

macro_rules! stop {
    ($label:lifetime) => {
        break $label
    };
}

#[cps]
fn waits(n: u32) {
    'outer: loop {
        for _ in 0..n {
            coop!();
            stop!('outer);
        }
    }
}

fn main() {}
