//! One wait at several places, of which the first that has something ends it.
//!
//! Whoever waits, a thread or a continuation, makes a [`Claim`], leaves a clone of it at each [`Place`], and
//! then *settles*: the continuation is left in the claim, or the thread sleeps. A place that has something
//! takes the claim and names itself; that succeeds once. A place that comes too late learns so, and turns to
//! the next who waits there, so a wake-up is never spent on one who has gone. One that comes before the
//! waiter has settled keeps it from waiting.
//!
//! Whose the continuation is follows from the state: the waiter's while `ENTERING`, whoever took the claim's
//! after `WAITING`.

use crate::parker::{Parker, Why};
use crate::pass_on::resume;
use crate::sync::{AcqRel, Acquire, Arc, AtomicUsize, UnsafeCell};
use cps_core::Continuation;
use cps_core::dispatch::Home;
use std::time::Instant;

/// Where claims can be left. Its address is its name.
pub trait Place: Send + Sync {
    /// Leaves the claim, unless there is something already: then true, and it was not left.
    fn enter(&self, claim: &Arc<Claim>) -> bool;

    /// Takes the claim away, if it is there.
    fn leave(&self, claim: &Arc<Claim>);

    /// How the place calls itself in [`Claim::wake`]: an address, hence a multiple of 4.
    fn name(&self) -> usize;

    /// Wakes the next for what is there, if something is: the one that was woken for it will not look.
    fn pass_on(&self) {}
}

/// The waiter is not settled.
const ENTERING: usize = 0;
/// The continuation is in the claim, or the thread sleeps or is about to.
const WAITING: usize = 1;
/// The waiter itself took the claim.
const OVER: usize = 2;
/// A bit beside the name of a place that took the claim.
const INTERRUPTED: usize = 1;

#[allow(missing_debug_implementations)]
pub struct Claim {
    state: AtomicUsize,
    waiter: Settled,
}

enum Settled {
    Thread(Parker),
    Continuation(UnsafeCell<Option<(Continuation, Home)>>),
}

// SAFETY: the continuation, which may be sent to any thread, is the only part that is not shared by itself;
// the state says who touches it.
unsafe impl Sync for Claim {}
// SAFETY: as above.
unsafe impl Send for Claim {}

impl Claim {
    pub(crate) fn of_thread() -> Arc<Self> {
        Arc::new(Claim {
            state: AtomicUsize::new(WAITING),
            waiter: Settled::Thread(Parker::new()),
        })
    }

    pub(crate) fn of_continuation() -> Arc<Self> {
        Arc::new(Claim {
            state: AtomicUsize::new(ENTERING),
            waiter: Settled::Continuation(UnsafeCell::new(None)),
        })
    }

    /// Takes the claim for the place of that name, and wakes the waiter. False if somebody else took it, or
    /// the waiter could not be woken since its home refused it: then the wake-up is another's.
    pub(crate) fn wake(&self, place: usize, why: Why) -> bool {
        debug_assert!(
            place > OVER && place & INTERRUPTED == 0,
            "a place is an address"
        );
        let taken = match why {
            Why::Ready => place,
            Why::Interrupted => place | INTERRUPTED,
        };
        let mut state = self.state.load(Acquire);
        while let ENTERING | WAITING = state {
            match self.state.compare_exchange(state, taken, AcqRel, Acquire) {
                Ok(_) => return self.resume(state, why),
                Err(other) => state = other,
            }
        }
        false
    }

    fn resume(&self, state: usize, why: Why) -> bool {
        match &self.waiter {
            Settled::Thread(parker) => parker.unpark(why),
            Settled::Continuation(waiter) if state == WAITING => {
                // SAFETY: the state went from `WAITING` to ours, which happens once and gives us the
                // continuation.
                let waiter = waiter.with_mut(|waiter| unsafe { (*waiter).take() });
                return waiter.is_some_and(|(continuation, home)| resume(home, continuation));
            }
            // It has not settled, and will not.
            Settled::Continuation(_) => {}
        }
        true
    }

    /// Takes the claim for the place of that name, and the continuation that is in it; None if somebody
    /// else did. For who goes on with it where it is, and not at home.
    pub(crate) fn take(&self, place: usize) -> Option<Continuation> {
        let Settled::Continuation(waiter) = &self.waiter else {
            unreachable!("a thread sleeps");
        };
        let taken = self.state.compare_exchange(WAITING, place, AcqRel, Acquire);
        taken.ok()?;
        // SAFETY: the state went from `WAITING` to ours, which happens once and gives us the continuation.
        let waiter = waiter.with_mut(|waiter| unsafe { (*waiter).take() });
        waiter.map(|(continuation, _)| continuation)
    }

    /// Leaves the continuation in the claim; or gives it back, if a place took the claim before.
    pub(crate) fn settle(&self, continuation: Continuation, home: Home) -> Option<Continuation> {
        let Settled::Continuation(waiter) = &self.waiter else {
            unreachable!("a thread sleeps");
        };
        // SAFETY: before the state is `WAITING` nobody else touches the place, and a claim is settled once.
        waiter.with_mut(|waiter| unsafe { *waiter = Some((continuation, home)) });
        let settled = self
            .state
            .compare_exchange(ENTERING, WAITING, AcqRel, Acquire);
        settled.err()?;
        // SAFETY: a place came between, saw `ENTERING`, and so left the continuation alone.
        let waiter = waiter.with_mut(|waiter| unsafe { (*waiter).take() });
        waiter.map(|(continuation, _)| continuation)
    }

    /// Lets the thread sleep until a place takes the claim, or the deadline; then no place can take it any
    /// more.
    pub(crate) fn sleep(&self, deadline: Option<Instant>) -> Option<(usize, Why)> {
        let Settled::Thread(parker) = &self.waiter else {
            unreachable!("a continuation settles");
        };
        if parker.park(deadline).is_none() {
            self.give_up();
        }
        self.taken()
    }

    /// Keeps places from taking the claim.
    pub(crate) fn give_up(&self) {
        let mut state = self.state.load(Acquire);
        while let ENTERING | WAITING = state {
            match self.state.compare_exchange(state, OVER, AcqRel, Acquire) {
                Ok(_) => return,
                Err(other) => state = other,
            }
        }
    }

    /// The place that took the claim.
    pub(crate) fn taken(&self) -> Option<(usize, Why)> {
        match self.state.load(Acquire) {
            ENTERING | WAITING | OVER => None,
            taken if taken & INTERRUPTED != 0 => Some((taken & !INTERRUPTED, Why::Interrupted)),
            place => Some((place, Why::Ready)),
        }
    }
}
