//! Calls with a limit: a cell between caller and callee that runs the callee's legs, and ends the callee when
//! its limit says so.
//!
//! The callee's chain is linked to this cell as to any caller, but the turn that runs it sees this cell only,
//! which *holds* the innermost of the callee's cells. Whoever suspends the callee gives this cell away in its
//! stead, with all that waits for it; so what resumes the callee comes by here, and the callee can be dropped
//! between any two of its legs, wherever it was suspended, without anyone else having to know.
//!
//! What looks into a chain from the outside begins at the [innermost](crate::cell::innermost) cell that is
//! held.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::Layout;
use core::any::Any;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::mem::{replace, swap};
use core::ptr::NonNull;
use core::{fmt, ptr};

use crate::cell::{Payload, Ptr, no_call, type_id};
use crate::header::{Header, VTable};
use crate::held::Holds;
use crate::trampoline::{Ending, Turn};
use crate::unwind::{self, catch};
use crate::{Continuation, Thunk};

/// Says when a call ends that would otherwise go on: see [`Thunk::limited`].
pub trait Limit: Any + Send + Sync {
    /// What is said of a call that was ended.
    type Over: Send;

    /// Whether the call ends now. Asked before each of its legs, on the thread where that would run.
    ///
    /// Of limits within limits, all are asked before each leg that follows a suspension, but of calls only
    /// before one in as many as they are: so that calls which nest, each with a limit, take steps in
    /// proportion to their number.
    fn check(&self) -> Option<Self::Over>;
}

impl<'a, T: Send + 'a> Thunk<'a, T> {
    /// The same call with a limit: once that says so, the callee is dropped, between two of its legs, and the
    /// call returns what the limit said. Allocates one cell.
    ///
    /// A callee that is suspended is not asked: who knows that its time is over resumes it.
    ///
    /// ```
    /// use cps_core::{Limit, coop, cps, thunk};
    /// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    ///
    /// /// So many legs.
    /// struct Legs(AtomicU32);
    ///
    /// impl Limit for Legs {
    ///     type Over = &'static str;
    ///
    ///     fn check(&self) -> Option<&'static str> {
    ///         let left = |legs: u32| legs.checked_sub(1);
    ///         self.0.fetch_update(Relaxed, Relaxed, left).is_err().then_some("too long")
    ///     }
    /// }
    ///
    /// #[cps]
    /// fn turns(count: u32) -> u32 {
    ///     for _ in 0..count {
    ///         coop!();
    ///     }
    ///     count
    /// }
    ///
    /// assert_eq!(thunk!(turns(3)).limited(Legs(4.into())).run(), Ok(3));
    /// assert_eq!(thunk!(turns(4)).limited(Legs(4.into())).run(), Err("too long"));
    /// ```
    pub fn limited<L: Limit>(self, limit: L) -> Thunk<'a, Result<T, L::Over>>
    where
        L::Over: 'a,
    {
        let callee = self.into_ptr();
        let cell = Box::new(Limited::<L, T> {
            header: Header::new(&Limited::<L, T>::VTABLE, None),
            callee: Some(callee),
            limit,
            value: None,
        });
        // SAFETY: it begins with its header (`repr(C)`), the vtable is for it, and the pointer comes from the
        // box.
        let cell = unsafe { Ptr::new(NonNull::from(Box::leak(cell))) };
        // SAFETY: the callee comes from a thunk, so it is owned, has not started and has no caller.
        unsafe { callee.link(cell) };
        // SAFETY: the cell is owned and has not started; what its callee borrows lives for `'a`; limit and
        // value are `Send`.
        unsafe { Thunk::of(cell) }
    }
}

/// The cell between caller and callee.
#[repr(C)]
struct Limited<L: Limit, T> {
    header: Header,
    /// The innermost cell of the callee's chain, which ends at this cell. Owned; none while a leg of it runs,
    /// and when it is gone.
    callee: Option<Ptr>,
    limit: L,
    value: Option<Result<T, L::Over>>,
}

impl<L: Limit, T> Limited<L, T> {
    const VTABLE: VTable = VTable {
        layout: Layout::new::<Self>(),
        resume,
        returned: Self::returned,
        free: Self::free,
        root: false,
        value: Some(type_id::<Result<T, L::Over>>),
        drops: false,
        aside: no_call,
        lent: &[],
        lend: None,
        holds: Some(&Holds {
            peek: Self::peek,
            take: Self::take,
            begin: Self::begin,
            put: Self::put,
            ended: Self::ended,
        }),
    };

