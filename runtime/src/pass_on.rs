//! Wake-ups of those who are dropped before they make use of them.
//!
//! Who is woken tries again: that is what a wake-up is for, and nobody else has it. A continuation that
//! was woken may be dropped before it tries, because its pool was halted, say, or because it was
//! ejected. Then its wake-up goes to the next.
//!
//! *Who does that.* Where the frame has a handle of its own of what it waits for, the drop of that.
//! Where it has a wait of its own (see [`crate::select`]), the drop of that, unless somebody looked
//! what ended the wait. For all others an [envelope](envelope) around the continuation.
//!
//! *Without recursion.* What is dropped with one continuation may wake another, whose home refuses it,
//! so that it is dropped, and so on, for a million of them. So each thread drops one after the other,
//! and not one inside the other: see [`discard`].

use crate::claim::Place;
use crate::waiters::Drops;
use cps_core::dispatch::Home;
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

#[cfg(not(loom))]
std::thread_local! {
    /// What is to be dropped, while something is being dropped.
    static LEFT: RefCell<Option<VecDeque<Continuation>>> = const { RefCell::new(None) };
}

#[cfg(loom)]
loom::thread_local! {
    static LEFT: RefCell<Option<VecDeque<Continuation>>> = RefCell::new(None);
}

/// Lets a continuation go on at home; whether it can. One that cannot is dropped.
#[inline]
pub(crate) fn resume(home: Home, continuation: Continuation) -> bool {
    home.resume(continuation).map_err(discard).is_ok()
}

/// Drops a continuation, now or, if this thread is dropping one already, after that. Panics as the
/// drops do, when all are done.
#[cold]
pub(crate) fn discard(continuation: Continuation) {
    let mut next = enter(continuation);
    let mut drops = Drops::default();
    while let Some(continuation) = next {
        drops.catch(|| {
            drop(continuation);
            true
        });
        next = leave();
    }
    drops.finish();
}

/// The continuation, unless it is left to a drop under way. (A thread that ends has nowhere to leave it.)
fn enter(continuation: Continuation) -> Option<Continuation> {
    let mut continuation = Some(continuation);
    let _ = LEFT.try_with(|left| match &mut *left.borrow_mut() {
        Some(left) => left.extend(continuation.take()),
        none => *none = Some(VecDeque::new()),
    });
    continuation
}

/// The next that is to be dropped. If there is none, nothing is being dropped any more.
fn leave() -> Option<Continuation> {
    let next = LEFT.try_with(|left| {
        let mut left = left.borrow_mut();
        let next = left.as_mut()?.pop_front();
        if next.is_none() {
            *left = None;
        }
        next
    });
    next.ok().flatten()
}

/// A continuation that waits for something, and where.
struct Waiting(Option<Continuation>, Arc<dyn Place>);

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(continuation) = self.0.take() {
            drop(continuation);
            self.1.pass_on();
        }
    }
}

/// The continuation, in an envelope: itself one, which runs one leg of the other; or, if it is dropped
/// instead, passes the wake-up on.
pub(crate) fn envelope(continuation: Continuation, place: Arc<dyn Place>) -> Continuation {
    type Frame = Option<Waiting>;
    let start = Some(Waiting(Some(continuation), place));
    Thunk::new(start, |mut cx: Context<Frame, ()>| {
        match cx.take().and_then(|mut waiting| waiting.0.take()) {
            Some(continuation) => cx.suspend(None, move |envelope| {
                drop(envelope);
                continuation.bounce()
            }),
            None => cx.done(()),
        }
    })
    .into_continuation()
}
