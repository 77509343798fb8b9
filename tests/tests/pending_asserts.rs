//! What stands behind the condition of an assertion is evaluated when it fails.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn say<T: Send>(log: &Log, what: &str, value: T) -> T {
        log.note(what);
        coop!();
        value
    }

    #[cps]
    fn messages(log: &Log, n: u32) -> u32 {
        assert!(call!(say(log, "a", n)) < 2, "{}", call!(say(log, "b", n)));
        assert_eq!(call!(say(log, "c", n)), 0, "{}", call!(say(log, "d", n)));
        debug_assert_ne!(n, 1, "{}", call!(say(log, "e", n)));
        n
    }
}

#[test]
#[ignore = "the arguments of the message are always evaluated"]
fn messages_are_evaluated_when_they_are_needed() {
    for n in 0..3 {
        assert_same!(|log| messages(log, n));
    }
}
