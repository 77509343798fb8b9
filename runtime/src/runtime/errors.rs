//! What can come of waiting for the end of threads, and of ejecting.

use crate::crew::panics::message;
use std::any::Any;
use std::error::Error;
use std::fmt;

/// Why waiting for the end of a [`Runtime`](crate::Runtime) or [`Pool`](crate::Pool) does not say that all
/// went well.
///
/// ```
/// use insideout::{EndError, Runtime};
/// use std::time::Duration;
///
/// let runtime = Runtime::new();
/// let waited = runtime.join_timeout(Duration::from_millis(1));
/// assert!(matches!(waited, Err(EndError::Timeout)));
/// runtime.halt();
/// assert!(matches!(runtime.join(), Err(EndError::Cancelled)));
/// ```
pub enum EndError {
    /// A continuation panicked with nobody else to hear of it. The first who waits gets what the first panic
    /// carried, later ones only what it said, if it said something.
    Panicked(Box<dyn Any + Send>),
    /// It was halted before it had come to its end.
    Cancelled,
    /// The thread that waits is the one that would have to end.
    Itself,
    /// It has not ended yet.
    Timeout,
}

impl EndError {
    /// What the panic said, if it was a panic and said something.
    ///
    /// ```
    /// assert_eq!(insideout::EndError::Panicked(Box::new("why")).message(), Some("why"));
    /// ```
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match self {
            EndError::Panicked(panic) => message(&**panic),
            _ => None,
        }
    }
}

impl fmt::Debug for EndError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EndError::Panicked(_) => write!(f, "Panicked({:?})", self.message().unwrap_or("..")),
            EndError::Cancelled => f.write_str("Cancelled"),
            EndError::Itself => f.write_str("Itself"),
            EndError::Timeout => f.write_str("Timeout"),
        }
    }
}

impl fmt::Display for EndError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.message()) {
            (EndError::Panicked(_), None) => f.write_str("a continuation panicked"),
            (EndError::Panicked(_), Some(message)) => {
                write!(f, "a continuation panicked: {message}")
            }
            (EndError::Cancelled, _) => f.write_str("it was halted"),
            (EndError::Itself, _) => f.write_str("a thread cannot wait for its own end"),
            (EndError::Timeout, _) => f.write_str("it has not ended in time"),
        }
    }
}

impl Error for EndError {}

/// A runtime must rest before continuations can be taken out of it.
///
/// ```
/// use insideout::Runtime;
///
/// assert!(Runtime::new().eject().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFrozen;

impl fmt::Display for NotFrozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime is not frozen")
    }
}

impl Error for NotFrozen {}
