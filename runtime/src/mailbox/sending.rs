//! What threads can do with a handle of the sending end.

use super::{Mailbox, Refused, SendTimeoutError, Sender, TrySendError, WaitError, deadline};
use std::time::{Duration, Instant};

/// What a handle of the sending end can do.
macro_rules! sending {
    ($handle:ident) => {
        impl<T> $handle<T> {
            /// Sends a message; blocks the thread while there is no room.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed, also while it waits, or the wait is interrupted. The message is
            /// handed back.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// assert_eq!(mailbox.send("letter"), Ok(()));
            /// ```
            #[inline]
            pub fn send(&self, message: T) -> Result<(), Refused<T>> {
                let sent = self.0.send_until(message, None);
                sent.map_err(|(why, message)| Refused::because(why, message))
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
            /// If there was no room in time, the mailbox is closed, or the wait is interrupted. The message
            /// is handed back.
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
                let sent = self.0.send_until(message, deadline(timeout));
                sent.map_err(|(why, message)| SendTimeoutError::because(why, message))
            }

            /// Sends a message; blocks the thread while there is no room, at most until `deadline`.
            ///
            /// # Errors
            ///
            /// As [`send_timeout`](Self::send_timeout).
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # use std::time::Instant;
            /// # let mailbox = Mailbox::bounded(1);
            /// assert!(mailbox.send_deadline("letter", Instant::now()).is_ok());
            /// assert!(mailbox.send_deadline("letter", Instant::now()).is_err());
            /// ```
            pub fn send_deadline(
                &self,
                message: T,
                deadline: Instant,
            ) -> Result<(), SendTimeoutError<T>> {
                let sent = self.0.send_until(message, Some(deadline));
                sent.map_err(|(why, message)| SendTimeoutError::because(why, message))
            }

            /// Blocks the thread until a send would not wait. Sends nothing; by the time one looks, that may
            /// have changed.
            ///
            /// # Errors
            ///
            /// If the mailbox is closed, or this is interrupted.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::<u8>::bounded(1);
            /// assert_eq!(mailbox.wait_writable(), Ok(()));
            /// ```
            pub fn wait_writable(&self) -> Result<(), WaitError> {
                self.0.watch_writable(None)
            }

            /// As [`wait_writable`](Self::wait_writable), at most until `deadline`.
            ///
            /// # Errors
            ///
            /// If the deadline passes, the mailbox is closed, or this is interrupted.
            ///
            /// ```
            /// # use insideout::{Mailbox, WaitError};
            /// # use std::time::Instant;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// assert_eq!(mailbox.wait_writable_deadline(Instant::now()), Err(WaitError::Timeout));
            /// ```
            pub fn wait_writable_deadline(&self, deadline: Instant) -> Result<(), WaitError> {
                self.0.watch_writable(Some(deadline))
            }

            /// Closes the sending end, which is what [`close`](Self::close) does: no more messages go in, and
            /// those that are in it can still be received.
            ///
            /// ```
            /// # use insideout::Mailbox;
            /// # let mailbox = Mailbox::bounded(1);
            /// mailbox.send("letter").unwrap();
            /// mailbox.close_send();
            /// assert!(mailbox.send("another").is_err());
            /// assert_eq!(mailbox.recv(), Ok("letter"));
            /// ```
            pub fn close_send(&self) {
                self.0.close();
            }
        }
    };
}

sending!(Mailbox);
sending!(Sender);
