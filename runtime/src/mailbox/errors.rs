//! Why a send or a receive did not happen. Whoever could not send gets the message back.

use std::error::Error;
use std::fmt;

/// Why a send, a receive or a migration did not happen. A refused send hands its message back.
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
pub enum Refused<T = ()> {
    /// The mailbox, or the pool, is closed: nothing will go into it, or come out of it, again.
    Closed(T),
    /// Somebody called [`interrupt`](crate::Mailbox::interrupt) while this waited. The next try may succeed.
    Interrupted(T),
}

pub use Refused::*;

/// [`Refused`], by the name of its usual reason.
///
/// ```
/// use insideout::prelude::*;
///
/// fn post(letter: String, to: &Sender<String>) -> Result<(), Closed<String>> {
///     to.send(letter)
/// }
/// ```
pub type Closed<T = ()> = Refused<T>;

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

/// Why [`Mailbox::send_timeout`](crate::Mailbox::send_timeout) or
/// [`send_deadline`](crate::Mailbox::send_deadline) did not send; the message is handed back.
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
    /// Somebody called [`interrupt`](crate::Mailbox::interrupt) while this waited.
    Interrupted(T),
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
    /// There is no message now, or the mailbox is [paused](crate::Mailbox::pause).
    Empty,
    /// The mailbox is closed and drained.
    Closed,
}

/// Why [`Mailbox::recv_timeout`](crate::Mailbox::recv_timeout) or
/// [`recv_deadline`](crate::Mailbox::recv_deadline) received nothing.
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
    /// Somebody called [`interrupt`](crate::Mailbox::interrupt) while this waited.
    Interrupted,
}

/// Why one of the `wait_` methods of a [`Mailbox`](crate::Mailbox) returned before what it waited for.
///
/// ```
/// use insideout::{Mailbox, WaitError};
///
/// let mailbox = Mailbox::<u8>::bounded(1);
/// mailbox.close();
/// assert_eq!(mailbox.wait_readable(), Err(WaitError::Closed));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitError {
    /// It did not come to that in time.
    Timeout,
    /// The mailbox is closed, and it cannot come to that any more.
    Closed,
    /// Somebody called [`interrupt`](crate::Mailbox::interrupt) while this waited.
    Interrupted,
}

impl<T> Refused<T> {
    /// What was refused.
    ///
    /// ```
    /// # use insideout::Refused;
    /// assert_eq!(Refused::Closed(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Closed(value) | Interrupted(value) => value,
        }
    }
}

impl<T> Refused<T> {
    /// Of a wait without a deadline.
    pub(crate) fn because(why: WaitError, value: T) -> Self {
        match why {
            WaitError::Closed => Closed(value),
            WaitError::Interrupted | WaitError::Timeout => Interrupted(value),
        }
    }
}

impl<T> SendTimeoutError<T> {
    pub(crate) fn because(why: WaitError, message: T) -> Self {
        match why {
            WaitError::Timeout => SendTimeoutError::Timeout(message),
            WaitError::Closed => SendTimeoutError::Closed(message),
            WaitError::Interrupted => SendTimeoutError::Interrupted(message),
        }
    }
}

impl From<WaitError> for RecvTimeoutError {
    fn from(why: WaitError) -> Self {
        match why {
            WaitError::Timeout => RecvTimeoutError::Timeout,
            WaitError::Closed => RecvTimeoutError::Closed,
            WaitError::Interrupted => RecvTimeoutError::Interrupted,
        }
    }
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
            SendTimeoutError::Timeout(message)
            | SendTimeoutError::Closed(message)
            | SendTimeoutError::Interrupted(message) => message,
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

debug!(Refused: Closed, Interrupted);
debug!(TrySendError: Full, Closed);
debug!(SendTimeoutError: Timeout, Closed, Interrupted);
says!(Refused<T>: Closed(_) => "closed", Interrupted(_) => "interrupted");
says!(TrySendError<T>: Full(_) => "the mailbox is full", Closed(_) => "the mailbox is closed");
says!(SendTimeoutError<T>:
    Timeout(_) => "the mailbox had no room in time", Closed(_) => "the mailbox is closed",
    Interrupted(_) => "the wait for room was interrupted"
);
says!(TryRecvError:
    Empty => "the mailbox is empty", Closed => "the mailbox is closed and drained"
);
says!(RecvTimeoutError:
    Timeout => "the mailbox had no message in time", Closed => "the mailbox is closed and drained",
    Interrupted => "the wait for a message was interrupted"
);
says!(WaitError:
    Timeout => "the mailbox did not become so in time", Closed => "the mailbox is closed",
    Interrupted => "the wait was interrupted"
);
