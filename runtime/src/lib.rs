//! A concurrency toolkit in which the continuation is what moves.
//!
//! `#[cps]` makes of an ordinary function a state machine on the heap; a call that is suspended is one small
//! object behind one pointer, and this crate moves it: between the threads of a [`Pool`], from one pool to
//! another, into a [`Mailbox`] and out again.
//!
//! ```
//! use insideout::prelude::*;
//!
//! #[cps]
//! fn squares(upto: u64, out: Sender<u64>) {
//!     for n in 1..=upto {
//!         send!(out, n * n).unwrap();
//!     }
//! }
//!
//! #[cps]
//! fn sum(numbers: Receiver<u64>) -> u64 {
//!     let mut sum = 0;
//!     while let Ok(n) = recv!(numbers) {
//!         sum += n;
//!     }
//!     sum
//! }
//!
//! let pool = Pool::new(2);
//! let (sender, receiver) = Mailbox::bounded(4).split();
//! pool.spawn_detached(thunk!(squares(10, sender))).unwrap();
//! assert_eq!(pool.spawn(thunk!(sum(receiver))).join().unwrap(), 385);
//! ```

extern crate self as insideout;

mod claim;
mod crew;
mod cubby;
mod deadlines;
mod destination;
mod event_queue;
mod flags;
mod futex;
mod join;
#[cfg(feature = "log")]
pub mod logging;
mod mailbox;
#[cfg(all(test, loom))]
mod models;
pub mod net;
mod note;
mod offload;
mod oneshot;
mod parker;
mod pass_on;
#[doc(hidden)]
pub mod points;
mod pool;
mod promise;
mod pthread;
mod queue;
mod runtime;
mod select;
mod semaphore;
mod serve;
mod spawn;
mod stand_in;
mod sync;
mod syscalls;
mod timeout;
mod wait_group;
mod waiters;

pub use cps_core::{
    Call, Calls, Continuation, Limit, Limits, LocalContinuation, LocalThunk, Outcome, Receive,
    Refusal, Thunk, dispatch,
};
pub use cps_macro::{
    call, child, coop, cps, join, join_deadline, migrate, readable, recv, recv_deadline, select,
    send, send_deadline, signal, sleep, sleep_until, suspend, thunk, timeout, visit, writable,
};
pub use crew::PanicPolicy;
pub use cubby::{CubbyReader, CubbyWriter, cubby};
pub use destination::Destination;
pub use dispatch::{Dispatcher, Home, here};
pub use event_queue::{EnteredQueue, EventQueue, Interest, Interests, Interval, Source};
pub use flags::{Flags, Want};
pub use futex::{Futex, Wait};
pub use join::{JoinError, JoinHandle};
pub use mailbox::{
    Closed, IntoIter, Iter, Mailbox, Receiver, RecvTimeoutError, Refused, SendTimeoutError, Sender,
    TryIter, TryRecvError, TrySendError, WaitError,
};
pub use offload::blocking;
pub use pool::{Pool, Work};
pub use promise::{Promise, promise};
pub use pthread::thread_name;
pub use runtime::{Builder, EndError, NotFrozen, Runtime, Scheduling, Status};
pub use select::{Choice, Choices, Chosen, select, select_deadline};
pub use semaphore::{Permit, Semaphore};
pub use serve::serve;
pub use spawn::{spawn, spawn_detached};
pub use timeout::{TimedOut, timeout, timeout_at};
pub use wait_group::{Member, WaitGroup};
pub use waiters::looks_before_sleep;

/// What expansions of `#[cps]` name. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod expansion {
    pub use crate::points;
    pub use crate::stand_in::giving;
    pub use cps_core::expansion::*;
}

/// The macros and the common types, for `use insideout::prelude::*;`.
///
/// ```
/// use insideout::prelude::*;
///
/// let mailbox = Mailbox::<u8>::bounded(1);
/// ```
pub mod prelude {
    pub use crate::{
        Chosen, Closed, Continuation, Destination, Home, JoinError, JoinHandle, Mailbox, Pool,
        Receiver, Refused, Runtime, Sender, Thunk,
    };
    pub use crate::{
        call, child, coop, cps, join, join_deadline, migrate, readable, recv, recv_deadline,
        select, send, send_deadline, signal, sleep, sleep_until, suspend, thunk, timeout, visit,
        writable,
    };
    pub use crate::{spawn, spawn_detached};
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
