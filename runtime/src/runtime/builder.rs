//! Options for the threads of runtimes and pools.

use super::Runtime;

use crate::crew::worker::Worker;
use crate::crew::{Crew, Door, PanicPolicy, links};
use crate::destination::Destination;
use crate::pool::Pool;
use crate::pthread::Attributes;
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::{Continuation, Outcome, Receive, Thunk};
use std::io;
use std::sync::{Arc, Weak};

/// How a thread is scheduled by the system: see `sched(7)`.
///
/// ```
/// use insideout::{Builder, Scheduling};
///
/// // Needs a privilege that the program may not have.
/// let urgent = Builder::new().scheduling(Scheduling::Fifo(10)).start();
/// assert!(urgent.is_ok() || urgent.is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheduling {
    /// The ordinary policy, in which threads share the processors by their niceness.
    Other,
    /// First in, first out, of this priority, from 1 to 99.
    Fifo(u8),
    /// In turns with others of the same priority, from 1 to 99.
    RoundRobin(u8),
}

/// Makes runtimes and pools with options.
///
/// It is also a [`Destination`]: a continuation that migrates to a builder goes to a new thread, made with
/// its options, which ends when the continuation has left it again.
///
/// ```
/// use insideout::Builder;
/// use insideout::prelude::*;
///
/// #[cps]
/// fn whereabouts() -> String {
///     insideout::thread_name()
/// }
///
/// let pool = Builder::new().name("io").stack_size(256 * 1024).pool(2).unwrap();
/// assert!(pool.spawn(thunk!(whereabouts())).join().unwrap().starts_with("io-"));
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder makes nothing by itself"]
pub struct Builder {
    name: Option<String>,
    pub(crate) attributes: Attributes,
    cpus: Vec<usize>,
    each: bool,
    pub(crate) frozen: bool,
    no_events: bool,
    policy: Option<PanicPolicy>,
    links: Vec<Runtime>,
}

impl Builder {
    /// Without any options.
    ///
    /// ```
    /// let runtime = insideout::Builder::new().start().unwrap();
    /// ```
    pub fn new() -> Self {
        Builder::default()
    }

    /// Names the thread of a runtime; those of a pool are named `name-0` and so on. The system shows the
    /// first 15 bytes.
    ///
    /// ```
    /// let runtime = insideout::Builder::new().name("log").start().unwrap();
    /// assert_eq!(runtime.name(), "log");
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Starts frozen: no leg runs before it is thawed.
    ///
    /// ```
    /// use insideout::Status;
    /// let runtime = insideout::Builder::new().frozen().start().unwrap();
    /// assert!(runtime.wait(Status::FROZEN));
    /// ```
    pub fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// Without an event queue of its own: what runs there waits for descriptors and for time on the
    /// program's.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use std::time::Duration;
    ///
    /// #[cps]
    /// fn nap() {
    ///     sleep!(Duration::from_millis(1));
    /// }
    ///
    /// let runtime = insideout::Builder::new().without_events().start().unwrap();
    /// runtime.spawn(thunk!(nap())).join().unwrap();
    /// ```
    pub fn without_events(mut self) -> Self {
        self.no_events = true;
        self
    }

