//! What the suspension macros mean where functions block, and the function that cases call:
//! the oracle's half.
//!
//! A blocking function cannot be dropped half-way, but it can unwind, and unwinding drops the same locals in
//! the same order. So `coop!` counts, and unwinds quietly at the one that [`stopped`] names.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

pub use both::cps;

pub use crate::{
    plain_call as call, plain_coop as coop, plain_join as join, plain_migrate as migrate,
    plain_recv as recv, plain_send as send, plain_suspend as suspend, plain_thunk as thunk,
};

thread_local! {
    static PASSED: Cell<usize> = const { Cell::new(0) };
    static STOP: Cell<Option<usize>> = const { Cell::new(None) };
}

/// What a run that is stopped at a suspension point unwinds with.
struct Stopped;

/// Runs `case` and returns its value with the number of times that it came to a `coop!`.
pub fn counted<T>(case: impl FnOnce() -> T) -> (T, usize) {
    PASSED.set(0);
    STOP.set(None);
    let value = case();
    (value, PASSED.get())
}

/// Runs `case` until it comes to a `coop!` for the time after `passed` others, and unwinds it from there.
///
/// # Panics
///
/// If it ends before that, in whatever way.
pub fn stopped<T>(passed: usize, case: impl FnOnce() -> T) {
    PASSED.set(0);
    STOP.set(Some(passed));
    let outcome = catch_unwind(AssertUnwindSafe(case));
    STOP.set(None);
    let stopped = matches!(&outcome, Err(payload) if payload.is::<Stopped>());
    assert!(
        stopped,
        "the blocking half has no suspension number {passed}"
    );
}

#[doc(hidden)]
pub fn pass() {
    let passed = PASSED.replace(PASSED.get() + 1);
    if STOP.get() == Some(passed) {
        resume_unwind(Box::new(Stopped));
    }
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_coop {
    () => {
        $crate::plain::pass()
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_call {
    ($thunk:ident $(,)?) => {
        $thunk.run()
    };
    ($call:expr $(,)?) => {
        $call
    };
}

/// Comes to a `coop!`, and gives back what it was given.
pub fn give<T>(value: T) -> T {
    pass();
    value
}

/// A call that is made when it is run.
pub struct Thunk<'a, T>(Box<dyn FnOnce() -> T + 'a>);

impl<T> std::fmt::Debug for Thunk<'_, T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Thunk").finish_non_exhaustive()
    }
}

impl<'a, T> Thunk<'a, T> {
    #[doc(hidden)]
    pub fn new(call: impl FnOnce() -> T + 'a) -> Self {
        Thunk(Box::new(call))
    }

    /// Makes the call.
    pub fn run(self) -> T {
        (self.0)()
    }
}

/// The arguments are evaluated at once, as those of a thunk are.
#[doc(hidden)]
#[macro_export]
macro_rules! plain_thunk {
    ($function:ident()) => {
        $crate::plain::Thunk::new(move || $function())
    };
    ($function:ident($a:expr $(,)?)) => {
        match $a {
            a => $crate::plain::Thunk::new(move || $function(a)),
        }
    };
    ($function:ident($a:expr, $b:expr $(,)?)) => {
        match ($a, $b) {
            (a, b) => $crate::plain::Thunk::new(move || $function(a, b)),
        }
    };
    ($function:ident($a:expr, $b:expr, $c:expr $(,)?)) => {
        match ($a, $b, $c) {
            (a, b, c) => $crate::plain::Thunk::new(move || $function(a, b, c)),
        }
    };
    ($function:ident($a:expr, $b:expr, $c:expr, $d:expr $(,)?)) => {
        match ($a, $b, $c, $d) {
            (a, b, c, d) => $crate::plain::Thunk::new(move || $function(a, b, c, d)),
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_suspend {
    ($give:expr) => {{
        let _ = &$give;
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_migrate {
    ($destination:expr) => {{
        let _ = &$destination;
        Ok::<(), ::insideout::Closed>(())
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_recv {
    ($mailbox:expr) => {
        $mailbox.recv()
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_send {
    ($mailbox:expr, $value:expr) => {
        $mailbox.send($value)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! plain_join {
    ($handle:expr) => {
        $handle.join()
    };
}
