//! Where a worker sleeps.
//!
//! A worker sleeps in one place, whatever it waits for, and whoever has something for it calls it from there. A call that comes while it is
//! awake is kept, so that the next sleep ends at once; so what is announced first and called after is never slept over.

use crate::futex::{Futex, Wait};
use crate::sync::{AcqRel, Acquire};
use std::time::Instant;

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const CALLED: u32 = 2;

#[derive(Debug)]
pub(crate) struct Bed(Futex);

impl Bed {
    pub(crate) fn new() -> Self {
        Bed(Futex::new(AWAKE))
    }

    /// Sleeps until [`unpark`](Bed::unpark) or the deadline; whether it was the former. For the one thread whose bed it is.
    pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
        let lies_down = self.0.compare_exchange(AWAKE, ASLEEP, AcqRel, Acquire);
        let mut in_time = lies_down.is_ok();
        while in_time && self.0.load(Acquire) == ASLEEP {
            in_time = self.0.wait(ASLEEP, deadline) != Wait::Expired;
        }
        self.0.swap(AWAKE, AcqRel) == CALLED
    }

    /// Ends the sleep, or the next one if it has not begun.
    pub(crate) fn unpark(&self) {
        if self.0.swap(CALLED, AcqRel) == ASLEEP {
            self.0.wake_one();
        }
    }
}
