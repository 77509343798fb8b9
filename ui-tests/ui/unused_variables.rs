#![deny(unused_variables)]
use insideout::prelude::*;

struct Pair {
    first: u32,
    second: u32,
}

#[cps]
fn work(used: u32, unused: u32, (left, right): (u32, u32), pair: Pair) -> u32 {
    let early = 1;
    coop!();
    let late = 2;
    if let Some(bound) = Some(used) {
        coop!();
    }
    let Pair { first, second } = pair;
    let closure = move |ignored: u32| left;
    #[allow(unused_variables)]
    let allowed = 3;
    let _meant = 4;
    coop!();
    println!("{used}");
    closure(first)
}

fn main() {
    work(1, 2, (3, 4), Pair { first: 5, second: 6 });
}