    /// The size of each thread's stack in bytes; the system has a minimum, and rounds.
    ///
    /// ```
    /// assert!(insideout::Builder::new().stack_size(1).start().is_err());
    /// ```
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.attributes.stack = Some(bytes);
        self
    }

    /// The processors that the threads may run on.
    ///
    /// ```
    /// let runtime = insideout::Builder::new().cpus([0]).start().unwrap();
    /// ```
    pub fn cpus(mut self, cpus: impl IntoIterator<Item = usize>) -> Self {
        self.cpus = cpus.into_iter().collect();
        self.each = false;
        self
    }

    /// Pins each worker of a pool to one of these processors, in turns.
    ///
    /// ```
    /// let pool = insideout::Builder::new().pin_each([0]).pool(2).unwrap();
    /// ```
    pub fn pin_each(mut self, cpus: impl IntoIterator<Item = usize>) -> Self {
        self.cpus = cpus.into_iter().collect();
        self.each = true;
        self
    }

    /// How the system schedules the threads.
    ///
    /// ```
    /// use insideout::{Builder, Scheduling};
    /// let runtime = Builder::new().scheduling(Scheduling::Other).start().unwrap();
    /// ```
    pub fn scheduling(mut self, scheduling: Scheduling) -> Self {
        self.attributes.scheduling = Some(match scheduling {
            Scheduling::Other => (libc::SCHED_OTHER, 0),
            Scheduling::Fifo(priority) => (libc::SCHED_FIFO, priority.into()),
            Scheduling::RoundRobin(priority) => (libc::SCHED_RR, priority.into()),
        });
        self
    }

    /// Signals that the threads block, besides those that the thread does that makes them. The one that
    /// [interrupts](Runtime::interrupt) always comes through.
    ///
    /// ```
    /// let runtime = insideout::Builder::new().mask([libc::SIGUSR1]).start().unwrap();
    /// ```
    pub fn mask(mut self, signals: impl IntoIterator<Item = i32>) -> Self {
        self.attributes.masked = signals.into_iter().collect();
        self
    }

    /// What happens when a continuation panics with nobody to hear of it: by default a pool keeps the panic
    /// and goes on, a runtime keeps it and halts.
    ///
    /// ```
    /// use insideout::{Builder, PanicPolicy};
    /// let pool = Builder::new().panics(PanicPolicy::Halt).pool(1).unwrap();
    /// ```
    pub fn panics(mut self, policy: PanicPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Links a runtime to another before it begins: see [`Runtime::link`]. Not for pools.
    ///
    /// ```
    /// use insideout::{Builder, Runtime, Status};
    ///
    /// let one = Runtime::new();
    /// let other = Builder::new().linked_to(&one).start().unwrap();
    /// one.halt();
    /// assert!(other.wait(Status::DEAD));
    /// ```
    pub fn linked_to(mut self, other: &Runtime) -> Self {
        self.links.push(other.clone());
        self
    }

    /// A runtime that runs what is spawned on it or migrates to it, until it is halted or shut down, or
    /// nothing can reach it any more.
    ///
    /// # Errors
    ///
    /// If the system makes no such thread: an option is not valid or not permitted, or there are too many.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let runtime = insideout::Builder::new().start().unwrap();
    /// assert_eq!(runtime.spawn(thunk!(one())).join().unwrap(), 1);
    /// ```
    pub fn start(self) -> io::Result<Runtime> {
        self.solo(|_| ())
    }

    /// A runtime for one call: when that has ended, wherever it was by then, the runtime runs what else is
    /// queued, and ends.
    ///
    /// The call's value is dropped; a panic is what [`join`](Runtime::join) returns.
    ///
    /// # Errors
    ///
    /// As for [`start`](Builder::start). The call is dropped.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn serve() {}
    /// let runtime = insideout::Builder::new().spawn(thunk!(serve())).unwrap();
    /// runtime.join().unwrap();
    /// ```
    pub fn spawn<T: Send + 'static>(self, thunk: Thunk<'static, T>) -> io::Result<Runtime> {
        self.solo(|crew| {
            let main = Main(Arc::downgrade(crew));
            drop(crew.dispatch(thunk.start_with(main)));
        })
    }

    /// A pool of so many workers.
    ///
    /// # Errors
    ///
    /// If the system makes no such threads. Those that were made have ended then.
    ///
    /// ```
    /// let pool = insideout::Builder::new().pool(2).unwrap();
    /// assert_eq!(pool.workers(), 2);
    /// ```
    pub fn pool(self, workers: usize) -> io::Result<Pool> {
        Pool::with(self, workers)
    }

    /// The crew of a pool that begins with so many workers, or of a runtime.
    pub(crate) fn crew(&self, solo: bool, workers: usize) -> Arc<Crew> {
        let default = if solo {
            PanicPolicy::Halt
        } else {
            PanicPolicy::Keep
        };
        let policy = self.policy.unwrap_or(default);
        let crew = Crew::new(solo, policy, self.frozen, !self.no_events);
        Arc::new(if workers == 1 { crew.small() } else { crew })
    }

    /// Adds the worker number `n` to a pool, or the one to a runtime.
    pub(crate) fn hire(&self, crew: &Arc<Crew>, n: usize) -> io::Result<Arc<Worker>> {
        let name = match (&self.name, crew.is_solo()) {
            (None, true) => "runtime".to_string(),
            (Some(name), true) => name.clone(),
            (None, false) => format!("pool-{n}"),
            (Some(name), false) => format!("{name}-{n}"),
        };
        let attributes = Attributes {
            name,
            ..self.attributes.clone()
        };
        let cpus = match self.cpus.len() {
            0 => &[],
            cpus if self.each => &self.cpus[n % cpus..][..1],
            _ => &self.cpus[..],
        };
        crew.hire(&attributes, cpus, |worker| {
            for other in &self.links {
                links::link(worker, other.worker());
            }
        })
    }

    fn solo(self, fill: impl FnOnce(&Arc<Crew>)) -> io::Result<Runtime> {
        let crew = self.crew(true, 1);
        let home = Home::new(Door::new(crew.clone()));
        fill(&crew);
        let worker = self.hire(&crew, 0)?;
        Ok(Runtime::new_handle(worker, home))
    }
}

/// Whoever migrates there goes to a thread of its own.
impl Destination for Builder {
    fn home(&self) -> Home {
        Home::new(Arc::new(Novel(self.clone())))
    }
}

/// Makes a runtime for each continuation that is dispatched to it. Nobody has a handle, so it ends when
/// nothing can come back to it.
struct Novel(Builder);

impl Dispatcher for Novel {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        let crew = self.0.crew(true, 1);
        crew.dispatch(continuation)?;
        match self.0.hire(&crew, 0) {
            Ok(_) => Ok(()),
            Err(_) => crew.eject(None).map_or(Ok(()), Err),
        }
    }
}

/// Hears how the call ended that a runtime was made for.
struct Main(Weak<Crew>);

impl<T> Receive<T> for Main {
    fn receive(self, outcome: Outcome<T>) {
        let Some(crew) = self.0.upgrade() else {
            return;
        };
        if let Outcome::Panicked(panic) = outcome {
            crew.panicked(panic);
        }
        crew.wind_down();
    }
}
