//! One sleep of one thread.
//!
//! A [`Parker`] is made for a sleep, shared with those who may end it, and thrown away: so a wake-up that
//! comes too late (after a deadline) can never be mistaken for that of another sleep.
//!
//! What leads to a sleep or a wake-up is one function where that can be had: behind a switch of threads the
//! processor foresees no return, so each costs as much as some hundred instructions.

use crate::futex::{Futex, Wait};
use crate::sync::{AcqRel, Acquire};
use std::time::Instant;

/// Why a wait ended, other than by its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// What was waited for may be there: try again.
    Ready,
    /// Somebody interrupts all who wait.
    Interrupted,
}

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;
const READY: u32 = 2;
const INTERRUPTED: u32 = 3;

#[derive(Debug)]
pub(crate) struct Parker(Futex);

impl Parker {
    pub(crate) fn new() -> Self {
        Parker(Futex::new(AWAKE))
    }

    /// Sleeps until [`unpark`](Parker::unpark) or the deadline: then None.
    #[inline(always)]
    pub(crate) fn park(&self, deadline: Option<Instant>) -> Option<Why> {
        let _ = self.0.compare_exchange(AWAKE, ASLEEP, AcqRel, Acquire);
        loop {
            if let Some(why) = self.unparked() {
                return Some(why);
            }
            if self.0.wait(ASLEEP, deadline) == Wait::Expired {
                return self.unparked();
            }
        }
    }

    /// Whether the sleep is over, or will not begin.
    #[inline]
    pub(crate) fn unparked(&self) -> Option<Why> {
        match self.0.load(Acquire) {
            READY => Some(Why::Ready),
            INTERRUPTED => Some(Why::Interrupted),
            _ => None,
        }
    }

    /// Ends the sleep, or prevents it if it has not begun. Called once.
    #[inline(always)]
    pub(crate) fn unpark(&self, why: Why) {
        let state = match why {
            Why::Ready => READY,
            Why::Interrupted => INTERRUPTED,
        };
        if self.0.swap(state, AcqRel) == ASLEEP {
            self.0.wake_one();
        }
    }
}
