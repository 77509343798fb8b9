//! What the workers of a pool share, and what each of them does.
//!
//! *Turns.* A worker takes the first continuation from the run queue and runs it until it is suspended elsewhere or finished; after a
//! `coop!` it puts it behind everything that is queued, or goes on with it at once if nothing is.
//!
//! *The end.* Once the pool winds down, a worker that finds the queue empty reports that it has nothing in hand. When none has, and
//! the queue is still empty, nothing can become runnable here any more but from outside: that is when the queue is closed. So
//! what is queued runs, and what it wakes runs, and only what still waits for others then is refused when it is woken.

use crate::queue::segments::Segments;
use crate::queue::shelf::Words;
use crate::queue::{Nothing, Refused};
use crate::sync::{AtomicBool, AtomicUsize, Mutex, Padded, Relaxed, SeqCst, lock};
use crate::waiters::Waiters;
use cps_core::Continuation;
use cps_core::dispatch::{self, Dispatcher, Home};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub(crate) struct Crew {
    queue: Segments<Words>,
    /// The workers that have nothing to do. One continuation that is queued wakes one of them.
    idle: Padded<Waiters>,
    winding_down: AtomicBool,
    /// How many workers may have a continuation in hand. Only looked at when winding down.
    busy: Mutex<usize>,
    pub(crate) panics: Panics,
}

impl Crew {
    pub(crate) fn new(workers: usize) -> Self {
        Crew {
            queue: Segments::new(),
            idle: Padded::default(),
            winding_down: AtomicBool::new(false),
            busy: Mutex::new(workers),
            panics: Panics::default(),
        }
    }

    /// Lets the workers end when nothing is left to run.
    pub(crate) fn wind_down(&self) {
        self.winding_down.store(true, SeqCst);
        self.idle.wake_all();
    }

    /// Counts workers out that could not be started; with none left, what is queued is dropped.
    pub(crate) fn lose(&self, workers: usize) {
        *lock(&self.busy) -= workers;
    }

    /// How many continuations wait for their turn.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// A worker's life.
    pub(crate) fn work(self: Arc<Self>) {
        let _entered = dispatch::enter(Home::new(self.clone()));
        self.turns();
    }

    pub(crate) fn turns(&self) {
        while let Some(continuation) = self.next() {
            self.run(continuation);
        }
    }

    fn next(&self) -> Option<Continuation> {
        loop {
            match self.queue.pop() {
                Ok(continuation) => return Some(continuation),
                Err(Nothing::Closed) => return None,
                Err(Nothing::Empty) if self.winding_down.load(SeqCst) => return self.last(),
                Err(Nothing::Empty) => {
                    self.sleep_unless(|| self.queue.can_pop() || self.winding_down.load(SeqCst))
                }
            }
        }
    }

    /// As `next`, when winding down: the worker has nothing in hand. Those of whom that is known pop under the lock only, so
    /// that seeing nobody busy and closing the empty queue is one step.
    fn last(&self) -> Option<Continuation> {
        *lock(&self.busy) -= 1;
        loop {
            let mut busy = lock(&self.busy);
            if let Ok(continuation) = self.queue.pop() {
                *busy += 1;
                return Some(continuation);
            }
            if self.queue.is_closed() {
                return None;
            }
            if *busy == 0 && self.queue.close_if_empty() {
                drop(busy);
                self.idle.wake_all();
                return None;
            }
            drop(busy);
            self.sleep_unless(|| self.queue.can_pop());
        }
    }

    fn sleep_unless(&self, ready: impl Fn() -> bool) {
        self.idle.sleep(ready, None);
    }

    /// Gives a continuation its turn.
    fn run(&self, continuation: Continuation) {
        let mut next = Some(continuation);
        while let Some(continuation) = next {
            next = match catch_unwind(AssertUnwindSafe(|| continuation.trampoline())) {
                Ok(Some(again)) if !self.queue.is_empty() => match self.queue.push(again) {
                    Ok(()) => None,
                    Err(Refused::Full(again) | Refused::Closed(again)) => Some(again),
                },
                Ok(next) => next,
                Err(panic) => {
                    self.panics.keep(panic);
                    None
                }
            }
        }
    }
}

impl Dispatcher for Crew {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        match self.queue.push(continuation) {
            Ok(()) => {
                self.idle.wake_one();
                Ok(())
            }
            Err(Refused::Full(continuation) | Refused::Closed(continuation)) => Err(continuation),
        }
    }
}

/// The panics that came out of continuations whose outcome nobody receives: how many, and the first.
#[derive(Default)]
pub(crate) struct Panics {
    count: AtomicUsize,
    first: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panics {
    fn keep(&self, panic: Box<dyn Any + Send>) {
        self.count.fetch_add(1, Relaxed);
        let mut first = lock(&self.first);
        if first.is_none() {
            *first = Some(panic);
            return;
        }
        drop(first);
        // What a panic carries may itself panic when it is dropped; what that carries is not worth another try.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed)
    }

    pub(crate) fn take(&self) -> Option<Box<dyn Any + Send>> {
        lock(&self.first).take()
    }
}
