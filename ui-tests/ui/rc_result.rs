use insideout::prelude::*;

use std::rc::Rc;

#[cps]
fn shared() -> Rc<u32> {
    coop!();
    Rc::new(1)
}

fn main() {}
