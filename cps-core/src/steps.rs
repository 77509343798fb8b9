//! The vtables of the cells of one function, made of the types that its expansion gives.
//!
//! Each function brings its own copy of what depends on its types, and in a build without
//! optimisation each small generic helper would be one more: so that is written out in few functions,
//! with casts where one would call, and all else does not depend on types. What is in a cell is
//! `ManuallyDrop` as soon as it can be, or each call behind would come with code that drops it. A pointer
//! to a cell becomes a reference by `transmute`, since such a build checks each raw pointer that is
//! followed, in twenty lines of LLVM's code.

use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, needs_drop, transmute};
use core::ptr;

use crate::calls::{Call, Site};
use crate::cell::{Body, Cell, Payload, Ptr, type_id};
use crate::context::{Context, Leg, Returned};
use crate::header::{Aside, VTable};
use crate::hold::Hold;
use crate::room::Room;
use crate::trampoline::{Ending, Turn};

/// Makes a value of a type that has no size, and of which there are values to copy.
union Conjured<Z: Copy> {
    nothing: (),
    it: Z,
}

/// The vtables of the cells of one function: `S` is its step closure, and `D` the one that describes
/// it.
pub(crate) struct Steps<'a, F, T, S, D, const LENDS: usize>(PhantomData<(&'a (), F, T, S, D)>);

impl<'a, F, T, S, D, const LENDS: usize> Steps<'a, F, T, S, D, LENDS>
where
    S: for<'leg> Fn(Context<'leg, F, T>) -> Leg<'leg, 'a> + Copy,
    D: Fn(Option<&F>) -> (&'static Site<LENDS>, usize) + Copy,
{
    pub(crate) const VTABLE: VTable = {
        assert!(
            size_of::<S>() == 0 && size_of::<D>() == 0,
            "the step of a continuation captures nothing"
        );
        VTable {
            lent: &Self::LENT,
            ..Self::vtable(Self::resume)
        }
    };

    /// For a step whose type has no name.
    pub(crate) fn of(_: &S) -> &'static VTable {
        &Self::VTABLE
    }

    const LENT: [VTable; LENDS] = {
        let mut lent = [const { Self::vtable(Self::resume_lent) }; LENDS];
        let mut lend = 0;
        while lend < LENDS {
            lent[lend].lend = Some(lend);
            lend += 1;
        }
        lent
    };

    const fn vtable(resume: unsafe fn(Ptr, &mut Turn) -> Ending) -> VTable {
        VTable {
            layout: Layout::new::<Cell<F, T>>(),
            resume,
            returned: Self::returned,
            free,
            root: false,
            value: Some(type_id::<T>),
            drops: needs_drop::<F>() || needs_drop::<T>(),
            aside: Self::aside,
            lent: &[],
            lend: None,
            holds: None,
        }
    }

    unsafe fn resume(cell: Ptr, turn: &mut Turn) -> Ending {
        // SAFETY: the vtable is that of a `Cell<F, T>`, which is alive; no callee of it is, so none
        // borrows from it.
        if let Body::Done(_) = unsafe { transmute::<Ptr, &Cell<F, T>>(cell) }.body {
            return was_done();
        }
        // SAFETY: `S` is zero-sized and `Copy`, and who made the cell was given one.
        let step: S = unsafe { Conjured { nothing: () }.it };
        // SAFETY: the cell is suspended, and the owner, who called us, does not touch it before the
        // leg has ended.
        let mut hold = unsafe { Hold::new(cell) };
        let cx = Context {
            hold: &mut hold,
            callee: Returned { turn },
            of: PhantomData,
            brand: PhantomData,
            runs: PhantomData,
        };
        step(cx).ending
    }

    unsafe fn resume_lent(cell: Ptr, turn: &mut Turn) -> Ending {
        // SAFETY: the caller owns the cell, and the callee that borrowed from it has ended.
        unsafe { cell.put_vtable(&Self::VTABLE) };
        // SAFETY: by contract.
        unsafe { Self::resume(cell, turn) }
    }

    #[cold]
    unsafe fn aside(cell: Ptr, aside: Aside) -> Option<Call> {
        let frame = match aside {
            // SAFETY: the vtable is that of a `Cell<F, T>`, which is alive, and of whose body the caller has
            // the only hold; what is dropped here is not looked at again.
            Aside::Drop => unsafe {
                match &mut transmute::<Ptr, &mut Cell<F, T>>(cell).body {
                    Body::Frame(frame) => ptr::drop_in_place(frame as *mut _ as *mut F),
                    Body::Done(value) => ptr::drop_in_place(value as *mut _ as *mut T),
                    Body::Running => {}
                }
                return None;
            },
            // SAFETY: as above.
            Aside::Forget => unsafe {
                transmute::<Ptr, &mut Cell<F, T>>(cell).body = Body::Running;
                return None;
            },
            Aside::Lent => None,
            // SAFETY: the vtable is that of a `Cell<F, T>`, which is alive; it is not lent, so no callee
            // borrows from it, and nobody changes it meanwhile.
            Aside::Site => match unsafe { &transmute::<Ptr, &Cell<F, T>>(cell).body } {
                // SAFETY: the one is laid out as the other, and as good.
                Body::Frame(frame) => Some(unsafe { transmute::<&ManuallyDrop<F>, &F>(frame) }),
                _ => return None,
            },
        };
        // SAFETY: `D` is zero-sized and `Copy`, and who made the cell was given one.
        let describe: D = unsafe { Conjured { nothing: () }.it };
        let (site, at) = describe(frame);
        // SAFETY: alive by contract.
        site.call(at, unsafe { cell.vtable() }.lend)
    }

    unsafe fn returned(cell: Ptr, value: *mut ()) -> Option<Payload> {
        // SAFETY: the vtable is that of a `Cell<F, T>`, which has ended, and to which nothing refers.
        match unsafe { &transmute::<Ptr, &Cell<F, T>>(cell).body } {
            Body::Done(result) => {
                let (from, size) = (result as *const _ as *const u8, const { size_of::<T>() });
                // SAFETY: `value` has room for a `T` by the contract of `VTable::returned`, and is no
                // part of the cell. What is copied here is not dropped below.
                unsafe { ptr::copy_nonoverlapping(from, value as *mut u8, size) }
            }
            _ => unreachable!("the callee has not ended"),
        }
        // SAFETY: by contract the caller owns the cell and gives it up; it is a leg, of a turn.
        unsafe { Room::keep(cell.cast(), const { Layout::new::<Cell<F, T>>() }) };
        None
    }
}

/// A function of its own, so that no leg sets about it before it knows.
#[cold]
#[inline(never)]
fn was_done() -> Ending {
    Ending::WasDone
}

/// Drops what a call's cell holds and frees it.
///
/// # Safety
///
/// As for [`Ptr::free`]; the cell is a call's.
unsafe fn free(cell: Ptr) {
    // SAFETY: alive by contract.
    let vtable = unsafe { cell.vtable() };
    // SAFETY: the caller owns the cell and gives it up, and no callee borrows from it. If the body panics
    // in its drop, the memory is freed nevertheless.
    let _room = unsafe { Room::of(cell.cast(), vtable.layout) };
    if vtable.drops {
        // SAFETY: as above; the vtable is that of the cell.
        unsafe { (vtable.aside)(cell, Aside::Drop) };
    }
}
