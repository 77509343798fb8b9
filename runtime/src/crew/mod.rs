//! What the workers of a pool share; a runtime is a crew of one.
//!
//! `worker` is one of them as others see it, `turns` what it does, `idle` who sleeps, `bed` where, `links`
//! whose end is whose.
//!
//! *The end.* A crew *ends* when it was told to wind down, or when it is a runtime that nobody can reach any
//! more. Then a worker that finds the queue empty reports that it has nothing in hand. When none has, and the
//! queue is still empty, nothing can become runnable here any more but from outside: that is when the queue
//! is closed. So what is queued runs, and what it wakes runs, and only what still waits for others then is
//! refused when it is woken.
//!
//! *Events.* One worker at a time sleeps on the crew's event queue, if there is one, and any that is busy
//! looks at it now and then.
//!
//! *A halt* closes the queue at once; what is left in it is dropped by the workers, or by whoever halts a
//! crew without workers.

pub(crate) mod alone;
mod bed;
mod idle;
pub(crate) mod links;
pub(crate) mod panics;
mod places;
pub(crate) mod ring;
pub(crate) mod stack;
mod turns;
pub(crate) mod worker;

#[cfg(not(loom))]
use crate::event_queue;
use crate::event_queue::{EventQueue, OnDemand};
use crate::pthread::{Attributes, Thread};
use crate::queue::segments::Segments;
use crate::queue::shelf::Words;
use crate::queue::{Nothing, Refused};
use crate::runtime::status::HALTED;
use crate::sync::{AtomicBool, AtomicUsize, Mutex, Relaxed, SeqCst, can_fence_everywhere, lock};
#[cfg(all(test, loom))]
pub(crate) use bed::Bed;
use cps_core::Continuation;
use cps_core::dispatch::{Dispatcher, Rooms};
use idle::Idle;
use panics::Panics;
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
#[cfg(loom)]
pub(crate) use turns::Turns;
use worker::{Own, Worker};

/// What becomes of a pool when a continuation panics with nobody to hear of it.
///
/// ```
/// use insideout::prelude::*;
/// use insideout::{Builder, PanicPolicy};
///
/// # #[cps] fn fails() { panic!("for a reason") }
/// let pool = Builder::new().panics(PanicPolicy::Halt).pool(1).unwrap();
/// pool.spawn_detached(thunk!(fails())).unwrap();
/// assert!(pool.join().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanicPolicy {
    /// The panic is counted, the first is kept for who joins, and everything goes on: what a pool does unless
    /// told otherwise.
    Keep,
    /// The panic is kept, and the pool or runtime halts: what a runtime does unless told otherwise.
    Halt,
    /// The process is aborted.
    Abort,
}

pub(crate) struct Crew {
    queue: Segments<Words>,
    idle: Idle,
    roster: Mutex<Roster>,
    /// How many workers are on the roster, for those who need not know of them if there is one.
    size: AtomicUsize,
    winding_down: AtomicBool,
    /// How many workers may have a continuation in hand. Only looked at when the crew ends.
    busy: Mutex<usize>,
    /// Whether it is the crew of a runtime.
    solo: bool,
    /// Whether a worker without others has its ring alone.
    alone: bool,
    /// How many [`Door`]s a runtime has.
    doors: AtomicUsize,
    policy: PanicPolicy,
    pub(crate) panics: Panics,
    /// Where what runs here waits for descriptors and for time; if not, it does so on the program's.
    events: Option<Arc<OnDemand>>,
}

#[derive(Default)]
struct Roster {
    workers: Vec<Arc<Worker>>,
    /// Whether who comes new begins frozen.
    frozen: bool,
}

impl Crew {
    pub(crate) fn new(solo: bool, policy: PanicPolicy, frozen: bool, events: bool) -> Self {
        Crew {
            queue: Segments::new(),
            idle: Idle::default(),
            roster: Mutex::new(Roster {
                workers: Vec::new(),
                frozen,
            }),
            size: AtomicUsize::new(0),
            winding_down: AtomicBool::new(false),
            busy: Mutex::new(0),
            solo,
            alone: false,
            doors: AtomicUsize::new(0),
            policy,
            panics: Panics::default(),
            events: events.then(Arc::default),
        }
    }

    /// One that is likely to have one worker only.
    pub(crate) fn small(self) -> Self {
        Crew {
            alone: can_fence_everywhere(),
            ..self
        }
    }

    /// The event queue, if anything here has asked for it yet.
    #[inline]
    fn events(&self) -> Option<&EventQueue> {
        self.events.as_ref()?.get()
    }

