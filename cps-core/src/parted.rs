//! Locals of which a part was given away.
//!
//! `f(x.part)` moves the part out of `x`, or copies it where its type is `Copy`; the text does not tell
//! which. The frame then holds all of `x`, or what is left of it. Method lookup decides, as for
//! [`Keep`](crate::keep::Keep), and with it the compiler's view of what can be reached: the arm that names
//! all of `x` stands behind a call that never returns where a part was moved, so that nothing there is a use
//! of it, and the other way round.

use core::fmt;
use core::marker::PhantomData;

/// Knows the types of the parts that were given away.
pub struct Taken<P>(PhantomData<fn() -> P>);

impl<P> Taken<P> {
    /// Types to be told.
    #[inline]
    #[must_use]
    pub fn unknown() -> Self {
        Taken(PhantomData)
    }

    /// Tells the types. Only the compiler comes here.
    pub fn tell(&self, _: P) {}
}

/// A value of a place's type, for code that is not run.
pub fn like<T>(_: &T) -> T {
    unreachable!("only the compiler looks at this")
}

/// Knows the type of what a pattern takes apart.
pub struct Matched<T>(PhantomData<fn() -> T>);

impl<T> Matched<T> {
    /// The type of this.
    #[must_use]
    pub fn like(_: &T) -> Self {
        Matched(PhantomData)
    }
}

impl<T: ?Sized> Matched<&T> {
    /// Behind a reference the pattern borrows: nothing is taken.
    pub fn part<P>(&self, _: P) {}
}

impl<T: ?Sized> Matched<&mut T> {
    /// The same.
    pub fn part<P>(&self, _: P) {}
}

impl<T> fmt::Debug for Matched<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Matched")
    }
}

/// The other case: the pattern takes what it binds.
pub trait MatchedWhole {
    /// The part that is taken.
    fn part<P>(&self, part: P) -> P {
        part
    }
}

impl<T> MatchedWhole for Matched<T> {}

impl<P: Copy> Taken<P> {
    /// Whether all parts are still there.
    #[inline]
    pub fn is_whole(&self) -> bool {
        true
    }

    /// Returns if all parts are still there.
    #[inline]
    pub fn whole(&self) {}

    /// Returns if some part is gone.
    pub fn parted(&self) -> ! {
        unreachable!("nothing was moved")
    }

    /// What stands in the frame.
    #[inline]
    pub fn choose<W, L>(&self, whole: Option<W>, _: Option<L>) -> W {
        whole.expect("nothing was moved")
    }
}

/// The other case: some part is not `Copy`, so it was moved.
pub trait Parted {
    /// Whether all parts are still there.
    #[inline]
    fn is_whole(&self) -> bool {
        false
    }

    /// Returns if all parts are still there.
    fn whole(&self) -> ! {
        unreachable!("a part was moved")
    }

    /// Returns if some part is gone.
    #[inline]
    fn parted(&self) {}

    /// What stands in the frame.
    #[inline]
    fn choose<W, L>(&self, _: Option<W>, left: Option<L>) -> L {
        left.expect("a part was moved")
    }
}

impl<P> Parted for Taken<P> {}

impl<P> fmt::Debug for Taken<P> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Taken")
    }
}

/// Stands where a part was moved out.
#[derive(Debug)]
pub struct Gone;

impl Gone {
    /// It is gone.
    pub fn __parted(&self) -> Gone {
        Gone
    }
}

/// What is left of a local that some ways took apart, kept for its drop: all of it where nothing was moved,
/// or its parts without those that were.
#[derive(Debug)]
pub enum Rest<W, P> {
    /// Nothing was moved.
    Whole(W),
    /// Something was.
    Parts(P),
}

/// Tells what is whole from [`Gone`], and from what an expansion made to hold the parts of a local,
/// which have a method of this name that yields `Gone`.
pub trait Whole {
    /// Nothing is gone.
    fn __parted(&self) {}
}

impl<T: ?Sized> Whole for T {}

/// `$whole`, or `$left` where one of the parts was moved.
#[doc(hidden)]
#[macro_export]
macro_rules! __left_of {
    ([$($taken:expr),+] $whole:expr, $left:expr) => {{
        use $crate::expansion::{
            KeepDrop as _, KeepExclusive as _, MatchedWhole as _, Parted as _, Whole as _,
        };
        let taken = $crate::expansion::Taken::unknown();
        if false {
            ::core::unreachable!();
            taken.tell(($($taken,)+));
        }
        let (whole, left) = if taken.is_whole() {
            taken.whole();
            (::core::option::Option::Some($whole), ::core::option::Option::None)
        } else {
            taken.parted();
            (::core::option::Option::None, ::core::option::Option::Some($left))
        };
        taken.choose(whole, left)
    }};
}
