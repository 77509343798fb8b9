//! What expansions of `#[cps]` name, and no one else: it may change with any release.
//!
//! A function becomes a frame, an enum with a variant for each point where it may be suspended, and
//! a step, a closure that captures nothing and runs one leg:
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
//!             let a = cx.callee.returned(ret);
//!             let callee = fib(n - 2);
//!             cx.call(|ret| Frame::Call2 { a, ret }, callee)
//!         }
//!         Frame::Call2 { a, ret } => {
//!             let b = cx.callee.returned(ret);
//!             cx.done(a + b)
//!         }
//!     })
//! }
//! assert_eq!(fib(10).run(), 55);
//! ```
//!
//! # What does not compile
//!
//! A closure that the continuation is given to, and that points to the leg's stack, which is gone
//! when it runs:
//!
//! ```compile_fail,E0597
//! use cps_core::{Thunk, expansion::Context};
//!
//! Thunk::new(false, |mut cx: Context<bool, ()>| {
//!     if cx.take() {
//!         return cx.done(());
//!     }
//!     let local = String::new();
//!     let borrow = &local;
//!     cx.suspend(true, move |continuation| {
//!         println!("{borrow}");
//!         Some(continuation)
//!     })
//! });
//! ```
//!
//! One that points to what the function borrows: when it has passed the continuation on, that may
//! be over before it is:
//!
//! ```compile_fail,E0521
//! use cps_core::{Thunk, expansion::Context};
//!
//! fn borrows<'cps>(text: &'cps str) -> Thunk<'cps, ()> {
//!     Thunk::new((text, false), |mut cx: Context<(&'cps str, bool), ()>| {
//!         let (text, again) = cx.take();
//!         if again {
//!             return cx.done(());
//!         }
//!         cx.suspend((text, true), move |continuation| {
//!             println!("{text}");
//!             Some(continuation)
//!         })
//!     })
//! }
//! ```
//!
//! A look for what to wait at that points to the leg's stack:
//!
//! ```compile_fail,E0597
//! use cps_core::{Continuation, Thunk, expansion::{Context, WaitAt}};
//!
//! struct Back;
//!
//! impl WaitAt<u32> for Back {
//!     unsafe fn wait_at(self, _: *const u32, continuation: Continuation) -> Option<Continuation> {
//!         Some(continuation)
//!     }
//! }
//! Thunk::new(7, |mut cx: Context<u32, ()>| {
//!     let local = cx.take();
//!     let borrow = &local;
//!     cx.suspend_at(8, Back, move |frame| (*frame > *borrow).then_some(frame))
//! });
//! ```
//!
//! A frame that borrows from the leg's stack:
//!
//! ```compile_fail,E0597
//! use cps_core::{Thunk, expansion::Context};
//!
//! Thunk::new(None::<&u32>, |mut cx: Context<Option<&u32>, u32>| {
//!     if let Some(n) = cx.take() {
//!         return cx.done(*n);
//!     }
//!     let local = 7;
//!     cx.coop(Some(&local))
//! });
//! ```
//!
//! A callee that borrows from the leg's stack:
//!
//! ```compile_fail,E0515
//! use cps_core::{Thunk, expansion::{Context, Ret}};
//!
//! fn callee<'cps>(text: &'cps str) -> Thunk<'cps, ()> {
//!     Thunk::new(text, |cx: Context<&'cps str, ()>| cx.done(()))
//! }
//! Thunk::new(None, |mut cx: Context<Option<Ret<()>>, ()>| {
//!     if let Some(ret) = cx.take() {
//!         let () = cx.callee.returned(ret);
//!         return cx.done(());
//!     }
//!     let local = String::new();
//!     cx.call(Some, callee(&local))
//! });
//! ```
//!
//! Also where it could borrow from the frame:
//!
//! ```compile_fail,E0597
//! use cps_core::{Thunk, expansion::{Context, Ret}};
//!
//! fn callee<'cps>(text: &'cps str) -> Thunk<'cps, ()> {
//!     Thunk::new(text, |cx: Context<&'cps str, ()>| cx.done(()))
//! }
//! Thunk::new(None, |mut cx: Context<Option<Ret<()>>, ()>| {
//!     if let Some(ret) = cx.take() {
//!         let () = cx.callee.returned(ret);
//!         return cx.done(());
//!     }
//!     let local = String::new();
//!     let borrow = &local;
//!     cx.call_with(0, Some, move |_lent| callee(borrow))
//! });
//! ```
//!
//! A value that borrows from the caller's frame:
//!
//! ```compile_fail
//! use cps_core::{Thunk, expansion::Context};
//!
//! fn callee<'cps>(text: &'cps mut String) -> Thunk<'cps, &'cps mut String> {
//!     Thunk::new(text, |mut cx: Context<&'cps mut String, &'cps mut String>| {
//!         let text = cx.take();
//!         cx.done(text)
//!     })
//! }
//! enum Frame<R1> {
//!     Start,
//!     Call1 { text: String, ret: R1 },
//! }
//! Thunk::new(Frame::Start, |mut cx: Context<Frame<_>, ()>| match cx.take() {
//!     Frame::Start => cx.call_with(
//!         0,
//!         |ret| Frame::Call1 { text: String::new(), ret },
//!         |lent| {
//!             let Frame::Call1 { text, .. } = lent.frame() else { unreachable!() };
//!             callee(text)
//!         },
//!     ),
//!     Frame::Call1 { text, ret } => {
//!         let borrow: &mut String = cx.callee.returned(ret);
//!         drop(text);
//!         borrow.push('!');
//!         cx.done(())
//!     }
//! });
//! ```
//!
//! A context that escapes from its leg:
//!
//! ```compile_fail,E0521
//! use cps_core::{Thunk, expansion::Context};
//! use std::cell::RefCell;
//!
//! thread_local!(static ESCAPED: RefCell<Option<Context<'static, u8, u8>>> = RefCell::default());
//! Thunk::new(0, |cx: Context<u8, u8>| {
//!     ESCAPED.set(Some(cx));
//!     panic!()
//! });
//! ```
//!
//! The end of another leg than one's own:
//!
//! ```compile_fail
//! use cps_core::{Thunk, expansion::{Context, Leg}};
//! use std::cell::RefCell;
//!
//! thread_local!(static ENDED: RefCell<Option<Leg<'static, 'static>>> = RefCell::default());
//! Thunk::new(0, |cx: Context<u8, u8>| {
//!     let ended = ENDED.take().unwrap();
//!     ENDED.set(Some(cx.done(1)));
//!     ended
//! });
//! ```
//!
//! A step that captures, so that it could not be conjured again:
//!
//! ```compile_fail,E0080
//! use cps_core::{Thunk, expansion::Context};
//!
//! let captured = 7;
//! Thunk::new((), move |cx: Context<(), u8>| cx.done(captured)).run();
//! ```
//!
//! A frame or a value that cannot leave its thread:
//!
//! ```compile_fail,E0277
//! use cps_core::{Thunk, expansion::Context};
//! use std::rc::Rc;
//!
//! Thunk::new(Rc::new(7), |cx: Context<Rc<u8>, u8>| cx.done(1));
//! ```
//!
//! ```compile_fail,E0277
//! use cps_core::{Thunk, expansion::Context};
//! use std::rc::Rc;
//!
//! Thunk::new(7, |mut cx: Context<u8, Rc<u8>>| {
//!     let frame = cx.take();
//!     cx.done(Rc::new(frame))
//! });
//! ```
//!
//! A plain call does not let go of what it borrows, and a thunk does not outlive it:
//!
//! ```compile_fail,E0597
//! use cps_core::{Thunk, expansion::Context};
//!
//! fn borrows<'cps>(text: &'cps str) -> Thunk<'cps, ()> {
//!     Thunk::new(text, |cx: Context<&'cps str, ()>| cx.done(()))
//! }
//! let text = String::new();
//! borrows(&text).into_continuation();
//! ```

