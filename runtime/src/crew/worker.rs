//! One worker: what others may do to it.
//!
//! A worker is a thread that gives continuations their turns ([`turns`](super::turns)) and obeys between two
//! legs. What it is told stands in its flags; whoever tells it something sets the flag, and then calls it
//! from its bed, so it is never slept over.
//!
//! *Its thread.* The worker holds it until somebody joins it, or the last who knows the worker lets it go. It
//! is signalled under a lock that the thread itself takes before it ends: so no signal goes to a thread that
//! is gone.

use super::Crew;
use super::bed::Bed;
use super::links::Links;
use super::places::PLACES;
use super::ring::Ring;
use super::stack::Stack;
use crate::flags::Flags;
use crate::pthread::{Thread, cut};
use crate::queue::Nothing;
use crate::queue::segments::Segments;
use crate::queue::shelf::Words;
use crate::runtime::status::{BOOTING, DEAD, DRAIN, ENDING, FREEZE, HALTED};
use crate::sync::{AtomicUsize, Mutex, SeqCst, lock};
use cps_core::Continuation;
use std::cell::Cell;
use std::io;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Instant;

pub(crate) struct Worker {
    name: String,
    pub(crate) crew: Arc<Crew>,
    pub(crate) flags: Flags,
    pub(crate) links: Links,
    pub(super) bed: Bed,
    /// What it has for itself, until others take it.
    pub(super) ring: Ring,
    /// What its legs have spawned, until others take it.
    pub(super) stack: Stack,
    /// None before it was made, after it was joined, and where there is none, in models.
    thread: Mutex<Option<Thread>>,
    /// How many handles there are that could thaw it.
    handles: AtomicUsize,
}

/// What is asked of a worker, which it looks at between two legs.
const ORDERS: u32 = FREEZE | HALTED | DRAIN;

/// In how many turns the first that was spawned has one, though more is spawned. Each that is begun before
/// its time keeps all that it spawns alive for longer.
const AGE: u32 = 4096;

#[cfg(not(loom))]
std::thread_local! {
    /// The worker that the thread is, if it is one.
    static CURRENT: Cell<*const Worker> = const { Cell::new(std::ptr::null()) };
}

#[cfg(loom)]
loom::thread_local! {
    static CURRENT: Cell<*const Worker> = Cell::new(std::ptr::null());
}

/// The worker that the calling thread is, if it is one of this crew.
#[inline]
pub(super) fn current(crew: &Crew) -> Option<Own<'_>> {
    let worker = NonNull::new(CURRENT.with(Cell::get).cast_mut())?;
    // SAFETY: the pointer is there from `Own::enter` to `Own::leave`, which say that the worker is alive.
    let worker = unsafe { worker.as_ref() };
    std::ptr::eq(&*worker.crew, crew).then_some(Own(worker))
}

/// A worker as its own thread sees it, which alone puts something into its ring.
#[derive(Clone, Copy)]
pub(super) struct Own<'a>(&'a Worker);

impl<'a> Own<'a> {
    /// Makes the calling thread known as the worker's.
    ///
    /// # Safety
    ///
    /// The calling thread is the worker's, and [leaves](Own::leave) before `worker` may be gone.
    pub(super) unsafe fn enter(worker: &'a Arc<Worker>) -> Self {
        CURRENT.with(|current| current.set(Arc::as_ptr(worker)));
        Own(worker)
    }

    pub(super) fn leave(self) {
        CURRENT.with(|current| current.set(std::ptr::null()));
    }

    /// Queues a continuation for the worker itself; not if something was queued for all before, or there is
    /// no room.
    #[inline]
    pub(super) fn keep(self, continuation: Continuation) -> Result<(), Continuation> {
        if self.0.crew.queue.can_pop() {
            return Err(continuation);
        }
        // SAFETY: an `Own` is on the worker's thread only: it holds a reference, and is handed to nobody.
        unsafe { self.0.ring.push(continuation) }
    }

