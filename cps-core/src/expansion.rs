//! What expansions of `#[cps]` name, and no one else: it may change with any release.
//!
//! A function becomes a frame, an enum with a variant for each point where it may be suspended, and a step, a closure that captures
//! nothing and runs one leg:
//!
//! ```
//! #![forbid(unsafe_code)]
//! use cps_core::Thunk;
//! use cps_core::expansion::Context;
//!
//! // #[cps] fn fib(n: u64) -> u64 { if n < 2 { return n } call!(fib(n - 1)) + call!(fib(n - 2)) }
//! fn fib(n: u64) -> Thunk<'static, u64> {
//!     enum Frame<N, A, R1, R2> {
//!         Start { n: N },
//!         Call1 { n: N, ret: R1 },
//!         Call2 { a: A, ret: R2 },
//!     }
//!     Thunk::new(Frame::Start { n }, |mut cx: Context<Frame<_, _, _, _>, u64>| match cx.take() {
//!         Frame::Start { n } => {
//!             if n < 2 {
//!                 return cx.done(n);
//!             }
//!             let callee = fib(n - 1);
//!             cx.call(|ret| Frame::Call1 { n, ret }, callee)
//!         }
//!         Frame::Call1 { n, ret } => {
//!             let a = cx.returned(ret);
//!             let callee = fib(n - 2);
//!             cx.call(|ret| Frame::Call2 { a, ret }, callee)
//!         }
//!         Frame::Call2 { a, ret } => {
//!             let b = cx.returned(ret);
//!             cx.done(a + b)
//!         }
//!     })
//! }
//! assert_eq!(fib(10).run(), 55);
//! ```

pub use crate::context::{Context, Leg, Ret};
pub use crate::keep::{Keep, KeepDrop, KeepExclusive};
pub use crate::residual::{FromError, FromResidual, Try};

/// The first try at a suspension point, which does not suspend where that can be helped.
#[derive(Debug)]
pub enum Attempt<V, S, G> {
    /// The value is there.
    Ready(V),
    /// State to keep in the frame, and how to wait: `G: FnOnce(Continuation) -> Option<Continuation> + 'static`.
    Wait(S, G),
}

/// What a frame holds must be able to change threads; this says so of one local, where the compiler can point at it.
#[inline(always)]
pub fn held_across_a_suspension<T: Send + ?Sized>(_: &T) {}
