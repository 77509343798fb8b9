//! A value that is set once and taken once, by one who may wait for it.
//!
//! One *setter* and one *taker* share it. The state is a word that the taker, if it is a thread, sleeps on; a
//! continuation is left in the cell for the setter to wake. The value is the setter's until the state is
//! `SET`, then the taker's. The waiting continuation is touched by whoever made the state `ENTERING`, and
//! after that by the setter if it saw `SUSPENDED`, by the one who entered if the setter came between.

use crate::claim::{Claim, Place};
use crate::futex::{Futex, Wait};
use crate::parker::Why;
use crate::pass_on::resume;
use crate::sync::{AcqRel, Acquire, Arc, AtomicBool, Mutex, SeqCst, UnsafeCell, announced, lock};
use cps_core::Continuation;
use cps_core::dispatch::Home;
use std::time::Instant;

/// Not set, and nobody waits.
const OPEN: u32 = 0;
/// A thread sleeps.
const ASLEEP: u32 = 1;
/// A continuation is being left here.
const ENTERING: u32 = 2;
/// A continuation waits here.
const SUSPENDED: u32 = 3;
/// Set.
const SET: u32 = 4;

pub(crate) struct OneShot<T> {
    state: Futex,
    value: UnsafeCell<Option<T>>,
    waiting: UnsafeCell<Option<(Continuation, Home)>>,
    /// Whether `watchers` was ever used.
    watched: AtomicBool,
    /// Those who take nothing, and wait elsewhere too.
    watchers: Mutex<Vec<Arc<Claim>>>,
}

// SAFETY: the value and the continuation are moved in by one thread and out by another, never shared: the
// state says whose they are. So `T: Send` is all that is needed.
unsafe impl<T: Send> Send for OneShot<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for OneShot<T> {}

impl<T> OneShot<T> {
    pub(crate) fn new() -> Self {
        OneShot {
            state: Futex::new(OPEN),
            value: UnsafeCell::new(None),
            waiting: UnsafeCell::new(None),
            watched: AtomicBool::new(false),
            watchers: Mutex::default(),
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.state.load(SeqCst) == SET
    }

    /// Sets the value and wakes the taker. A continuation whose home refuses it is dropped.
    ///
    /// # Safety
    ///
    /// Called once.
    pub(crate) unsafe fn set(&self, value: T) {
        // SAFETY: before the state is `SET` the taker does not touch the value, and nobody else sets it.
        self.value.with_mut(|place| unsafe { *place = Some(value) });
        let before = self.state.swap(SET, SeqCst);
        announced();
        if self.watched.load(SeqCst) {
            self.tell();
        }
        match before {
            ASLEEP => self.state.wake_one(),
            SUSPENDED => {
                // SAFETY: `SUSPENDED` was stored after the continuation was written, and gives it to the
                // setter.
                let waiting = self.waiting.with_mut(|place| unsafe { (*place).take() });
                if let Some((continuation, home)) = waiting {
                    resume(home, continuation);
                }
            }
            _ => {}
        }
    }

    #[cold]
    fn tell(&self) {
        for claim in std::mem::take(&mut *lock(&self.watchers)) {
            claim.wake(self.address(), Why::Ready);
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
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

    /// Sleeps until the value is set, or the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) {
        let asleep = self.state.compare_exchange(OPEN, ASLEEP, AcqRel, Acquire);
        if asleep.is_ok() {
            while !self.is_set() && self.state.wait(ASLEEP, deadline) == Wait::Look {}
            // Nobody sleeps any more, and the taker may wait in another way.
            let _ = self.state.compare_exchange(ASLEEP, OPEN, AcqRel, Acquire);
        }
    }

    /// Keeps a continuation until the value is set; or gives it back if it is, or somebody else waits.
    pub(crate) fn suspend(&self, continuation: Continuation, home: Home) -> Option<Continuation> {
        let entered = self.state.compare_exchange(OPEN, ENTERING, AcqRel, Acquire);
        if entered.is_err() {
            return Some(continuation);
        }
        self.waiting.with_mut(|place| {
            // SAFETY: the state went from `OPEN` to `ENTERING` here, which happens once; until it is
            // `SUSPENDED` nobody else touches the place.
            unsafe { *place = Some((continuation, home)) };
        });
        let kept = self
            .state
            .compare_exchange(ENTERING, SUSPENDED, AcqRel, Acquire);
        if kept.is_ok() {
            return None;
        }
        // SAFETY: the setter came between, saw `ENTERING`, and so left the place alone.
        let waiting = self.waiting.with_mut(|place| unsafe { (*place).take() });
        waiting.map(|(continuation, _)| continuation)
    }
}

/// Claims are taken when the value is set. As with the sleeping of [waiters](crate::waiters), either the one
/// who enters sees that it is, or the setter sees that somebody watches.
impl<T: Send> Place for OneShot<T> {
    fn enter(&self, claim: &Arc<Claim>) -> bool {
        lock(&self.watchers).push(claim.clone());
        self.watched.store(true, SeqCst);
        announced();
        let ready = self.is_set();
        if ready {
            self.leave(claim);
        }
        ready
    }

    fn leave(&self, claim: &Arc<Claim>) {
        lock(&self.watchers).retain(|other| !Arc::ptr_eq(other, claim));
    }

    fn name(&self) -> usize {
        self.address()
    }
}
