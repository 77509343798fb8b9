//! Who waits for one condition: threads that sleep and continuations that are suspended, first come first served.
//!
//! A list under a short lock that is touched only when somebody waits: beside it stands the number of those in it, which is all
//! that who makes the condition true needs to look at.
//!
//! *No wake-up is lost.* Who is about to wait enters itself, which stores the number, and then looks whether the condition is
//! true by now; who makes it true does so first and then looks at the number. All of it is sequentially consistent, so at least one
//! sees the other. A waiter that finds the condition true leaves the list before it tries again, under the same lock that
//! wakers take: so a wake-up meant for it either found it in the list, and then what it announces can be had in that try, or
//! goes to another waiter.
//!
//! *A wake-up is one try.* Who is woken tries again and may come too late; then it waits anew. A continuation whose home refuses it
//! cannot try: it is dropped and its wake-up goes to the next.
//!
//! *An interrupt is no wake-up.* It takes all out of the list and tells them so; what they waited for stays with those who come.
//!
//! *Watchers* wait too, but take nothing: each wake-up wakes all of them, and one of the others.

mod line;

use crate::claim::Claim;
use crate::mailbox::migrant::Migrant;
use crate::note;
use crate::parker::{Parker, Why};
use crate::sync::{Arc, AtomicUsize, Mutex, Relaxed, SeqCst, announced, lock, spin};
use cps_core::Continuation;
use cps_core::dispatch::{Dispatcher, Home};
use line::Line;
pub(crate) use line::Waiter;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

#[derive(Default)]
pub(crate) struct Waiters {
    /// How many are in the line, times two, plus one if there are watchers.
    waiting: AtomicUsize,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    line: Line,
    watchers: Vec<Arc<Parker>>,
}

impl List {
    fn waiting(&self) -> usize {
        self.line.len() << 1 | usize::from(!self.watchers.is_empty())
    }
}

/// How a thread's wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    Ready,
    Interrupted,
    Expired,
}

impl Waiter {
    /// Ends the wait; whether the waiter makes use of it. (A continuation that cannot is dropped, and its drop may panic.)
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
            (Waiter::Continuation(continuation, home), Why::Ready) => {
                home.dispatch(continuation).is_ok()
            }
            (Waiter::Continuation(continuation, home), Why::Interrupted) => {
                home.dispatch(note::with(place, continuation)).is_ok()
            }
        }
    }
}

impl Waiters {
    /// Lets the calling thread sleep until it is woken or finds that `ready`.
    pub(crate) fn sleep(&self, ready: impl Fn() -> bool, deadline: Option<Instant>) -> Woken {
        self.wait(ready, deadline, |list, parker| {
            list.line.push(Waiter::Thread(parker));
        })
    }

    /// The same for one who will not take what there is.
    pub(crate) fn watch(&self, ready: impl Fn() -> bool, deadline: Option<Instant>) -> Woken {
        self.wait(ready, deadline, |list, parker| list.watchers.push(parker))
    }

    fn wait(
        &self,
        ready: impl Fn() -> bool,
        deadline: Option<Instant>,
        push: impl FnOnce(&mut List, Arc<Parker>),
    ) -> Woken {
        if pause(&ready) {
            return Woken::Ready;
        }
        let parker = Arc::new(Parker::new());
        let mut list = lock(&self.list);
        push(&mut list, parker.clone());
        if self.is_ready(&list, ready) {
            self.remove(&mut list, &parker);
            return Woken::Ready;
        }
        drop(list);
        match parker.park(deadline) {
            Some(Why::Ready) => Woken::Ready,
            Some(Why::Interrupted) => Woken::Interrupted,
            None => {
                self.remove(&mut lock(&self.list), &parker);
                Woken::Expired
            }
        }
    }

    fn remove(&self, list: &mut List, parker: &Arc<Parker>) {
        if !list.line.remove_thread(parker) {
            list.watchers
                .retain(|watcher| !Arc::ptr_eq(watcher, parker));
        }
        self.waiting.store(list.waiting(), SeqCst);
    }

    /// Announces the one who has just entered, and looks.
    fn is_ready(&self, list: &List, ready: impl Fn() -> bool) -> bool {
        self.waiting.store(list.waiting(), SeqCst);
        announced();
        ready()
    }

    /// Keeps a continuation until it is woken; or gives it back if it finds that `ready`. It will resume at home.
    pub(crate) fn suspend(
        &self,
        continuation: Continuation,
        home: Home,
        ready: impl Fn() -> bool,
    ) -> Option<Continuation> {
        let push = |list: &mut List| list.line.push_continuation(continuation, home);
        match self.stay(push, ready)? {
            Waiter::Continuation(continuation, _) => Some(continuation),
            _ => unreachable!("what comes back is what was pushed"),
        }
    }

