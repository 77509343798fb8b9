//! Pools: workers that share a run queue of continuations. What they share and do is in `crew`.

mod steer;

use crate::crew::Crew;
use crate::crew::worker::Worker;
use crate::join::{self, JoinHandle};
use crate::runtime::Builder;
use crate::sync::{AtomicUsize, Mutex, lock};
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::{Continuation, Thunk};
use std::any::Any;
use std::sync::Arc;
use std::{fmt, io};

/// Threads that run continuations: what is queued first come first served by each, in turn with what its
/// continuations spawn, of which the last comes first.
///
/// Each worker takes a continuation and runs it until it is suspended or finished; one that calls `coop!`
/// goes behind what is queued. A worker has queues of its own for what its continuations spawn and wake, from
/// which idle ones take. So a tree of calls is run depth first, and few of them are alive at a time. Idle
/// workers sleep in the kernel, and one continuation that is queued wakes one of them. What was suspended on
/// a pool resumes on it, unless it migrates.
///
/// Dropping a pool runs what is queued and what that wakes, until nothing is left to run, and joins the
/// threads. Continuations that are still suspended then, waiting for something from elsewhere, are dropped
/// when they are woken, and their handles say `Cancelled`. Dropped by one of its own workers, the pool does
/// the same without waiting for it.
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn sum(numbers: Receiver<u64>) -> u64 {
///     let mut sum = 0;
///     while let Ok(n) = recv!(numbers) {
///         sum += n;
///     }
///     sum
/// }
///
/// let pool = Pool::new(2);
/// let (sender, receiver) = Mailbox::bounded(8).split();
/// let handle = pool.spawn(thunk!(sum(receiver)));
/// for n in 1..=100 {
///     sender.send(n).unwrap();
/// }
/// drop(sender);
/// assert_eq!(handle.join().unwrap(), 5050);
/// ```
pub struct Pool {
    crew: Arc<Crew>,
    builder: Builder,
    /// How many workers there have been: the next one's number.
    hired: AtomicUsize,
    /// The workers whose threads have to be joined.
    staff: Mutex<Vec<Arc<Worker>>>,
}

impl Pool {
    /// A pool of `workers` threads, named `pool-0` and so on.
    ///
    /// # Panics
    ///
    /// If `workers` is 0 or the system has no more threads; see [`try_new`](Pool::try_new).
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert_eq!(Pool::new(2).workers(), 2);
    /// ```
    #[must_use]
    pub fn new(workers: usize) -> Self {
        Pool::named("pool", workers)
    }

    /// A pool of `workers` threads, named `name-0` and so on; the system shows the first 15 bytes.
    ///
    /// # Panics
    ///
    /// If `workers` is 0 or the system has no more threads; see [`try_new`](Pool::try_new).
    ///
    /// ```
    /// # use insideout::Pool;
    /// let io = Pool::named("io", 1);
    /// ```
    #[must_use]
    pub fn named(name: &str, workers: usize) -> Self {
        match Pool::try_new(name, workers) {
            Ok(pool) => pool,
            Err(error) => panic!("cannot start {workers} threads: {error}"),
        }
    }

    /// A pool of `workers` threads, named `name-0` and so on.
    ///
    /// # Errors
    ///
    /// If `workers` is 0 (`InvalidInput`), or the system has no more threads; those that were started have
    /// ended then.
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert!(Pool::try_new("none", 0).is_err());
    /// ```
    pub fn try_new(name: &str, workers: usize) -> io::Result<Self> {
        if workers == 0 {
            let words = "a pool has a worker";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        Builder::new().name(name).pool(workers)
    }

    /// A pool with options.
    pub(crate) fn with(builder: Builder, workers: usize) -> io::Result<Self> {
        let pool = Pool {
            crew: builder.crew(false, workers),
            builder,
            hired: AtomicUsize::new(0),
            staff: Mutex::default(),
        };
        pool.grow(workers)?;
        Ok(pool)
    }

    /// Starts a call on the pool; the handle hears of its outcome.
    ///
    /// Does not block. If the pool is closed, the call is dropped, and the handle says `Cancelled`.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let pool = Pool::new(1);
    /// let handle = pool.spawn(thunk!(one()));
    /// assert_eq!(handle.join().unwrap(), 1);
    /// ```
    pub fn spawn<T: Send + 'static>(&self, thunk: Thunk<'static, T>) -> JoinHandle<T> {
        let (continuation, handle) = join::start(thunk);
        drop(self.crew.start(continuation));
        handle
    }

    /// Queues a call, or a continuation, whose outcome nobody hears of. Does not block, and allocates
    /// nothing.
    ///
    /// A panic of it is counted by [`panics`](Pool::panics).
    ///
    /// # Errors
    ///
    /// If the pool is closed: the continuation is handed back.
    ///
    /// ```
    /// use insideout::prelude::*;
    ///
    /// #[cps]
    /// fn greet(to: Sender<&'static str>) {
    ///     send!(to, "hello").unwrap();
    /// }
    ///
    /// let pool = Pool::new(1);
    /// let mailbox = Mailbox::bounded(1);
    /// pool.spawn_detached(thunk!(greet(mailbox.sender()))).unwrap();
    /// assert_eq!(mailbox.recv(), Ok("hello"));
    /// ```
    pub fn spawn_detached(&self, work: impl Work) -> Result<(), Continuation> {
        self.crew.start(work.into_continuation())
    }

    /// A handle to dispatch continuations to, or to migrate to, which does not keep the pool from ending.
    ///
    /// ```
    /// use insideout::prelude::*;
    ///
    /// #[cps]
    /// fn visit(there: Home) -> (String, String) {
    ///     let before = insideout::thread_name();
    ///     migrate!(there).unwrap();
    ///     (before, insideout::thread_name())
    /// }
    ///
    /// let (a, b) = (Pool::named("a", 1), Pool::named("b", 1));
    /// let trip = a.spawn(thunk!(visit(b.home()))).join().unwrap();
    /// assert_eq!(trip, ("a-0".to_string(), "b-0".to_string()));
    /// ```
    #[must_use]
    pub fn home(&self) -> Home {
        Home::new(self.crew.clone())
    }

    /// How many workers it has, without those that have left.
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert_eq!(Pool::new(1).workers(), 1);
    /// ```
    #[must_use]
    pub fn workers(&self) -> usize {
        self.crew.count()
    }

    /// How many continuations wait for their turn; by the time one looks at it, that may have changed.
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert_eq!(Pool::new(1).queued(), 0);
    /// ```
    #[must_use]
    pub fn queued(&self) -> usize {
        self.crew.len()
    }

    /// How many continuations have panicked with nobody to hear of it: those that were spawned detached.
    ///
    /// A worker survives them. The first is what [`join`](Pool::join) returns.
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert_eq!(Pool::new(1).panics(), 0);
    /// ```
    #[must_use]
    pub fn panics(&self) -> usize {
        self.crew.panics.count()
    }

    /// Tells the pool to end when nothing is left to run: what is queued runs, and what that wakes or spawns;
    /// then it closes, and its threads end. Does not block.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let pool = Pool::new(1);
    /// let handle = pool.spawn(thunk!(one()));
    /// pool.shutdown();
    /// assert_eq!(handle.join().unwrap(), 1);
    /// ```
    pub fn shutdown(&self) {
        self.crew.wind_down();
    }

    /// Whether the pool has ended: it takes no more continuations.
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert!(!Pool::new(1).is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.crew.is_closed()
    }

    /// [Shuts the pool down](Pool::shutdown), thaws it, and blocks until its threads have ended; one of its
    /// own workers does not wait.
    ///
    /// # Errors
    ///
    /// With the first panic of a detached continuation, if there was one.
    ///
    /// ```
    /// # use insideout::Pool;
    /// assert!(Pool::new(1).join().is_ok());
    /// ```
    pub fn join(self) -> Result<(), Box<dyn Any + Send>> {
        self.end();
        self.crew.panics.take().map_or(Ok(()), Err)
    }

    fn end(&self) {
        self.crew.wind_down();
        self.crew.thaw();
        let staff = std::mem::take(&mut *lock(&self.staff));
        if staff.iter().any(|worker| worker.is_current()) {
            // They end by themselves, after this one.
            return;
        }
        staff.iter().for_each(|worker| worker.join());
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("workers", &self.workers())
            .field("queued", &self.queued())
            .field("panics", &self.panics())
            .field("closed", &self.is_closed())
            .finish()
    }
}

/// What can be queued without a handle: a call that has not started, or a continuation.
///
/// ```
/// # use insideout::{Pool, Work};
/// fn queue(pool: &Pool, work: impl Work) -> bool {
///     pool.spawn_detached(work).is_ok()
/// }
/// ```
pub trait Work {
    /// The continuation to run.
    fn into_continuation(self) -> Continuation;
}

impl Work for Continuation {
    fn into_continuation(self) -> Continuation {
        self
    }
}

impl<T: 'static> Work for Thunk<'static, T> {
    fn into_continuation(self) -> Continuation {
        Thunk::into_continuation(self)
    }
}
