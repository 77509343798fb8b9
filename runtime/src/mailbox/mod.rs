//! Mailboxes: where threads and continuations leave messages for each other.
//!
//! `mail` is the mailbox itself, shared by its handles; `handles` are these, and all that they can do.

mod errors;
mod handles;
pub(crate) mod mail;

pub use errors::{Closed, RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
pub use handles::{Iter, Mailbox, Receiver, Sender};
