//! Who waits for one condition: threads that sleep and continuations that are suspended, first come first
//! served.
//!
//! A list under a short lock that is touched only when somebody waits: beside it stands the number of those
//! in it, which is all that who makes the condition true needs to look at.
//!
//! *No wake-up is lost.* Who is about to wait enters itself, which stores the number, and then looks whether
//! the condition is true by now; who makes it true does so first and then looks at the number. All of it is
//! sequentially consistent, so at least one sees the other. A waiter that finds the condition true leaves the
//! list before it tries again, under the same lock that wakers take: so a wake-up meant for it either found
//! it in the list, and then what it announces can be had in that try, or goes to another waiter.
//!
//! *A wake-up is one try.* Who is woken tries again and may come too late; then it waits anew. A continuation
//! whose home refuses it cannot try: it is dropped and its wake-up goes to the next.
//!
//! *An interrupt is no wake-up.* It takes all out of the list and tells them so; what they waited for stays
//! with those who come.
//!
//! *Watchers* wait too, but take nothing: each wake-up wakes all of them, and one of the others.

pub(crate) mod counted;
mod line;
mod list;
mod pace;

use crate::claim::Claim;
use crate::mailbox::migrant::Migrant;
use crate::note;
use crate::parker::{Parker, Why};
use crate::pass_on::{discard, resume};
use crate::sync::{Arc, announced};
use counted::Count;
use cps_core::Continuation;
use cps_core::dispatch::Home;
pub(crate) use line::Waiter;
use list::{List, ONE, is_watched, waiters, with_waiter, with_watcher};
use pace::Pace;
pub use pace::looks_before_sleep;
pub(crate) use pace::{Stock, pause};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

#[derive(Default)]
pub(crate) struct Waiters {
    #[cfg(not(loom))]
    list: counted::Counted<List>,
    #[cfg(loom)]
    list: counted::Modelled<List>,
    pace: Pace,
}

/// How a thread's wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    Ready,
    Interrupted,
    Expired,
}

impl Waiter {
    /// Ends the wait; whether the waiter makes use of it. (A continuation that cannot is dropped, and its
    /// drop may panic.)
    #[inline]
    pub(crate) fn wake(self, why: Why, place: usize) -> bool {
        match (self, why) {
            (Waiter::Thread(parker), _) => {
                parker.unpark(why);
                true
            }
            (Waiter::Claim(claim), _) => claim.wake(place, why),
            // An interrupt is not for it: it waits anew.
            (Waiter::Migrant(migrant), _) => migrant.wake(),
            (Waiter::Continuation(continuation, home), Why::Ready) => resume(home, continuation),
            (Waiter::Continuation(continuation, home), Why::Interrupted) => {
                resume(home, note::with(place, continuation))
            }
        }
    }
}

impl Waiters {
    /// Lets the calling thread sleep until it is woken or finds that `ready`.
    pub(crate) fn sleep(&self, ready: impl Fn() -> bool, deadline: Option<Instant>) -> Woken {
        let one = || Stock { there: 1, most: 1 };
        self.sleep_at_pace(ready, one, deadline)
    }

    /// The same where many may come, and so much is there then.
    #[inline]
    pub(crate) fn sleep_at_pace(
        &self,
        ready: impl Fn() -> bool,
        stock: impl Fn() -> Stock,
        deadline: Option<Instant>,
    ) -> Woken {
        if self.pace.pause(&ready, &stock) {
            return Woken::Ready;
        }
        let push = |list: &mut List, parker| list.push(Waiter::Thread(parker));
        let slept = |beside| self.pace.slept(beside, stock);
        self.wait(ready, deadline, with_waiter, push, slept)
    }

    /// As `sleep`, for one who will not take what there is.
    pub(crate) fn watch(&self, ready: impl Fn() -> bool, deadline: Option<Instant>) -> Woken {
        if pause(&ready) {
            return Woken::Ready;
        }
        self.wait(ready, deadline, with_watcher, List::watch, |_| ())
    }

