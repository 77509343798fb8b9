//! What `call!` takes: in an ordinary function a call that may go anywhere, in a local one either kind.

use crate::{LocalThunk, Thunk};

/// A call, of either kind.
pub trait CallOf {
    /// The same, if it may go anywhere.
    type Call;
}

impl<'a, T> CallOf for Thunk<'a, T> {
    type Call = Thunk<'a, T>;
}

impl<'a, T> CallOf for LocalThunk<'a, T> {
    type Call = Thunk<'a, T>;
}

/// What an ordinary function can `call!`.
#[diagnostic::on_unimplemented(
    message = "`call!` cannot call `{Self}` here",
    label = "this is no `Thunk`",
    note = "a `LocalThunk` stays on its thread, which only a `#[cps(local)]` function is sure not to leave: \
            make the caller `local` too, or call the function plainly, without `call!`"
)]
pub trait Callee: CallOf {
    /// The call.
    fn called(self) -> Self::Call;
}

impl<'a, T> Callee for Thunk<'a, T> {
    #[inline(always)]
    fn called(self) -> Thunk<'a, T> {
        self
    }
}

/// What a `#[cps(local)]` function can `call!`.
#[diagnostic::on_unimplemented(
    message = "`call!` cannot call `{Self}` here",
    label = "this is neither a `Thunk` nor a `LocalThunk`"
)]
pub trait LocalCallee {
    /// The kind of call that it becomes: one that stays on its thread.
    type Call;

    /// The call.
    fn called(self) -> Self::Call;
}

impl<T> LocalCallee for LocalThunk<'_, T> {
    type Call = Self;

    #[inline(always)]
    fn called(self) -> Self {
        self
    }
}

/// It may leave the thread, and its caller must not: so the caller's leg runs it to its end.
impl<'a, T: 'a> LocalCallee for Thunk<'a, T> {
    type Call = LocalThunk<'a, T>;

    #[inline]
    fn called(self) -> LocalThunk<'a, T> {
        LocalThunk::of_ordinary(self)
    }
}

/// What an ordinary function calls.
#[inline(always)]
pub fn callee<C: Callee>(callee: C) -> C::Call {
    callee.called()
}

/// What a `#[cps(local)]` function calls.
#[inline(always)]
pub fn local_callee<C: LocalCallee>(callee: C) -> C::Call {
    callee.called()
}
