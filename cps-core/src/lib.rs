//! Continuations, thunks and the trampoline that `#[cps]` functions run on.
//!
//! A `#[cps]` function is a state machine on the heap: one cell for each call, with the frame of
//! the state it is suspended in. A [`Thunk`] is a call that has not started; a [`Continuation`] is
//! one that has, together with the calls that wait for it: one pointer, which may be moved to any
//! thread and resumed there. The trampoline resumes it, leg after leg, on a stack that
//! does not grow. What waits can be looked at: a continuation prints its [calls](Continuation::calls).
//!
//! A call of a `#[cps(local)]` function stays on its thread, as a [`LocalThunk`] and a
//! [`LocalContinuation`].
//!
//! Without the default `std` feature this crate needs `alloc` only. Panics are not caught then:
//! they free the chain on their way out.
#![no_std]

extern crate alloc;
extern crate self as cps_core;
#[cfg(feature = "std")]
extern crate std;

mod before;
mod behind;
mod callee;
mod calls;
mod cell;
mod context;
mod continuation;
#[cfg(feature = "std")]
pub mod dispatch;
#[cfg(feature = "std")]
mod dispatcher;
#[doc(hidden)]
pub mod expansion;
mod fits;
mod header;
mod held;
mod hiding;
mod hold;
mod iterated;
mod keep;
#[cfg(feature = "std")]
mod limit;
mod local;
mod parted;
mod receive;
mod refusal;
#[cfg(feature = "std")]
mod resident;
mod residual;
mod room;
#[cfg(feature = "std")]
mod rooms;
mod run;
mod signal;
mod slot;
mod steps;
#[cfg(feature = "std")]
mod sync;
mod thunk;
mod trampoline;
mod typed;
mod unwind;
mod wait_at;

pub use calls::{Call, Calls};
pub use continuation::Continuation;
pub use cps_macro::{call, coop, cps, suspend, thunk};
#[cfg(feature = "std")]
pub use limit::{Limit, Limits};
pub use local::{LocalContinuation, LocalThunk};
pub use receive::{Outcome, Receive};
pub use refusal::Refusal;
pub use thunk::Thunk;
