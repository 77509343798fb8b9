//! A value that is set once and taken once, by one who may wait for it.
//!
//! One *setter* and one *taker* share it. The state is a word that the taker, if it is a thread, sleeps on; a continuation is left in the
//! cell for the setter to wake. Who touches what, by the state:
//!
//! | state | the value | the waiting continuation |
//! | --- | --- | --- |
//! | `OPEN` | the setter's to write | the taker's to write |
//! | `ASLEEP` | the setter's to write | nobody's |
//! | `SUSPENDED` | the setter's to write | the setter's to take |
//! | `SET` | the taker's to take | whoever saw `SUSPENDED` before, or failed to store it |

use crate::futex::Futex;
use crate::sync::{AcqRel, Acquire, UnsafeCell};
use cps_core::Continuation;
use cps_core::dispatch::{Dispatcher, Home};

const OPEN: u32 = 0;
const ASLEEP: u32 = 1;
const SUSPENDED: u32 = 2;
const SET: u32 = 3;

pub(crate) struct OneShot<T> {
    state: Futex,
    value: UnsafeCell<Option<T>>,
    waiting: UnsafeCell<Option<(Continuation, Home)>>,
}

// SAFETY: the value and the continuation are moved in by one thread and out by another, never shared: see the table. So
// `T: Send` is all that is needed.
unsafe impl<T: Send> Send for OneShot<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for OneShot<T> {}

impl<T> OneShot<T> {
    pub(crate) fn new() -> Self {
        OneShot {
            state: Futex::new(OPEN),
            value: UnsafeCell::new(None),
            waiting: UnsafeCell::new(None),
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.state.load(Acquire) == SET
    }

    /// Sets the value and wakes the taker. A continuation whose home refuses it is dropped.
    ///
    /// # Safety
    ///
    /// Called once.
    pub(crate) unsafe fn set(&self, value: T) {
        // SAFETY: before the state is `SET` the taker does not touch the value, and nobody else sets it.
        self.value.with_mut(|place| unsafe { *place = Some(value) });
        match self.state.swap(SET, AcqRel) {
            ASLEEP => self.state.wake_one(),
            SUSPENDED => {
                // SAFETY: `SUSPENDED` was stored after the continuation was written, and gives it to the setter.
                let waiting = self.waiting.with_mut(|place| unsafe { (*place).take() });
                if let Some((continuation, home)) = waiting {
                    drop(home.dispatch(continuation));
                }
            }
            _ => {}
        }
    }

    /// The value, if it is set and was not taken.
    ///
    /// # Safety
    ///
    /// Called by the taker only.
    pub(crate) unsafe fn try_take(&self) -> Option<T> {
        if !self.is_set() {
            return None;
        }
        // SAFETY: after `SET` the setter does not touch the value, and there is one taker.
        self.value.with_mut(|place| unsafe { (*place).take() })
    }

    /// Sleeps until the value is set.
    ///
    /// # Safety
    ///
    /// Called by the taker only.
    pub(crate) unsafe fn wait(&self) {
        let asleep = self.state.compare_exchange(OPEN, ASLEEP, AcqRel, Acquire);
        if asleep.is_ok() {
            while !self.is_set() {
                self.state.wait(ASLEEP, None);
            }
        }
    }

    /// Keeps a continuation until the value is set; or gives it back if it is.
    ///
    /// # Safety
    ///
    /// Called by the taker only, which neither calls `wait` nor suspends again before the continuation was woken.
    pub(crate) unsafe fn suspend(
        &self,
        continuation: Continuation,
        home: Home,
    ) -> Option<Continuation> {
        if self.is_set() {
            return Some(continuation);
        }
        // SAFETY: the state was not `SUSPENDED`, and only the taker makes it so; so the setter does not touch it.
        self.waiting
            .with_mut(|place| unsafe { *place = Some((continuation, home)) });
        let kept = self.state.compare_exchange(OPEN, SUSPENDED, AcqRel, Acquire);
        if kept.is_ok() {
            return None;
        }
        // SAFETY: the state went from `OPEN` to `SET`: the setter saw nobody waiting, and is done.
        let waiting = self.waiting.with_mut(|place| unsafe { (*place).take() });
        waiting.map(|(continuation, _)| continuation)
    }
}
