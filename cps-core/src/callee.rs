//! What `call!` takes: in an ordinary function a call that may go anywhere, in a local one either kind.

use crate::{LocalThunk, Thunk};

/// What an ordinary function can `call!`.
#[diagnostic::on_unimplemented(
    message = "`call!` cannot call `{Self}` here",
    label = "a `Thunk` is called here, and this is a `{Self}`",
    note = "a `LocalThunk` stays on its thread, and a function that is not `local` may leave it: \
            annotate the caller with `#[cps(local)]` too, or call the function plainly"
)]
pub trait Callee<'a, T> {
    /// The call.
    fn thunk(self) -> Thunk<'a, T>;
}

impl<'a, T> Callee<'a, T> for Thunk<'a, T> {
    #[inline(always)]
    fn thunk(self) -> Thunk<'a, T> {
        self
    }
}

/// What a `#[cps(local)]` function can `call!`.
#[diagnostic::on_unimplemented(
    message = "`call!` cannot call `{Self}` here",
    label = "a `Thunk` or `LocalThunk` is called here, and this is a `{Self}`"
)]
pub trait LocalCallee<'a, T> {
    /// The call, as one that stays on its thread.
    fn thunk(self) -> LocalThunk<'a, T>;
}

impl<'a, T> LocalCallee<'a, T> for LocalThunk<'a, T> {
    #[inline(always)]
    fn thunk(self) -> LocalThunk<'a, T> {
        self
    }
}

/// It may leave the thread, and its caller must not: so the caller's leg runs it to its end.
impl<'a, T: 'a> LocalCallee<'a, T> for Thunk<'a, T> {
    #[inline]
    fn thunk(self) -> LocalThunk<'a, T> {
        LocalThunk::of_ordinary(self)
    }
}

/// What an ordinary function calls.
#[inline(always)]
pub fn callee<'a, T>(callee: impl Callee<'a, T>) -> Thunk<'a, T> {
    callee.thunk()
}

/// What a `#[cps(local)]` function calls.
#[inline(always)]
pub fn local_callee<'a, T>(callee: impl LocalCallee<'a, T>) -> LocalThunk<'a, T> {
    callee.thunk()
}
