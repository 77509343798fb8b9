//! Why a send or a receive did not happen. Whoever could not send gets the message back.

use std::error::Error;
use std::fmt;

/// The mailbox, or the pool, is closed: nothing will come out of it, or go into it, again.
///
/// A failed send hands the message back in it.
///
/// ```
/// use insideout::prelude::*;
///
/// let mailbox = Mailbox::unbounded();
/// mailbox.close();
/// assert_eq!(mailbox.send("letter"), Err(Closed("letter")));
/// assert_eq!(mailbox.recv(), Err(Closed(())));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closed<T = ()>(pub T);

/// Why [`Mailbox::try_send`](crate::Mailbox::try_send) did not send; the message is handed back.
///
/// ```
/// use insideout::{Mailbox, TrySendError};
///
/// let mailbox = Mailbox::bounded(1);
/// mailbox.send('a').unwrap();
/// assert_eq!(mailbox.try_send('b'), Err(TrySendError::Full('b')));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrySendError<T> {
    /// There is no room now.
    Full(T),
    /// The mailbox is closed.
    Closed(T),
}

/// Why [`Mailbox::send_timeout`](crate::Mailbox::send_timeout) did not send; the message is handed back.
///
/// ```
/// use insideout::{Mailbox, SendTimeoutError};
/// use std::time::Duration;
///
/// let mailbox = Mailbox::bounded(1);
/// mailbox.send('a').unwrap();
/// let late = mailbox.send_timeout('b', Duration::from_millis(1));
/// assert_eq!(late, Err(SendTimeoutError::Timeout('b')));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendTimeoutError<T> {
    /// There was no room in time.
    Timeout(T),
    /// The mailbox is closed.
    Closed(T),
}

/// Why [`Mailbox::try_recv`](crate::Mailbox::try_recv) received nothing.
///
/// ```
/// use insideout::{Mailbox, TryRecvError};
///
/// let mailbox = Mailbox::<u8>::bounded(1);
/// assert_eq!(mailbox.try_recv(), Err(TryRecvError::Empty));
/// mailbox.close();
/// assert_eq!(mailbox.try_recv(), Err(TryRecvError::Closed));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryRecvError {
    /// There is no message now.
    Empty,
    /// The mailbox is closed and drained.
    Closed,
}

/// Why [`Mailbox::recv_timeout`](crate::Mailbox::recv_timeout) received nothing.
///
/// ```
/// use insideout::{Mailbox, RecvTimeoutError};
/// use std::time::Duration;
///
/// let mailbox = Mailbox::<u8>::bounded(1);
/// let late = mailbox.recv_timeout(Duration::from_millis(1));
/// assert_eq!(late, Err(RecvTimeoutError::Timeout));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecvTimeoutError {
    /// There was no message in time.
    Timeout,
    /// The mailbox is closed and drained.
    Closed,
}

impl<T> TrySendError<T> {
    /// The message that was not sent.
    ///
    /// ```
    /// # use insideout::TrySendError;
    /// assert_eq!(TrySendError::Full(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            TrySendError::Full(message) | TrySendError::Closed(message) => message,
        }
    }
}

impl<T> SendTimeoutError<T> {
    /// The message that was not sent.
    ///
    /// ```
    /// # use insideout::SendTimeoutError;
    /// assert_eq!(SendTimeoutError::Timeout(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            SendTimeoutError::Timeout(message) | SendTimeoutError::Closed(message) => message,
        }
    }
}

/// `Debug` without asking it of the message, and `Display` and `Error` for an error.
macro_rules! error {
    ($name:ident $(<$t:ident>)?: $($pattern:pat => $debug:literal, $display:literal;)+) => {
        $(impl<$t> fmt::Debug for $name<$t> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                use $name::*;
                f.write_str(match self { $($pattern => $debug,)+ })
            }
        })?

        impl $(<$t>)? fmt::Display for $name $(<$t>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                use $name::*;
                f.write_str(match self { $($pattern => $display,)+ })
            }
        }

        impl $(<$t>)? Error for $name $(<$t>)? {}
    };
}

error!(TrySendError<T>:
    Full(_) => "Full(..)", "the mailbox is full";
    Closed(_) => "Closed(..)", "the mailbox is closed";
);
error!(SendTimeoutError<T>:
    Timeout(_) => "Timeout(..)", "the mailbox had no room in time";
    Closed(_) => "Closed(..)", "the mailbox is closed";
);
error!(TryRecvError:
    Empty => "Empty", "the mailbox is empty";
    Closed => "Closed", "the mailbox is closed and drained";
);
error!(RecvTimeoutError:
    Timeout => "Timeout", "the mailbox had no message in time";
    Closed => "Closed", "the mailbox is closed and drained";
);

impl<T> fmt::Debug for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closed(..)")
    }
}

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed")
    }
}

impl<T> Error for Closed<T> {}
