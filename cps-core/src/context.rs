//! What a leg may do with its cell: [`Context`], and the tokens that tie its steps together.
//!
//! A leg takes its frame out, or works on it where it lies; and ends by consuming its context: it is done,
//! lets others run, is given away, or calls. The [`Leg`] that the step returns says how it ended, and proves
//! that it did, on this very cell. What it ended with (a frame, a value, a callee, a closure) is put into the
//! cell or the trampoline's [`Turn`] before, so that a leg whose leftovers panic while they are dropped
//! leaves nothing behind.

use core::fmt;
use core::marker::PhantomData;

use crate::cell::Ptr;
use crate::hold::Hold;
use crate::local::Anywhere;
use crate::trampoline::{Ending, Turn};
use crate::{Continuation, Refusal, Thunk};

/// One leg's hold on its cell.
///
/// The brand `'leg` is different for each leg, so that a context can neither outlive its leg nor
/// end another one. `R` says where the function may run, on which it depends what it may call and
/// how it may be suspended: `Anywhere`, or `Local`.
///
/// It has nothing to drop: a leg that unwinds ends its hold where that lies, in who runs the leg.
pub struct Context<'leg, F, T, R = Anywhere> {
    /// On a `Cell<F, T>`.
    pub(crate) hold: &'leg mut Hold,
    /// The callee that has just ended.
    pub callee: Returned<'leg>,
    pub(crate) of: Of<F, T>,
    pub(crate) brand: Brand<'leg>,
    pub(crate) runs: PhantomData<R>,
}

/// Invariant in the frame: what is put there lives as long as the frame may, and not only as long as the leg.
/// A value is put there and never taken.
type Of<F, T> = PhantomData<(fn(F) -> F, fn(T))>;

/// Invariant: one brand never stands for another.
type Brand<'leg> = PhantomData<fn(&'leg ()) -> &'leg ()>;

/// What a leg ended in: the proof that the context with the brand `'leg` was consumed, and that
/// whatever it was consumed with lives as long as `'l`.
#[must_use = "a step returns how its leg ended"]
pub struct Leg<'leg, 'l> {
    pub(crate) ending: Ending,
    brand: Brand<'leg>,
    lives: PhantomData<&'l ()>,
    /// Neither `Send` nor `Sync`.
    stays: PhantomData<*mut ()>,
}

/// Stands in a waiting frame for the value of the callee it waits for.
///
/// Zero-sized: that the value in hand is a `U` follows from there being one callee at a time, and
/// one token for it. The leg that follows the call gives it to [`Returned::returned`], which it
/// must: a leg that ends without it panics. An expansion keeps a token in the frame it was made
/// for, and nowhere else; debug builds check its type.
pub struct Ret<U>(PhantomData<fn() -> U>);

/// A frame that lies still while a callee borrows from it.
///
/// That is for some `'b` within `'l`, for which all that the frame refers to lives, and all that the callee
/// is given beside it must.
pub struct Lent<'b, 'l, F> {
    frame: &'b mut F,
    within: PhantomData<&'b &'l F>,
}

impl<'b, F> Lent<'b, '_, F> {
    /// The frame.
    #[inline]
    pub fn frame(self) -> &'b mut F {
        self.frame
    }
}

/// The callee's value, for a leg that holds on to its frame.
pub struct Returned<'cx> {
    pub(crate) turn: &'cx mut Turn,
}

impl<'leg, F, T, R> Context<'leg, F, T, R> {
    /// The same for a function that runs elsewhere.
    #[inline(always)]
    pub(crate) fn stays<E>(self) -> Context<'leg, F, T, E> {
        Context {
            hold: self.hold,
            callee: self.callee,
            of: PhantomData,
            brand: PhantomData,
            runs: PhantomData,
        }
    }

    /// Runs a leg that takes its frame out. It needs room for one on the stack, which would cost
    /// the legs that leave theirs where it is, were they one function.
    #[inline(never)]
    pub fn moved<'l>(self, leg: impl FnOnce(Self) -> Leg<'leg, 'l>) -> Leg<'leg, 'l> {
        leg(self)
    }

    /// Suspends until the dispatcher's next turn.
    #[inline]
    pub fn coop<'l>(mut self, frame: F) -> Leg<'leg, 'l> {
        self.put(frame);
        Leg::end(self.hold, Ending::Coop)
    }

    /// Goes on at once, with the leg that the frame says.
    #[inline]
    pub fn again<'l>(mut self, frame: F) -> Leg<'leg, 'l> {
        self.put(frame);
        Leg::end(self.hold, Ending::Again)
    }
}

