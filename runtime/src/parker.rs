//! One sleep of one thread.
//!
//! A [`Parker`] is made for a sleep, shared with those who may end it, and thrown away: so a wake-up that comes too late
//! (after a deadline) can never be mistaken for that of another sleep.

use crate::futex::{Futex, Wait};
use crate::sync::{AcqRel, Acquire};
use std::time::Instant;

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const WOKEN: u32 = 2;

#[derive(Debug)]
pub(crate) struct Parker(Futex);

impl Parker {
    pub(crate) fn new() -> Self {
        Parker(Futex::new(AWAKE))
    }

    /// Sleeps until [`unpark`](Parker::unpark) or the deadline; whether it was the former.
    pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
        if self
            .0
            .compare_exchange(AWAKE, ASLEEP, AcqRel, Acquire)
            .is_err()
        {
            return true;
        }
        loop {
            let waited = self.0.wait(ASLEEP, deadline);
            if self.0.load(Acquire) == WOKEN {
                return true;
            }
            if waited == Wait::Expired {
                return false;
            }
        }
    }

    /// Ends the sleep, or prevents it if it has not begun.
    pub(crate) fn unpark(&self) {
        if self.0.swap(WOKEN, AcqRel) == ASLEEP {
            self.0.wake_one();
        }
    }
}
