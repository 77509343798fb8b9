//! Receiving as iteration.

use super::Receiver;
use super::mail::Mail;
use std::fmt;

/// Receives until the mailbox is closed and drained, or the wait is interrupted. Made by [`Receiver::iter`].
///
/// ```
/// # use insideout::Mailbox;
/// let (sender, receiver) = Mailbox::unbounded().split();
/// sender.send(1).unwrap();
/// drop(sender);
/// for message in &receiver {
///     assert_eq!(message, 1);
/// }
/// ```
#[must_use = "nothing is received until it is iterated"]
pub struct Iter<'a, T>(pub(super) &'a Mail<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv_until(None).ok()
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe("Iter", f)
    }
}

/// Receives what is there, without waiting. Made by [`Receiver::try_iter`].
///
/// ```
/// # use insideout::Mailbox;
/// let (sender, receiver) = Mailbox::unbounded().split();
/// sender.send(1).unwrap();
/// for message in receiver.try_iter() {
///     assert_eq!(message, 1);
/// }
/// ```
#[must_use = "nothing is received until it is iterated"]
pub struct TryIter<'a, T>(pub(super) &'a Mail<T>);

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe("TryIter", f)
    }
}

/// As [`Iter`], and holds the handle.
///
/// ```
/// # use insideout::Mailbox;
/// let (sender, receiver) = Mailbox::unbounded().split();
/// sender.send(1).unwrap();
/// drop(sender);
/// assert_eq!(receiver.into_iter().sum::<i32>(), 1);
/// ```
#[must_use = "nothing is received until it is iterated"]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.describe("IntoIter", f)
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}
