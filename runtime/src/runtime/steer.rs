//! What one can tell a runtime, and what can be learnt of it.

use super::Runtime;
use super::errors::{EndError, NotFrozen};
use super::status::{DEAD, FREEZE, FROZEN, HALTED, Status};
use crate::crew::links;
use cps_core::Continuation;
use std::ffi::c_int;
use std::io;
use std::time::{Duration, Instant};

impl Runtime {
    /// The name of its thread, as far as the system shows it.
    ///
    /// ```
    /// assert_eq!(insideout::Runtime::new().name(), "runtime");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        self.worker().name()
    }

    /// What it is doing; by the time one looks at it, that may have changed.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    /// assert!(!Runtime::new().status().contains(Status::HALTED));
    /// ```
    #[must_use]
    pub fn status(&self) -> Status {
        Status::new(self.worker().flags.get())
    }

    /// Blocks until all these flags are set; whether they are. They are not if the runtime has ended without
    /// them, or if a leg of its own asks for what comes after the leg.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    ///
    /// let runtime = Runtime::new();
    /// runtime.halt();
    /// assert!(runtime.wait(Status::DEAD));
    /// assert!(!runtime.wait(Status::FROZEN));
    /// ```
    #[must_use]
    pub fn wait(&self, these: Status) -> bool {
        self.wait_until(these, None)
    }

    /// As [`wait`](Runtime::wait), but not past a deadline; whether all flags are set.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    /// use std::time::Instant;
    ///
    /// assert!(!Runtime::new().wait_deadline(Status::DEAD, Instant::now()));
    /// ```
    #[must_use]
    pub fn wait_deadline(&self, these: Status, deadline: Instant) -> bool {
        self.wait_until(these, Some(deadline))
    }

    fn wait_until(&self, these: Status, deadline: Option<Instant>) -> bool {
        let missing = |flags: u32| flags & these.bits() != these.bits();
        let waits = |flags: u32| missing(flags) && flags & DEAD == 0;
        let flags = &self.worker().flags;
        if self.worker().is_current() && (FROZEN | DEAD) & these.bits() != 0 {
            return !missing(flags.get());
        }
        match flags.wait_while(waits, deadline) {
            Ok(flags) | Err(flags) => !missing(flags),
        }
    }

    /// Ends it after the current leg. What it held is dropped: what is queued, and what was in its hands.
    /// Does not block.
    ///
    /// Those that it is [linked](Runtime::link) to are halted too. A worker of a pool leaves what it held to
    /// the others.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use insideout::{EndError, Runtime};
    ///
    /// #[cps]
    /// fn forever() {
    ///     loop {
    ///         coop!();
    ///     }
    /// }
    ///
    /// let runtime = Runtime::builder().spawn(thunk!(forever())).unwrap();
    /// runtime.halt();
    /// assert!(matches!(runtime.join(), Err(EndError::Cancelled)));
    /// ```
    pub fn halt(&self) {
        links::halt(self.worker());
    }

    /// Lets it rest after the current leg, until it thaws. Does not block: [`wait`](Runtime::wait) for
    /// `FROZEN`.
    ///
    /// Meanwhile what migrates to it or wakes on it is queued.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    /// let runtime = Runtime::new();
    /// runtime.freeze();
    /// assert!(runtime.wait(Status::FROZEN));
    /// ```
    pub fn freeze(&self) {
        self.worker().freeze();
    }

    /// Lets it go on. Does not block.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let runtime = insideout::Builder::new().frozen().start().unwrap();
    /// let handle = runtime.spawn(thunk!(one()));
    /// assert!(!handle.is_finished());
    /// runtime.thaw();
    /// assert_eq!(handle.join().unwrap(), 1);
    /// ```
    pub fn thaw(&self) {
        self.worker().thaw();
    }

    /// Takes the next continuation out of a runtime that is [frozen](Runtime::freeze), to run it elsewhere;
    /// none if nothing is queued. Does not block.
    ///
    /// What is suspended elsewhere is queued here when it wakes, and can be taken out then. From a worker of
    /// a pool it takes what the pool has queued.
    ///
    /// # Errors
    ///
    /// If the runtime does not rest.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use insideout::{Builder, Runtime, Status};
    ///
    /// #[cps]
    /// fn whereabouts() -> String {
    ///     insideout::thread_name()
    /// }
    ///
    /// let frozen = Builder::new().frozen().start().unwrap();
    /// let handle = frozen.spawn(thunk!(whereabouts()));
    /// assert!(frozen.wait(Status::FROZEN));
    /// let continuation = frozen.eject().unwrap().expect("one is queued");
    /// let other = Builder::new().name("other").start().unwrap();
    /// other.spawn_detached(continuation).unwrap();
    /// assert_eq!(handle.join().unwrap(), "other");
    /// ```
    pub fn eject(&self) -> Result<Option<Continuation>, NotFrozen> {
        let rests = FREEZE | FROZEN;
        if self.worker().flags.get() & rests != rests {
            return Err(NotFrozen);
        }
        Ok(self.worker().crew.eject(Some(self.worker())))
    }

    /// Makes a system call that blocks in the current leg return `EINTR`. Does not block, and does nothing
    /// else.
    ///
    /// What waits for a mailbox, a flag, a lock or the like goes on waiting. A system call that has not begun
    /// is not interrupted: ask again, with a pause, until what the leg should have seen is seen.
    ///
    /// # Errors
    ///
    /// If its thread has ended, or the system has no room for one more signal.
    ///
    /// ```
    /// insideout::Runtime::new().interrupt().unwrap();
    /// ```
    pub fn interrupt(&self) -> io::Result<()> {
        self.worker().with_thread(|thread| thread.interrupt())
    }

    /// Sends a signal to its thread: see `pthread_kill(3)`. Without a handler for it that may end the
    /// process.
    ///
    /// # Errors
    ///
    /// If its thread has ended, or there is no such signal.
    ///
    /// ```
    /// // Signal 0 is none: this only asks whether one could be sent.
    /// insideout::Runtime::new().signal(0).unwrap();
    /// ```
    pub fn signal(&self, signal: c_int) -> io::Result<()> {
        self.worker().with_thread(|thread| thread.signal(signal))
    }

    /// [Halts](Runtime::halt) it, and [interrupts](Runtime::interrupt) the current leg. Does not block.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    /// let runtime = Runtime::new();
    /// runtime.cancel();
    /// assert!(runtime.wait(Status::DEAD));
    /// ```
    pub fn cancel(&self) {
        self.halt();
        // One whose thread has ended has no leg.
        let _ = self.interrupt();
    }

    /// Lets it end when nothing is left to run: what is queued runs, and what that wakes or spawns. Does not
    /// block.
    ///
    /// What is suspended then, waiting for something from elsewhere, is dropped when it is woken. A frozen
    /// one has to thaw first. On a worker of a pool, this lets that worker leave after the current leg.
    ///
    /// ```
    /// let runtime = insideout::Runtime::new();
    /// runtime.shutdown();
    /// runtime.join().unwrap();
    /// ```
    pub fn shutdown(&self) {
        let worker = self.worker();
        if worker.crew.is_solo() {
            worker.crew.wind_down();
        } else {
            worker.drain();
        }
    }

    /// Lets its thread run on this processor only.
    ///
    /// # Errors
    ///
    /// If its thread has ended, or may not run there.
    ///
    /// ```
    /// insideout::Runtime::new().pin_to_cpu(0).unwrap();
    /// ```
    pub fn pin_to_cpu(&self, cpu: usize) -> io::Result<()> {
        self.worker().with_thread(|thread| thread.pin(&[cpu]))
    }

    /// Links two runtimes: when one is halted, or halts because of a panic, so is the other. One that comes
    /// to its end otherwise is unlinked. If one was halted already, the other is now.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    ///
    /// let (one, other) = (Runtime::new(), Runtime::new());
    /// one.link(&other);
    /// other.halt();
    /// assert!(one.wait(Status::DEAD));
    /// ```
    pub fn link(&self, other: &Runtime) {
        links::link(self.worker(), other.worker());
    }

    /// Takes a link away, if there is one. A halt that came before goes its way.
    ///
    /// ```
    /// use insideout::{Runtime, Status};
    ///
    /// let (one, other) = (Runtime::new(), Runtime::new());
    /// one.link(&other);
    /// one.unlink(&other);
    /// other.halt();
    /// assert!(other.wait(Status::DEAD));
    /// assert!(!one.status().contains(Status::HALTED));
    /// ```
    pub fn unlink(&self, other: &Runtime) {
        links::unlink(self.worker(), other.worker());
    }

    /// Blocks until its thread has ended.
    ///
    /// Does not make it end: one that [was started](super::Builder::start) without a call has to be shut down
    /// or halted.
    ///
    /// # Errors
    ///
    /// If a continuation panicked, if the runtime was halted, or if it is a leg of the runtime's own that
    /// asks.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn fails() { panic!("for a reason") }
    /// let runtime = insideout::Runtime::builder().spawn(thunk!(fails())).unwrap();
    /// assert_eq!(runtime.join().unwrap_err().message(), Some("for a reason"));
    /// ```
    pub fn join(&self) -> Result<(), EndError> {
        if self.worker().is_current() {
            return Err(EndError::Itself);
        }
        self.worker().join();
        self.ended()
    }

    /// As [`join`](Runtime::join), but not past a deadline.
    ///
    /// # Errors
    ///
    /// As for `join`, or with [`Timeout`](EndError::Timeout).
    ///
    /// ```
    /// use insideout::{EndError, Runtime};
    /// use std::time::Instant;
    ///
    /// let waited = Runtime::new().join_deadline(Instant::now());
    /// assert!(matches!(waited, Err(EndError::Timeout)));
    /// ```
    pub fn join_deadline(&self, deadline: Instant) -> Result<(), EndError> {
        self.join_until(Some(deadline))
    }

    /// As [`join`](Runtime::join), but no longer than `timeout`.
    ///
    /// # Errors
    ///
    /// As for `join`, or with [`Timeout`](EndError::Timeout).
    ///
    /// ```
    /// use insideout::{EndError, Runtime};
    /// use std::time::Duration;
    ///
    /// let waited = Runtime::new().join_timeout(Duration::ZERO);
    /// assert!(matches!(waited, Err(EndError::Timeout)));
    /// ```
    pub fn join_timeout(&self, timeout: Duration) -> Result<(), EndError> {
        self.join_until(Instant::now().checked_add(timeout))
    }

    fn join_until(&self, deadline: Option<Instant>) -> Result<(), EndError> {
        if self.worker().is_current() {
            return Err(EndError::Itself);
        }
        if !self.worker().wait_for_end(deadline) {
            return Err(EndError::Timeout);
        }
        self.worker().join();
        self.ended()
    }

    /// How a dead runtime ended. The panics of a pool are its own.
    fn ended(&self) -> Result<(), EndError> {
        let worker = self.worker();
        if worker.crew.is_solo()
            && let Some(panic) = worker.crew.panics.take()
        {
            return Err(EndError::Panicked(panic));
        }
        if worker.flags.get() & HALTED != 0 {
            return Err(EndError::Cancelled);
        }
        Ok(())
    }
}
