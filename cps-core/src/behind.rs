//! References that do not point into the frame.
//!
//! A local `let r = &place;` is built again by each leg, since a frame cannot point into itself. But a place
//! that lies behind a shared reference is not in the frame; and what holds that reference may hold another
//! one later, while `r` stays what it was. So such an `r` is held itself. Where the place begins, and at each
//! step to it, method lookup tells whether there is a shared reference: it takes an inherent method before
//! one of what a type points to.

use alloc::boxed::Box;
use core::marker::PhantomData;
use core::ops::Deref;

use crate::before::TakenBefore;

/// A place on the way to the one that is borrowed: its type.
#[derive(Debug)]
pub struct Behind<P: ?Sized>(PhantomData<fn(&P)>);

impl<P: ?Sized> Behind<P> {
    /// Looks at a place.
    pub fn of(_: &P) -> Self {
        Behind::unknown()
    }

    /// A place of which the type is to be told.
    #[must_use]
    pub fn unknown() -> Self {
        Behind(PhantomData)
    }

    /// Tells the type. Only the compiler comes here: of the place, parts may have been moved.
    pub fn like(&self, _: &P) {}
}

impl<T: ?Sized> Behind<&T> {
    /// What is behind it does not lie in the frame.
    pub fn hold<R, E>(&self, reference: R, _: E) -> R {
        reference
    }

    /// The same, where it is what this is the reference to, and not a part of what lies further on.
    pub fn point<R, E>(&self, reference: R, _: E) -> R {
        reference
    }

    /// There may be another reference later.
    pub fn steady(&self)
    where
        T: TakenBefore,
    {
    }
}

impl<T: ?Sized> Behind<&mut &T> {
    /// What is behind it does not lie in the frame.
    pub fn hold<R, E>(&self, reference: R, _: E) -> R {
        reference
    }
}

impl<T: ?Sized> Behind<Box<&T>> {
    /// What is behind it does not lie in the frame.
    pub fn hold<R, E>(&self, reference: R, _: E) -> R {
        reference
    }
}

/// Any other place.
#[derive(Debug)]
pub struct Within;

impl Within {
    /// What the places before say.
    pub fn hold<R, E>(&self, _: R, otherwise: E) -> E {
        otherwise
    }

    /// The same.
    pub fn point<R, E>(&self, _: R, otherwise: E) -> E {
        otherwise
    }

    /// It is what it was.
    pub fn steady(&self) {}
}

impl<P: ?Sized> Deref for Behind<P> {
    type Target = Within;

    fn deref(&self) -> &Within {
        &Within
    }
}

/// A reference again: the one that was held, or the one that was built.
pub trait Again<R> {
    /// The reference.
    fn again(self, built: R) -> R;
}

impl<R> Again<R> for () {
    fn again(self, built: R) -> R {
        built
    }
}

impl<'r, 'held: 'r, T: ?Sized> Again<&'r T> for &'held T {
    fn again(self, _: &'r T) -> &'r T {
        self
    }
}
