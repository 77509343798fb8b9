//! Locals of which the frame holds nothing but the type.
//!
//! A local that was given away, and is only assigned behind a suspension, is declared anew there. Its type
//! may be told by what stood before alone: `let mut n = 1u8; f(n); coop!(); n = 2;`.

use core::fmt;
use core::marker::PhantomData;

/// Knows a type.
pub struct Typed<T>(PhantomData<fn() -> T>);

impl<T> Typed<T> {
    /// A type to be told.
    #[inline]
    #[must_use]
    pub fn unknown() -> Self {
        Typed(PhantomData)
    }

    /// Tells the type, or is told. Only the compiler comes here.
    pub fn like(&self, _: &T) {}
}

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Typed<T> {}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Typed")
    }
}
