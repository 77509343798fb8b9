//! The handles of a mailbox, and all that threads can do with them.
//!
//! [`Mailbox`] is a handle of both ends, [`Sender`] and [`Receiver`] of one. What two of them can do is written once, in
//! `sending!` and `receiving!`.

use super::mail::{End, Mail};
use super::{Closed, RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A queue of messages between threads and continuations, any number of them at either end.
///
/// *Bounded*, it holds a number of messages, and who sends more waits: that is backpressure. *Unbounded*, it grows, and sending
/// never waits. Messages are received in the order in which they were sent, each by one receiver.
///
/// It is cloned to be shared. A clone counts as a [`Sender`] and as a [`Receiver`], which one can also have alone; when
/// the last handle of either end is dropped, the mailbox closes. A closed mailbox takes no more messages; the ones in
/// it can still be received, and then receivers hear that it is [`Closed`]. So a component that receives until the mailbox is closed
/// should hold a `Receiver`: holding a `Mailbox`, it keeps the sending end open itself.
///
/// Threads use the methods; continuations wait with `recv!` and `send!`, which suspend instead of blocking the thread.
///
/// ```
/// use insideout::prelude::*;
/// use std::thread;
///
/// let (sender, receiver) = Mailbox::bounded(8).split();
/// thread::spawn(move || {
///     for n in 1..=100 {
///         sender.send(n).unwrap();
///     }
/// });
/// assert_eq!(receiver.iter().sum::<i32>(), 5050);
/// ```
pub struct Mailbox<T>(Arc<Mail<T>>);

/// The sending end of a [`Mailbox`]. When the last is dropped, the mailbox closes.
///
/// ```
/// use insideout::prelude::*;
///
/// let (sender, receiver) = Mailbox::unbounded().split();
/// sender.send(1).unwrap();
/// drop(sender);
/// assert_eq!(receiver.recv(), Ok(1));
/// assert_eq!(receiver.recv(), Err(Closed(())));
/// ```
pub struct Sender<T>(Arc<Mail<T>>);

/// The receiving end of a [`Mailbox`]. When the last is dropped, the mailbox closes, and the messages in it are dropped.
///
/// ```
/// use insideout::prelude::*;
///
/// let (sender, receiver) = Mailbox::unbounded().split();
/// drop(receiver);
/// assert_eq!(sender.send(1), Err(Closed(1)));
/// ```
pub struct Receiver<T>(Arc<Mail<T>>);

impl<T> Mailbox<T> {
    /// A mailbox that holds at most `capacity` messages.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    ///
    /// ```
    /// # use insideout::Mailbox;
    /// let mailbox = Mailbox::<u8>::bounded(8);
    /// assert_eq!(mailbox.capacity(), Some(8));
    /// ```
    #[must_use]
    pub fn bounded(capacity: usize) -> Self {
        assert_ne!(capacity, 0, "a bounded mailbox has room for a message");
        Mailbox(Mail::bounded(capacity))
    }

    /// A mailbox that holds any number of messages.
    ///
    /// ```
    /// # use insideout::Mailbox;
    /// let mailbox = Mailbox::<u8>::unbounded();
    /// assert_eq!(mailbox.capacity(), None);
    /// ```
    #[must_use]
    pub fn unbounded() -> Self {
        Mailbox(Mail::unbounded())
    }

    /// The two ends, instead of this handle of both.
    ///
    /// ```
    /// # use insideout::Mailbox;
    /// let (sender, receiver) = Mailbox::bounded(1).split();
    /// sender.send('a').unwrap();
    /// assert_eq!(receiver.recv(), Ok('a'));
    /// ```
    pub fn split(self) -> (Sender<T>, Receiver<T>) {
        (self.sender(), self.receiver())
    }

    /// A handle of the sending end alone.
    ///
    /// ```
    /// # use insideout::Mailbox;
    /// let mailbox = Mailbox::bounded(1);
    /// mailbox.sender().send('a').unwrap();
    /// assert_eq!(mailbox.recv(), Ok('a'));
    /// ```
    #[must_use]
    pub fn sender(&self) -> Sender<T> {
        self.0.grow(End::Sending);
        Sender(self.0.clone())
    }

    /// A handle of the receiving end alone.
    ///
    /// ```
    /// # use insideout::Mailbox;
    /// let mailbox = Mailbox::bounded(1);
    /// mailbox.send('a').unwrap();
    /// assert_eq!(mailbox.receiver().recv(), Ok('a'));
    /// ```
    #[must_use]
    pub fn receiver(&self) -> Receiver<T> {
        self.0.grow(End::Receiving);
        Receiver(self.0.clone())
    }
}

/// The time that lies `timeout` ahead; None if there is no such time, so never.
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

/// What a handle of the sending end can do.
macro_rules! sending {
    ($handle:ident) => {
        impl<T> $handle<T> {
            /// Sends a message; blocks the thread while there is no room.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed, also while it waits. The message is handed back.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// assert_eq!(mailbox.send("letter"), Ok(()));
            /// ```
            pub fn send(&self, message: T) -> Result<(), Closed<T>> {
                self.0
                    .send_until(message, None)
                    .map_err(|error| Closed(error.into_inner()))
            }

            /// Sends a message if there is room now; does not block.
            ///
            /// # Errors
            ///
            /// If the mailbox is full or closed. The message is handed back.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// assert!(mailbox.try_send("letter").is_ok());
            /// assert!(mailbox.try_send("letter").is_err());
            /// ```
            #[inline]
            pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
                self.0.try_send(message)
            }

            /// Sends a message; blocks the thread while there is no room, at most for `timeout`.
            ///
            /// # Errors
            ///
            /// If there was no room in time or the mailbox is closed. The message is handed back.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # use std::time::Duration;
            /// # let mailbox = Mailbox::bounded(1);
            /// assert!(mailbox.send_timeout("letter", Duration::from_secs(1)).is_ok());
            /// assert!(mailbox.send_timeout("letter", Duration::ZERO).is_err());
            /// ```
            pub fn send_timeout(
                &self,
                message: T,
                timeout: Duration,
            ) -> Result<(), SendTimeoutError<T>> {
                self.0.send_until(message, deadline(timeout))
            }
        }
    };
}

