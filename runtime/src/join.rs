//! What is left in the hands of whoever spawned: a [`JoinHandle`].

use crate::claim::Place;
use crate::oneshot::OneShot;
use crate::timeout;
use cps_core::{Continuation, Outcome, Receive, Thunk};
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// A call that was spawned, whose outcome one can wait for. Dropping it lets the call go on by itself.
///
/// Continuations wait with `join!`, threads with [`join`](JoinHandle::join).
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn double(n: u32) -> u32 {
///     coop!();
///     2 * n
/// }
///
/// let pool = Pool::new(1);
/// let handle = pool.spawn(thunk!(double(21)));
/// assert_eq!(handle.join().unwrap(), 42);
/// ```
#[must_use = "dropping a JoinHandle lets the call go on unheard"]
pub struct JoinHandle<T>(Arc<OneShot<Result<T, JoinError>>>);

/// Why a spawned call has no value.
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn fail() -> u32 {
///     panic!("for a reason")
/// }
///
/// let pool = Pool::new(1);
/// match pool.spawn(thunk!(fail())).join() {
///     Err(JoinError::Panicked(reason)) => assert_eq!(reason.downcast_ref(), Some(&"for a reason")),
///     other => panic!("{other:?}"),
/// }
/// ```
pub enum JoinError {
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
    /// Its continuation was dropped before it returned: by whoever had it, or because its pool was closed.
    Cancelled,
}

impl<T> JoinHandle<T> {
    /// Waits until the call has ended; blocks the thread.
    ///
    /// # Errors
    ///
    /// If the call panicked or was cancelled.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// # let pool = Pool::new(1);
    /// assert_eq!(pool.spawn(thunk!(one())).join().unwrap(), 1);
    /// ```
    pub fn join(self) -> Result<T, JoinError> {
        let mut handle = self;
        loop {
            handle = match handle.try_join() {
                Ok(outcome) => return outcome,
                Err(handle) => handle,
            };
            handle.0.wait(None);
        }
    }

    /// As [`join`](Self::join), at most until `deadline`; blocks the thread. A deadline that is over makes it
    /// look once.
    ///
    /// # Errors
    ///
    /// With the handle, if the call has not ended by then.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// use std::time::Instant;
    ///
    /// # #[cps] fn waits(mailbox: Receiver<u32>) -> u32 { recv!(mailbox).unwrap() }
    /// let pool = Pool::new(1);
    /// let (sender, receiver) = Mailbox::bounded(1).split();
    /// let handle = pool.spawn(thunk!(waits(receiver)));
    /// let handle = handle.join_deadline(Instant::now()).unwrap_err();
    /// sender.send(7).unwrap();
    /// assert_eq!(handle.join().unwrap(), 7);
    /// ```
    pub fn join_deadline(self, deadline: Instant) -> Result<Result<T, JoinError>, Self> {
        let handle = match self.try_join() {
            Ok(outcome) => return Ok(outcome),
            Err(handle) => handle,
        };
        handle.0.wait(Some(deadline));
        handle.try_join()
    }

    /// Whether the call has ended, so that a join would not wait.
    ///
    /// ```
    /// # use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// # let pool = Pool::new(1);
    /// let handle = pool.spawn(thunk!(one()));
    /// pool.join().unwrap();
    /// assert!(handle.is_finished());
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.is_set()
    }

    /// The outcome, or the handle if there is none yet.
    pub(crate) fn try_join(self) -> Result<Result<T, JoinError>, Self> {
        // SAFETY: a handle is the only taker: it is not cloned.
        unsafe { self.0.try_take() }.ok_or(self)
    }
}

impl<T: Send + 'static> JoinHandle<T> {
    /// What keeps a continuation until [`try_join`](Self::try_join) will have the outcome; or gives it back
    /// if it has.
    pub(crate) fn suspend(&self) -> impl FnOnce(Continuation) -> Option<Continuation> + use<T> {
        let shared = self.0.clone();
        move |continuation| {
            timeout::suspend(
                continuation,
                |continuation, home| shared.suspend(continuation, home),
                || Some(shared.clone()),
            )
        }
    }

    /// Where to wait for the end without taking the outcome.
    pub(crate) fn place(&self) -> Arc<dyn Place> {
        self.0.clone()
    }
}

/// The other side: tells the handle how the call ended.
pub(crate) struct Report<T>(Arc<OneShot<Result<T, JoinError>>>);

impl<T> Report<T> {
    pub(crate) fn new() -> (Self, JoinHandle<T>) {
        let shared = Arc::new(OneShot::new());
        (Report(shared.clone()), JoinHandle(shared))
    }
}

impl<T: Send> Receive<T> for Report<T> {
    fn receive(self, outcome: Outcome<T>) {
        let outcome = match outcome {
            Outcome::Returned(value) => Ok(value),
            Outcome::Panicked(reason) => Err(JoinError::Panicked(reason)),
            Outcome::Dropped => Err(JoinError::Cancelled),
        };
        // SAFETY: a report is consumed by its one use.
        unsafe { self.0.set(outcome) }
    }
}

/// Starts a call; the handle hears of its outcome.
pub(crate) fn start<T: Send + 'static>(thunk: Thunk<'static, T>) -> (Continuation, JoinHandle<T>) {
    let (report, handle) = Report::new();
    (thunk.start_with(report), handle)
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("finished", &self.is_finished())
            .finish()
    }
}

impl JoinError {
    /// What the panic said, if it was a panic and said something.
    ///
    /// ```
    /// # use insideout::JoinError;
    /// assert_eq!(JoinError::Panicked(Box::new("why")).message(), Some("why"));
    /// assert_eq!(JoinError::Cancelled.message(), None);
    /// ```
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        let JoinError::Panicked(reason) = self else {
            return None;
        };
        let message = reason.downcast_ref::<&str>().copied();
        message.or_else(|| reason.downcast_ref::<String>().map(String::as_str))
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinError::Panicked(_) => write!(f, "Panicked({:?})", self.message().unwrap_or("..")),
            JoinError::Cancelled => f.write_str("Cancelled"),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.message()) {
            (JoinError::Cancelled, _) => f.write_str("the call was cancelled"),
            (JoinError::Panicked(_), None) => f.write_str("the call panicked"),
            (JoinError::Panicked(_), Some(message)) => write!(f, "the call panicked: {message}"),
        }
    }
}

impl Error for JoinError {}