/// What the continuation may go anywhere with.
impl<'leg, F, T> Context<'leg, F, T> {
    /// Suspends and gives the continuation away: `give` runs after the leg has returned, so after
    /// its leftovers are dropped. What it returns runs next.
    ///
    /// By the time `give` has passed the continuation on, that may be running elsewhere, and
    /// whatever the function borrows may be gone. So `give` owns all that it uses: it is
    /// `'static`.
    #[inline]
    pub fn suspend<'l, G>(self, frame: F, give: G) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation) -> Option<Continuation> + 'static,
    {
        self.stay_with(frame).suspend(give)
    }

    /// Like [`suspend`](Self::suspend), but `give` may refuse by handing the same continuation
    /// back: then `refused` is applied to the frame in place, and the continuation goes on at
    /// once. Who has taken it can still refuse it, with the [`Refusal`].
    #[inline]
    pub fn migrate<'l, G>(self, frame: F, give: G, refused: fn(&mut F)) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation, Refusal) -> Result<(), Continuation> + 'static,
    {
        self.stay_with(frame).migrate(give, refused)
    }

    /// Suspends until `callee` has returned. The frame to wait in holds the token for its value.
    #[inline]
    pub fn call<'l, U: 'l>(
        mut self,
        frame: impl FnOnce(Ret<U>) -> F,
        callee: Thunk<'l, U>,
    ) -> Leg<'leg, 'l> {
        let frame = frame(Ret(PhantomData));
        self.put(frame);
        Leg::enter(self.hold, self.callee.turn, callee.into_ptr())
    }

    /// Like [`call`](Self::call), for a callee that borrows from the frame, which lies still
    /// meanwhile. That it is in this state is said by `lend`, an index into the
    /// [`lends`](crate::expansion::Site::lends) of the description.
    ///
    /// # Panics
    ///
    /// If `lend` is no such index.
    #[inline]
    pub fn call_with<'l, U: 'l, C>(
        self,
        lend: usize,
        frame: impl FnOnce(Ret<U>) -> F,
        callee: C,
    ) -> Leg<'leg, 'l>
    where
        F: 'l,
        C: for<'b> FnOnce(Lent<'b, 'l, F>) -> Thunk<'b, U>,
    {
        self.stay_with(frame(Ret::new()))
            .enter_with(lend, |lent| callee(lent).into_ptr())
    }
}

impl<'leg, F, T, R> Context<'leg, F, T, R> {
    /// For a leg that has left its frame where it is, and put there what the next one is to find:
    /// the ways to end, as they are here for a frame that was taken out.
    ///
    /// # Panics
    ///
    /// When the frame was taken.
    #[inline]
    pub fn stay(self) -> Stay<'leg, F, T, R> {
        assert!(self.hold.is_full(), "a frame that was taken stays nowhere");
        Stay(self)
    }

    #[inline]
    pub(crate) fn stay_with(mut self, frame: F) -> Stay<'leg, F, T, R> {
        self.put(frame);
        Stay(self)
    }
}

impl Returned<'_> {
    #[inline]
    pub(crate) fn again(&mut self) -> Returned<'_> {
        Returned { turn: self.turn }
    }

    /// The callee's value. Its cell is freed.
    ///
    /// # Panics
    ///
    /// With the callee's panic, if it ended in one; or when no callee has just ended.
    #[inline]
    pub fn returned<U>(&mut self, ret: Ret<U>) -> U {
        let Ret(_) = ret;
        debug_assert!(self.turn.yields::<U>(), "the token is for another value");
        let callee = self.turn.claim();
        // SAFETY: a callee stands in the turn after it has ended, and the turn gives it up. It is
        // the one this cell called last, and `Ret<U>` was made for it with its type: a leg
        // cannot end without claiming its callee, so no token of an earlier call is left in
        // the frame.
        match unsafe { callee.returned::<U>() } {
            Ok(value) => value,
            Err(payload) => crate::unwind::resume(payload),
        }
    }
}

/// A leg that is about to end, with its frame in the cell.
#[must_use = "a leg ends in some way"]
pub struct Stay<'leg, F, T, R = Anywhere>(Context<'leg, F, T, R>);

impl<'leg, F, T, R> Stay<'leg, F, T, R> {
    /// Like [`Context::coop`].
    #[inline]
    pub fn coop<'l>(self) -> Leg<'leg, 'l> {
        self.end(Ending::Coop)
    }

    /// Like [`Context::again`].
    #[inline]
    pub fn again<'l>(self) -> Leg<'leg, 'l> {
        self.end(Ending::Again)
    }

    /// Ends the call with its value, after what the frame holds has been dropped.
    #[inline]
    pub fn done<'l>(self, value: T) -> Leg<'leg, 'l> {
        self.0.hold.empty();
        self.0.done(value)
    }

    /// Goes on at once with another frame, made of this one.
    #[inline(never)]
    pub fn leave<'l>(mut self, next: impl FnOnce(F) -> F) -> Leg<'leg, 'l> {
        let frame = next(self.0.take());
        self.0.put(frame);
        self.again()
    }

    /// Goes on at once with the frame that `change` makes of this one in place.
    #[inline(never)]
    pub fn change<'l>(mut self, change: impl FnOnce(&mut F)) -> Leg<'leg, 'l> {
        change(self.0.split().0);
        self.again()
    }
}