    #[inline]
    fn wait(
        &self,
        ready: impl Fn() -> bool,
        deadline: Option<Instant>,
        announced: impl Fn(usize) -> usize,
        push: impl FnOnce(&mut List, Arc<Parker>),
        slept: impl FnOnce(bool),
    ) -> Woken {
        let parker = Parker::take();
        let push = |list: &mut List| push(list, parker.clone());
        let leave = |list: &mut List| list.remove_thread(&parker);
        let why = match self.enter_unless(ready, announced, push, leave) {
            Some(()) => Why::Ready,
            None => match parker.park(deadline) {
                Some(why) => {
                    slept(parker.was_ended_beside());
                    why
                }
                None => {
                    self.list.with(as_it_is, leave);
                    return Woken::Expired;
                }
            },
        };
        Parker::keep(parker);
        match why {
            Why::Ready => Woken::Ready,
            Why::Interrupted => Woken::Interrupted,
        }
    }

    /// Enters somebody, whom it announces, and looks: who finds that `ready` leaves again, and what comes of
    /// that is returned.
    #[inline]
    fn enter_unless<R>(
        &self,
        ready: impl Fn() -> bool,
        announcing: impl Fn(usize) -> usize,
        push: impl FnOnce(&mut List),
        leave: impl FnOnce(&mut List) -> R,
    ) -> Option<R> {
        self.list.with(announcing, |list| {
            announced();
            push(list);
            ready().then(|| leave(list))
        })
    }

    /// Keeps a continuation until it is woken; or gives it back if it finds that `ready`. It will resume at
    /// home.
    ///
    /// It can be taken by others from when the lock is let go of, which is the last that is touched here: so
    /// what it keeps alive may be these waiters themselves.
    #[inline]
    pub(crate) fn suspend(
        &self,
        continuation: Continuation,
        home: Home,
        ready: impl Fn() -> bool,
    ) -> Option<Continuation> {
        if self.list.number() != 0 {
            return self.suspend_behind(continuation, home, ready);
        }
        let Some(mut held) = self.list.hold_if(0, ONE) else {
            return self.suspend_behind(continuation, home, ready);
        };
        announced();
        held.content().put_first(continuation, home);
        if !ready() {
            held.release(ONE);
            return None;
        }
        let first = held.content().take_first();
        held.release(0);
        first.map(|(continuation, _)| continuation)
    }

    /// The same where somebody waits already.
    #[inline(never)]
    fn suspend_behind(
        &self,
        continuation: Continuation,
        home: Home,
        ready: impl Fn() -> bool,
    ) -> Option<Continuation> {
        #[cold]
        fn take_back(list: &mut List) -> Option<Continuation> {
            match list.take_back()? {
                Waiter::Continuation(continuation, _) => Some(continuation),
                _ => unreachable!("what comes back is what was pushed"),
            }
        }
        let push = |list: &mut List| list.push_continuation(continuation, home);
        self.enter_unless(ready, with_waiter, push, take_back)?
    }

    /// The same for a migrant.
    pub(crate) fn keep(&self, migrant: Migrant, ready: impl Fn() -> bool) -> Option<Migrant> {
        let push = |list: &mut List| list.push(Waiter::Migrant(Box::new(migrant)));
        match self.enter_unless(ready, with_waiter, push, List::take_back)?? {
            Waiter::Migrant(migrant) => Some(*migrant),
            _ => unreachable!("what comes back is what was pushed"),
        }
    }

    /// Keeps a claim until it is woken or [leaves](Self::leave); not if it finds that `ready`: then true.
    pub(crate) fn enter(&self, claim: &Arc<Claim>, ready: impl Fn() -> bool) -> bool {
        let push = |list: &mut List| list.push(Waiter::Claim(claim.clone()));
        let leave = |list: &mut List| list.remove_claim(claim);
        self.enter_unless(ready, with_waiter, push, leave).is_some()
    }

    /// Takes a claim away, if it is there.
    pub(crate) fn leave(&self, claim: &Arc<Claim>) {
        self.list.with(as_it_is, |list| list.remove_claim(claim));
    }

    /// What it calls itself towards [claims](Claim::wake) and in [notes](note).
    pub(crate) fn name(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Whether there is nobody to be woken for what was done before.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        announced();
        self.list.number() == 0
    }

    /// Wakes one waiter, if there is one.
    #[inline]
    pub(crate) fn wake_one(&self) {
        announced();
        match self.list.number() {
            0 => {}
            ONE => self.wake_only(),
            _ => self.wake_first(),
        }
    }

