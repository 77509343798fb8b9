//! Legs in which a macro may hide `return` and `?`.
//!
//! An expansion turns the `return` that it sees into the end of a leg; what a macro of the author's expands
//! to it does not see. A `return` there yields the function's value, where a leg yields a [`Leg`]. So such a
//! leg is written as an `async` block, in which `return` yields what the block does: the function's value. It
//! is polled once. Where it ends in any other way, it leaves that here and waits for what never comes.

use core::cell::Cell;
use core::convert::Infallible;
use core::fmt;
use core::future::{Future, Pending, pending};
use core::pin::pin;
use core::task::{self, Poll, Waker};

use crate::expansion::{Context, Leg, Ret};
use crate::local::Anywhere;

/// A leg's [`Context`], and what the leg has ended in.
pub struct Hiding<'leg, 'l, F, T, R = Anywhere> {
    cx: Cell<Option<Context<'leg, F, T, R>>>,
    left: Cell<Option<Leg<'leg, 'l>>>,
}

impl<'leg, 'l, F, T, R> Hiding<'leg, 'l, F, T, R> {
    /// For a leg that has not begun.
    #[inline]
    #[must_use]
    pub fn new(cx: Context<'leg, F, T, R>) -> Self {
        Hiding {
            cx: Cell::new(Some(cx)),
            left: Cell::new(None),
        }
    }

    /// The context, to end with.
    ///
    /// # Panics
    ///
    /// If the leg has ended.
    #[inline]
    pub fn own(&self) -> Context<'leg, F, T, R> {
        self.cx.take().expect("a leg ends once")
    }

    /// Like [`Context::take`].
    ///
    /// # Panics
    ///
    /// Like that.
    #[inline]
    #[must_use = "the frame holds the locals"]
    pub fn take(&self) -> F {
        let mut cx = self.own();
        let frame = cx.take();
        self.cx.set(Some(cx));
        frame
    }

    /// Like [`Returned::returned`](crate::expansion::Returned::returned).
    ///
    /// # Panics
    ///
    /// Like that.
    #[inline]
    pub fn returned<U>(&self, ret: Ret<U>) -> U {
        let mut cx = self.own();
        let value = cx.callee.returned(ret);
        self.cx.set(Some(cx));
        value
    }

    /// Says of which type the function's value is. Only the compiler comes here.
    pub fn value(&self) -> T {
        unreachable!("only the compiler looks at this")
    }

    /// Ends the leg: nothing runs behind it.
    #[inline]
    pub fn left(&self, leg: Leg<'leg, 'l>) -> Pending<Infallible> {
        self.left.set(Some(leg));
        pending()
    }

    /// Runs the leg. What is left of it is dropped before it has ended.
    ///
    /// # Panics
    ///
    /// If it waits for anything else, which no expansion does.
    #[inline]
    pub fn run(&self, leg: impl Future<Output = T>) -> Leg<'leg, 'l> {
        let polled = pin!(leg).poll(&mut task::Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(value) => self.own().done(value),
            Poll::Pending => self.left.take().expect("a leg that waits has ended"),
        }
    }
}

impl<F, T, R> fmt::Debug for Hiding<'_, '_, F, T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Hiding")
    }
}