    /// Keeps what a leg has spawned, if there is room.
    #[inline]
    pub(super) fn stack(self, continuation: Continuation) -> Result<(), Continuation> {
        // SAFETY: as in `keep`.
        unsafe { self.0.stack.push(continuation) }
    }

    /// Takes the next of what is queued and of what was spawned, in `turn` about, else of what another worker
    /// has.
    #[inline(always)]
    pub(super) fn find(self, turn: u32) -> Result<Continuation, Nothing> {
        if turn % 2 == 1
            && let Some(spawned) = self.spawned(turn)
        {
            return Ok(spawned);
        }
        // SAFETY: as in `keep`.
        let queued = match unsafe { self.0.ring.take() } {
            Some(own) => return Ok(own),
            None => self.refill(),
        };
        match queued {
            Ok(queued) => Ok(queued),
            Err(Nothing::Closed) => self.spawned(turn).ok_or(Nothing::Closed),
            Err(Nothing::Empty) => {
                let spawned = self.spawned(turn).or_else(|| self.steal());
                spawned.ok_or(Nothing::Empty)
            }
        }
    }

    /// What [`find`](Self::find) takes, if that is what is first in the ring.
    #[inline(always)]
    pub(super) fn next_in_ring(self, turn: u32) -> Option<Continuation> {
        if turn % 2 == 1 && !self.0.stack.is_empty() {
            return None;
        }
        // SAFETY: as in `keep`.
        unsafe { self.0.ring.take() }
    }

    /// The last that was spawned; now and then the first, so that nothing waits for ever.
    #[inline]
    fn spawned(self, turn: u32) -> Option<Continuation> {
        if turn % AGE == 1 {
            return self.0.stack.take();
        }
        // SAFETY: as in `keep`.
        unsafe { self.0.stack.pop() }
    }

    fn steal(self) -> Option<Continuation> {
        // SAFETY: as in `keep`.
        let stolen = unsafe { self.0.crew.steal(self.0) };
        if !self.0.ring.is_empty() {
            self.0.crew.idle.wake_one();
        }
        stolen
    }

    /// Takes of what was queued for all; more than one where there are many, for itself.
    fn refill(self) -> Result<Continuation, Nothing> {
        let Own(worker) = self;
        let crew = &worker.crew;
        if !crew.queue.can_pop() {
            return Err(Nothing::Empty);
        }
        let share = crew.share().min(PLACES);
        // SAFETY: as in `keep`; it is dropped here.
        let mut ring = unsafe { worker.ring.fill() };
        let (mut first, mut taken, mut nothing) = (None, 0, None);
        // One pop does not go beyond a segment of the queue.
        while taken < share && nothing.is_none() {
            let popped = crew.queue.pop_some(share - taken, |next| match first {
                None => first = Some(next),
                Some(_) => ring.push(next),
            });
            match popped {
                Ok(count) => taken += count,
                Err(why) => nothing = Some(why),
            }
        }
        drop(ring);
        if !worker.ring.is_empty() {
            crew.idle.wake_one();
        }
        first.ok_or(nothing.unwrap_or(Nothing::Empty))
    }
}

