use insideout::prelude::*;

#[cps]
fn walk() -> Option<u32> {
    let v = vec![1, 2];
    let mut it = v.iter();
    coop!();
    it.next().copied()
}

fn main() {}
