//! `?` in expansions: the part of `core::ops::Try` that they need, until that is stable.

use core::convert::Infallible;
use core::ops::ControlFlow;
use core::task::Poll;

/// What `?` can be applied to.
#[diagnostic::on_unimplemented(
    message = "the `?` operator can only be applied to values of type `Option`, `Result`, `ControlFlow` or `Poll`",
    label = "the `?` operator cannot be applied to type `{Self}`"
)]
pub trait Try {
    /// What `?` evaluates to.
    type Output;
    /// What `?` returns early with, converted by [`FromResidual`].
    type Residual;

    /// Decides between going on and returning early.
    fn branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

/// What a function that uses `?` on something with the residual `R` returns.
#[diagnostic::on_unimplemented(
    message = "the `?` operator cannot return `{R}` from a function that returns `{Self}`",
    label = "cannot use the `?` operator in a function that returns `{Self}`",
    note = "the function returns `Result`, `Option`, `ControlFlow` or `Poll`, the same as what `?` is applied to"
)]
pub trait FromResidual<R> {
    /// Makes the value to return early with.
    fn from_residual(residual: R) -> Self;
}

/// `From`, with a message about `?`.
#[diagnostic::on_unimplemented(
    message = "`?` couldn't convert the error to `{Self}`",
    label = "the trait `From<{E}>` is not implemented for `{Self}`",
    note = "the question mark operation (`?`) implicitly performs a conversion on the error value using the `From` trait"
)]
pub trait FromError<E> {
    /// Converts the error.
    fn from_error(error: E) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E, F: From<E>> FromError<E> for F {
    fn from_error(error: E) -> Self {
        F::from(error)
    }
}

impl<T> Try for Option<T> {
    type Output = T;
    type Residual = Option<Infallible>;

    fn branch(self) -> ControlFlow<Self::Residual, T> {
        self.map_or(ControlFlow::Break(None), ControlFlow::Continue)
    }
}

impl<T> FromResidual<Option<Infallible>> for Option<T> {
    fn from_residual(_: Option<Infallible>) -> Self {
        None
    }
}

impl<T, E> Try for Result<T, E> {
    type Output = T;
    type Residual = Result<Infallible, E>;

    fn branch(self) -> ControlFlow<Self::Residual, T> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(Err(error)),
        }
    }
}

impl<T, E, F: FromError<E>> FromResidual<Result<Infallible, E>> for Result<T, F> {
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        let Err(error) = residual;
        Err(F::from_error(error))
    }
}

impl<B, C> Try for ControlFlow<B, C> {
    type Output = C;
    type Residual = ControlFlow<B, Infallible>;

    fn branch(self) -> ControlFlow<Self::Residual, C> {
        match self {
            ControlFlow::Continue(value) => ControlFlow::Continue(value),
            ControlFlow::Break(value) => ControlFlow::Break(ControlFlow::Break(value)),
        }
    }
}

impl<B, C> FromResidual<ControlFlow<B, Infallible>> for ControlFlow<B, C> {
    fn from_residual(residual: ControlFlow<B, Infallible>) -> Self {
        let ControlFlow::Break(value) = residual;
        ControlFlow::Break(value)
    }
}

impl<T, E> Try for Poll<Result<T, E>> {
    type Output = Poll<T>;
    type Residual = Result<Infallible, E>;

    fn branch(self) -> ControlFlow<Self::Residual, Poll<T>> {
        match self {
            Poll::Ready(Ok(value)) => ControlFlow::Continue(Poll::Ready(value)),
            Poll::Ready(Err(error)) => ControlFlow::Break(Err(error)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<T, E, F: FromError<E>> FromResidual<Result<Infallible, E>> for Poll<Result<T, F>> {
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        Poll::Ready(Result::from_residual(residual))
    }
}

impl<T, E> Try for Poll<Option<Result<T, E>>> {
    type Output = Poll<Option<T>>;
    type Residual = Result<Infallible, E>;

    fn branch(self) -> ControlFlow<Self::Residual, Poll<Option<T>>> {
        match self {
            Poll::Ready(Some(Ok(value))) => ControlFlow::Continue(Poll::Ready(Some(value))),
            Poll::Ready(Some(Err(error))) => ControlFlow::Break(Err(error)),
            Poll::Ready(None) => ControlFlow::Continue(Poll::Ready(None)),
            Poll::Pending => ControlFlow::Continue(Poll::Pending),
        }
    }
}

impl<T, E, F: FromError<E>> FromResidual<Result<Infallible, E>> for Poll<Option<Result<T, F>>> {
    fn from_residual(residual: Result<Infallible, E>) -> Self {
        Poll::Ready(Some(Result::from_residual(residual)))
    }
}
