//! Flags: whoever waits for a change sees it.

use super::model;
use crate::flags::{Flags, Want};
use loom::thread;
use std::sync::Arc;

#[test]
fn who_waits_for_flags_wakes_when_the_last_of_them_is_set() {
    model(3, || {
        let flags = Arc::new(Flags::new(0));
        let other = flags.clone();
        let waiter = thread::spawn(move || other.wait(Want::AllSet(3)));
        flags.set(1);
        flags.set(2);
        assert_eq!(waiter.join().unwrap(), 3);
    });
}

#[test]
fn two_who_wait_for_different_flags_both_wake() {
    model(2, || {
        let flags = Arc::new(Flags::new(4));
        let waiters = [Want::AnySet(1), Want::AllClear(4)].map(|want| {
            let flags = flags.clone();
            thread::spawn(move || flags.wait(want))
        });
        flags.set(1);
        flags.clear(4);
        waiters.into_iter().for_each(|waiter| {
            waiter.join().unwrap();
        });
    });
}

#[test]
fn changes_from_two_sides_are_both_kept() {
    model(3, || {
        let flags = Arc::new(Flags::new(1));
        let other = flags.clone();
        let changer = thread::spawn(move || other.change(2, 1));
        let before = flags.set(4);
        let seen = changer.join().unwrap();
        assert_eq!(flags.get(), 6);
        assert!(before & 2 == 0 || seen & 4 == 0);
    });
}