    /// # Safety
    ///
    /// The cell is a `Limited<L, T>`, alive, the caller owns it, and nobody else refers to it before
    /// the reference ends.
    unsafe fn of<'a>(cell: Ptr) -> &'a mut Self {
        // SAFETY: by contract.
        unsafe { &mut *cell.cast::<Self>().as_ptr() }
    }

    unsafe fn take(cell: Ptr) -> Option<Ptr> {
        // SAFETY: the vtable is that of a `Limited<L, T>`, which the caller owns.
        unsafe { Self::of(cell) }.callee.take()
    }

    unsafe fn begin(cell: Ptr) -> Result<Ptr, Ending> {
        // SAFETY: as in `take`. The callee, which can reach it by its parent, does not look at it.
        let this = unsafe { Self::of(cell) };
        let callee = this.callee.take().ok_or(Ending::WasDone)?;
        let rest = Rest { callee, end: cell };
        if let Some(over) = this.limit.check() {
            drop(rest);
            this.value = Some(Err(over));
            return Err(Ending::Done);
        }
        Ok(rest.into_callee())
    }

    unsafe fn put(cell: Ptr, callee: Ptr) {
        // SAFETY: as in `take`.
        unsafe { Self::of(cell) }.callee = Some(callee);
    }

    unsafe fn ended(cell: Ptr, callee: Ptr) -> Result<(), Payload> {
        // SAFETY: the callee has ended and is owned; it was made for a value `T`.
        let value = unsafe { callee.returned::<T>() }?;
        // SAFETY: as in `take`.
        unsafe { Self::of(cell) }.value = Some(Ok(value));
        Ok(())
    }

    unsafe fn returned(cell: Ptr, value: *mut ()) -> Option<Payload> {
        // SAFETY: the vtable is that of a `Limited<L, T>`, which its owner gives up, and which came
        // from a box.
        let this = unsafe { Box::from_raw(cell.cast::<Self>().as_ptr()) };
        let result = this.value.expect("the call has ended");
        // SAFETY: `value` has room for it by the contract of `VTable::returned`.
        unsafe { ptr::write(value.cast(), result) };
        None
    }

    unsafe fn free(cell: Ptr) {
        // SAFETY: as in `returned`.
        let mut this = unsafe { Box::from_raw(cell.cast::<Self>().as_ptr()) };
        let callee = this.callee.take();
        drop(callee.map(|callee| Rest { callee, end: cell }));
    }

    unsafe fn peek(cell: Ptr) -> Option<(Ptr, *const dyn Any)> {
        let this = cell.cast::<Self>().as_ptr();
        // SAFETY: the vtable is that of a `Limited<L, T>`, which is alive and not written to.
        let callee = unsafe { (*this).callee }?;
        // SAFETY: as above.
        let limit: *const dyn Any = unsafe { &raw const (*this).limit };
        Some((callee, limit))
    }
}

/// A callee's chain, up to the cell that holds it. Dropped, it is freed.
struct Rest {
    callee: Ptr,
    end: Ptr,
}

impl Rest {
    fn into_callee(self) -> Ptr {
        let callee = self.callee;
        core::mem::forget(self);
        callee
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        // SAFETY: the chain is owned, its innermost cell has no callee, and it ends at `end`.
        unsafe { self.callee.free_chain(Some(self.end)) }
    }
}

/// A chain that is held, while a leg of it runs.
struct Level {
    /// Its outermost caller, which holds it, and is owned by the level outside or by the turn of the whole.
    end: Ptr,
    holds: &'static Holds,
    turn: Turn,
}

/// What follows a leg.
enum Next {
    /// Another one, of the same chain.
    Leg,
    /// So ends the leg of the cell that holds the chain.
    Outside(Result<Ending, Payload>),
}

