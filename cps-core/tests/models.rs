//! The signal under loom, in every order of its steps:
//! `RUSTFLAGS="--cfg loom" cargo test -p cps-core --test models --release`.
#![cfg(all(loom, feature = "std"))]

/// What the signal imports, from loom.
mod sync {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::AtomicU8;
    pub(crate) use loom::thread::{Thread, current, park};
}

#[allow(dead_code, reason = "only what waits and what gives is modelled")]
#[path = "../src/signal.rs"]
mod signal;

use loom::cell::UnsafeCell;
use loom::thread;
use signal::Signal;

/// What lies on the stack of a plain call: the outcome and the signal that it is there.
struct Root {
    outcome: UnsafeCell<u32>,
    signal: Signal,
}

/// A pointer to it that goes to the thread which ends the chain.
struct Pointer(*const Root);

// SAFETY: the root lives until its signal was given, and its parts may be used from any thread.
unsafe impl Send for Pointer {}

impl Pointer {
    /// Writes the outcome and gives the signal, as the root of a plain call does.
    fn finish(self) {
        // SAFETY: alive until the signal; no one else touches the outcome before.
        unsafe {
            (*self.0).outcome.with_mut(|outcome| *outcome = 7);
            Signal::finish(&raw const (*self.0).signal);
        }
    }
}

fn root() -> *mut Root {
    Box::into_raw(Box::new(Root {
        outcome: UnsafeCell::new(0),
        signal: Signal::new(),
    }))
}

/// Takes the outcome and frees the root at once: loom sees it if that is too early for the other.
fn leave(root: *mut Root) {
    // SAFETY: it came from a box, and the signal was given.
    let root = unsafe { Box::from_raw(root) };
    // SAFETY: who wrote the outcome is done with it.
    assert_eq!(root.outcome.with(|outcome| unsafe { *outcome }), 7);
}

#[test]
fn who_waits_sees_the_outcome_and_sleeps_not_for_ever() {
    loom::model(|| {
        let root = root();
        let pointer = Pointer(root);
        let other = thread::spawn(move || pointer.finish());
        // SAFETY: alive until `leave`.
        unsafe { (*root).signal.wait() };
        leave(root);
        other.join().unwrap();
    });
}

#[test]
fn waking_for_another_reason_is_harmless() {
    loom::model(|| {
        let root = root();
        let pointer = Pointer(root);
        let waiting = thread::current();
        let other = thread::spawn(move || {
            waiting.unpark();
            pointer.finish();
        });
        // SAFETY: alive until `leave`.
        unsafe {
            (*root).signal.park();
            (*root).signal.wait();
        }
        leave(root);
        other.join().unwrap();
    });
}
