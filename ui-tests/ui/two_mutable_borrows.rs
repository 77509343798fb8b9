use insideout::prelude::*;

#[cps]
fn both(a: &mut Vec<u32>, b: &mut Vec<u32>) {
    a.push(1);
    coop!();
    b.push(2);
}

#[cps]
fn work() -> Vec<u32> {
    let mut list = Vec::new();
    call!(both(&mut list, &mut list));
    list
}

fn main() {}
