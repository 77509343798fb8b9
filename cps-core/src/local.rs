//! Calls that stay on their thread: of `#[cps(local)]` functions, whose frames and values need not be
//! `Send`.
//!
//! A chain of local calls consists of local calls only. Nothing hands it to anyone but the thread that
//! it is on: a [`LocalContinuation`] comes back from the trampoline or it is finished, since a local
//! function is suspended by `coop!` and `call!` alone. An ordinary function that it calls runs as a
//! chain of its own, for which the thread waits as it does in a plain call.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ptr;

use crate::calls::{Calls, Site};
use crate::cell::{Body, Cell, Ptr};
use crate::context::{Context, Leg, Lent, Ret, Stay};
use crate::steps::Steps;
use crate::{Call, Continuation, Outcome, Receive, Thunk};

/// Says of a function that its continuation may go to any thread.
#[derive(Debug)]
pub enum Anywhere {}

/// Says of a function that its continuation stays on its thread.
#[derive(Debug)]
pub enum Local {}

/// Neither `Send` nor `Sync`.
type Stays = [*mut (); 0];

/// A call of a `#[cps(local)]` function that has not started. It stays on its thread, as does all that
/// becomes of it, so what the function holds need not be `Send`.
///
/// Made by `thunk!(f(args))`, as a [`Thunk`] is, and as lazy.
///
/// ```
/// use cps_core::{LocalThunk, call, coop, cps, thunk};
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// #[cps(local)]
/// fn note(log: &RefCell<Vec<u32>>, n: u32) {
///     let mut held = log.borrow_mut();
///     coop!();
///     held.push(n);
/// }
///
/// #[cps(local)]
/// fn note_both(log: Rc<RefCell<Vec<u32>>>) -> usize {
///     call!(note(&log, 1));
///     call!(note(&log, 2));
///     log.borrow().len()
/// }
///
/// let log = Rc::new(RefCell::default());
/// let call: LocalThunk<'_, usize> = thunk!(note_both(log.clone()));
/// assert_eq!(call.run(), 2);
/// assert_eq!(*log.borrow(), [1, 2]);
/// ```
///
/// It does not leave its thread:
///
/// ```compile_fail,E0277
/// use cps_core::{cps, thunk};
///
/// #[cps(local)]
/// fn stays() {}
///
/// let call = thunk!(stays());
/// std::thread::spawn(move || call.run());
/// ```
#[must_use = "a thunk does nothing until it is run, started or called"]
pub struct LocalThunk<'a, T> {
    /// Not to be had from outside: it would pass for one that may leave.
    thunk: Thunk<'a, T>,
    _stays: Stays,
}

impl<'a, T: 'a> LocalThunk<'a, T> {
    /// Like [`Thunk::described`], for frames and values that stay on their thread.
    #[doc(hidden)]
    #[inline]
    pub fn described<F, S, D, const LENDS: usize>(start: F, step: S, describe: D) -> Self
    where
        F: 'a,
        S: for<'leg> Fn(Context<'leg, F, T, Local>) -> Leg<'leg, 'a> + Copy + 'a,
        D: Fn(Option<&F>) -> (&'static Site<LENDS>, usize) + Copy + 'a,
    {
        let _ = describe;
        let vtable = Steps::<'a, F, T, _, D, LENDS>::of(&move |cx| step(cx.stays()));
        let start = ManuallyDrop::new(start);
        let cell = Ptr::allocate(vtable);
        let typed = cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: the vtable is that of a `Cell<F, T>`, to which nothing else points.
        unsafe { ptr::write(&raw mut (*typed).body, Body::Frame(start)) };
        // SAFETY: the cell has just been made, of what lives for `'a`; a local thunk is neither
        // `Send` nor gives its thunk away, and the context of a local function neither suspends nor
        // migrates.
        let thunk = unsafe { Thunk::of(cell) };
        LocalThunk { thunk, _stays: [] }
    }

    /// A call whose one leg runs an ordinary call to its end.
    pub(crate) fn of_ordinary(thunk: Thunk<'a, T>) -> Self {
        LocalThunk::described(
            thunk,
            |mut cx: Context<'_, Thunk<'a, T>, T, Local>| {
                let value = cx.take().run();
                cx.done(value)
            },
            |_| (Site::UNKNOWN, 0),
        )
    }
}

impl<T> LocalThunk<'_, T> {
    /// Runs the call on this thread to its end, and returns its value. At a `coop!` the thread
    /// looks for what was dispatched to it, then goes on.
    ///
    /// # Panics
    ///
    /// With the call's panic.
    pub fn run(self) -> T {
        self.thunk.run()
    }

    /// How many bytes the call takes in the heap: see [`Thunk::size`].
    #[must_use]
    pub fn size(&self) -> usize {
        self.thunk.size()
    }

    /// What is called: see [`Thunk::call`].
    #[must_use]
    pub fn call(&self) -> Call {
        self.thunk.call()
    }
}

impl<T: 'static> LocalThunk<'static, T> {
    /// Starts the call with no one to hear of its outcome: see [`Thunk::into_continuation`].
    pub fn into_continuation(self) -> LocalContinuation {
        LocalContinuation::new(self.thunk.into_continuation())
    }

    /// Starts the call; `receiver` hears of its outcome, exactly once, on this thread: see
    /// [`Thunk::start_with`].
    ///
    /// ```
    /// use cps_core::{Outcome, cps, thunk};
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// #[cps(local)]
    /// fn seven() -> Rc<u32> {
    ///     Rc::new(7)
    /// }
    ///
    /// let heard = Rc::new(Cell::new(0));
    /// let tell = heard.clone();
    /// thunk!(seven())
    ///     .start_with(move |outcome| {
    ///         if let Outcome::Returned(value) = outcome {
    ///             tell.set(*value);
    ///         }
    ///     })
    ///     .run();
    /// assert_eq!(heard.get(), 7);
    /// ```
    pub fn start_with<R: FnOnce(Outcome<T>) + 'static>(self, receiver: R) -> LocalContinuation {
        LocalContinuation::new(self.thunk.start_with(StaysToo(receiver)))
    }
}