/// Runs a leg of what the cell holds, which may be held by a cell that is held in turn: each is a
/// level, so that limits within limits take no stack.
///
/// To go out through the levels and in again takes as many steps as there are, which are paid by the legs
/// that are called in between.
unsafe fn resume(cell: Ptr, turn: &mut Turn) -> Ending {
    // SAFETY: it is a cell that holds, alive and owned by the caller.
    let holds = unsafe { cell.vtable() }.holds.expect("it is a `Limited`");
    // SAFETY: as above.
    let mut level = match unsafe { (holds.begin)(cell) } {
        Ok(callee) => Level::new(cell, holds, callee),
        Err(ending) => return ending,
    };
    let (mut outside, mut called) = (Vec::new(), 0);
    loop {
        let held = level.turn.cell.expect("a chain is held");
        // SAFETY: the level owns the cell.
        let ending = match unsafe { held.vtable() }.holds {
            // SAFETY: as above.
            Some(holds) => match catch(|| unsafe { (holds.begin)(held) }) {
                Ok(Ok(callee)) => {
                    outside.push(replace(&mut level, Level::new(held, holds, callee)));
                    continue;
                }
                Ok(Err(ending)) => Ok(ending),
                Err(payload) => Err(payload),
            },
            None => catch(|| level.turn.leg_with_value(held)),
        };
        if matches!(ending, Ok(Ending::Call)) && called < outside.len() {
            called += 1;
            level.turn.cell = level.turn.callee.take();
            continue;
        }
        let mut next = level.after(ending);
        while let Next::Outside(ending) = next {
            let Some(mut around) = outside.pop() else {
                swap(&mut level.turn.slot, &mut turn.slot);
                return ending.unwrap_or_else(|payload| unwind::resume(payload));
            };
            swap(&mut level.turn.slot, &mut around.turn.slot);
            level = around;
            next = level.after(ending);
        }
    }
}

impl Level {
    fn new(end: Ptr, holds: &'static Holds, callee: Ptr) -> Self {
        let turn = Turn::held(callee);
        Level { end, holds, turn }
    }

    /// What follows a leg that ended so. What it gives the continuation to stays in the turn, for the
    /// level outside.
    fn after(&mut self, ending: Result<Ending, Payload>) -> Next {
        let ending = match ending {
            Ok(ending) => ending,
            // There is a caller to hear of it, at least the end.
            Err(payload) => {
                return match self.turn.fail(payload) {
                    Ok(()) => Next::Leg,
                    Err(payload) => Next::Outside(Err(payload)),
                };
            }
        };
        let cell = self.turn.cell.take().expect("its leg has ended");
        let later = match ending {
            Ending::Done | Ending::WasDone => return self.ended(cell),
            Ending::Call => self.turn.callee.take().expect("a callee is in the turn"),
            Ending::Given | Ending::Coop | Ending::Again => cell,
            Ending::Over => unreachable!("no root is held"),
        };
        // SAFETY: the end is alive, owned by who is outside, and waits; the chain is ours until now.
        unsafe { (self.holds.put)(self.end, later) };
        Next::Outside(Ok(match ending {
            Ending::Call => Ending::Again,
            other => other,
        }))
    }

    fn ended(&mut self, cell: Ptr) -> Next {
        // SAFETY: the cell has ended and is owned, hence alive.
        let caller = unsafe { cell.parent() }.expect("the chain ends at `end`");
        if caller == self.end {
            // SAFETY: the end is alive, owned by who is outside, and waits; the chain was its, and is
            // ours until now.
            let taken = unsafe { (self.holds.ended)(self.end, cell) };
            return Next::Outside(taken.map(|()| Ending::Done));
        }
        self.turn.returned = Some(cell);
        self.turn.cell = Some(caller);
        Next::Leg
    }
}

/// The limits of the calls that a continuation consists of, from the outermost inwards: what
/// [`Continuation::limits`] gives.
#[must_use = "an iterator does nothing until it is asked"]
pub struct Limits<'a> {
    next: Option<Ptr>,
    lives: PhantomData<&'a Continuation>,
}

impl Continuation {
    /// The [limits](Limit) of its calls, from the outermost inwards.
    ///
    /// ```
    /// use cps_core::{Limit, cps, thunk};
    ///
    /// struct Never(&'static str);
    ///
    /// impl Limit for Never {
    ///     type Over = ();
    ///
    ///     fn check(&self) -> Option<()> {
    ///         None
    ///     }
    /// }
    ///
    /// #[cps]
    /// fn greet() {}
    ///
    /// let limited = thunk!(greet()).limited(Never("for ever")).into_continuation();
    /// let limit = limited.limits().next().unwrap();
    /// assert_eq!(limit.downcast_ref::<Never>().unwrap().0, "for ever");
    /// ```
    pub fn limits(&self) -> Limits<'_> {
        Limits {
            next: Some(self.ptr()),
            lives: PhantomData,
        }
    }
}

impl<'a> Iterator for Limits<'a> {
    type Item = &'a dyn Any;

    #[inline]
    fn next(&mut self) -> Option<&'a dyn Any> {
        // SAFETY: the chain is alive, and held up for the lifetime: no leg of it runs.
        let (callee, limit) = unsafe { self.next.take()?.holds()? };
        self.next = Some(callee);
        // SAFETY: as above; a limit is `Sync`, and only referred to by shared references.
        Some(unsafe { &*limit })
    }
}

impl FusedIterator for Limits<'_> {}

impl fmt::Debug for Limits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}
