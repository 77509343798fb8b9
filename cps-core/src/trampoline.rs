//! The trampoline: runs legs one after the other, from callee to caller and back, on a stack that
//! does not grow.
//!
//! A [`Turn`] is one stay of a chain on the trampoline. It owns the chain meanwhile, so that
//! whatever unwinds, in a leg, in the drop of its leftovers or in a closure that gives it away,
//! each cell is freed exactly once: a cell whose leg panics is freed, and the panic goes to its
//! caller as the way it ended; with no caller left it goes to whoever runs the trampoline. Without
//! the `std` feature a panic cannot be caught: it frees the whole chain on its way out.

use crate::Continuation;
use crate::cell::{Payload, Ptr};
use crate::room::end_turn;
use crate::slot::Slot;

/// What a leg finds when it runs, and says when it ends.
pub(crate) struct Turn {
    /// The cell whose leg runs, owned with its callers. None while it is given away or gone.
    pub(crate) cell: Option<Ptr>,
    /// Its callee that has just ended, owned, until the leg claims it.
    pub(crate) returned: Option<Ptr>,
    /// The callee it waits for from now on, owned, until that is entered.
    pub(crate) callee: Option<Ptr>,
    /// What to give the continuation to, when the leg ends in `Given`.
    pub(crate) slot: Slot,
}

/// How a leg ended.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ending {
    /// It lets others run.
    Coop,
    /// The call goes on at once, with another leg.
    Again,
    /// It waits for the callee that is in the turn.
    Call,
    /// The call has returned; the value is in the cell.
    Done,
    /// The call had returned before; no leg has run.
    WasDone,
    /// It is to be given to what is in the slot.
    Given,
    /// It was a root: it has handed the outcome over and is gone.
    Over,
}

/// How many times a chain may let others run before a thread that drives several looks for them.
#[cfg(feature = "std")]
pub(crate) const PATIENCE: u32 = 64;

/// When to leave the trampoline, other than by being given away or finished.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// After one leg.
    Leg,
    /// At a suspension by `coop!`, after going on at this many of them.
    Coop(u32),
}

/// What a dispatcher says between two legs of the continuation that it gives a turn.
///
/// See [`Continuation::turn`].
#[cfg_attr(
    not(feature = "std"),
    expect(unreachable_pub, reason = "dispatchers, who name it, need std")
)]
pub trait Watch {
    /// Whether the turn is over, wherever the continuation stands. Asked after each leg that does not end in
    /// `coop!`.
    fn stops(&mut self) -> bool;

    /// Whether the continuation goes on at a `coop!`: nobody else waits for a turn.
    fn goes_on(&mut self) -> bool;

    /// When it goes on: what is asked at the next `coop!`s in its stead, until that says no. So it can be a
    /// shorter look at what has changed since. What is provided always says no.
    #[inline]
    fn alone(&self) -> impl FnMut() -> bool {
        || false
    }

    /// When the continuation is given away or finished: one that takes over what is left of its turn, if
    /// there is one. What is provided has none.
    #[inline]
    fn next(&mut self) -> Option<Continuation> {
        None
    }
}

/// Goes on at so many `coop!`s, and stops nowhere else.
struct Patience(u32);

impl Watch for Patience {
    #[inline]
    fn stops(&mut self) -> bool {
        false
    }

    #[inline]
    fn goes_on(&mut self) -> bool {
        let more = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        more
    }
}

impl Turn {
    fn new(continuation: Continuation) -> Self {
        Turn::held(continuation.into_ptr())
    }

    /// For a chain that the caller owns and gives up.
    pub(crate) fn held(cell: Ptr) -> Self {
        Turn {
            cell: Some(cell),
            returned: None,
            callee: None,
            slot: Slot::new(),
        }
    }

    /// Takes the callee that has just ended; the caller owns it.
    #[inline]
    pub(crate) fn claim(&mut self) -> Ptr {
        self.returned.take().expect("no callee has just returned")
    }

    /// Whether the callee that has just ended, if any, may have ended with a `U`.
    pub(crate) fn yields<U>(&self) -> bool {
        // SAFETY: the turn owns the callee, so it is alive.
        self.returned
            .is_none_or(|callee| unsafe { callee.yields::<U>() })
    }

    /// For a root: takes the callee that has ended, which the caller owns, and forgets the root,
    /// which the caller frees.
    pub(crate) fn finish(&mut self) -> Ptr {
        self.cell = None;
        self.claim()
    }

