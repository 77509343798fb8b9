//! What a call takes in the heap, in bytes: the promise is part of the interface.

#![forbid(unsafe_code)]
#![deny(warnings)]

use insideout::prelude::*;

#[cps]
fn empty() {
    coop!();
    coop!();
}

#[cps]
fn two(a: u64, b: u64) -> u64 {
    coop!();
    a + b
}

#[cps]
fn calls(n: u64) -> u64 {
    let doubled = call!(two(n, n));
    coop!();
    doubled + 1
}

#[cps]
fn waits(inbox: Receiver<u8>) -> Option<u8> {
    recv!(inbox).ok()
}

#[cps]
fn forgets(n: u64) -> u64 {
    let square = n * n;
    let text = [square; 100];
    let sum = text.iter().sum::<u64>();
    coop!();
    sum
}

#[cps]
fn hands_on(measure: impl FnOnce() -> usize + Send) -> usize {
    coop!();
    measure()
}

#[cps]
fn lends() -> usize {
    let text: &str = "text";
    call!(hands_on(|| text.len()))
}

#[test]
fn a_call_takes_what_its_frame_does_and_two_words() {
    assert_eq!(thunk!(empty()).size(), 24);
    assert_eq!(thunk!(two(1, 2)).size(), 40);
    assert_eq!(thunk!(calls(1)).size(), 32);
    let (_sender, inbox) = Mailbox::bounded(1).split();
    assert_eq!(thunk!(waits(inbox)).size(), 32);
}

#[test]
fn what_is_not_needed_after_a_suspension_takes_nothing() {
    assert!(thunk!(forgets(1)).size() <= 40);
    assert_eq!(forgets(2), 400);
}

/// What a shared reference refers to is not in the frame, so that the reference need not be either.
#[test]
fn what_a_closure_refers_to_elsewhere_takes_nothing() {
    assert_eq!(thunk!(lends()).size(), 32);
    assert_eq!(lends(), 4);
}

#[test]
fn a_continuation_is_one_pointer() {
    assert_eq!(size_of::<Continuation>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Continuation>>(), size_of::<usize>());
}
