use insideout::prelude::*;

use std::rc::Rc;

#[cps]
fn shared(shared: Rc<u32>) -> u32 {
    coop!();
    *shared
}

fn main() {}
