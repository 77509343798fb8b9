//! Looking at what waits: the calls of a suspended chain, each with its function and the line where
//! it is suspended.
//!
//! Nothing is noted while a call runs. The frame tells its state, and a table in the program tells
//! the state's name and line; where the frame is lent to a callee, so that it must not be looked at,
//! the cell's header tells the state.

use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

use crate::Continuation;
use crate::cell::Ptr;

/// A call of a `#[cps]` function that has not ended: which function, and where it is suspended.
///
/// Displayed as `path::function at file:line (state)`.
///
/// ```
/// use cps_core::{coop, cps, thunk};
///
/// struct Clock(u32);
///
/// impl Clock {
///     #[cps]
///     fn tick(mut self) -> u32 {
///         coop!();
///         self.0 += 1;
///         self.0
///     }
/// }
///
/// let suspended = thunk!(Clock(0).tick()).into_continuation().trampoline().unwrap();
/// let tick = suspended.calls().next().unwrap();
/// assert_eq!((tick.function(), tick.state()), ("tick", "Coop1"));
/// assert!(tick.path().ends_with("::Clock"));
/// let place = format!("at {}:{} (Coop1)", file!(), line!() - 10);
/// assert!(tick.to_string().ends_with(&place), "{tick}");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Call {
    path: &'static str,
    function: &'static str,
    file: &'static str,
    line: u32,
    state: &'static str,
}

impl Call {
    /// One of which nothing is told.
    pub(crate) const UNKNOWN: Self = Call {
        path: "?",
        function: "?",
        file: "?",
        line: 0,
        state: "?",
    };

    /// Where the function is: the path of its module, or the name of the type that it is a method
    /// of.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The name of the function.
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// The source file, as `file!()` names it.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line of the suspension point that the call waits at; where it has not started, that of
    /// the function's name.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The state's name in the expansion: the suspension point and which of its kind it is, as in
    /// `Coop1`; or `Start`.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.state
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call {
            path,
            function,
            file,
            line,
            state,
        } = self;
        write!(f, "{path}::{function} at {file}:{line} ({state})")
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The calls of a suspended chain, from the innermost outwards: what
/// [`Continuation::calls`] gives.
///
/// ```
/// use cps_core::{Calls, call, coop, cps, thunk};
///
/// #[cps]
/// fn down(depth: usize) {
///     if depth > 1 {
///         call!(down(depth - 1))
///     } else {
///         coop!();
///     }
/// }
///
/// let suspended = thunk!(down(100_000)).into_continuation().trampoline().unwrap();
/// let calls: Calls<'_> = suspended.calls();
/// assert_eq!(calls.count(), 100_000);
/// ```
#[derive(Clone)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct Calls<'a> {
    next: Option<Ptr>,
    lives: PhantomData<&'a Continuation>,
}

impl Calls<'_> {
    /// # Safety
    ///
    /// During the lifetime, the chain that begins at `cell` is alive and no leg of it runs. `cell`
    /// does not wait for a callee.
    pub(crate) unsafe fn of(cell: Ptr) -> Self {
        Calls {
            next: Some(cell),
            lives: PhantomData,
        }
    }
}

impl Iterator for Calls<'_> {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        while let Some(cell) = self.next {
            // SAFETY: the chain is alive.
            self.next = unsafe { cell.parent() };
            // SAFETY: no leg runs; and a cell whose callee borrows from it was lent when that was
            // called.
            if let Some(call) = unsafe { cell.site() } {
                return Some(call);
            }
        }
        None
    }
}

impl FusedIterator for Calls<'_> {}

impl fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// What an expansion tells of its function.
///
/// A closure from `Option<&Frame>` makes it, with the state that the frame is in, from which variant the
/// frame is and nothing else: a continuation may be looked at by several threads at once, whatever its frames
/// hold. There is no frame where it is lent.
#[derive(Clone, Copy, Debug)]
pub struct Site<const LENDS: usize> {
    /// Where the function stands.
    pub path: Path,
    /// Its name.
    pub function: &'static str,
    /// Its source file.
    pub file: &'static str,
    /// Its states, each with its line. Of a function that names none, nothing is shown.
    pub states: &'static [(&'static str, u32)],
    /// Those in which a callee borrows from the frame.
    pub lends: [usize; LENDS],
}

/// Where a function stands.
#[derive(Clone, Copy, Debug)]
pub enum Path {
    /// In this module.
    Module(&'static str),
    /// It is a method of the type of which this tells the name.
    Type(fn() -> &'static str),
}

impl Site<1> {
    /// Where nothing is told.
    pub(crate) const UNKNOWN: &'static Self = &Site {
        path: Path::Module("?"),
        function: "?",
        file: "?",
        states: &[],
        lends: [0],
    };
}

impl<const LENDS: usize> Site<LENDS> {
    /// The call: in the state `at`, or in that where the frame is lent, as `lends` say at `lend`.
    pub(crate) fn call(&self, at: usize, lend: Option<usize>) -> Option<Call> {
        let at = match lend {
            Some(lend) => *self.lends.get(lend)?,
            None => at,
        };
        let (state, line) = self.states.get(at).copied()?;
        Some(Call {
            path: match self.path {
                Path::Module(path) => path,
                Path::Type(name) => name(),
            },
            function: self.function,
            file: self.file,
            line,
            state,
        })
    }
}
