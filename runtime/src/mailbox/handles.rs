//! The handles of a mailbox, and what all of them can do.
//!
//! [`Mailbox`] is a handle of both ends, [`Sender`] and [`Receiver`] of one. What a handle can do is written
//! once for those that can do it: here, in `sending` and in `receiving`.

use super::WaitError;
use super::mail::{End, Mail};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// A queue of messages between threads and continuations, any number of them at either end.
///
/// *Bounded*, it holds a number of messages, and who sends more waits: that is backpressure. *Unbounded*, it
/// grows, and sending never waits. Messages are received in the order in which they were sent, each by one
/// receiver. A `Mailbox<()>` carries signals.
///
/// It is cloned to be shared. A clone counts as a [`Sender`] and as a [`Receiver`], which one can also have
/// alone; when the last handle of either end is dropped, the mailbox closes. A closed mailbox takes no more
/// messages; the ones in it can still be received, and then receivers hear that it is
/// [`Closed`](super::Closed). So a component that receives until the mailbox is closed should hold a
/// `Receiver`: holding a `Mailbox`, it keeps the sending end open itself, and one that is suspended in
/// `recv!` so, with no other handle left, waits for ever.
///
/// Threads use the methods; continuations wait with `recv!` and `send!`, which suspend instead of blocking
/// the thread.
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
pub struct Mailbox<T>(pub(super) Arc<Mail<T>>);

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
pub struct Sender<T>(pub(super) Arc<Mail<T>>);

/// The receiving end of a [`Mailbox`]. When the last is dropped, the mailbox closes, and the messages in it
/// are dropped.
///
/// ```
/// use insideout::prelude::*;
///
/// let (sender, receiver) = Mailbox::unbounded().split();
/// drop(receiver);
/// assert_eq!(sender.send(1), Err(Closed(1)));
/// ```
pub struct Receiver<T>(pub(super) Arc<Mail<T>>);

impl<T> Mailbox<T> {
    /// A mailbox that holds at most `capacity` messages.
    ///
    /// One without room, of capacity 0, is a *rendezvous*: a send ends when a receiver has taken the message.
    /// There `try_send` hands a message over if a receiver waits already, and does not wait until it is
    /// picked up.
    ///
    /// ```
    /// # use insideout::Mailbox;
    /// let mailbox = Mailbox::<u8>::bounded(8);
    /// assert_eq!(mailbox.capacity(), Some(8));
    /// ```
    ///
    /// ```
    /// use insideout::prelude::*;
    ///
    /// let (sender, receiver) = Mailbox::bounded(0).split();
    /// let taken = std::thread::spawn(move || sender.send("in hand"));
    /// assert_eq!(receiver.recv(), Ok("in hand"));
    /// assert_eq!(taken.join().unwrap(), Ok(()));
    /// ```
    #[must_use]
    pub fn bounded(capacity: usize) -> Self {
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

/// What every handle can do, and which ends it counts for.
macro_rules! handle {
    ($handle:ident: $($end:ident)+) => {
        impl<T> $handle<T> {
            /// Closes the mailbox, for all its handles: it takes no more messages, and those in it can still
            /// be received. Whoever waits is woken.
            ///
            /// Closing the receiving end too, which drops what is in it, is
            /// [`close_recv`](Receiver::close_recv).
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

            /// Whether there is no room in the mailbox; by the time one looks at it, that may have changed.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert!(!mailbox.is_full());
            /// ```
            #[must_use]
            pub fn is_full(&self) -> bool {
                self.0.is_full()
            }

            /// Ends every wait at either end that is under way now: threads and continuations that send,
            /// receive or watch get `Interrupted`, senders with their message. Who comes later waits as
            /// before.
            ///
            /// Continuations that wait to migrate into a full `Mailbox<Continuation>` are not interrupted.
            ///
            /// ```
            /// use insideout::prelude::*;
            ///
            /// let mailbox = Mailbox::<u8>::bounded(1);
            /// std::thread::scope(|s| {
            ///     let waiting = s.spawn(|| mailbox.recv());
            ///     while !waiting.is_finished() {
            ///         mailbox.interrupt();
            ///     }
            ///     assert_eq!(waiting.join().unwrap(), Err(Refused::Interrupted(())));
            /// });
            /// ```
            pub fn interrupt(&self) {
                self.0.interrupt();
            }

            /// Whether receivers wait though there may be messages; see [`pause`](Receiver::pause).
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// mailbox.pause();
            /// assert!(mailbox.is_paused());
            /// ```
            #[must_use]
            pub fn is_paused(&self) -> bool {
                self.0.is_paused()
            }

            /// Blocks the thread until no message is in the mailbox. Takes nothing; by the time one looks,
            /// that may have changed.
            ///
            /// # Errors
            ///
            /// If it is interrupted.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert_eq!(mailbox.wait_empty(), Ok(()));
            /// ```
            pub fn wait_empty(&self) -> Result<(), WaitError> {
                self.0.watch_empty(None)
            }

            /// As [`wait_empty`](Self::wait_empty), at most until `deadline`.
            ///
            /// # Errors
            ///
            /// If the deadline passes, or it is interrupted.
            ///
            /// ```
            /// # use insideout::{Mailbox, WaitError};
            /// # use std::time::Instant;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.wait_empty_deadline(Instant::now()), Err(WaitError::Timeout));
            /// ```
            pub fn wait_empty_deadline(&self, deadline: Instant) -> Result<(), WaitError> {
                self.0.watch_empty(Some(deadline))
            }

            /// Blocks the thread until the mailbox holds as many messages as it can, which an unbounded one
            /// never does.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed and not full, or this is interrupted.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.wait_full(), Ok(()));
            /// ```
            pub fn wait_full(&self) -> Result<(), WaitError> {
                self.0.watch_full(None)
            }

            /// As [`wait_full`](Self::wait_full), at most until `deadline`.
            ///
            /// # Errors
            ///
            /// If the deadline passes, the mailbox is closed and not full, or this is interrupted.
            ///
            /// ```
            /// # use insideout::{Mailbox, WaitError};
            /// # use std::time::Instant;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert_eq!(mailbox.wait_full_deadline(Instant::now()), Err(WaitError::Timeout));
            /// ```
            pub fn wait_full_deadline(&self, deadline: Instant) -> Result<(), WaitError> {
                self.0.watch_full(Some(deadline))
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

handle!(Mailbox: Sending Receiving);
handle!(Sender: Sending);
handle!(Receiver: Receiving);