/// What a handle of the receiving end can do.
macro_rules! receiving {
    ($handle:ident) => {
        impl<T> $handle<T> {
            /// Receives a message; blocks the thread while there is none.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed and drained, also while it waits.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.recv(), Ok("letter"));
            /// ```
            pub fn recv(&self) -> Result<T, Closed> {
                self.0.recv_until(None).map_err(|_| Closed(()))
            }

            /// Receives a message if there is one now; does not block.
            ///
            /// # Errors
            ///
            /// If the mailbox is empty, or closed and drained.
            ///
            /// ```
            /// # use insideout::{Mailbox, TryRecvError};
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert_eq!(mailbox.try_recv(), Err(TryRecvError::Empty));
            /// ```
            #[inline]
            pub fn try_recv(&self) -> Result<T, TryRecvError> {
                self.0.try_recv()
            }

            /// Receives a message; blocks the thread while there is none, at most for `timeout`.
            ///
            /// # Errors
            ///
            /// If there was no message in time, or the mailbox is closed and drained.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # use std::time::Duration;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert!(mailbox.recv_timeout(Duration::from_millis(1)).is_err());
            /// ```
            pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
                self.0.recv_until(deadline(timeout))
            }

            /// The messages as they are received, until the mailbox is closed and drained; `next` blocks as `recv` does.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::unbounded();
            /// mailbox.send(1).unwrap();
            /// mailbox.send(2).unwrap();
            /// mailbox.close();
            /// assert_eq!(mailbox.iter().collect::<Vec<_>>(), [1, 2]);
            /// ```
            pub fn iter(&self) -> Iter<'_, T> {
                Iter(&self.0)
            }
        }

        impl<'a, T> IntoIterator for &'a $handle<T> {
            type Item = T;
            type IntoIter = Iter<'a, T>;

            fn into_iter(self) -> Iter<'a, T> {
                self.iter()
            }
        }
    };
}

/// What every handle can do, and which ends it counts for.
macro_rules! handle {
    ($handle:ident: $($end:ident)+) => {
        impl<T> $handle<T> {
            /// Closes the mailbox, for all its handles: it takes no more messages, and those in it can still be received. Whoever waits is woken.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.close();
            /// assert!(mailbox.send("letter").is_err());
            /// ```
            pub fn close(&self) {
                self.0.close();
            }

            /// Whether the mailbox takes no more messages. There may still be some to receive.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert!(!mailbox.is_closed());
            /// ```
            #[must_use]
            pub fn is_closed(&self) -> bool {
                self.0.is_closed()
            }

            /// How many messages are in the mailbox; by the time one looks at it, that may have changed.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.len(), 1);
            /// ```
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Whether no message is in the mailbox; by the time one looks at it, that may have changed.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert!(mailbox.is_empty());
            /// ```
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many messages the mailbox can hold; None if it is unbounded.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert_eq!(mailbox.capacity(), Some(1));
            /// ```
            #[must_use]
            pub fn capacity(&self) -> Option<usize> {
                self.0.capacity()
            }

            pub(crate) fn mail(&self) -> &Arc<Mail<T>> {
                &self.0
            }
        }

        impl<T> Clone for $handle<T> {
            fn clone(&self) -> Self {
                $(self.0.grow(End::$end);)+
                $handle(self.0.clone())
            }
        }

        impl<T> Drop for $handle<T> {
            fn drop(&mut self) {
                $(self.0.shrink(End::$end);)+
            }
        }

        impl<T> fmt::Debug for $handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.describe(stringify!($handle), f)
            }
        }
    };
}

sending!(Mailbox);
sending!(Sender);
receiving!(Mailbox);
receiving!(Receiver);
handle!(Mailbox: Sending Receiving);
handle!(Sender: Sending);
handle!(Receiver: Receiving);

/// Receives until the mailbox is closed and drained. Made by [`Receiver::iter`].
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
pub struct Iter<'a, T>(&'a Mail<T>);

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
