//! The trampoline: runs legs one after the other, from callee to caller and back, on a stack that does not grow.
//!
//! A [`Turn`] is one stay of a chain on the trampoline. It owns the chain meanwhile, so that whatever unwinds, in a
//! leg, in the drop of its leftovers or in a closure that gives it away, each cell is freed exactly once: a cell
//! whose leg panics is freed, and the panic goes to its caller as the way it ended; with no caller left it goes to whoever runs
//! the trampoline. Without the `std` feature a panic cannot be caught: it frees the whole chain on its way out.

use core::mem::replace;

use crate::Continuation;
use crate::cell::{Payload, Ptr};
use crate::slot::Slot;

/// What a leg finds when it runs, and says when it ends.
pub(crate) struct Turn {
    /// The cell whose leg runs, owned with its callers. None while it is given away or gone.
    cell: Option<Ptr>,
    /// Its callee that has just ended, owned, until the leg claims it.
    returned: Option<Ptr>,
    ending: Ending,
    /// What to give the continuation to, when the leg ends in `Given`.
    pub(crate) slot: Slot,
}

/// How a leg ended.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ending {
    /// It has not, or what it ended in was dealt with.
    Open,
    /// The call has returned; the value is in the cell.
    Done,
    /// The call had returned before; no leg has run.
    WasDone,
    /// It lets others run.
    Coop,
    /// It waits for this callee, which the turn owns.
    Call(Ptr),
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

impl Turn {
    fn new(continuation: Continuation) -> Self {
        Turn {
            cell: Some(continuation.into_ptr()),
            returned: None,
            ending: Ending::Open,
            slot: Slot::new(),
        }
    }

    /// Takes the callee that has just ended; the caller owns it.
    #[inline]
    pub(crate) fn claim(&mut self) -> Ptr {
        self.returned.take().expect("no callee has just returned")
    }

    /// A leg that does not claim its callee's value would lose a panic in it, and leave a token without a value.
    #[inline]
    pub(crate) fn check_claimed(&self) {
        assert!(
            self.returned.is_none(),
            "a leg takes its callee's value before it ends"
        );
    }

    #[inline]
    pub(crate) fn end(&mut self, ending: Ending) {
        self.ending = ending;
    }

    /// For a root: takes the callee that has ended, which the caller owns, and forgets the root, which the caller frees.
    pub(crate) fn finish(&mut self) -> Ptr {
        self.cell = None;
        self.ending = Ending::Over;
        self.claim()
    }

    /// Runs legs. A panic leaves the turn as it was in the leg.
    fn legs(&mut self, until: Until) -> Option<Continuation> {
        let mut cell = self.cell?;
        let mut coops = 0;
        loop {
            self.cell = Some(cell);
            // SAFETY: the turn owns the chain that begins at `cell`: it is suspended or has ended, and if it waits
            // for a callee then that is in `returned`, since a continuation points to the innermost cell.
            unsafe { cell.resume(self) };
            let ending = replace(&mut self.ending, Ending::Open);
            match ending {
                Ending::Coop => match until {
                    Until::Coop(more) if coops < more => coops += 1,
                    _ => break,
                },
                Ending::Call(callee) => {
                    cell = callee;
                    self.cell = Some(cell);
                    if matches!(until, Until::Leg) {
                        break;
                    }
                }
                Ending::Done | Ending::WasDone => {
                    // SAFETY: the cell has ended and is still owned by the turn, hence alive.
                    let Some(caller) = (unsafe { cell.parent() }) else {
                        self.cell = None;
                        // SAFETY: owned, and the turn has just given it up.
                        unsafe { cell.free() };
                        return None;
                    };
                    // SAFETY: callers are alive while their callee is.
                    let root = unsafe { caller.vtable() }.root;
                    if matches!(until, Until::Leg) && ending == Ending::Done && !root {
                        break;
                    }
                    self.returned = Some(cell);
                    cell = caller;
                }
                Ending::Given => {
                    self.cell = None;
                    // SAFETY: owned with its callers, and the turn has just given it up.
                    let continuation = unsafe { Continuation::from_ptr(cell) };
                    let next = self.slot.call(continuation)?;
                    if matches!(until, Until::Leg) {
                        return Some(next);
                    }
                    cell = next.into_ptr();
                }
                Ending::Over => return None,
                Ending::Open => unreachable!("a leg that returned has ended"),
            }
        }
        self.cell = None;
        // SAFETY: owned with its callers, and the turn has just given it up.
        Some(unsafe { Continuation::from_ptr(cell) })
    }
}

/// What is left when a panic goes through the trampoline without being caught: the whole chain, innermost first.
impl Drop for Turn {
    fn drop(&mut self) {
        self.slot.clear();
        if let Ending::Call(callee) = replace(&mut self.ending, Ending::Open) {
            // SAFETY: the turn owns a callee that was not entered.
            unsafe { callee.free() };
        }
        if let Some(callee) = self.returned.take() {
            // SAFETY: the turn owns a callee that was not claimed.
            unsafe { callee.free() };
        }
        if let Some(cell) = self.cell.take() {
            // SAFETY: the turn owns the chain, and its callees are gone.
            unsafe { cell.free_chain() };
        }
    }
}

/// Runs legs until `until`, or the chain is given away or finished: then None. A panic that no cell is left to hear comes
/// back as the error.
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
        if matches!(until, Until::Leg) && !turn.at_root() {
            let cell = turn.cell.take();
            // SAFETY: owned with its callers, and the turn has just given it up.
            return Ok(cell.map(|cell| unsafe { Continuation::from_ptr(cell) }));
        }
    }
}

/// Runs legs until `until`, or the chain is given away or finished: then None. A panic frees the chain and unwinds.
#[cfg(not(feature = "std"))]
pub(crate) fn drive(
    continuation: Continuation,
    until: Until,
) -> Result<Option<Continuation>, Payload> {
    Ok(Turn::new(continuation).legs(until))
}

#[cfg(feature = "std")]
impl Turn {
    /// After a panic in a leg: frees its cell and lets the panic stand for its value. With no caller to hear of it, or
    /// no cell any longer, gives the panic back.
    fn fail(&mut self, payload: Payload) -> Result<(), Payload> {
        use crate::unwind::{panicked, quietly};

        let Some(cell) = self.cell.take() else {
            return Err(payload);
        };
        // SAFETY: alive, since owned until just now.
        let caller = unsafe { cell.parent() };
        quietly(|| self.slot.clear());
        if let Ending::Call(callee) = replace(&mut self.ending, Ending::Open) {
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

    /// Whether what runs next is a root, which needs no leg of its own.
    fn at_root(&self) -> bool {
        // SAFETY: the turn owns the chain, so its cells are alive.
        let caller = self.cell.and_then(|cell| unsafe { cell.parent() });
        // SAFETY: as above.
        caller.is_some_and(|caller| unsafe { caller.vtable() }.root)
    }
}