    /// The same for a migrant.
    pub(crate) fn keep(&self, migrant: Migrant, ready: impl Fn() -> bool) -> Option<Migrant> {
        let push = |list: &mut List| list.line.push(Waiter::Migrant(Box::new(migrant)));
        match self.stay(push, ready)? {
            Waiter::Migrant(migrant) => Some(*migrant),
            _ => unreachable!("what comes back is what was pushed"),
        }
    }

    fn stay(&self, push: impl FnOnce(&mut List), ready: impl Fn() -> bool) -> Option<Waiter> {
        let mut list = lock(&self.list);
        push(&mut list);
        if !self.is_ready(&list, ready) {
            return None;
        }
        let waiter = list.line.take_back();
        self.waiting.store(list.waiting(), SeqCst);
        waiter
    }

    /// Keeps a claim until it is woken or [leaves](Self::leave); not if it finds that `ready`: then true.
    pub(crate) fn enter(&self, claim: &Arc<Claim>, ready: impl Fn() -> bool) -> bool {
        let mut list = lock(&self.list);
        list.line.push(Waiter::Claim(claim.clone()));
        let ready = self.is_ready(&list, ready);
        if ready {
            list.line.remove_claim(claim);
            self.waiting.store(list.waiting(), SeqCst);
        }
        ready
    }

    /// Takes a claim away, if it is there.
    pub(crate) fn leave(&self, claim: &Arc<Claim>) {
        let mut list = lock(&self.list);
        if list.line.remove_claim(claim) {
            self.waiting.store(list.waiting(), SeqCst);
        }
    }

    /// What it calls itself towards [claims](Claim::wake) and in [notes](note).
    pub(crate) fn name(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Wakes one waiter, if there is one.
    #[inline]
    pub(crate) fn wake_one(&self) {
        announced();
        if self.waiting.load(SeqCst) != 0 {
            self.wake_first();
        }
    }

    /// Wakes up to so many.
    pub(crate) fn wake_some(&self, most: usize) {
        announced();
        for _ in 0..most {
            if self.waiting.load(SeqCst) == 0 {
                return;
            }
            self.wake_first();
        }
    }

    #[cold]
    fn wake_first(&self) {
        let mut drops = Drops::default();
        loop {
            let mut list = lock(&self.list);
            let first = list.line.pop();
            let watchers = std::mem::take(&mut list.watchers);
            self.waiting.store(list.waiting(), SeqCst);
            drop(list);
            watchers
                .iter()
                .for_each(|watcher| watcher.unpark(Why::Ready));
            if first.is_none_or(|waiter| drops.wake(waiter, Why::Ready, self.name())) {
                return drops.finish();
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
        if self.waiting.load(SeqCst) == 0 {
            return;
        }
        let mut list = lock(&self.list);
        let mut all = std::mem::take(&mut *list);
        self.waiting.store(0, SeqCst);
        drop(list);
        all.watchers.iter().for_each(|watcher| watcher.unpark(why));
        let mut drops = Drops::default();
        while let Some(waiter) = all.line.pop() {
            drops.wake(waiter, why, self.name());
        }
        drops.finish();
    }

    /// How many wait, watchers aside.
    pub(crate) fn len(&self) -> usize {
        self.waiting.load(SeqCst) >> 1
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.waiting.load(SeqCst) & 1 != 0
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

/// How often a thread looks again before it goes to sleep.
static LOOKS: AtomicLooks = AtomicLooks::new(5);

type AtomicLooks = std::sync::atomic::AtomicU32;

/// Looks a few times whether `ready`.
pub(crate) fn pause(ready: impl Fn() -> bool) -> bool {
    let looks = if cfg!(loom) { 0 } else { LOOKS.load(Relaxed) };
    for look in 0..looks {
        if ready() {
            return true;
        }
        // Longer each time: looking often takes the cache line away from who writes it.
        (0..1 << look.min(5)).for_each(|_| spin());
    }
    false
}

/// How often a thread that must wait looks again before it goes to sleep in the kernel. For the whole process; 0 switches it off, so that a
/// thread that must wait sleeps at once.
///
/// After each look it pauses its processor, for 1, 2, 4, 8, 16 and then always 32 turns. Sleeping and being woken cost some
/// microseconds, and often what is waited for comes sooner. It never gives its processor away while it looks: where others want it, that
/// would take longer than to sleep and be woken. The default is 5.
///
/// ```
/// insideout::looks_before_sleep(0);
/// ```
pub fn looks_before_sleep(looks: u32) {
    LOOKS.store(looks, Relaxed);
}
