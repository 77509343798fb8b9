//! When and in which order locals are dropped, whatever becomes of a continuation.
#![forbid(unsafe_code)]

mod common;

use std::sync::{Arc, Mutex};

use common::{Leaf, Log, legs, nest};
use cps_core::Thunk;
use cps_core::expansion::Context;

#[test]
fn an_unrun_thunk_drops_its_arguments() {
    fn takes(first: common::Local, second: common::Local) -> Thunk<'static, ()> {
        // The fields stand in reverse order of declaration, as parameters are dropped.
        enum Frame<A, B> {
            Start { _second: B, _first: A },
        }
        Thunk::new(
            Frame::Start {
                _second: second,
                _first: first,
            },
            |mut cx: Context<'_, Frame<_, _>, ()>| match cx.take() {
                Frame::Start { .. } => cx.done(()),
            },
        )
    }
    let log = Log::default();
    let thunk = takes(log.local("first"), log.local("second"));
    assert!(log.take().is_empty());
    drop(thunk);
    assert_eq!(log.take(), ["drop second", "drop first"]);

    let continuation = takes(log.local("first"), log.local("second")).start_with(log.receiver());
    assert!(log.take().is_empty());
    drop(continuation);
    assert_eq!(log.take(), ["drop second", "drop first", "dropped"]);
}

#[test]
fn a_suspended_chain_drops_innermost_first_and_then_tells_its_receiver() {
    let log = Log::default();
    let continuation = nest(2, log.clone(), Leaf::Coop).start_with(log.receiver());
    let suspended = continuation.trampoline().unwrap();
    assert!(log.take().is_empty());
    drop(suspended);
    assert_eq!(
        log.take(),
        ["drop local 0", "drop local 1", "drop local 2", "dropped"]
    );
}

#[test]
fn a_chain_held_between_return_and_caller_drops_the_value_first() {
    /// `let local = ..; log.local("value")`
    fn value(log: Log) -> Thunk<'static, common::Local> {
        Thunk::new(log, |mut cx: Context<'_, _, _>| {
            let log = cx.take();
            let _local = log.local("callee");
            cx.done(log.local("value"))
        })
    }
    /// `let local = log.local("caller"); let value = call!(value(log)); 7`
    fn caller(log: Log) -> Thunk<'static, u8> {
        enum Frame<G, L, R1> {
            Start { log: G },
            Call1 { local: L, ret: R1 },
        }
        Thunk::new(
            Frame::Start { log },
            |mut cx: Context<'_, Frame<_, _, _>, u8>| match cx.take() {
                Frame::Start { log } => {
                    let local = log.local("caller");
                    cx.call(|ret| Frame::Call1 { local, ret }, value(log))
                }
                Frame::Call1 { local: _local, ret } => {
                    let _value = cx.callee.returned(ret);
                    cx.done(7)
                }
            },
        )
    }
    let log = Log::default();
    let held = |log: &Log| {
        let start = caller(log.clone()).start_with(log.receiver());
        let callee = start.bounce().unwrap();
        let returned = callee.bounce().unwrap();
        assert_eq!(log.take(), ["drop callee"]);
        returned
    };
    drop(held(&log));
    assert_eq!(log.take(), ["drop value", "drop caller", "dropped"]);

    assert!(held(&log).bounce().is_none());
    assert_eq!(log.take(), ["drop value", "drop caller", "returned 7"]);

    let returned = held(&log);
    std::thread::spawn(move || returned.run()).join().unwrap();
    assert_eq!(log.take(), ["drop value", "drop caller", "returned 7"]);
}

#[test]
fn bounce_runs_one_leg() {
    let log = Log::default();
    // Each level but the innermost has a leg before and one after its call; the innermost has one
    // on either side of `coop!`.
    assert_eq!(
        legs(nest(3, log.clone(), Leaf::Coop).start_with(log.receiver())),
        8
    );
    assert_eq!(
        log.take(),
        [
            "drop local 0",
            "back in 1",
            "drop local 1",
            "back in 2",
            "drop local 2",
            "back in 3",
            "drop local 3",
            "returned 3",
        ]
    );
    assert_eq!(
        legs(nest(3, log.clone(), Leaf::Return).into_continuation()),
        7
    );
}

#[test]
fn a_detached_value_is_dropped() {
    let log = Log::default();
    let thunk = Thunk::new(log.clone(), |mut cx: Context<'_, _, _>| {
        let value = cx.take().local("value");
        cx.done(value)
    });
    assert!(thunk.into_continuation().trampoline().is_none());
    assert_eq!(log.take(), ["drop value"]);
}

#[test]
fn leftovers_are_dropped_before_the_continuation_is_given_away() {
    let log = Log::default();
    let thunk = Thunk::new((log.clone(), false), |mut cx: Context<'_, _, _>| {
        let (log, again): (Log, bool) = cx.take();
        if again {
            return cx.done(());
        }
        let _leftover = log.local("leftover");
        let given = log.clone();
        cx.suspend((log, true), move |continuation| {
            given.say("given");
            Some(continuation)
        })
    });
    thunk.run();
    assert_eq!(log.take(), ["drop leftover", "given"]);
}

#[test]
fn a_continuation_dropped_by_whom_it_was_given_to_drops_its_frames() {
    let log = Log::default();
    let leaf = Leaf::give(|continuation| {
        drop(continuation);
        None
    });
    let continuation = nest(1, log.clone(), leaf).start_with(log.receiver());
    assert!(continuation.trampoline().is_none());
    assert_eq!(log.take(), ["drop local 0", "drop local 1", "dropped"]);
}

#[test]
fn what_a_closure_returns_runs_next() {
    let log = Log::default();
    let other = nest(0, log.clone(), Leaf::Return).start_with(log.receiver());
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let leaf = Leaf::give(move |continuation| {
        *keep.lock().unwrap() = Some(continuation);
        Some(other)
    });
    let first = nest(1, log.clone(), leaf).start_with(log.receiver());
    assert!(first.trampoline().is_none());
    assert_eq!(
        log.take(),
        ["drop local 0", "returned 0"],
        "the other has run"
    );
    kept.lock().unwrap().take().unwrap().run();
    assert_eq!(
        log.take(),
        ["drop local 0", "back in 1", "drop local 1", "returned 1"]
    );
}

#[test]
fn a_frame_that_was_not_taken_is_dropped_when_the_leg_ends() {
    let log = Log::default();
    let thunk = Thunk::new(log.local("frame"), |cx: Context<'_, common::Local, u8>| {
        cx.done(3)
    });
    assert_eq!(thunk.run(), 3);
    assert_eq!(log.take(), ["drop frame"]);
}
