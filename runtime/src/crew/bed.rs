//! Where a worker sleeps.
//!
//! A worker sleeps in one place, whatever it waits for, and whoever has something for it calls it from there.
//! A call that comes while it is awake is kept, so that the next sleep ends at once; so what is announced
//! first and called after is never slept over.
//!
//! *Two kinds of sleep.* Where its crew has an event queue, one worker at a time sleeps on that, in the
//! kernel's list of what is ready; a call then ends its wait there. The others sleep on a word of their own.

use crate::event_queue::EventQueue;
use crate::futex::{Futex, Wait};
use crate::sync::{AcqRel, Acquire, Release};
use std::io;
use std::time::Instant;

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const CALLED: u32 = 2;
/// Asleep on the event queue.
const AT_EVENTS: u32 = 3;

#[derive(Debug)]
pub(crate) struct Bed(Futex);

impl Bed {
    pub(crate) fn new() -> Self {
        Bed(Futex::new(AWAKE))
    }

    /// Sleeps until it is [called](Bed::call) or the deadline; whether it was the former. For the one thread
    /// whose bed it is.
    pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
        let lies_down = self.0.compare_exchange(AWAKE, ASLEEP, AcqRel, Acquire);
        let mut in_time = lies_down.is_ok();
        while in_time && self.0.load(Acquire) == ASLEEP {
            in_time = self.0.wait(ASLEEP, deadline) != Wait::Expired;
        }
        self.0.swap(AWAKE, AcqRel) == CALLED
    }

    /// Sleeps on the event queue until it is [called](Bed::call), or something has happened there; whether it
    /// was called. `awake` is called before those who waited for what happened are woken.
    ///
    /// # Errors
    ///
    /// If somebody else sleeps there; it has not slept then.
    pub(crate) fn park_at(&self, events: &EventQueue, awake: impl FnOnce()) -> io::Result<bool> {
        let lies_down = self.0.compare_exchange(AWAKE, AT_EVENTS, AcqRel, Acquire);
        if lies_down.is_err() {
            self.0.store(AWAKE, Release);
            return Ok(true);
        }
        let mut called = false;
        let sleeps = || self.0.load(Acquire) == AT_EVENTS;
        let waited = events.wait_and(None, sleeps, || {
            called = self.0.swap(AWAKE, AcqRel) == CALLED;
            awake();
        });
        match waited {
            Err(_) if self.0.swap(AWAKE, AcqRel) == CALLED => Ok(true),
            waited => waited.map(|_| called),
        }
    }

    /// Ends the sleep, or the next one if it has not begun.
    pub(crate) fn call(&self, events: Option<&EventQueue>) {
        match self.0.swap(CALLED, AcqRel) {
            ASLEEP => self.0.wake_one(),
            // Who sleeps on the event queue knows it.
            AT_EVENTS => events.into_iter().for_each(EventQueue::notify),
            _ => {}
        }
    }
}