pub use crate::__left_of as left_of;
use crate::Continuation;
pub use crate::before::{Before, Called, Compared, Later};
pub use crate::behind::{Again, Behind};
pub use crate::callee::{CallOf, Callee, LocalCallee, callee, local_callee};
pub use crate::calls::{Path, Site};
pub use crate::context::{Context, Leg, Lent, Ret, Returned, Stay};
pub use crate::fits::Fits;
pub use crate::hiding::Hiding;
pub use crate::iterated::Iterated;
pub use crate::keep::{Keep, KeepDrop, KeepExclusive};
pub use crate::local::{Anywhere, Local};
pub use crate::parted::{Gone, Matched, MatchedWhole, Parted, Rest, Taken, Whole, like};
pub use crate::residual::{FromError, FromResidual, Try};
pub use crate::typed::Typed;
pub use crate::wait_at::WaitAt;
pub use cps_macro::cps;

/// The first try at a suspension point, which does not suspend where that can be helped.
#[derive(Debug)]
pub enum Attempt<V, S, G> {
    /// The value is there.
    Ready(V),
    /// State to keep in the frame, and how to wait: `G: FnOnce(Continuation) ->
    /// Option<Continuation> + 'static`.
    Wait(S, G),
}

/// The closure of a `suspend!`, unchanged: here its parameter's type is known, which a `let` would
/// not tell; and what is no such closure is refused here, and not again where it is used.
pub fn giving<G>(give: G) -> impl FnOnce(Continuation) -> Option<Continuation> + 'static
where
    G: FnOnce(Continuation) -> Option<Continuation> + 'static,
{
    give
}

/// What code yields behind which nothing goes on, as the `else` of a `let`.
#[derive(Debug)]
pub enum MustDiverge {}

/// What a frame holds must be able to change threads; this says so of one local, where the compiler
/// can point at it.
#[inline(always)]
pub fn held_across_a_suspension<T: Send + ?Sized>(_: &T) {}

/// What a call yields that never returns: `!`, which stable Rust lets one name no other way. It
/// turns into any type, so that such a call can stand wherever a value is expected.
pub type Never = <fn() -> ! as Yields>::Value;

/// What a function yields.
pub trait Yields {
    /// What it yields.
    type Value;
}

impl<T> Yields for fn() -> T {
    type Value = T;
}
