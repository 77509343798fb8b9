//! One sleep of one thread.
//!
//! A [`Parker`] is taken for a sleep and shared with those who may end it. The thread keeps it for its next
//! one if the wake-up has come, or nobody was left to send it, and throws it away if not: so a wake-up that
//! comes too late (after a deadline) can never be mistaken for that of another sleep.

use crate::futex::{Futex, Wait};
use crate::sync::{AcqRel, Acquire, Arc, Relaxed, processor};
use std::cell::Cell;
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
const STATES: u32 = 3;

/// A state; and when the sleep was ended, [where](whereabouts) that was done.
#[derive(Debug)]
pub(crate) struct Parker(Futex);

#[cfg(not(loom))]
std::thread_local! {
    /// That of the thread's last sleep, which nobody will end any more.
    static KEPT: Cell<Option<Arc<Parker>>> = const { Cell::new(None) };
}

#[cfg(loom)]
loom::thread_local! {
    static KEPT: Cell<Option<Arc<Parker>>> = Cell::new(None);
}

impl Parker {
    /// One that nobody ends yet.
    #[inline]
    pub(crate) fn take() -> Arc<Self> {
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        kept.unwrap_or_else(|| Arc::new(Parker::new()))
    }

    /// Keeps one for the thread's next sleep. Whoever was to end the last one has done so, or never will.
    #[inline]
    pub(crate) fn keep(parker: Arc<Self>) {
        // Who ended the sleep may be about to wake the word: the next sleep looks again then.
        parker.0.store(AWAKE, Relaxed);
        // A thread that is about to end keeps none.
        let _ = KEPT.try_with(|kept| kept.set(Some(parker)));
    }

    pub(crate) fn new() -> Self {
        Parker(Futex::new(AWAKE))
    }

    /// Sleeps until [`unpark`](Parker::unpark) or the deadline: then None.
    #[inline]
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
        match self.0.load(Acquire) & STATES {
            READY => Some(Why::Ready),
            INTERRUPTED => Some(Why::Interrupted),
            _ => None,
        }
    }

    /// Ends the sleep, or prevents it if it has not begun. Called once.
    #[inline]
    pub(crate) fn unpark(&self, why: Why) {
        let state = match why {
            Why::Ready => READY,
            Why::Interrupted => INTERRUPTED,
        };
        if self.0.swap(state | whereabouts(), AcqRel) == ASLEEP {
            self.0.wake_one();
        }
    }

    /// Whether who ended the sleep did so on the processor where the thread runs now.
    #[inline]
    pub(crate) fn was_ended_beside(&self) -> bool {
        let theirs = self.0.load(Relaxed) & !STATES;
        theirs != 0 && theirs == whereabouts()
    }
}

/// What names the processor that the thread runs on, beside a state; 0 if the kernel does not tell.
#[inline]
fn whereabouts() -> u32 {
    processor().map_or(0, |number| (number + 1) * (STATES + 1))
}
