//! A function that does differ, so that a run in which it does not is known to compare nothing.

use crate::prelude::*;

#[both]
mod cases {
    #[cps]
    fn differs(log: &Log) -> usize {
        coop!();
        log.note(module_path!());
        1
    }
}

pub fn compare() {
    assert_same!(|log| differs(log));
}
