use insideout::prelude::*;
use std::rc::Rc;

#[cps]
fn number() -> u32 {
    coop!();
    1
}

fn add(a: Rc<u32>, b: u32) -> u32 {
    *a + b
}

#[cps]
fn work() -> u32 {
    add(Rc::new(1), call!(number()))
}

fn main() {
    work();
}
