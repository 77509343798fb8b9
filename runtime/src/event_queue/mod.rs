//! Event queues: continuations wait for descriptors and for time.
//!
//! `kernel` is what the system does, `event` what it tells, `interest` what it is asked to tell, `source` a
//! descriptor, `watched` what is known of it and who waits for it, `wheel` what is due when, `timer` who
//! waits for a time, `signals` and `process` what else a program waits for, `service` the queue that serves
//! threads which have none of their own, `all` who waits in vain.
//!
//! *One place to sleep.* Who waits on an event queue sleeps in the kernel until a descriptor is ready,
//! the first timer is due, or somebody [notifies](EventQueue::notify) it. A timer that is set while it
//! sleeps, and is due earlier than it would wake, notifies it.
//!
//! *Waking.* What happened is first noted, under short locks, and only then are those who waited for it
//! dispatched home, so that none of them runs while a lock is held.

mod alarm;
#[cfg(not(loom))]
mod all;
mod event;
mod interest;
mod interval;
#[cfg_attr(loom, path = "kernel_model.rs")]
mod kernel;
#[cfg(all(test, loom))]
mod models;
pub(crate) mod points;
mod process;
mod service;
mod signals;
mod source;
mod timer;
mod watched;
mod wheel;

pub(crate) use alarm::alarm;
#[cfg(not(loom))]
pub(crate) use all::drop_who_waits_in_vain;
pub use interest::{Interest, Interests};
pub use interval::Interval;
pub use service::EnteredQueue;
pub(crate) use service::OnDemand;
use service::here;
pub use source::Source;

use crate::claim::Claim;
use crate::parker::Why;
use crate::sync::{Arc as Shared, Mutex};
use cps_core::Continuation;
use cps_core::dispatch::Home;
use event::Event;
use kernel::{Batch, Kernel};
use source::Sources;
use std::cell::Cell;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Instant;
use std::{fmt, io};
use timer::Timers;

/// Wakes continuations when descriptors are ready and when it is time.
///
/// A program's own loop calls [`wait`](EventQueue::wait) again and again; pools and runtimes do so with
/// theirs when they have nothing to run. Whoever is waited for is dispatched home, so who waits on the
/// queue need not be who runs them. Clones are handles on the same queue.
///
/// ```
/// use insideout::EventQueue;
/// use std::time::{Duration, Instant};
///
/// let queue = EventQueue::new()?;
/// queue.notify();
/// assert_eq!(queue.wait(None)?, 0);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Time is [`Instant`]'s, which stands still while the machine is suspended: what is left of a sleep
/// then is left when the machine goes on. What happened to descriptors meanwhile is told then. To wait
/// for a time of day, look at it again every now and then.
///
/// When the last handle is dropped, the queue is [closed](EventQueue::close).
#[derive(Clone)]
pub struct EventQueue(Arc<Handle>);

