//! Runtimes: threads that one can steer.
//!
//! `builder` makes them, `steer` is what one can tell them, `status` what they say of themselves, `errors`
//! what may come of waiting for them. What they do is in `crew`: a runtime is a crew of one, and a pool's
//! workers are runtimes that share a queue.

mod builder;
mod errors;
pub(crate) mod status;
mod steer;

pub use builder::{Builder, Scheduling};
pub use errors::{EndError, NotFrozen};
pub use status::Status;

use crate::crew::worker::Worker;
use crate::destination::Destination;
use crate::join::{self, JoinHandle};
use crate::pool::Work;
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::{Continuation, Thunk};
use std::sync::Arc;
use std::{fmt, io};

/// A handle on a thread that runs continuations and obeys between two legs.
///
/// A runtime runs what is spawned on it and what migrates to it, first come first served, in turn with what
/// its continuations spawn, of which the last comes first; what was suspended on it resumes on it. It can be
/// frozen, thawed, halted, linked to others, pinned to a processor; inside of a leg only
/// [`interrupt`](Runtime::interrupt) and [`signal`](Runtime::signal) reach it.
///
/// Handles can be cloned. The thread is detached: dropping the handles lets it go on until nothing is left to
/// run and nothing can come to it any more, because nobody has a handle on it or a [`Home`] of it, and
/// nothing is suspended that would resume on it. A frozen runtime thaws when its last handle is dropped.
///
/// The workers of a [`Pool`](crate::Pool) are runtimes too, that share the pool's queue: see
/// [`Pool::iter`](crate::Pool::iter).
///
/// ```
/// use insideout::prelude::*;
/// use insideout::{Runtime, Status};
///
/// #[cps]
/// fn count(numbers: Sender<u32>) {
///     for n in 0.. {
///         if send!(numbers, n).is_err() {
///             return;
///         }
///     }
/// }
///
/// let (sender, numbers) = Mailbox::bounded(4).split();
/// let runtime = Runtime::builder().spawn(thunk!(count(sender))).unwrap();
/// assert_eq!(numbers.recv(), Ok(0));
/// runtime.freeze();
/// assert!(runtime.wait(Status::FROZEN));
/// runtime.thaw();
/// drop(numbers);
/// runtime.join().unwrap();
/// ```
pub struct Runtime {
    worker: Arc<Worker>,
    home: Home,
}

impl Runtime {
    /// A runtime without options: see [`Builder::start`].
    ///
    /// # Panics
    ///
    /// If the system has no more threads.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let runtime = insideout::Runtime::new();
    /// assert_eq!(runtime.spawn(thunk!(one())).join().unwrap(), 1);
    /// ```
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it starts a thread")]
    pub fn new() -> Self {
        match Builder::new().start() {
            Ok(runtime) => runtime,
            Err(error) => panic!("cannot start a thread: {error}"),
        }
    }

    /// Options for a runtime.
    ///
    /// ```
    /// let runtime = insideout::Runtime::builder().name("log").start().unwrap();
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new_handle(worker: Arc<Worker>, home: Home) -> Self {
        worker.grow();
        Runtime { worker, home }
    }

    pub(crate) fn worker(&self) -> &Arc<Worker> {
        &self.worker
    }

    /// Starts a call on the runtime; the handle hears of its outcome. On a worker of a pool this is a call on
    /// the pool.
    ///
    /// Does not block. If the runtime has ended, the call is dropped, and the handle says `Cancelled`.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let runtime = insideout::Runtime::new();
    /// assert_eq!(runtime.spawn(thunk!(one())).join().unwrap(), 1);
    /// ```
    pub fn spawn<T: Send + 'static>(&self, thunk: Thunk<'static, T>) -> JoinHandle<T> {
        let (continuation, handle) = join::start(thunk);
        drop(self.home.start(continuation));
        handle
    }

    /// Queues a call, or a continuation, whose outcome nobody hears of. Does not block, and allocates
    /// nothing.
    ///
    /// If it panics, the runtime halts, unless it was [told otherwise](Builder::panics).
    ///
    /// # Errors
    ///
    /// If the runtime has ended: the continuation is handed back.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// # use insideout::Runtime;
    /// # #[cps] fn greet(to: Sender<&'static str>) { send!(to, "hello").unwrap(); }
    /// let mailbox = Mailbox::bounded(1);
    /// let runtime = Runtime::new();
    /// runtime.spawn_detached(thunk!(greet(mailbox.sender()))).unwrap();
    /// assert_eq!(mailbox.recv(), Ok("hello"));
    /// ```
    pub fn spawn_detached(&self, work: impl Work) -> Result<(), Continuation> {
        self.home.start(work.into_continuation())
    }

    /// Makes a runtime for one call, as [`Builder::spawn`] does, linked to this one before it begins.
    ///
    /// # Errors
    ///
    /// If the system has no more threads. The call is dropped.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use insideout::{Runtime, Status};
    ///
    /// #[cps]
    /// fn fails() {
    ///     panic!("for a reason");
    /// }
    ///
    /// let supervisor = Runtime::new();
    /// let child = supervisor.spawn_link(thunk!(fails())).unwrap();
    /// assert_eq!(child.join().unwrap_err().message(), Some("for a reason"));
    /// assert!(supervisor.wait(Status::DEAD));
    /// ```
    pub fn spawn_link<T: Send + 'static>(&self, thunk: Thunk<'static, T>) -> io::Result<Runtime> {
        Builder::new().linked_to(self).spawn(thunk)
    }

    /// A handle to dispatch continuations to, or to migrate to. The runtime goes on while there is one.
    ///
    /// ```
    /// use insideout::prelude::*;
    ///
    /// #[cps]
    /// fn visit(there: Home) -> String {
    ///     migrate!(there).unwrap();
    ///     insideout::thread_name()
    /// }
    ///
    /// let runtime = insideout::Builder::new().name("there").start().unwrap();
    /// assert_eq!(visit(runtime.home()), "there");
    /// ```
    #[must_use]
    pub fn home(&self) -> Home {
        self.home.clone()
    }

    /// Whether both are handles on the same thread.
    ///
    /// ```
    /// let runtime = insideout::Runtime::new();
    /// assert!(runtime.is(&runtime.clone()));
    /// ```
    #[must_use]
    pub fn is(&self, other: &Runtime) -> bool {
        Arc::ptr_eq(&self.worker, &other.worker)
    }
}

impl Clone for Runtime {
    /// Another handle on the same thread.
    fn clone(&self) -> Self {
        Runtime::new_handle(self.worker.clone(), self.home.clone())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.worker.shrink();
    }
}

impl Destination for Runtime {
    fn home(&self) -> Home {
        self.home.clone()
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("name", &self.name())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
