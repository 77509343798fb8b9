use insideout::prelude::*;

use std::rc::Rc;

#[cps]
fn shared() -> usize {
    let shared = Rc::new(1);
    coop!();
    Rc::strong_count(&shared)
}

fn main() {}
