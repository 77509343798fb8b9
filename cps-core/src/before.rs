//! Places that Rust looks at before what stands behind them is evaluated.
//!
//! In `self.at == call!(next(self))` the left side is copied first, if it can be. If it cannot, it is
//! borrowed, and nothing behind it changes it; unless it lies behind a shared reference, and another one is
//! there later. Method lookup tells which it is, as in `behind`.
//!
//! In `self.at.max(call!(next(self)))` the method is called on what `self.at` was, if that is `Copy`; but one
//! that borrows it exclusively is called on the place.

use core::ops::{Deref, DerefMut};

/// A place that something may change behind it.
#[derive(Debug)]
pub struct Before<'p, P: ?Sized>(&'p P);

impl<'p, P: ?Sized> Before<'p, P> {
    /// Looks at a place.
    pub fn of(place: &'p P) -> Self {
        Before(place)
    }
}

impl<P: Copy> Before<'_, P> {
    /// What it holds now.
    pub fn value<E>(&self, _: E) -> Copied<P> {
        Copied(*self.0)
    }

    /// It may be another value later.
    pub fn steady(&self)
    where
        P: TakenBefore,
    {
    }
}

impl<P: Copy> Before<'_, &mut P> {
    /// It may refer to another value later.
    pub fn refers(&self)
    where
        P: TakenBefore,
    {
    }
}

impl<P: ?Sized> Deref for Before<'_, P> {
    type Target = Later;

    fn deref(&self) -> &Later {
        &Later
    }
}

/// Never implemented.
#[diagnostic::on_unimplemented(
    message = "what this is called on may change before it is called",
    label = "this may be another value then",
    note = "bind it before: `let value = ..;`, and call that"
)]
pub trait TakenBefore {}

/// A place is looked at when it is used.
#[derive(Clone, Copy, Debug)]
pub struct Later;

impl Later {
    /// What else there is to say.
    pub fn value<E>(&self, otherwise: E) -> E {
        otherwise
    }

    /// It is what it was.
    pub fn steady(&self) {}

    /// It refers to what it did.
    pub fn refers(&self) {}
}

/// What a place held.
#[derive(Clone, Copy, Debug)]
pub struct Copied<P>(P);

/// What a place held, or holds.
pub trait Compared<P: ?Sized> {
    /// The value.
    fn at<'a>(&'a self, place: &'a P) -> &'a P;
}

impl<P> Compared<P> for Copied<P> {
    fn at<'a>(&'a self, _: &'a P) -> &'a P {
        &self.0
    }
}

impl<P: ?Sized> Compared<P> for &P {
    fn at<'a>(&'a self, _: &'a P) -> &'a P {
        self
    }
}

impl<P: ?Sized> Compared<P> for Later {
    fn at<'a>(&'a self, place: &'a P) -> &'a P {
        place
    }
}

/// A place that a method is called on.
pub trait Called<P: ?Sized> {
    /// What leads to what the method is called on.
    type On<'a>
    where
        Self: 'a,
        P: 'a;

    /// What the place held, where a method takes it by value or looks at it; else the place.
    fn on<'a>(&'a self, place: &'a mut P) -> Self::On<'a>;
}

/// What a place held, and the place.
#[derive(Debug)]
pub struct Both<'a, P> {
    held: &'a P,
    place: &'a mut P,
}

impl<P> Deref for Both<'_, P> {
    type Target = P;

    fn deref(&self) -> &P {
        self.held
    }
}

impl<P> DerefMut for Both<'_, P> {
    fn deref_mut(&mut self) -> &mut P {
        self.place
    }
}

impl<P> Called<P> for Copied<P> {
    type On<'a>
        = Both<'a, P>
    where
        P: 'a;

    fn on<'a>(&'a self, place: &'a mut P) -> Both<'a, P> {
        let held = &self.0;
        Both { held, place }
    }
}

impl<P: ?Sized> Called<P> for Later {
    type On<'a>
        = &'a mut P
    where
        P: 'a;

    fn on<'a>(&'a self, place: &'a mut P) -> &'a mut P {
        place
    }
}
