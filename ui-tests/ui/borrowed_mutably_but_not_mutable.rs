use insideout::prelude::*;

#[cps]
fn fill(list: &mut Vec<u32>) {
    list.push(1);
    coop!();
}

#[cps]
fn work() -> Vec<u32> {
    let list = Vec::new();
    call!(fill(&mut list));
    list
}

fn main() {}