    /// Wakes the one who waits, if that is a continuation or a thread alone.
    #[inline]
    fn wake_only(&self) {
        if let Some(mut held) = self.list.hold_if(ONE, ONE) {
            if let Some((continuation, home)) = held.content().take_first() {
                held.release(0);
                return self.resume(continuation, home);
            }
            if let Some(parker) = held.content().take_thread() {
                held.release(0);
                return parker.unpark(Why::Ready);
            }
        }
        self.wake_first();
    }

    /// Wakes up to so many.
    pub(crate) fn wake_some(&self, most: usize) {
        announced();
        for _ in 0..most {
            if self.list.number() == 0 {
                return;
            }
            self.wake_first();
        }
    }

    #[inline(never)]
    fn wake_first(&self) {
        match self.list.with(as_it_is, List::pop_first) {
            Some((continuation, home)) => self.resume(continuation, home),
            None => self.wake_another(),
        }
    }

    #[inline]
    fn resume(&self, continuation: Continuation, home: Home) {
        // If it panics, the wake-up goes to the next.
        let next = Next(self);
        let refused = home.resume(continuation);
        std::mem::forget(next);
        if let Err(refused) = refused {
            self.drop_and_wake_next(refused);
        }
    }

    /// Wakes the first, whoever that is.
    #[inline(never)]
    fn wake_another(&self) {
        let mut drops = Drops::default();
        self.wake_next(&mut drops);
        drops.finish();
    }

    #[cold]
    fn drop_and_wake_next(&self, refused: Continuation) {
        let mut drops = Drops::default();
        drops.catch(|| {
            discard(refused);
            true
        });
        self.wake_next(&mut drops);
        drops.finish();
    }

    /// Wakes the watchers, and the first who makes use of it.
    fn wake_next(&self, drops: &mut Drops) {
        loop {
            let take = |list: &mut List| (list.pop(), list.take_watchers());
            let (first, watchers) = self.list.with(as_it_is, take);
            watchers
                .iter()
                .for_each(|watcher| watcher.unpark(Why::Ready));
            if first.is_none_or(|waiter| drops.wake(waiter, Why::Ready, self.name())) {
                return;
            }
        }
    }

    /// Wakes every waiter.
    pub(crate) fn wake_all(&self) {
        self.end_all(Why::Ready);
    }

    /// Tells every waiter that it was interrupted.
    pub(crate) fn interrupt(&self) {
        self.end_all(Why::Interrupted);
    }

    fn end_all(&self, why: Why) {
        announced();
        if self.list.number() == 0 {
            return;
        }
        let mut all = self.list.with(as_it_is, std::mem::take);
        let watchers = all.take_watchers();
        watchers.iter().for_each(|watcher| watcher.unpark(why));
        let mut drops = Drops::default();
        while let Some(waiter) = all.pop() {
            drops.wake(waiter, why, self.name());
        }
        drops.finish();
    }

    /// How many wait, or are about to, watchers aside.
    pub(crate) fn len(&self) -> usize {
        waiters(self.list.number())
    }

    /// How many wait, and whether somebody watches, when nobody is about to: who has announced itself has
    /// looked, and stays.
    pub(crate) fn settled(&self) -> (usize, bool) {
        let count = self.list.with(as_it_is, |list| list.count());
        (waiters(count), is_watched(count))
    }
}

/// Nobody is announced.
fn as_it_is(count: usize) -> usize {
    count
}

/// Hands a wake-up on when it is dropped.
struct Next<'a>(&'a Waiters);

impl Drop for Next<'_> {
    #[cold]
    fn drop(&mut self) {
        // The panic under way is the one that goes on.
        self.0.wake_next(&mut Drops::default());
    }
}

/// Keeps the first panic of refused continuations' drops until all are woken who should be.
#[derive(Default)]
pub(crate) struct Drops(Option<Box<dyn Any + Send>>);

impl Drops {
    /// As [`Waiter::wake`].
    #[inline]
    pub(crate) fn wake(&mut self, waiter: Waiter, why: Why, place: usize) -> bool {
        self.catch(|| waiter.wake(why, place))
    }

    /// Calls what may panic; false if it did.
    #[inline]
    pub(crate) fn catch(&mut self, f: impl FnOnce() -> bool) -> bool {
        catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
            self.0.get_or_insert(panic);
            false
        })
    }

    pub(crate) fn finish(self) {
        if let Some(panic) = self.0 {
            resume_unwind(panic);
        }
    }
}
