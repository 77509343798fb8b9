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

use crate::parker::Parker;
use crate::sync::{Arc, AtomicUsize, Mutex, Padded, SeqCst, announced, lock, spin};
use cps_core::Continuation;
use cps_core::dispatch::{Dispatcher, Home};
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

/// How often a thread looks again before it goes to sleep. Sleeping and being woken costs some microseconds, this a
/// fraction of one.
const PAUSE: u32 = if cfg!(loom) { 0 } else { 32 };

#[derive(Default)]
pub(crate) struct Waiters {
    waiting: Padded<AtomicUsize>,
    list: Mutex<VecDeque<Waiter>>,
}

enum Waiter {
    Thread(Arc<Parker>),
    Continuation(Continuation, Home),
}

impl Waiter {
    /// Lets the waiter try again; whether it will. (A continuation that cannot is dropped, and its drop may panic.)
    fn wake(self) -> bool {
        match self {
            Waiter::Thread(parker) => {
                parker.unpark();
                true
            }
            Waiter::Continuation(continuation, home) => home.dispatch(continuation).is_ok(),
        }
    }

    fn is(&self, parker: &Arc<Parker>) -> bool {
        matches!(self, Waiter::Thread(other) if Arc::ptr_eq(other, parker))
    }
}

impl Waiters {
    /// Lets the calling thread sleep until it is woken or finds that `ready`; whether that was before the deadline.
    pub(crate) fn sleep(&self, ready: impl Fn() -> bool, deadline: Option<Instant>) -> bool {
        for _ in 0..PAUSE {
            if ready() {
                return true;
            }
            spin();
        }
        let parker = Arc::new(Parker::new());
        if self.enter(Waiter::Thread(parker.clone()), ready).is_some() {
            return true;
        }
        let woken = parker.park(deadline);
        if !woken {
            let mut list = lock(&self.list);
            list.retain(|waiter| !waiter.is(&parker));
            self.waiting.store(list.len(), SeqCst);
        }
        woken
    }

    /// Keeps a continuation until it is woken; or gives it back if it finds that `ready`. It will resume at home.
    pub(crate) fn suspend(
        &self,
        continuation: Continuation,
        home: Home,
        ready: impl Fn() -> bool,
    ) -> Option<Continuation> {
        match self.enter(Waiter::Continuation(continuation, home), ready)? {
            Waiter::Continuation(continuation, _) => Some(continuation),
            Waiter::Thread(_) => unreachable!("what left the list is what entered it"),
        }
    }

    /// Enters the list, unless `ready`: then the waiter comes back.
    fn enter(&self, waiter: Waiter, ready: impl Fn() -> bool) -> Option<Waiter> {
        let mut list = lock(&self.list);
        list.push_back(waiter);
        self.waiting.store(list.len(), SeqCst);
        announced();
        if !ready() {
            return None;
        }
        let waiter = list.pop_back();
        self.waiting.store(list.len(), SeqCst);
        waiter
    }

    /// Wakes one waiter, if there is one.
    #[inline]
    pub(crate) fn wake_one(&self) {
        announced();
        if self.waiting.load(SeqCst) != 0 {
            self.wake_first();
        }
    }

    #[cold]
    fn wake_first(&self) {
        let mut drops = Drops::default();
        loop {
            let mut list = lock(&self.list);
            let first = list.pop_front();
            self.waiting.store(list.len(), SeqCst);
            drop(list);
            if first.is_none_or(|waiter| drops.wake(waiter)) {
                return drops.finish();
            }
        }
    }

    /// Wakes every waiter.
    pub(crate) fn wake_all(&self) {
        announced();
        if self.waiting.load(SeqCst) == 0 {
            return;
        }
        let mut list = lock(&self.list);
        let all = std::mem::take(&mut *list);
        self.waiting.store(0, SeqCst);
        drop(list);
        let mut drops = Drops::default();
        for waiter in all {
            drops.wake(waiter);
        }
        drops.finish();
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.load(SeqCst)
    }
}

/// Keeps the first panic of refused continuations' drops until all are woken who should be.
#[derive(Default)]
struct Drops(Option<Box<dyn Any + Send>>);

impl Drops {
    fn wake(&mut self, waiter: Waiter) -> bool {
        catch_unwind(AssertUnwindSafe(|| waiter.wake())).unwrap_or_else(|panic| {
            self.0.get_or_insert(panic);
            false
        })
    }

    fn finish(self) {
        if let Some(panic) = self.0 {
            resume_unwind(panic);
        }
    }
}