    /// Runs legs until `until`. A panic leaves the turn as it was in the leg.
    fn legs(&mut self, until: Until) -> Option<Continuation> {
        match until {
            Until::Coop(patience) => self.trampoline(&mut Patience(patience)),
            Until::Leg => self.bounce(),
        }
    }

    /// Gives a chain its turn, and then each that the watch has for it.
    #[inline]
    fn trampoline(&mut self, watch: &mut impl Watch) -> Option<Continuation> {
        loop {
            let suspended = self.chain(watch);
            if suspended.is_some() {
                return suspended;
            }
            self.cell = Some(watch.next()?.into_ptr());
        }
    }

    /// Runs legs of the turn's chain until the watch ends the turn. None if the chain is given away or
    /// finished.
    #[inline(always)]
    fn chain(&mut self, watch: &mut impl Watch) -> Option<Continuation> {
        let mut cell = self.cell?;
        let mut ending = self.leg(cell);
        loop {
            if ending == Ending::Coop {
                if !watch.goes_on() {
                    return Some(self.release(cell));
                }
                ending = self.legs_alone(cell, watch);
                continue;
            }
            let stops = watch.stops();
            ending = match ending {
                Ending::Done if stops && !self.outermost() => return Some(self.release(cell)),
                Ending::Done => {
                    cell = self.ended(cell)?;
                    self.leg_with_value(cell)
                }
                Ending::Call if !stops => {
                    cell = self.callee.take()?;
                    self.leg(cell)
                }
                _ => {
                    cell = self.next(cell, ending)?;
                    if stops && ending != Ending::WasDone {
                        return Some(self.release(cell));
                    }
                    self.leg_with_value(cell)
                }
            }
        }
    }

    /// Runs a leg of the turn's cell, and more while they end in `coop!` and the watch knows at a glance that
    /// it goes on. How the last of them ended.
    ///
    /// A function of its own: all that it needs is in registers.
    #[inline(never)]
    fn legs_alone(&mut self, cell: Ptr, watch: &impl Watch) -> Ending {
        let mut alone = watch.alone();
        loop {
            let ending = self.leg_again(cell);
            if ending != Ending::Coop || !alone() {
                return ending;
            }
        }
    }

    fn bounce(&mut self) -> Option<Continuation> {
        let mut cell = self.cell?;
        loop {
            let ending = self.leg_with_value(cell);
            if ending == Ending::Done && !self.outermost() {
                return Some(self.release(cell));
            }
            cell = self.next(cell, ending)?;
            if !matches!(ending, Ending::Done | Ending::WasDone | Ending::Again) {
                return Some(self.release(cell));
            }
        }
    }

    /// Runs one leg of `cell`, which the turn owns with its callers.
    #[inline(always)]
    fn leg(&mut self, cell: Ptr) -> Ending {
        self.cell = Some(cell);
        self.leg_again(cell)
    }

    /// The same for the turn's cell.
    #[inline(always)]
    fn leg_again(&mut self, cell: Ptr) -> Ending {
        // SAFETY: the turn owns the cell. It is suspended or has ended, and if it waits for a
        // callee then that is in `returned`, since a continuation points to the innermost
        // cell.
        unsafe { cell.resume(self) }
    }

    /// Runs the leg of `cell` to which its callee, if one stands in the turn, has returned.
    #[inline(always)]
    pub(crate) fn leg_with_value(&mut self, cell: Ptr) -> Ending {
        let ending = self.leg(cell);
        // One that does not claim its callee's value would lose a panic in it, and leave a token without a
        // value. Looked at here, where nothing stands between a frame that is made and the place where it
        // lies.
        assert!(
            self.returned.is_none(),
            "a leg takes its callee's value before it ends"
        );
        ending
    }

    /// What runs after the leg of `cell` that ended so. None: it is finished, or given away.
    #[inline(always)]
    fn next(&mut self, cell: Ptr, ending: Ending) -> Option<Ptr> {
        match ending {
            Ending::Coop | Ending::Again => Some(cell),
            Ending::Call => self.callee.take(),
            Ending::Done | Ending::WasDone => self.ended(cell),
            Ending::Given => {
                let continuation = self.release(cell);
                self.slot.call(continuation).map(Continuation::into_ptr)
            }
            Ending::Over => None,
        }
    }

    /// The caller of `cell`, which has ended.
    #[inline]
    fn ended(&mut self, cell: Ptr) -> Option<Ptr> {
        // SAFETY: the cell has ended and is still owned by the turn, hence alive.
        let caller = unsafe { cell.parent() };
        if caller.is_some() {
            self.returned = Some(cell);
        } else {
            self.cell = None;
            // SAFETY: owned, and the turn has just given it up.
            unsafe { cell.free() };
        }
        caller
    }

