use insideout::prelude::*;

use std::rc::Rc;

#[cps]
fn shared() {
    let _shared = Rc::new(1);
    coop!();
}

fn main() {}
