//! One worker: what others may do to it.
//!
//! A worker is a thread that gives continuations their turns ([`turns`](super::turns)) and obeys between two legs. What it is told stands in
//! its flags; whoever tells it something sets the flag, and then calls it from its bed, so it is never slept over.
//!
//! *Its thread.* The worker holds it until somebody joins it, or the last who knows the worker lets it go. It is signalled
//! under a lock that the thread itself takes before it ends: so no signal goes to a thread that is gone.

use super::Crew;
use super::bed::Bed;
use super::links::Links;
use crate::flags::Flags;
use crate::pthread::{Thread, cut};
use crate::runtime::status::{BOOTING, DEAD, DRAIN, ENDING, FREEZE, HALTED};
use crate::sync::{AtomicUsize, Mutex, SeqCst, lock};
use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::time::Instant;

pub(crate) struct Worker {
    name: String,
    pub(crate) crew: Arc<Crew>,
    pub(crate) flags: Flags,
    pub(crate) links: Links,
    pub(super) bed: Bed,
    /// None before it was made, after it was joined, and where there is none, in models.
    thread: Mutex<Option<Thread>>,
    /// How many handles there are that could thaw it.
    handles: AtomicUsize,
}

/// What is asked of a worker, which it looks at between two legs.
const ORDERS: u32 = FREEZE | HALTED | DRAIN;

std::thread_local! {
    /// The worker that the thread is, if it is one.
    static CURRENT: Cell<*const Worker> = const { Cell::new(std::ptr::null()) };
}

impl Worker {
    pub(crate) fn new(crew: Arc<Crew>, name: &str, frozen: bool) -> Arc<Self> {
        let frozen = if frozen { FREEZE } else { 0 };
        Arc::new(Worker {
            name: cut(name).to_string_lossy().into_owned(),
            crew,
            flags: Flags::new(BOOTING | frozen),
            links: Links::default(),
            bed: Bed::new(),
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

    /// On the worker's thread: waits until the worker has it, and makes it known as the worker's.
    pub(super) fn board(self: &Arc<Self>) {
        if let Some(events) = &self.crew.events {
            events.clone().serve_this_thread();
        }
        let booting = |flags| flags & BOOTING != 0;
        let _ = self.flags.wait_while(booting, None);
        CURRENT.set(Arc::as_ptr(self));
    }

    /// On the worker's thread: it ends. What is left to do must not need the worker.
    pub(super) fn leave_thread(&self) {
        CURRENT.set(std::ptr::null());
        let thread = lock(&self.thread);
        self.flags.set(DEAD);
        drop(thread);
    }

    pub(crate) fn is_current(&self) -> bool {
        std::ptr::eq(CURRENT.get(), self)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.flags.get() & DEAD != 0
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
