use insideout::prelude::*;

#[cps]
fn give(n: usize) -> usize {
    coop!();
    n
}

fn place() -> usize {
    0
}

#[cps]
fn work(mut list: Vec<usize>) -> Vec<usize> {
    list[place()] += call!(give(1));
    list
}

fn main() {}