    /// Adds a worker that has no thread yet; not if the crew has come to its end.
    pub(crate) fn enlist(self: &Arc<Self>, name: &str) -> io::Result<Arc<Worker>> {
        let mut busy = lock(&self.busy);
        let mut roster = lock(&self.roster);
        if self.is_closed() {
            return Err(io::Error::other("the pool has ended"));
        }
        for other in &roster.workers {
            other.ring.share()?;
        }
        let alone = self.alone && roster.workers.is_empty();
        let worker = Worker::new(self.clone(), name, roster.frozen, alone);
        roster.workers.push(worker.clone());
        self.size.store(roster.workers.len(), SeqCst);
        *busy += 1;
        Ok(worker)
    }

    /// Adds a worker with a thread, which may run on these processors only, if any are named. Calls `before`
    /// it begins.
    pub(crate) fn hire(
        self: &Arc<Self>,
        attributes: &Attributes,
        cpus: &[usize],
        before: impl FnOnce(&Arc<Worker>),
    ) -> io::Result<Arc<Worker>> {
        let worker = self.enlist(&attributes.name)?;
        before(&worker);
        let body = worker.clone();
        let thread = match Thread::spawn(attributes, move || turns::life(&body)) {
            Ok(thread) => thread,
            Err(error) => {
                self.discharge(&worker, true);
                return Err(error);
            }
        };
        let pinned = match cpus {
            [] => Ok(()),
            cpus => thread.pin(cpus),
        };
        if pinned.is_err() {
            worker.drain();
        }
        worker.begin(thread);
        if pinned.is_err() {
            worker.join();
        }
        pinned.map(|()| worker)
    }

    /// A worker leaves, `busy` if it may have had something in hand.
    fn discharge(&self, worker: &Arc<Worker>, busy: bool) {
        let mut roster = lock(&self.roster);
        roster.workers.retain(|other| !Arc::ptr_eq(other, worker));
        self.size.store(roster.workers.len(), SeqCst);
        let deserted = roster.workers.is_empty();
        drop(roster);
        if busy {
            *lock(&self.busy) -= 1;
        }
        // A halted worker may see that before its crew is closed.
        let halted = self.solo && worker.flags.get() & HALTED != 0;
        if halted || deserted && self.winding_down.load(SeqCst) {
            self.queue.close();
        }
        // What it has for itself goes to the others; a crew that is closed takes nothing.
        // SAFETY: this is the worker's thread, or it never had one.
        let own = || unsafe { worker.ring.take() }.or_else(|| worker.stack.take());
        while let Some(own) = own() {
            if let Err(Refused::Full(own) | Refused::Closed(own)) = self.queue.push(own) {
                self.panics.catch(|| drop(own));
            }
        }
        if self.is_closed() {
            self.drop_queued();
        }
        if self.is_ending() {
            self.idle.wake_all();
        } else if self.queue.can_pop() {
            self.idle.wake_one();
        }
        if self.is_closed() && deserted {
            self.end();
        }
        worker.unlink_all();
    }

    /// It is closed and has no worker: drops what is queued, and who still waits somewhere, who would
    /// keep the crew alive.
    fn end(&self) {
        self.drop_queued();
        if let Some(events) = self.events() {
            self.panics.catch(|| events.close());
        }
        #[cfg(not(loom))]
        {
            let concerned = self.events.is_none();
            (self.panics).catch(|| event_queue::drop_who_waits_in_vain(concerned));
        }
    }

    /// Wakes continuations, of which one that has no home runs at once: of its panic nobody else hears.
    fn waking<R>(&self, wake: impl FnOnce() -> R) -> Option<R> {
        let woken = catch_unwind(AssertUnwindSafe(wake));
        woken.map_err(|panic| self.panicked(panic)).ok()
    }