impl<T> fmt::Debug for LocalThunk<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalThunk").field(&self.call()).finish()
    }
}

/// A receiver on the thread where it was made.
struct StaysToo<R>(R);

// SAFETY: it is the root of a local chain, which never leaves the thread that it was made on.
unsafe impl<R> Send for StaysToo<R> {}

impl<T, R: FnOnce(Outcome<T>)> Receive<T> for StaysToo<R> {
    fn receive(self, outcome: Outcome<T>) {
        (self.0)(outcome)
    }
}

/// What is left to do of calls that stay on their thread: see [`Continuation`].
///
/// One pointer. Only who holds it runs it, and nothing else can become of it than that it comes back
/// or is finished: a queue of them is a dispatcher for one thread.
///
/// ```
/// use cps_core::{coop, cps, thunk};
/// use std::cell::RefCell;
/// use std::collections::VecDeque;
/// use std::rc::Rc;
///
/// #[cps(local)]
/// fn say(log: Rc<RefCell<String>>, word: &'static str) {
///     for letter in word.chars() {
///         log.borrow_mut().push(letter);
///         coop!();
///     }
/// }
///
/// let log = Rc::new(RefCell::default());
/// let both = [thunk!(say(log.clone(), "ace")), thunk!(say(log.clone(), "bd"))];
/// let mut queue: VecDeque<_> = both.map(|call| call.into_continuation()).into();
/// while let Some(next) = queue.pop_front() {
///     queue.extend(next.trampoline());
/// }
/// assert_eq!(*log.borrow(), "abcde");
/// ```
///
/// ```compile_fail,E0277
/// fn leaves<T: Send>() {}
/// leaves::<cps_core::LocalContinuation>();
/// ```
#[must_use = "dropping a continuation cancels it"]
pub struct LocalContinuation {
    /// Not to be had from outside: it would pass for one that may leave.
    continuation: Continuation,
    _stays: Stays,
}

impl LocalContinuation {
    fn new(continuation: Continuation) -> Self {
        LocalContinuation {
            continuation,
            _stays: [],
        }
    }

    /// Runs until it is suspended or finished, and returns it in the first case: see
    /// [`Continuation::trampoline`].
    ///
    /// # Panics
    ///
    /// As that does.
    pub fn trampoline(self) -> Option<LocalContinuation> {
        self.continuation.trampoline().map(Self::new)
    }

    /// Runs until it is finished; goes on at once at each `coop!`.
    ///
    /// # Panics
    ///
    /// As [`Continuation::trampoline`] does.
    pub fn run(self) {
        self.continuation.run()
    }

    /// Runs exactly one leg, and returns what runs next: see [`Continuation::bounce`].
    ///
    /// # Panics
    ///
    /// As that does.
    pub fn bounce(self) -> Option<LocalContinuation> {
        self.continuation.bounce().map(Self::new)
    }

    /// The calls it consists of, from the innermost outwards: see [`Continuation::calls`].
    pub fn calls(&self) -> Calls<'_> {
        self.continuation.calls()
    }
}

impl fmt::Debug for LocalContinuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalContinuation ")?;
        self.calls().fmt(f)
    }
}

impl<'leg, F, T> Context<'leg, F, T, Local> {
    /// Suspends until `callee` has returned. The frame to wait in holds the token for its value.
    #[inline]
    pub fn call<'l, U: 'l>(
        self,
        frame: impl FnOnce(Ret<U>) -> F,
        callee: LocalThunk<'l, U>,
    ) -> Leg<'leg, 'l> {
        self.stay_with(frame(Ret::new()))
            .enter(callee.thunk.into_ptr())
    }

    /// Like [`call`](Self::call), for a callee that borrows from the frame. `lend` is as for
    /// ordinary functions.
    #[inline]
    pub fn call_with<'l, U: 'l, C>(
        self,
        lend: usize,
        frame: impl FnOnce(Ret<U>) -> F,
        callee: C,
    ) -> Leg<'leg, 'l>
    where
        F: 'l,
        C: for<'b> FnOnce(Lent<'b, 'l, F>) -> LocalThunk<'b, U>,
    {
        self.stay_with(frame(Ret::new()))
            .enter_with(lend, |lent| callee(lent).thunk.into_ptr())
    }
}

impl<'leg, F, T> Stay<'leg, F, T, Local> {
    /// Like [`Context::call`]; `wait` puts the token into the frame.
    #[inline]
    pub fn call<'l, U: 'l>(
        self,
        wait: impl FnOnce(&mut F, Ret<U>),
        callee: LocalThunk<'l, U>,
    ) -> Leg<'leg, 'l> {
        self.wait(wait).enter(callee.thunk.into_ptr())
    }

    /// Like [`Context::call_with`]; `wait` puts the token into the frame.
    #[inline]
    pub fn call_with<'l, U: 'l, C>(
        self,
        lend: usize,
        wait: impl FnOnce(&mut F, Ret<U>),
        callee: C,
    ) -> Leg<'leg, 'l>
    where
        F: 'l,
        C: for<'b> FnOnce(Lent<'b, 'l, F>) -> LocalThunk<'b, U>,
    {
        self.wait(wait)
            .enter_with(lend, |lent| callee(lent).thunk.into_ptr())
    }
}
