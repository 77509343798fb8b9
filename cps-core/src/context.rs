//! What a leg may do with its cell: [`Context`], and the tokens that tie its steps together.
//!
//! A leg takes its frame out, computes, and ends by consuming its context: it is done, lets others
//! run, is given away, or calls. The [`Leg`] that the step returns says how it ended, and proves
//! that it did, on this very cell. What it ended with (a frame, a value, a callee, a closure) is
//! put into the cell or the trampoline's [`Turn`] before, so that a leg whose leftovers panic while
//! they are dropped leaves nothing behind.

use core::fmt;
use core::marker::PhantomData;

use crate::cell::{Hold, Ptr};
use crate::trampoline::{Ending, Turn};
use crate::{Continuation, Thunk};

/// One leg's hold on its cell.
///
/// The brand `'leg` is different for each leg, so that a context can neither outlive its leg nor
/// end another one.
pub struct Context<'leg, F, T> {
    hold: Hold<F, T>,
    turn: &'leg mut Turn,
    brand: Brand<'leg>,
}

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
/// one token for it. The leg that follows the call gives it to [`Context::returned`], which it
/// must: a leg that ends without it panics. An expansion keeps a token in the frame it was made
/// for, and nowhere else; debug builds check its type.
pub struct Ret<U>(PhantomData<fn() -> U>);

impl<'leg, F, T> Context<'leg, F, T> {
    pub(crate) fn new(hold: Hold<F, T>, turn: &'leg mut Turn) -> Self {
        Context {
            hold,
            turn,
            brand: PhantomData,
        }
    }

    /// Moves the frame out.
    ///
    /// # Panics
    ///
    /// When called twice in a leg.
    #[inline]
    #[must_use = "the frame holds the locals"]
    pub fn take(&mut self) -> F {
        self.hold.take()
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

    /// Ends the call with its value.
    #[inline]
    pub fn done<'l>(mut self, value: T) -> Leg<'leg, 'l> {
        self.turn.check_claimed();
        self.hold.done(value);
        Leg::new(Ending::Done)
    }

    /// Suspends until the dispatcher's next turn.
    #[inline]
    pub fn coop<'l>(mut self, frame: F) -> Leg<'leg, 'l> {
        self.turn.check_claimed();
        self.hold.put(frame);
        Leg::new(Ending::Coop)
    }

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
        // SAFETY: `G` is `'static`.
        unsafe { self.give(frame, give) }
    }

    /// Like [`suspend`](Self::suspend), but `give` may refuse by handing the same continuation
    /// back: then `refused` is applied to the frame in place, and the continuation goes on at
    /// once.
    #[inline]
    pub fn migrate<'l, G>(self, frame: F, give: G, refused: fn(&mut F)) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation) -> Result<(), Continuation> + 'static,
    {
        let kind = self.hold.kind();
        let give = move |continuation| {
            let mut back = give(continuation).err()?;
            // SAFETY: `kind` is that of the cell this leg held, a `Cell<F, T>`.
            unsafe { back.amend::<F, T>(kind, refused) };
            Some(back)
        };
        // SAFETY: `G` is `'static`; `kind` and `refused` point to code. `F` is only named in the
        // closure's type.
        unsafe { self.give(frame, give) }
    }

    /// Suspends until `callee` has returned. The frame to wait in holds the token for its value.
    #[inline]
    pub fn call<'l, U: 'l>(
        mut self,
        frame: impl FnOnce(Ret<U>) -> F,
        callee: Thunk<'l, U>,
    ) -> Leg<'leg, 'l> {
        self.turn.check_claimed();
        self.hold.put(frame(Ret(PhantomData)));
        self.enter(callee.into_ptr())
    }

    /// Like [`call`](Self::call), for a callee that borrows from the frame, which lies still
    /// meanwhile.
    #[inline]
    pub fn call_with<'l, U: 'l, C>(
        mut self,
        frame: impl FnOnce(Ret<U>) -> F,
        callee: C,
    ) -> Leg<'leg, 'l>
    where
        C: for<'b> FnOnce(&'b mut F) -> Thunk<'b, U>,
    {
        self.turn.check_claimed();
        self.hold.put(frame(Ret(PhantomData)));
        let callee = callee(self.hold.frame_mut()).into_ptr();
        self.enter(callee)
    }

    /// Ends the leg with `callee`, whose owner the caller gives up.
    fn enter<'l>(self, callee: Ptr) -> Leg<'leg, 'l> {
        // SAFETY: `callee` comes from a thunk, so it has not started and has no caller.
        unsafe { callee.link(self.hold.ptr()) };
        self.turn.callee = Some(callee);
        Leg::new(Ending::Call)
    }

    /// # Safety
    ///
    /// `give` refers to nothing that is not `'static`, whatever its type says.
    unsafe fn give<'l, G>(mut self, frame: F, give: G) -> Leg<'leg, 'l>
    where
        G: FnOnce(Continuation) -> Option<Continuation>,
    {
        self.turn.check_claimed();
        self.hold.put(frame);
        // SAFETY: by contract.
        unsafe { self.turn.slot.fill(give) };
        Leg::new(Ending::Given)
    }
}

impl Leg<'_, '_> {
    fn new(ending: Ending) -> Self {
        Leg {
            ending,
            brand: PhantomData,
            lives: PhantomData,
            stays: PhantomData,
        }
    }
}

impl<F, T> fmt::Debug for Context<'_, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
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
