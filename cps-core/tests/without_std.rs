//! Without the `std` feature a panic frees the whole chain on its way out.
#![cfg(not(feature = "std"))]
#![forbid(unsafe_code)]

mod common;

use std::thread;
use std::time::Duration;

use common::{Leaf, Log, nest, panics};
use cps_core::Continuation;

#[test]
fn a_panic_drops_the_chain_innermost_first() {
    let log = Log::default();
    let ways: [fn(Continuation); 3] = [
        |continuation| continuation.run(),
        |continuation| drop(continuation.trampoline()),
        |continuation| {
            let mut next = Some(continuation);
            while let Some(continuation) = next {
                next = continuation.bounce();
            }
        },
    ];
    for run in ways {
        let continuation = nest(2, log.clone(), Leaf::Panic).start_with(log.receiver());
        assert_eq!(panics(|| run(continuation)), "leaf");
        assert_eq!(
            log.take(),
            ["drop local 0", "drop local 1", "drop local 2", "dropped"]
        );
    }
}

#[test]
fn a_panic_unwinds_through_a_plain_call() {
    let log = Log::default();
    let thunk = nest(1, log.clone(), Leaf::Panic);
    assert_eq!(panics(|| thunk.run()), "leaf");
    assert_eq!(log.take(), ["drop local 0", "drop local 1"]);
}

#[test]
fn a_closure_that_panics_drops_the_continuation_it_was_given() {
    let log = Log::default();
    let thunk = nest(1, log.clone(), Leaf::give(|_continuation| panic!("giving")));
    assert_eq!(panics(|| thunk.run()), "giving");
    assert_eq!(log.take(), ["drop local 0", "drop local 1"]);
}

#[test]
fn a_plain_call_spins_until_its_continuation_is_finished() {
    let log = Log::default();
    let leaf = Leaf::give(|continuation| {
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(5));
            continuation.run();
        });
        None
    });
    assert_eq!(nest(1, log.clone(), leaf).run(), 1);
    assert_eq!(log.take(), ["drop local 0", "back in 1", "drop local 1"]);
}

#[test]
fn a_plain_call_does_not_unwind_before_its_continuation_is_finished() {
    let log = Log::default();
    let leaf = Leaf::give(|continuation| {
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(5));
            continuation.run();
        });
        panic!("after giving")
    });
    let thunk = nest(1, log.clone(), leaf);
    assert_eq!(panics(|| thunk.run()), "after giving");
    assert_eq!(log.take(), ["drop local 0", "back in 1", "drop local 1"]);
}