    /// Gives up the chain that begins at `cell`, which is what the turn owns.
    fn release(&mut self, cell: Ptr) -> Continuation {
        self.cell = None;
        // SAFETY: the turn owned the cell with its callers, and has just given them up.
        unsafe { Continuation::from_ptr(cell) }
    }

    /// Whether no leg follows when the turn's cell has ended: it has no caller but a root, if any.
    fn outermost(&self) -> bool {
        // SAFETY: the turn owns the chain, so its cells are alive.
        let caller = self.cell.and_then(|cell| unsafe { cell.parent() });
        // SAFETY: as above.
        caller.is_none_or(|caller| unsafe { caller.vtable() }.root)
    }
}

/// What is left when a panic goes through the trampoline without being caught: the whole chain,
/// innermost first.
///
/// The rest is there only while the turn has a chain. The rooms that were kept are given back in any case.
impl Drop for Turn {
    #[inline]
    fn drop(&mut self) {
        if self.cell.is_some() {
            self.abandon();
        }
        end_turn();
    }
}

impl Turn {
    #[cold]
    fn abandon(&mut self) {
        self.slot.clear();
        if let Some(callee) = self.callee.take() {
            // SAFETY: the turn owns a callee that was not entered.
            unsafe { callee.free() };
        }
        if let Some(callee) = self.returned.take() {
            // SAFETY: the turn owns a callee that was not claimed.
            unsafe { callee.free() };
        }
        if let Some(cell) = self.cell.take() {
            // SAFETY: the turn owns the chain, and its callees are gone.
            unsafe { cell.free_chain(None) };
        }
    }
}

/// Runs legs until `until`, or the chain is given away or finished: then None. A panic that no cell
/// is left to hear comes back as the error.
#[cfg(feature = "std")]
pub(crate) fn drive(
    continuation: Continuation,
    until: Until,
) -> Result<Option<Continuation>, Payload> {
    use crate::unwind::catch;

    let mut turn = Turn::new(continuation);
    loop {
        match catch(|| turn.legs(until)) {
            Ok(next) => return Ok(next),
            Err(payload) => turn.fail(payload)?,
        }
        if matches!(until, Until::Leg) && !turn.outermost() {
            return Ok(turn.cell.map(|cell| turn.release(cell)));
        }
    }
}

/// Runs legs until the watch ends the turn, or the chain is given away or finished and the watch has no
/// next: then None. A panic that no cell is left to hear comes back as the error.
#[cfg(feature = "std")]
pub(crate) fn watched(
    continuation: Continuation,
    watch: &mut impl Watch,
) -> Result<Option<Continuation>, Payload> {
    use crate::unwind::catch;

    let mut turn = Turn::new(continuation);
    loop {
        match catch(|| turn.trampoline(watch)) {
            Ok(next) => return Ok(next),
            Err(payload) => turn.fail(payload)?,
        }
        if watch.stops() && !turn.outermost() {
            return Ok(turn.cell.map(|cell| turn.release(cell)));
        }
    }
}

/// Runs legs until `until`, or the chain is given away or finished: then None. A panic frees the
/// chain and unwinds.
#[cfg(not(feature = "std"))]
pub(crate) fn drive(
    continuation: Continuation,
    until: Until,
) -> Result<Option<Continuation>, Payload> {
    Ok(Turn::new(continuation).legs(until))
}

#[cfg(feature = "std")]
impl Turn {
    /// After a panic in a leg: frees its cell and lets the panic stand for its value. With no
    /// caller to hear of it, or no cell any longer, gives the panic back.
    pub(crate) fn fail(&mut self, payload: Payload) -> Result<(), Payload> {
        use crate::unwind::{panicked, quietly};

        let Some(cell) = self.cell.take() else {
            return Err(payload);
        };
        // SAFETY: alive, since owned until just now.
        let caller = unsafe { cell.parent() };
        quietly(|| self.slot.clear());
        if let Some(callee) = self.callee.take() {
            // SAFETY: the turn owns a callee that was not entered.
            quietly(|| unsafe { callee.free() });
        }
        if let Some(callee) = self.returned.take() {
            // SAFETY: the turn owns a callee that was not claimed.
            quietly(|| unsafe { callee.free() });
        }
        // SAFETY: the turn owned it and has given it up, and its callees are gone.
        quietly(|| unsafe { cell.free() });
        let Some(caller) = caller else {
            return Err(payload);
        };
        self.cell = Some(panicked(payload, caller));
        Ok(())
    }
}
