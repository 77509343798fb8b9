//! A call that has not started.

use core::fmt;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, forget};
use core::ptr;

use crate::calls::Site;
use crate::cell::{Body, Cell, Ptr};
use crate::context::{Context, Leg};
use crate::steps::Steps;
use crate::{Call, Continuation};

/// A call that has not started: its arguments, and the function that they are for.
///
/// Made by `thunk!(f(args))`. Lazy: nothing runs before it is [run](Self::run),
/// [started](Self::start_with), or called with `call!`; dropped before that, it drops the
/// arguments. `'a` is how long what it borrows lives.
///
/// ```
/// use cps_core::{Thunk, coop, cps, thunk};
///
/// #[cps]
/// fn shout(word: &str) -> String {
///     coop!();
///     word.to_uppercase()
/// }
///
/// let word = String::from("hey");
/// let call: Thunk<'_, String> = thunk!(shout(&word));
/// assert_eq!(call.run(), "HEY");
/// ```
#[must_use = "a thunk does nothing until it is run, started or called"]
pub struct Thunk<'a, T> {
    cell: Ptr,
    lives: PhantomData<&'a ()>,
    value: PhantomData<fn() -> T>,
}

// SAFETY: a thunk owns one cell that has not started. Its frame is `Send` (`Thunk::new` asks for
// it).
unsafe impl<T: Send> Send for Thunk<'_, T> {}

// SAFETY: through a shared reference one can read which function it is for, and nothing of what it
// holds (see `Site`).
unsafe impl<T: Send> Sync for Thunk<'_, T> {}

impl<'a, T: Send + 'a> Thunk<'a, T> {
    /// Makes the call whose first frame is `start` and whose legs `step` runs. For expansions of
    /// `#[cps]`.
    ///
    /// `step` captures nothing, which is checked when it is compiled. Frames and results may change
    /// threads between any two legs.
    #[doc(hidden)]
    #[inline]
    pub fn new<F, S>(start: F, step: S) -> Thunk<'a, T>
    where
        F: Send + 'a,
        S: for<'leg> Fn(Context<'leg, F, T>) -> Leg<'leg, 'a> + Copy + Send + 'a,
    {
        Self::described(start, step, |_| (Site::UNKNOWN, 0))
    }

    /// Like [`new`](Self::new), with what there is to say to those who look at the call while it
    /// waits: see [`Site`]. `describe` captures nothing either.
    #[doc(hidden)]
    #[inline]
    pub fn described<F, S, D, const LENDS: usize>(start: F, step: S, describe: D) -> Thunk<'a, T>
    where
        F: Send + 'a,
        S: for<'leg> Fn(Context<'leg, F, T>) -> Leg<'leg, 'a> + Copy + Send + 'a,
        D: Fn(Option<&F>) -> (&'static Site<LENDS>, usize) + Copy + Send + 'a,
    {
        // Their types are all there is of them.
        let _ = (step, describe);
        let start = ManuallyDrop::new(start);
        let cell = Ptr::allocate(&Steps::<'a, F, T, S, D, LENDS>::VTABLE);
        let typed = cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: the vtable is that of a `Cell<F, T>`, to which nothing else points.
        unsafe { ptr::write(&raw mut (*typed).body, Body::Frame(start)) };
        Thunk {
            cell,
            lives: PhantomData,
            value: PhantomData,
        }
    }
}

impl<T> Thunk<'_, T> {
    /// # Safety
    ///
    /// The caller owns the cell of a call that has not started, for a value `T`, and gives it up.
    /// What it borrows lives as long as the lifetime says. If its frame or `T` is not `Send`, the
    /// thunk and what is made of it stay on this thread.
    pub(crate) unsafe fn of(cell: Ptr) -> Self {
        Thunk {
            cell,
            lives: PhantomData,
            value: PhantomData,
        }
    }

    /// How many bytes the call takes in the heap, from now until it has returned: two pointers, and
    /// room for its largest frame or its value.
    ///
    /// ```
    /// use cps_core::{coop, cps, thunk};
    ///
    /// #[cps]
    /// fn rest() {
    ///     coop!();
    ///     coop!();
    /// }
    ///
    /// assert_eq!(thunk!(rest()).size(), 3 * size_of::<usize>());
    /// ```
    #[must_use]
    pub fn size(&self) -> usize {
        // SAFETY: a thunk's cell is alive.
        unsafe { self.cell.vtable() }.layout.size()
    }

    /// What is called, and the line where that function begins.
    ///
    /// ```
    /// use cps_core::{cps, thunk};
    ///
    /// #[cps]
    /// fn rest() {}
    ///
    /// assert_eq!(thunk!(rest()).call().function(), "rest");
    /// ```
    #[must_use]
    pub fn call(&self) -> Call {
        // SAFETY: a thunk's cell is alive and has not started, so it has no callee.
        unsafe { self.cell.site() }.unwrap_or(Call::UNKNOWN)
    }

    /// The cell is then the caller's to own.
    pub(crate) fn into_ptr(self) -> Ptr {
        let cell = self.cell;
        forget(self);
        cell
    }

    /// Starts the call with `root` to hear of its outcome.
    ///
    /// # Safety
    ///
    /// `root` is the cell of a root for values `T`, alive until it is told. What the thunk borrows
    /// lives until then.
    pub(crate) unsafe fn start_at(self, root: Ptr) -> Continuation {
        let cell = self.into_ptr();
        // SAFETY: a thunk's cell is owned, suspended at its start, and has no parent.
        unsafe {
            cell.link(root);
            Continuation::from_ptr(cell)
        }
    }
}

impl<T: 'static> Thunk<'static, T> {
    /// Starts the call with no one to hear of its outcome: the value is dropped, and a panic comes
    /// out of where the continuation is run. Allocates nothing.
    ///
    /// ```
    /// use cps_core::{cps, thunk};
    ///
    /// #[cps]
    /// fn greet(name: String) {
    ///     println!("hello {name}");
    /// }
    ///
    /// thunk!(greet("you".into())).into_continuation().run();
    /// ```
    pub fn into_continuation(self) -> Continuation {
        // SAFETY: a thunk's cell is owned and suspended at its start; it borrows nothing.
        unsafe { Continuation::from_ptr(self.into_ptr()) }
    }
}

impl<T> Drop for Thunk<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the cell is owned, has not started, and so has no callee.
        unsafe { self.cell.free() }
    }
}

impl<T> fmt::Debug for Thunk<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Thunk").field(&self.call()).finish()
    }
}
