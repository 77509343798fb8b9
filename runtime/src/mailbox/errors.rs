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

/// `Display` and `Error`.
macro_rules! says {
    ($name:ident $(<$t:ident>)?: $($pattern:pat => $text:literal),+) => {
        impl $(<$t>)? fmt::Display for $name $(<$t>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                use $name::*;
                f.write_str(match self { $($pattern => $text,)+ })
            }
        }

        impl $(<$t>)? Error for $name $(<$t>)? {}
    };
}

/// `Debug` without asking it of the message.
macro_rules! debug {
    ($name:ident: $($variant:ident),+) => {
        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                use $name::*;
                f.write_str(match self {
                    $($variant(_) => concat!(stringify!($variant), "(..)"),)+
                })
            }
        }
    };
}

debug!(TrySendError: Full, Closed);
debug!(SendTimeoutError: Timeout, Closed);
says!(TrySendError<T>: Full(_) => "the mailbox is full", Closed(_) => "the mailbox is closed");
says!(SendTimeoutError<T>:
    Timeout(_) => "the mailbox had no room in time", Closed(_) => "the mailbox is closed"
);
says!(TryRecvError:
    Empty => "the mailbox is empty", Closed => "the mailbox is closed and drained"
);
says!(RecvTimeoutError:
    Timeout => "the mailbox had no message in time", Closed => "the mailbox is closed and drained"
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
