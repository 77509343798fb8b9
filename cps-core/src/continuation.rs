//! The unit that moves: a suspended chain of calls behind one pointer.

use core::fmt;
use core::mem::forget;
use core::ptr::NonNull;

use crate::calls::Calls;
use crate::cell::{Ptr, innermost};
use crate::trampoline::{Until, drive};

/// What is left to do: a suspended call with all the calls that wait for it.
///
/// One pointer, also as `Option<Continuation>`. It may be sent to any thread and resumed there.
/// What it will have computed goes to whatever it was made for: the caller of
/// [`Thunk::run`](crate::Thunk::run), the receiver of
/// [`Thunk::start_with`](crate::Thunk::start_with), or nowhere.
///
/// Dropping it cancels it: the frames' locals are dropped, the innermost call's first, then its
/// caller's, without recursion.
///
/// ```
/// use cps_core::{coop, cps, thunk};
///
/// #[cps]
/// fn twice() {
///     println!("once");
///     coop!();
///     println!("twice");
/// }
///
/// let start = thunk!(twice()).into_continuation();
/// let suspended = start.trampoline().expect("it lets others run");
/// std::thread::spawn(|| suspended.run()).join().unwrap();
/// ```
#[must_use = "dropping a continuation cancels it"]
pub struct Continuation(Ptr);

// SAFETY: a continuation owns a chain of cells. Frames and values in it are `Send` (`Thunk::new`
// asks for it; a root's receiver is `Send` by its trait, and the root in `Thunk::run` is made to be
// finished from any thread).
unsafe impl Send for Continuation {}

// SAFETY: through a shared reference the headers of the chain can be read, which no one writes
// meanwhile, and which variant a frame is, but nothing in it (see `Site`).
unsafe impl Sync for Continuation {}

impl Continuation {
    /// # Safety
    ///
    /// The caller owns the chain that begins at `cell`, and gives it up. `cell` is suspended or has
    /// ended, and does not wait for a callee.
    pub(crate) unsafe fn from_ptr(cell: Ptr) -> Self {
        Continuation(cell)
    }

    /// The chain is then the caller's to own.
    pub(crate) fn into_ptr(self) -> Ptr {
        let cell = self.0;
        forget(self);
        cell
    }

    /// The pointer that it is, for queues that store it in an atomic word. The continuation is
    /// neither run nor dropped before it is made from the pointer again.
    #[inline]
    #[must_use = "the continuation leaks without its pointer"]
    pub fn into_raw(self) -> NonNull<()> {
        self.into_ptr().cast()
    }

    /// The continuation that [`into_raw`](Self::into_raw) was called on.
    ///
    /// # Safety
    ///
    /// `raw` comes from `into_raw`, and this is called once for each call of that.
    #[inline]
    pub unsafe fn from_raw(raw: NonNull<()>) -> Self {
        // SAFETY: `into_raw` gave up a continuation, so a chain that may be owned, and the caller
        // becomes its only owner.
        unsafe { Continuation::from_ptr(Ptr::new(raw)) }
    }

