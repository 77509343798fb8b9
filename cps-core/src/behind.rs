//! References that do not point into the frame.
//!
//! A local `let r = &place;` is built again by each leg, since a frame cannot point into itself. But a place
//! that lies behind a shared reference is not in the frame; and what holds that reference may hold another
//! one later, while `r` stays what it was. So such an `r` is held itself. Where the place begins, and at each
//! step to it, method lookup tells whether there is a shared reference: it takes an inherent method before
//! one of what a type points to.

use alloc::boxed::Box;
use core::ops::Deref;

use crate::before::TakenBefore;

/// A place on the way to the one that is borrowed.
#[derive(Debug)]
pub struct Behind<'p, P: ?Sized>(&'p P);

impl<'p, P: ?Sized> Behind<'p, P> {
    /// Looks at a place.
    pub fn of(place: &'p P) -> Self {
        Behind(place)
    }
}

impl<T: ?Sized> Behind<'_, &T> {
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

impl<T: ?Sized> Behind<'_, &mut &T> {
    /// What is behind it does not lie in the frame.
    pub fn hold<R, E>(&self, reference: R, _: E) -> R {
        reference
    }
}

impl<T: ?Sized> Behind<'_, Box<&T>> {
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

impl<P: ?Sized> Deref for Behind<'_, P> {
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
