//! Mailboxes: where threads and continuations leave messages for each other.
//!
//! `mail` is the mailbox itself, shared by its handles, `queue` what messages lie in, `meeting` what stands
//! in for that where there is no room, and `watch` the waits of those who take nothing, `places` of those who
//! wait elsewhere too. `handles` are the handles; `sending`, `receiving` and `iterate` are what threads do
//! with them. `migrant` is about continuations as messages.

mod errors;
mod handles;
mod iterate;
pub(crate) mod mail;
pub(crate) mod meeting;
pub(crate) mod migrant;
pub(crate) mod places;
mod queue;
mod receiving;
mod sending;
mod watch;

pub use errors::{
    Closed, RecvTimeoutError, Refused, SendTimeoutError, TryRecvError, TrySendError, WaitError,
};
pub use handles::{Mailbox, Receiver, Sender};
pub use iterate::{IntoIter, Iter, TryIter};

use std::time::{Duration, Instant};

/// The time that lies `timeout` ahead; None if there is no such time, so never.
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}