    /// The calls it consists of, from the innermost outwards, each with where it is suspended.
    ///
    /// A call that has returned is not among them: its caller is where the continuation goes on.
    /// Debug prints the same.
    ///
    /// ```
    /// use cps_core::{call, coop, cps, thunk};
    ///
    /// #[cps]
    /// fn inner() {
    ///     coop!();
    /// }
    ///
    /// #[cps]
    /// fn outer() {
    ///     call!(inner());
    /// }
    ///
    /// let suspended = thunk!(outer()).into_continuation().trampoline().unwrap();
    /// let functions: Vec<_> = suspended.calls().map(|call| call.function()).collect();
    /// assert_eq!(functions, ["inner", "outer"]);
    /// let inner = suspended.calls().next().unwrap();
    /// assert_eq!(inner.line(), line!() - 12, "the line of `coop!`");
    /// ```
    pub fn calls(&self) -> Calls<'_> {
        // SAFETY: the chain is owned, and held up for as long as it is borrowed: no leg of it runs.
        unsafe { Calls::of(innermost(self.0)) }
    }

    /// The cell at which it begins.
    pub(crate) fn ptr(&self) -> Ptr {
        self.0
    }

    /// Runs until it is suspended or finished.
    ///
    /// Returns the continuation itself when it is suspended by [`coop!`](crate::coop), to be
    /// resumed at the dispatcher's next turn; None when it has been given away or is finished.
    ///
    /// # Panics
    ///
    /// With the panic of the chain's outermost call, if no one is there to receive it; of the
    /// closure that the continuation is given to; or of a receiver.
    ///
    /// ```
    /// use cps_core::{coop, cps, thunk};
    ///
    /// #[cps]
    /// fn turns(n: u32) {
    ///     for _ in 0..n {
    ///         coop!();
    ///     }
    /// }
    ///
    /// let mut queue = vec![thunk!(turns(2)).into_continuation(), thunk!(turns(3)).into_continuation()];
    /// let mut turns = 0;
    /// while let Some(next) = queue.pop() {
    ///     queue.extend(next.trampoline());
    ///     turns += 1;
    /// }
    /// assert_eq!(turns, 3 + 4);
    /// ```
    pub fn trampoline(self) -> Option<Continuation> {
        drive(self, Until::Coop(0)).unwrap_or_else(|payload| crate::unwind::resume(payload))
    }

    /// Runs until it is suspended or finished, or `watch` ends the turn between two legs: for dispatchers
    /// that have to obey.
    ///
    /// Returns the continuation when the turn was ended, or at a [`coop!`](crate::coop) where the watch does
    /// not let it go on; None when it has been given away or is finished. If the watch has a next one then,
    /// that goes on in its stead, and is what this is said of.
    ///
    /// # Errors
    ///
    /// With the panic that [`trampoline`](Self::trampoline) would have panicked with.
    ///
    /// ```
    /// use cps_core::dispatch::Watch;
    /// use cps_core::{call, cps, thunk};
    ///
    /// #[cps]
    /// fn callee() {}
    ///
    /// #[cps]
    /// fn caller() {
    ///     loop {
    ///         call!(callee());
    ///     }
    /// }
    ///
    /// /// Ends the turn after so many legs.
    /// struct Legs(u32);
    ///
    /// impl Watch for Legs {
    ///     fn stops(&mut self) -> bool {
    ///         self.0 -= 1;
    ///         self.0 == 0
    ///     }
    ///
    ///     fn goes_on(&mut self) -> bool {
    ///         !self.stops()
    ///     }
    /// }
    ///
    /// let endless = thunk!(caller()).into_continuation();
    /// let halted = endless.turn(&mut Legs(1000)).unwrap();
    /// assert!(halted.is_some());
    /// ```
    #[cfg(feature = "std")]
    #[inline]
    pub fn turn(
        self,
        watch: &mut impl crate::trampoline::Watch,
    ) -> Result<Option<Continuation>, crate::cell::Payload> {
        crate::trampoline::watched(self, watch)
    }

    /// Runs until it is given away or finished; goes on at once at each `coop!`.
    ///
    /// # Panics
    ///
    /// As [`trampoline`](Self::trampoline) does.
    ///
    /// ```
    /// use cps_core::{Continuation, cps, suspend, thunk};
    /// use std::sync::mpsc::{Sender, channel};
    ///
    /// #[cps]
    /// fn visit(elsewhere: Sender<Continuation>) {
    ///     let give = elsewhere.clone();
    ///     suspend!(move |continuation| {
    ///         give.send(continuation).err().map(|refused| refused.0)
    ///     });
    /// }
    ///
    /// let (elsewhere, visitors) = channel();
    /// thunk!(visit(elsewhere)).into_continuation().run();
    /// visitors.recv().unwrap().run();
    /// ```
    pub fn run(self) {
        let mut next = Some(self);
        while let Some(continuation) = next {
            next = drive(continuation, Until::Coop(u32::MAX))
                .unwrap_or_else(|payload| crate::unwind::resume(payload));
        }
    }

    /// Runs exactly one leg.
    ///
    /// Returns what runs next: the callee, the caller, or itself after `coop!`; None when it has
    /// been given away or is finished.
    ///
    /// # Panics
    ///
    /// As [`trampoline`](Self::trampoline) does. A panic that a caller is there to hear shows in
    /// the caller's leg.
    ///
    /// ```
    /// use cps_core::{call, cps, thunk};
    ///
    /// #[cps]
    /// fn callee() -> u32 {
    ///     7
    /// }
    ///
    /// #[cps]
    /// fn caller() {
    ///     let seven = call!(callee());
    ///     assert_eq!(seven, 7);
    /// }
    ///
    /// let caller = thunk!(caller()).into_continuation();
    /// let callee = caller.bounce().expect("the callee runs next");
    /// let caller = callee.bounce().expect("the caller runs next");
    /// assert!(caller.bounce().is_none());
    /// ```
    pub fn bounce(self) -> Option<Continuation> {
        drive(self, Until::Leg).unwrap_or_else(|payload| crate::unwind::resume(payload))
    }
}

impl Drop for Continuation {
    fn drop(&mut self) {
        // SAFETY: the chain is owned, and its innermost cell has no callee.
        unsafe { self.0.free_chain(None) }
    }
}

impl fmt::Debug for Continuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Continuation ")?;
        self.calls().fmt(f)
    }
}
