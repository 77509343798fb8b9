//! `suspend!`: whoever the closure gives the continuation to decides where and when it goes on, or whether.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use behaviour::{Log, fail};
use insideout::prelude::*;

/// Where a continuation waits for someone to resume it.
type Slot = Arc<Mutex<Option<Continuation>>>;

fn leave_in(slot: &Slot) -> impl FnOnce(Continuation) -> Option<Continuation> + use<> {
    let slot = Arc::clone(slot);
    move |continuation| slot.lock().unwrap().replace(continuation)
}

#[cps]
fn waits(log: &Log, slot: Slot, name: &str) -> usize {
    let _guard = log.tracked(format!("{name}'s guard"));
    log.note(format!("{name} waits"));
    suspend!(leave_in(&slot));
    log.note(format!("{name} goes on"));
    name.len()
}

#[test]
fn it_is_resumed_by_whoever_has_it() {
    let log = Log::forever();
    let slot = Slot::default();
    let first = thunk!(waits(log, Arc::clone(&slot), "a")).into_continuation();
    assert!(first.trampoline().is_none());
    log.note("meanwhile");
    let left = slot.lock().unwrap().take().unwrap();
    thread::spawn(|| left.run()).join().unwrap();
    assert_eq!(
        log.events(),
        ["a waits", "meanwhile", "a goes on", "drop a's guard"]
    );
}

#[test]
fn a_plain_call_waits_for_it() {
    let log = Log::forever();
    let slot = Slot::default();
    let other = Arc::clone(&slot);
    let resumer = thread::spawn(move || {
        loop {
            if let Some(left) = other.lock().unwrap().take() {
                break left.run();
            }
            thread::yield_now();
        }
    });
    let name = String::from("borrowed");
    assert_eq!(waits(log, slot, &name), 8);
    resumer.join().unwrap();
}

#[test]
fn what_the_closure_returns_runs_next() {
    let log = Log::forever();
    let slot = Slot::default();
    let first = thunk!(waits(log, Arc::clone(&slot), "a")).into_continuation();
    let second = thunk!(waits(log, Arc::clone(&slot), "b")).into_continuation();
    assert!(first.trampoline().is_none());
    // The second takes the place of the first, which goes on.
    assert!(second.trampoline().is_none());
    assert_eq!(
        log.events(),
        ["a waits", "b waits", "a goes on", "drop a's guard"]
    );
    drop(slot.lock().unwrap().take());
    assert_eq!(log.events().last().unwrap(), "drop b's guard");
    assert_eq!(log.alive(), 0);
}

#[cps]
fn goes_on_at_once(log: &Log) -> u8 {
    let guard = log.tracked("guard");
    suspend!(|continuation| Some(continuation));
    suspend!(Some);
    guard.touch();
    1
}

#[test]
fn a_closure_may_hand_it_back() {
    let log = Log::forever();
    assert_eq!(goes_on_at_once(log), 1);
    assert_eq!(log.events(), ["touch guard", "drop guard"]);
}

#[cps]
fn gives_a_capture_away(log: &Log, sender: mpsc::Sender<(String, Continuation)>) -> usize {
    let text = String::from("message");
    let count = text.len();
    suspend!(move |continuation| {
        sender.send((text, continuation)).unwrap();
        None
    });
    log.note(count);
    count
}

#[test]
fn the_closure_owns_what_it_captures() {
    let log = Log::forever();
    let (sender, receiver) = mpsc::channel();
    assert!(
        thunk!(gives_a_capture_away(log, sender))
            .into_continuation()
            .trampoline()
            .is_none()
    );
    let (text, continuation) = receiver.recv().unwrap();
    assert_eq!(text, "message");
    assert!(
        receiver.recv().is_err(),
        "the sender is dropped with the closure"
    );
    continuation.run();
    assert_eq!(log.events(), ["7"]);
}

#[cps]
fn gives_with_large_captures(log: &Log) -> u64 {
    let large = [7u64; 32];
    suspend!(move |continuation| (large.iter().sum::<u64>() > 0).then_some(continuation));
    log.note(large[3]);
    large.iter().sum()
}

#[test]
fn large_captures_are_no_different() {
    assert_eq!(gives_with_large_captures(Log::forever()), 224);
}

#[cps]
fn dropped_by_its_keeper(log: &Log) -> u8 {
    let _guard = log.tracked("guard");
    suspend!(|continuation| {
        drop(continuation);
        None
    });
    log.note("never");
    1
}

#[test]
fn a_plain_call_whose_continuation_is_dropped_panics() {
    let log = Log::forever();
    let payload = catch_unwind(AssertUnwindSafe(|| dropped_by_its_keeper(log))).unwrap_err();
    let message = payload.downcast_ref::<&str>().unwrap();
    assert!(message.contains("dropped"), "{message}");
    assert_eq!(log.events(), ["drop guard"]);
}

#[cps]
fn its_closure_panics(log: &Log, how: u8) -> u8 {
    let _guard = log.tracked("guard");
    let spoils = log.tracked("captured");
    suspend!(move |continuation| {
        spoils.touch();
        if how == 0 {
            drop(continuation);
        }
        fail("the closure")
    });
    log.note("never");
    1
}

#[test]
fn a_panic_of_the_closure_frees_everything_once() {
    for how in [0, 1] {
        let log = Log::forever();
        let first = thunk!(its_closure_panics(log, how)).into_continuation();
        let payload = catch_unwind(AssertUnwindSafe(|| first.trampoline())).unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "the closure");
        assert_eq!(log.alive(), 0, "{:?}", log.events());
    }
}

#[cps]
fn caller(log: &Log, slot: Slot) -> usize {
    let _guard = log.tracked("caller's guard");
    let mut lengths = Vec::new();
    for name in ["one", "three"] {
        lengths.push(call!(waits(log, Arc::clone(&slot), name)));
    }
    lengths.iter().sum()
}

#[test]
fn the_whole_chain_is_given_away() {
    let log = Log::forever();
    let slot = Slot::default();
    let pool = Pool::new(1);
    let handle = pool.spawn(thunk!(caller(log, Arc::clone(&slot))));
    let mut resumed = 0;
    while resumed < 2 {
        let left = slot.lock().unwrap().take();
        match left {
            Some(left) => {
                resumed += 1;
                left.run();
            }
            None => thread::yield_now(),
        }
    }
    assert_eq!(handle.join().unwrap(), 8);
    assert_eq!(log.alive(), 0);
}
