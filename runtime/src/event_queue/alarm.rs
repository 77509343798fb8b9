//! A moment as a place that takes claims: one of the choices of a `select!`, or the deadline of another wait.

use super::wheel::Key;
use super::{Queue, Waiting, here};
use crate::claim::{Claim, Place};
use crate::parker::Why;
use crate::select::Choice;
use crate::sync::{Arc as Shared, Mutex, lock};
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use std::sync::Arc;
use std::time::Instant;

/// Comes when it is that time, which may be a millisecond later.
impl Choice for Instant {
    type Out = ();

    fn attempt(&self) -> Option<()> {
        (Instant::now() >= *self).then_some(())
    }

    fn interrupted(&self) -> Option<()> {
        None
    }

    fn place(&self) -> Arc<dyn Place> {
        alarm(*self)
    }
}

/// Where a claim is taken at that time.
pub(crate) fn alarm(deadline: Instant) -> Arc<dyn Place> {
    Arc::new(Alarm {
        deadline,
        state: Mutex::new(State::Off),
    })
}

struct Alarm {
    deadline: Instant,
    state: Mutex<State>,
}

enum State {
    Off,
    Set(Arc<Queue>, Key),
    /// The event queue is closed, so that it never rings.
    Silent {
        _waiting: Waiting,
    },
}

impl Place for Alarm {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        if Instant::now() >= self.deadline {
            return true;
        }
        let queue = match here() {
            Ok(queue) => queue,
            Err(error) => panic!("cannot wait for a time: {error}"),
        };
        let bell = Bell(claim.clone(), self.name());
        *lock(&self.state) = match queue.set(Some(self.deadline), bell.hang()) {
            Ok(key) => State::Set(queue.queue().clone(), key),
            Err(_waiting) => State::Silent { _waiting },
        };
        false
    }

    fn leave(&self, _: &Shared<Claim>) {
        let state = std::mem::replace(&mut *lock(&self.state), State::Off);
        if let State::Set(queue, key) = state {
            drop(queue.timers.cancel(key));
        }
    }

    fn name(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// Rings when it is dropped, which is what becomes of it when it is time, or when the queue is closed.
struct Bell(Shared<Claim>, usize);

impl Drop for Bell {
    fn drop(&mut self) {
        self.0.wake(self.1, Why::Ready);
    }
}

impl Bell {
    /// In a continuation, as which the queue keeps it; nobody runs that.
    fn hang(self) -> Waiting {
        let continuation = Thunk::new(self, |mut cx: Context<Bell, ()>| {
            drop(cx.take());
            cx.done(())
        });
        Waiting {
            continuation: continuation.into_continuation(),
            home: Home::new(Arc::new(Nowhere)),
        }
    }
}

/// Refuses, so that who wakes a bell drops it.
struct Nowhere;

impl Dispatcher for Nowhere {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        Err(continuation)
    }
}