impl Worker {
    /// Others may take from its ring, unless it is `alone`.
    pub(crate) fn new(crew: Arc<Crew>, name: &str, frozen: bool, alone: bool) -> Arc<Self> {
        let frozen = if frozen { FREEZE } else { 0 };
        Arc::new(Worker {
            name: cut(name).to_string_lossy().into_owned(),
            crew,
            flags: Flags::new(BOOTING | frozen),
            links: Links::default(),
            bed: Bed::new(),
            ring: Ring::new(alone),
            stack: Stack::new(),
            thread: Mutex::new(None),
            handles: AtomicUsize::new(0),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Hands the worker its thread, which waits for that before it begins.
    pub(crate) fn begin(&self, thread: Thread) {
        *lock(&self.thread) = Some(thread);
        self.flags.clear(BOOTING);
    }

    /// On the worker's thread: waits until the worker has it.
    pub(super) fn board(&self) {
        if let Some(events) = &self.crew.events {
            events.clone().serve_this_thread();
        }
        let booting = |flags| flags & BOOTING != 0;
        let _ = self.flags.wait_while(booting, None);
    }

    /// On the worker's thread: it ends. What is left to do must not need the worker.
    pub(super) fn leave_thread(&self) {
        let thread = lock(&self.thread);
        self.flags.set(DEAD);
        drop(thread);
    }

    pub(crate) fn is_current(&self) -> bool {
        std::ptr::eq(CURRENT.with(Cell::get), self)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.flags.get() & DEAD != 0
    }

    /// How many continuations it has for itself.
    pub(super) fn queued(&self) -> usize {
        self.ring.len() + self.stack.len()
    }

    /// A number that every push grows, of those for the worker itself and of those for all, until the worker
    /// takes one of what it has spawned. For its own thread.
    #[inline]
    pub(super) fn pushed(&self) -> u64 {
        self.pushed_with(&self.crew.queue)
    }

    /// The same, with the queue for all at hand.
    #[inline]
    pub(super) fn pushed_with(&self, queue: &Segments<Words>) -> u64 {
        let own = self.ring.pushed().wrapping_add(self.stack.pushed());
        own.wrapping_add(queue.pushed())
    }

    /// Whether anything is queued for it or for all.
    #[inline]
    pub(super) fn has_work(&self) -> bool {
        !(self.ring.is_empty() && self.crew.queue.is_empty() && self.stack.is_empty())
    }

    /// Whether it would find something if it looked, of its own, of all or of another's, or that nothing will
    /// come.
    pub(super) fn may_find(&self) -> bool {
        self.crew.queue.can_pop() || self.queued() > 0 || self.crew.others_have_work()
    }

    /// What it was told, as far as it has to do something about it.
    #[inline]
    pub(super) fn orders(&self) -> u32 {
        self.flags.get() & ORDERS
    }

    pub(crate) fn unpark(&self) {
        self.bed.call(self.crew.events());
    }

    /// Marks it halted, if it is not, and does what that entails for it alone; whether it was not.
    pub(super) fn mark_halted(&self) -> bool {
        let able = |flags| flags & (HALTED | ENDING) == 0;
        if self.flags.change_if(able, HALTED, 0).is_err() {
            return false;
        }
        if self.crew.is_solo() {
            self.crew.close();
        }
        self.unpark();
        true
    }

    pub(crate) fn freeze(&self) {
        let able = |flags| flags & (HALTED | ENDING) == 0;
        if self.flags.change_if(able, FREEZE, 0).is_ok() {
            self.unpark();
        }
    }

    pub(crate) fn thaw(&self) {
        self.flags.clear(FREEZE);
    }

    /// Tells it to leave its pool; whether it was not told to before.
    pub(crate) fn drain(&self) -> bool {
        let able = |flags| flags & (HALTED | ENDING | DRAIN) == 0;
        let told = self.flags.change_if(able, DRAIN, 0).is_ok();
        self.unpark();
        told
    }

    /// Calls `f` with the thread, which does not end meanwhile.
    pub(crate) fn with_thread(&self, f: impl FnOnce(&Thread) -> io::Result<()>) -> io::Result<()> {
        let thread = lock(&self.thread);
        match &*thread {
            Some(thread) if !self.is_dead() => f(thread),
            _ => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        }
    }

    /// Waits until it is dead; whether it was before the deadline.
    pub(crate) fn wait_for_end(&self, deadline: Option<Instant>) -> bool {
        let alive = |flags| flags & DEAD == 0;
        self.flags.wait_while(alive, deadline).is_ok()
    }

    /// Waits until its thread has ended, if it is not joined by somebody else.
    pub(crate) fn join(&self) {
        self.wait_for_end(None);
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            thread.join();
        }
    }

    /// Counts a handle.
    pub(crate) fn grow(&self) {
        self.handles.fetch_add(1, SeqCst);
    }

    /// Counts a handle less. A runtime that nobody could thaw any more thaws by itself.
    pub(crate) fn shrink(&self) {
        if self.handles.fetch_sub(1, SeqCst) == 1 && self.crew.is_solo() {
            self.thaw();
        }
    }
}