/// Closes the queue, which sources and timers share, when nobody can wait on it any more.
struct Handle(Arc<Queue>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

pub(crate) struct Queue {
    kernel: Kernel,
    sources: Sources,
    /// Held by who asks the kernel for something else of a descriptor.
    asking: Mutex<()>,
    timers: Timers,
    /// Whether it is the program's, which is always waited on.
    program: bool,
}

/// Who waits.
pub(crate) enum Waiting {
    /// It goes on at home.
    Continuation(Continuation, Home),
    /// One who waits elsewhere too, and what it knows this place by.
    Claim(Shared<Claim>, usize),
}

thread_local! {
    /// Room for those who are due, from one wait to the next.
    static ROOM: Cell<Vec<Waiting>> = const { Cell::new(Vec::new()) };
}

/// How many the room is kept for.
const KEPT: usize = 256;

/// Lets those go on whose time has come; a home that is closed drops one. A panic of such a drop, or of
/// what runs at once because it has no home, comes out when all are awake.
fn wake(awake: &mut Vec<Waiting>) {
    let (mut all, mut first) = (awake.drain(..), None);
    while let Err(panic) = catch_unwind(AssertUnwindSafe(|| all.by_ref().for_each(Waiting::wake))) {
        first = first.or(Some(panic));
    }
    if let Some(panic) = first {
        resume_unwind(panic);
    }
}

impl Waiting {
    #[inline]
    fn wake(self) {
        match self {
            Waiting::Continuation(continuation, home) => drop(home.resume(continuation)),
            Waiting::Claim(claim, place) => {
                claim.wake(place, Why::Ready);
            }
        }
    }
}

#[cfg(not(loom))]
impl Waiting {
    /// Whether it can never go on.
    fn is_in_vain(&self) -> bool {
        use cps_core::dispatch::Dispatcher;
        matches!(self, Waiting::Continuation(_, home) if home.is_closed())
    }
}

impl Queue {
    fn close(&self) {
        let mut awake = Vec::new();
        self.sources.close(&mut awake);
        let sleepers = self.timers.close(&mut awake);
        self.kernel.ring();
        wake(&mut awake);
        drop(sleepers);
    }
}

impl EventQueue {
    /// A queue with nobody waiting.
    ///
    /// # Errors
    ///
    /// If the system has no more descriptors: it takes two.
    ///
    /// ```
    /// assert!(insideout::EventQueue::new()?.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> io::Result<Self> {
        EventQueue::of(false)
    }

    fn of(program: bool) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            kernel: Kernel::new()?,
            sources: Sources::default(),
            asking: Mutex::default(),
            timers: Timers::new(),
            program,
        });
        #[cfg(not(loom))]
        all::enter(&queue);
        Ok(EventQueue(Arc::new(Handle(queue))))
    }

    /// Watches a descriptor as long as the [`Source`] lives: tells when it can be read from, and from the
    /// first wait for that on, when it can be written to.
    ///
    /// # Errors
    ///
    /// If it is watched by this queue already (`AlreadyExists`), is always ready, as files are
    /// (`PermissionDenied`), the system watches as many as it can, or the queue is
    /// [closed](EventQueue::close).
    ///
    /// ```
    /// # use insideout::EventQueue;
    /// # use std::os::unix::net::UnixStream;
    /// let (here, there) = UnixStream::pair()?;
    /// let queue = EventQueue::new()?;
    /// let source = queue.register(&here)?;
    /// assert_eq!(queue.register(&here).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn register<F: AsFd>(&self, fd: F) -> io::Result<Source<F>> {
        self.register_for(fd, Interests::READ)
    }

    /// As [`register`](EventQueue::register), and says what to tell of it: in which directions, each time or
    /// once. A wait for another direction, or after what was told once, asks for that;
    /// [`modify`](Source::modify) asks for something else.
    ///
    /// # Errors
    ///
    /// As [`register`](EventQueue::register).
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use insideout::{EventQueue, Interest, Interests, Source};
    /// use std::io::{Read, Write};
    /// use std::os::unix::net::UnixStream;
    ///
    /// #[cps]
    /// fn hear(source: Source<UnixStream>, said: std::sync::mpsc::Sender<u8>) -> std::io::Result<()> {
    ///     loop {
    ///         let mut byte = [0];
    ///         let attempt = source.attempt(Interest::Read, |mut stream| stream.read(&mut byte));
    ///         match attempt {
    ///             Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => readable!(source)?,
    ///             Ok(0) | Err(_) => return attempt.map(drop),
    ///             Ok(_) => said.send(byte[0]).unwrap(),
    ///         }
    ///     }
    /// }
    ///
    /// let (here, mut there) = UnixStream::pair()?;
    /// here.set_nonblocking(true)?;
    /// let queue = EventQueue::new()?;
    /// let source = queue.register_for(here, Interests::READ.once())?;
    /// let (said, heard) = std::sync::mpsc::channel();
    /// thunk!(hear(source, said)).into_continuation().run();
    /// there.write_all(b"a")?;
    /// assert_eq!(queue.wait(None)?, 1);
    /// assert_eq!(heard.recv(), Ok(b'a'));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn register_for<F: AsFd>(&self, fd: F, interests: Interests) -> io::Result<Source<F>> {
        Source::new(self, fd, interests)
    }

    /// Blocks until something happens, then wakes those who waited for it; returns how many.
    ///
    /// Returns at the latest at `deadline`, when it is [notified](EventQueue::notify), or when the
    /// thread is interrupted by a signal, then perhaps with 0. A deadline that is over makes it look
    /// without blocking.
    ///
    /// # Errors
    ///
    /// If another thread waits on the queue (`ResourceBusy`), or the system cannot.
    ///
    /// ```
    /// use insideout::EventQueue;
    /// use std::time::Instant;
    ///
    /// assert_eq!(EventQueue::new()?.wait(Some(Instant::now()))?, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn wait(&self, deadline: Option<Instant>) -> io::Result<usize> {
        self.wait_and(deadline, || true, || {})
    }

    /// Like [`wait`](EventQueue::wait), for one whom others tell that there is no need to sleep. Asks
    /// whether it `sleeps` when nobody else can take the next notification any more: an earlier one may
    /// have ended another's sleep. Calls `awake` when it does not sleep any more, and before it wakes
    /// others.
    pub(crate) fn wait_and(
        &self,
        deadline: Option<Instant>,
        sleeps: impl FnOnce() -> bool,
        awake: impl FnOnce(),
    ) -> io::Result<usize> {
        let Queue {
            kernel,
            sources,
            timers,
            ..
        } = &**self.queue();
        let mut due = ROOM.try_with(Cell::take).unwrap_or_default();
        let timeout = timers.fall_asleep(deadline)?;
        let mut batch = Batch::new();
        let waited = match sleeps() {
            true => kernel.wait(timeout, &mut batch),
            false => Ok(()),
        };
        if batch.len() > 0 {
            due.reserve(batch.len());
            let sources = sources.look_up();
            for event in batch.events() {
                if let Some(watched) = sources.find(event.token) {
                    watched.edge(event, &mut due);
                }
            }
        }
        timers.wake_up(&mut due);
        awake();
        let woken = due.len();
        wake(&mut due);
        if due.capacity() <= KEPT {
            let _ = ROOM.try_with(|room| room.set(due));
        }
        waited.map(|()| woken)
    }

    /// Ends the [`wait`](EventQueue::wait) that is under way, or else the next one. From any thread.
    ///
    /// ```
    /// # use insideout::EventQueue;
    /// let queue = EventQueue::new()?;
    /// let waits = std::thread::spawn({
    ///     let queue = queue.clone();
    ///     move || queue.wait(None)
    /// });
    /// queue.notify();
    /// assert_eq!(waits.join().unwrap()?, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn notify(&self) {
        self.queue().kernel.ring();
    }

    /// Watches and tells nothing any more: who waits for a descriptor gets an error, and who waits for
    /// a time is dropped.
    ///
    /// ```
    /// # use insideout::EventQueue;
    /// # use std::os::unix::net::UnixStream;
    /// let queue = EventQueue::new()?;
    /// queue.close();
    /// assert!(queue.register(UnixStream::pair()?.0).is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.queue().close();
    }

    /// Whether nobody waits for a time and no descriptor is watched.
    ///
    /// ```
    /// assert!(insideout::EventQueue::new()?.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue().sources.len() == 0 && self.queue().timers.len() == 0
    }

    fn queue(&self) -> &Arc<Queue> {
        &self.0.0
    }

    /// Keeps who waits until `deadline`, or for ever; gives it back if the queue is closed.
    fn set(&self, deadline: Option<Instant>, waiting: Waiting) -> Result<(), Waiting> {
        let late = self.queue().timers.set(deadline, waiting)?;
        self.notify_if(late);
        Ok(())
    }

    /// As [`set`](Self::set), and names the timer, so that it can be cancelled.
    fn set_cancellable(&self, deadline: Instant, waiting: Waiting) -> Result<wheel::Key, Waiting> {
        let (key, late) = (self.queue().timers).set_cancellable(Some(deadline), waiting)?;
        self.notify_if(late);
        Ok(key)
    }

    fn notify_if(&self, late: bool) {
        if late {
            self.notify();
        }
    }
}

impl fmt::Debug for EventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventQueue")
            .field("sources", &self.queue().sources.len())
            .field("timers", &self.queue().timers.len())
            .finish()
    }
}
