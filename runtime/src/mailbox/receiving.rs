//! What threads can do with a handle of the receiving end.

use super::{
    Iter, Mailbox, Receiver, RecvTimeoutError, Refused, TryIter, TryRecvError, WaitError, deadline,
};
use std::time::{Duration, Instant};

/// What a handle of the receiving end can do.
macro_rules! receiving {
    ($handle:ident) => {
        impl<T> $handle<T> {
            /// Receives a message; blocks the thread while there is none.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed and drained, also while it waits, or the wait is interrupted.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.recv(), Ok("letter"));
            /// ```
            #[inline]
            pub fn recv(&self) -> Result<T, Refused> {
                let received = self.0.recv_until(None);
                received.map_err(|why| Refused::because(why, ()))
            }

            /// Receives a message if there is one now; does not block.
            ///
            /// # Errors
            ///
            /// If the mailbox is empty or paused, or closed and drained.
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
            /// If there was no message in time, the mailbox is closed and drained, or the wait is
            /// interrupted.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # use std::time::Duration;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert!(mailbox.recv_timeout(Duration::from_millis(1)).is_err());
            /// ```
            pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
                Ok(self.0.recv_until(deadline(timeout))?)
            }

            /// Receives a message; blocks the thread while there is none, at most until `deadline`.
            ///
            /// # Errors
            ///
            /// As [`recv_timeout`](Self::recv_timeout).
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # use std::time::Instant;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert!(mailbox.recv_deadline(Instant::now()).is_err());
            /// ```
            pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
                Ok(self.0.recv_until(Some(deadline))?)
            }

            /// Blocks the thread until a receive would not wait. Takes nothing; by the time one looks, that
            /// may have changed.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed and drained, or this is interrupted.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.wait_readable(), Ok(()));
            /// ```
            pub fn wait_readable(&self) -> Result<(), WaitError> {
                self.0.watch_readable(None)
            }

            /// As [`wait_readable`](Self::wait_readable), at most until `deadline`.
            ///
            /// # Errors
            ///
            /// If the deadline passes, the mailbox is closed and drained, or this is interrupted.
            ///
            /// ```
            /// # use insideout::{Mailbox, WaitError};
            /// # use std::time::Instant;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert_eq!(mailbox.wait_readable_deadline(Instant::now()), Err(WaitError::Timeout));
            /// ```
            pub fn wait_readable_deadline(&self, deadline: Instant) -> Result<(), WaitError> {
                self.0.watch_readable(Some(deadline))
            }

            /// Lets receivers wait though there are messages, until [`resume`](Self::resume) or the mailbox
            /// is closed. Senders go on while there is room.
            ///
            /// A receive that is under way on another thread may still get a message.
            ///
            /// ```
            /// # use insideout::{Mailbox, TryRecvError};
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// mailbox.pause();
            /// assert_eq!(mailbox.try_recv(), Err(TryRecvError::Empty));
            /// mailbox.resume();
            /// assert_eq!(mailbox.try_recv(), Ok("letter"));
            /// ```
            pub fn pause(&self) {
                self.0.pause();
            }

            /// Ends a [pause](Self::pause), and wakes the receivers.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// mailbox.pause();
            /// mailbox.resume();
            /// assert!(!mailbox.is_paused());
            /// ```
            pub fn resume(&self) {
                self.0.resume();
            }

            /// Takes out the messages that are in the mailbox now, in order, also when it is paused; does not
            /// wait for others.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::unbounded();
            /// mailbox.send(1).unwrap();
            /// mailbox.send(2).unwrap();
            /// assert_eq!(mailbox.drain(), [1, 2]);
            /// ```
            #[must_use = "the messages are taken out"]
            pub fn drain(&self) -> Vec<T> {
                let now = self.0.len();
                std::iter::from_fn(|| self.0.take().ok())
                    .take(now)
                    .collect()
            }

            /// Closes both ends: no more messages go in, and those that are in it are dropped.
            ///
            /// It is what dropping the last handle of the receiving end does. A receive that is under way on
            /// another thread may still get a message.
            ///
            /// ```
            /// # use insideout::{Closed, Mailbox};
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// mailbox.close_recv();
            /// assert_eq!(mailbox.recv(), Err(Closed(())));
            /// ```
            pub fn close_recv(&self) {
                self.0.close_recv();
            }

            /// The messages as they are received, until the mailbox is closed and drained, or the wait is
            /// interrupted; `next` blocks as `recv` does.
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

            /// The messages that can be received without waiting.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::unbounded();
            /// mailbox.send(1).unwrap();
            /// mailbox.send(2).unwrap();
            /// assert_eq!(mailbox.try_iter().sum::<i32>(), 3);
            /// ```
            pub fn try_iter(&self) -> TryIter<'_, T> {
                TryIter(&self.0)
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

receiving!(Mailbox);
receiving!(Receiver);