    pub(crate) fn workers(&self) -> Vec<Arc<Worker>> {
        lock(&self.roster).workers.clone()
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.roster).workers.len()
    }

    pub(crate) fn is_solo(&self) -> bool {
        self.solo
    }

    /// How many continuations wait for their turn.
    pub(crate) fn len(&self) -> usize {
        let roster = lock(&self.roster);
        let own = roster.workers.iter().map(|worker| worker.queued());
        self.queue.len() + own.sum::<usize>()
    }

    /// Whether a worker has something for itself, which others may take. For one of them that has nothing.
    fn others_have_work(&self) -> bool {
        let queued = |worker: &Arc<Worker>| worker.queued() > 0;
        self.size.load(SeqCst) > 1 && lock(&self.roster).workers.iter().any(queued)
    }

    /// How many continuations one worker takes at once of those that are queued for all.
    fn share(&self) -> usize {
        self.queue.len() / self.size.load(Relaxed).max(1) + 1
    }

    /// Takes half of what is queued for another worker, or else what that has spawned first.
    ///
    /// # Safety
    ///
    /// The calling thread is the thief's.
    unsafe fn steal(&self, thief: &Worker) -> Option<Continuation> {
        if self.size.load(Relaxed) < 2 {
            return None;
        }
        let roster = lock(&self.roster);
        let is_thief = |worker: &Arc<Worker>| std::ptr::eq(&**worker, thief);
        let own = roster.workers.iter().position(is_thief)?;
        let (before, after) = roster.workers.split_at(own);
        let mut others = after[1..].iter().chain(before);
        others.find_map(|other| {
            // SAFETY: the thief is the calling thread's worker by contract, and not among the others.
            let queued = unsafe { thief.ring.steal(&other.ring) };
            queued.or_else(|| other.stack.take())
        })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Lets the workers end when nothing is left to run.
    pub(crate) fn wind_down(&self) {
        self.winding_down.store(true, SeqCst);
        if self.count() == 0 {
            self.queue.close();
            self.end();
        }
        self.idle.wake_all();
    }

    fn is_ending(&self) -> bool {
        self.winding_down.load(SeqCst) || self.solo && self.doors.load(SeqCst) == 0
    }

    /// Takes no more; what is queued is dropped by a worker that ends.
    fn close(&self) {
        self.queue.close();
    }

    pub(crate) fn halt(&self) {
        self.queue.close();
        let workers = self.workers();
        if workers.is_empty() {
            self.end();
        }
        workers.iter().for_each(links::halt);
    }

    pub(crate) fn freeze(&self) {
        let mut roster = lock(&self.roster);
        roster.frozen = true;
        roster.workers.iter().for_each(|worker| worker.freeze());
    }

    pub(crate) fn thaw(&self) {
        let mut roster = lock(&self.roster);
        roster.frozen = false;
        roster.workers.iter().for_each(|worker| worker.thaw());
    }

    /// The next continuation, for somebody who is not the worker.
    pub(crate) fn eject(&self, worker: Option<&Worker>) -> Option<Continuation> {
        // The lock keeps the queue from being closed meanwhile, because it was empty.
        let _busy = lock(&self.busy);
        let own = worker.and_then(|worker| worker.ring.pop().or_else(|| worker.stack.take()));
        own.or_else(|| self.queue.pop().ok())
    }

    /// What is queued when there is nobody to run it.
    fn drop_queued(&self) {
        while let Ok(continuation) = self.queue.pop() {
            self.panics.catch(|| drop(continuation));
        }
    }

    /// A continuation panicked, and nobody else hears of it.
    pub(crate) fn panicked(&self, panic: Box<dyn Any + Send>) {
        self.panics.keep(panic);
        match self.policy {
            PanicPolicy::Keep => {}
            PanicPolicy::Halt => self.halt(),
            PanicPolicy::Abort => std::process::abort(),
        }
    }
}

impl Crew {
    /// Queues a continuation with the worker whose thread calls, if it is one of this crew and can `keep` it;
    /// else for all.
    #[inline]
    fn queue(
        &self,
        mut continuation: Continuation,
        keep: impl FnOnce(Own<'_>, Continuation) -> Result<(), Continuation>,
    ) -> Result<(), Continuation> {
        match worker::current(self) {
            Some(worker) => match keep(worker, continuation) {
                Ok(()) => {
                    self.idle.wake_one();
                    return Ok(());
                }
                Err(back) => continuation = back,
            },
            None => Rooms::keep_for_good(),
        }
        match self.queue.push(continuation) {
            Ok(()) => {
                self.idle.wake_one();
                Ok(())
            }
            Err(Refused::Full(continuation) | Refused::Closed(continuation)) => Err(continuation),
        }
    }
}

impl Dispatcher for Crew {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        self.queue(continuation, |worker, continuation| {
            worker.keep(continuation)
        })
    }

    fn start(&self, continuation: Continuation) -> Result<(), Continuation> {
        self.queue(continuation, |worker, continuation| {
            worker.stack(continuation)
        })
    }

    fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }
}

/// A way into a runtime: while there is one, more may come.
///
/// Handles and homes of a runtime hold a door, and so does its worker while it has something in hand. When
/// the last is gone, and nothing is queued, nothing will be.
pub(crate) struct Door(Arc<Crew>);

impl Door {
    pub(crate) fn new(crew: Arc<Crew>) -> Arc<Self> {
        crew.doors.fetch_add(1, SeqCst);
        Arc::new(Door(crew))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if self.0.doors.fetch_sub(1, SeqCst) == 1 {
            self.0.idle.wake_all();
        }
    }
}

impl Dispatcher for Door {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        self.0.dispatch(continuation)
    }

    fn start(&self, continuation: Continuation) -> Result<(), Continuation> {
        self.0.start(continuation)
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}
