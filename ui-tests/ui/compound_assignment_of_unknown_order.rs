use insideout::prelude::*;

#[cps]
fn give(n: usize) -> usize {
    coop!();
    n
}

#[cps]
fn work(mut list: Vec<usize>) -> Vec<usize> {
    list[call!(give(0))] += call!(give(1));
    list
}

fn main() {}