/// What the continuation may go anywhere with.
impl<'leg, F, T> Stay<'leg, F, T> {
    /// Like [`Context::suspend`].
    #[inline]
    pub fn suspend<'l, G>(self, give: G) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation) -> Option<Continuation> + 'static,
    {
        // SAFETY: `G` is `'static`.
        unsafe { self.give(give) }
    }

    /// Like [`Context::migrate`].
    #[inline]
    pub fn migrate<'l, G>(self, give: G, refused: fn(&mut F)) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation, Refusal) -> Result<(), Continuation> + 'static,
    {
        let kind = self.0.hold.kind();
        // It is given away in a few words, of which the refusal would be three.
        let give = move |continuation| {
            // SAFETY: `kind` is that of the cell this leg held, a `Cell<F, T>`.
            let refusal = unsafe { Refusal::new::<F, T>(kind, refused) };
            let mut back = give(continuation, refusal).err()?;
            refusal.tell(&mut back);
            Some(back)
        };
        // SAFETY: `G` is `'static`; `kind` and `refused` point to code. `F` is only named in the
        // closure's type.
        unsafe { self.give(give) }
    }

    /// # Safety
    ///
    /// `give` refers to nothing that is not `'static`, whatever its type says.
    #[inline]
    pub(crate) unsafe fn give<'l, G>(self, give: G) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation) -> Option<Continuation>,
    {
        // SAFETY: by contract.
        unsafe { self.0.callee.turn.slot.fill(give) };
        self.end(Ending::Given)
    }

    /// Like [`Context::call`]; `wait` puts the token into the frame.
    #[inline]
    pub fn call<'l, U: 'l>(
        self,
        wait: impl FnOnce(&mut F, Ret<U>),
        callee: Thunk<'l, U>,
    ) -> Leg<'leg, 'l> {
        self.wait(wait).enter(callee.into_ptr())
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
        C: for<'b> FnOnce(Lent<'b, 'l, F>) -> Thunk<'b, U>,
    {
        self.wait(wait)
            .enter_with(lend, |lent| callee(lent).into_ptr())
    }
}

impl<'leg, F, T, R> Stay<'leg, F, T, R> {
    pub(crate) fn wait<U>(mut self, wait: impl FnOnce(&mut F, Ret<U>)) -> Self {
        wait(self.0.split().0, Ret::new());
        self
    }

    /// Ends the leg with a callee that borrows from the frame.
    #[inline]
    pub(crate) fn enter_with<'l>(
        mut self,
        lend: usize,
        callee: impl FnOnce(Lent<'_, 'l, F>) -> Ptr,
    ) -> Leg<'leg, 'l>
    where
        F: 'l,
    {
        self.0.hold.lend(lend);
        let callee = callee(Lent {
            frame: self.0.split().0,
            within: PhantomData,
        });
        self.enter(callee)
    }

    /// Ends the leg with `callee`, whose owner the caller gives up.
    #[inline]
    pub(crate) fn enter<'l>(self, callee: Ptr) -> Leg<'leg, 'l> {
        Leg::enter(self.0.hold, self.0.callee.turn, callee)
    }

    #[inline]
    fn end<'l>(self, ending: Ending) -> Leg<'leg, 'l> {
        Leg::end(self.0.hold, ending)
    }
}

impl<U> Ret<U> {
    pub(crate) fn new() -> Self {
        Ret(PhantomData)
    }
}

impl Leg<'_, '_> {
    /// Ends the leg of a hold.
    #[inline]
    pub(crate) fn end(hold: &mut Hold, ending: Ending) -> Self {
        hold.release();
        Leg {
            ending,
            brand: PhantomData,
            lives: PhantomData,
            stays: PhantomData,
        }
    }

    /// Ends it with `callee`, which comes from a thunk, and whose owner the caller gives up.
    #[inline]
    fn enter(hold: &mut Hold, turn: &mut Turn, callee: Ptr) -> Self {
        // SAFETY: `callee` comes from a thunk, so it has not started and has no caller.
        unsafe { callee.link(hold.ptr()) };
        turn.callee = Some(callee);
        Leg::end(hold, Ending::Call)
    }
}

impl<F, T, R> fmt::Debug for Context<'_, F, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl<F, T, R> fmt::Debug for Stay<'_, F, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stay").finish_non_exhaustive()
    }
}

impl fmt::Debug for Returned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returned").finish_non_exhaustive()
    }
}

impl fmt::Debug for Leg<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leg")
    }
}

impl<U> fmt::Debug for Ret<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ret")
    }
}

impl<F> fmt::Debug for Lent<'_, '_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lent")
    }
}
