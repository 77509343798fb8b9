//! Loops: suspension points in bodies, conditions, scrutinees and iterators; labels, `break` and `continue`.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn while_body(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        while n < upto {
            n += 1;
            log.note(n);
            coop!();
        }
        n
    }
}

#[test]
fn a_while_loop_suspends_in_its_body() {
    assert_same!(|log| while_body(log, 0));
    assert_same!(|log| while_body(log, 3));
}
