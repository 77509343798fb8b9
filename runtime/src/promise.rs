//! A value that somebody promises, for one who waits for it as for a spawned call.

use crate::join::{JoinHandle, Report};
use cps_core::{Outcome, Receive};
use std::fmt;

/// Makes a promise and the handle of who waits for its value.
///
/// The handle is what a spawn gives: threads [`join`](JoinHandle::join) it, continuations `join!` it, and
/// `select!` takes it as a choice. A promise that is dropped leaves it with
/// [`JoinError::Cancelled`](crate::JoinError::Cancelled).
///
/// ```
/// use insideout::{promise, prelude::*};
///
/// let (answer, question) = promise();
/// std::thread::spawn(move || answer.keep(42));
/// assert_eq!(question.join().unwrap(), 42);
/// ```
pub fn promise<T: Send>() -> (Promise<T>, JoinHandle<T>) {
    let (report, handle) = Report::new();
    (Promise(Some(report)), handle)
}

/// To be [kept](Promise::keep), once. Made by [`promise`].
///
/// ```
/// # use insideout::{JoinError, promise};
/// let (broken, handle) = promise::<u8>();
/// drop(broken);
/// assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
/// ```
#[must_use = "a promise that is dropped is broken"]
pub struct Promise<T: Send>(Option<Report<T>>);

impl<T: Send> Promise<T> {
    /// Gives the value to whoever waits for it.
    ///
    /// ```
    /// # use insideout::promise;
    /// let (answer, handle) = promise();
    /// answer.keep(42);
    /// assert!(handle.is_finished());
    /// ```
    pub fn keep(mut self, value: T) {
        if let Some(report) = self.0.take() {
            report.receive(Outcome::Returned(value));
        }
    }
}

impl<T: Send> Drop for Promise<T> {
    fn drop(&mut self) {
        if let Some(report) = self.0.take() {
            report.receive(Outcome::Dropped);
        }
    }
}

impl<T: Send> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise").finish_non_exhaustive()
    }
}
