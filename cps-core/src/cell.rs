//! The heap cell of a call: its layout, its vtable, and all work with pointers to it.
//!
//! A cell is `{ vtable, parent, body }` in one allocation. `parent` is the cell of the caller that
//! waits for this one, so a suspended chain of calls is a list from its innermost cell outwards,
//! and one pointer to the innermost cell owns all of it. The body holds the frame while the call is
//! suspended, nothing while a leg runs (the leg has taken the frame out), and the value once it has
//! returned and its caller has not run yet.
//!
//! Rules that everything here relies on:
//!
//! - A cell has one owner at any time: a [`Thunk`](crate::Thunk) (no caller yet), a
//!   [`Continuation`](crate::Continuation), a [`Turn`], or the cell that called it.
//! - A callee may borrow from its caller's frame. The caller is *lent* then: its header says so, and
//!   in which state, and its body is neither touched nor referred to while the callee lives. So a
//!   chain is always freed from the inside out.
//! - Every [`Ptr`] has the provenance of its whole allocation: it comes from the allocator or from
//!   `Box::into_raw`, never from a reference to a header.

use alloc::boxed::Box;
use core::any::{Any, TypeId};
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit, transmute};
use core::ptr::{self, NonNull};

use crate::calls::Call;
use crate::header::{Aside, Header, VTable};
use crate::room::Room;
use crate::trampoline::{Ending, Turn};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A pointer to a cell of any type. It does not own the cell: who holds it says who does.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Ptr(NonNull<Header>);

impl Ptr {
    /// # Safety
    ///
    /// `cell` begins with a [`Header`] whose vtable is for this type of cell, and has the
    /// provenance of all of it.
    pub(crate) unsafe fn new<C>(cell: NonNull<C>) -> Self {
        Ptr(cell.cast())
    }

    /// Room for a cell, with its header. To be owned by the caller, who puts the body there.
    #[inline]
    pub(crate) fn allocate(vtable: &'static VTable) -> Self {
        let (room, origin) = Room::allocate(vtable.layout);
        // SAFETY: the room is for a cell, which begins with its header, and nothing else points there.
        unsafe { ptr::write(room.as_ptr(), Header::from(vtable, origin)) };
        Ptr(room)
    }

    #[inline]
    pub(crate) fn cast<C>(self) -> NonNull<C> {
        self.0.cast()
    }

    #[inline]
    pub(crate) const fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }

    /// # Safety
    ///
    /// The cell is alive.
    #[inline]
    pub(crate) unsafe fn parent(self) -> Option<Ptr> {
        // SAFETY: alive by contract; a header is written only by the owner of a cell (in `link`),
        // and whoever asks owns it.
        unsafe { self.0.as_ref() }.parent()
    }

    /// Makes `parent` the cell that waits for this one.
    ///
    /// # Safety
    ///
    /// The cell is alive, the caller owns it, and it has no parent yet.
    #[inline]
    pub(crate) unsafe fn link(self, parent: Ptr) {
        // SAFETY: alive and owned by contract, so no one else reads or writes the header now.
        unsafe { (*self.0.as_ptr()).link(parent) }
    }

    /// # Safety
    ///
    /// The cell is alive.
    #[inline]
    pub(crate) unsafe fn vtable(self) -> &'static VTable {
        // SAFETY: alive by contract; a header is written only by the owner of a cell (in
        // `put_vtable`), and whoever asks owns it or holds up the owner.
        unsafe { (*self.0.as_ptr()).vtable }
    }

    /// # Safety
    ///
    /// The cell is alive, the caller owns it, and the vtable is for its types.
    #[inline]
    pub(crate) unsafe fn put_vtable(self, vtable: &'static VTable) {
        // SAFETY: alive and owned by contract, so no one else reads or writes the header now.
        unsafe { (*self.0.as_ptr()).vtable = vtable }
    }

    /// Where the call is suspended; none if it has ended, or if this is no call's cell.
    ///
    /// # Safety
    ///
    /// The cell is alive and no leg of it runs; if a callee that borrows from its frame is alive,
    /// the cell is lent.
    pub(crate) unsafe fn site(self) -> Option<Call> {
        // SAFETY: alive by contract.
        let vtable = unsafe { self.vtable() };
        let aside = match vtable.lend {
            Some(_) => Aside::Lent,
            None => Aside::Site,
        };
        // SAFETY: by contract; the vtable is that of the cell.
        unsafe { (vtable.aside)(self, aside) }
    }

    /// Drops the frame, as if a leg had taken it.
    ///
    /// # Safety
    ///
    /// The cell is alive, suspended and a call's; the caller has the only hold on its body.
    #[cold]
    pub(crate) unsafe fn clear(self) {
        /// What was dropped is not dropped again, whatever of it panics.
        struct Dropped(Ptr);
        impl Drop for Dropped {
            fn drop(&mut self) {
                // SAFETY: by the contract of `clear`; the vtable is that of the cell.
                unsafe { (self.0.vtable().aside)(self.0, Aside::Forget) };
            }
        }
        let dropped = Dropped(self);
        // SAFETY: as above.
        unsafe { (dropped.0.vtable().aside)(self, Aside::Drop) };
    }

    /// Runs one leg.
    ///
    /// # Safety
    ///
    /// The caller owns the cell, which is suspended or finished and whose callee, if it waits for
    /// one, is finished and stands in `turn`. What happens to it follows from how its leg
    /// ended.
    #[inline]
    pub(crate) unsafe fn resume(self, turn: &mut Turn) -> Ending {
        // SAFETY: by contract; the vtable is that of the cell.
        unsafe { (self.vtable().resume)(self, turn) }
    }

    /// Whether its value, if it has one, is a `U` but for lifetimes.
    ///
    /// # Safety
    ///
    /// The cell is alive.
    pub(crate) unsafe fn yields<U>(self) -> bool {
        // SAFETY: alive by contract.
        let value = unsafe { self.vtable() }.value;
        value.is_none_or(|value| value() == type_id::<U>())
    }

    /// Takes the value out and frees the cell.
    ///
    /// # Safety
    ///
    /// The caller owns the cell, which has ended, and its value is a `U`.
    #[inline]
    pub(crate) unsafe fn returned<U>(self) -> Result<U, Payload> {
        let mut value = MaybeUninit::<U>::uninit();
        // SAFETY: owned and ended by contract; `value` has room for the `U` that the cell holds.
        match unsafe { (self.vtable().returned)(self, value.as_mut_ptr().cast()) } {
            // SAFETY: without a payload the value was written.
            None => Ok(unsafe { value.assume_init() }),
            Some(payload) => Err(payload),
        }
    }

    /// Frees this cell and not its callers.
    ///
    /// # Safety
    ///
    /// The caller owns the cell; no callee of it is alive.
    #[inline]
    pub(crate) unsafe fn free(self) {
        // SAFETY: by contract; the vtable is that of the cell.
        unsafe { (self.vtable().free)(self) }
    }

    /// Frees this cell and then its callers, innermost first, whatever of it panics; all of them, or up to
    /// `end`, which stays.
    ///
    /// # Safety
    ///
    /// The caller owns these cells; no callee of this one is alive.
    pub(crate) unsafe fn free_chain(self, end: Option<Ptr>) {
        /// What is still to be freed, and where that ends; a drop that panics goes on here.
        struct Rest(Option<Ptr>, Option<Ptr>);
        impl Drop for Rest {
            fn drop(&mut self) {
                if let Some(cell) = self.0.take().filter(|cell| Some(*cell) != self.1) {
                    // SAFETY: the cells before this one are gone, and it is owned as they were.
                    unsafe { cell.free_chain(self.1) }
                }
            }
        }
        let mut innermost = self;
        // What is held ends at who holds it, so it is a part of the chain once nobody holds it any more.
        // SAFETY: alive and owned by contract, as is what they hold.
        while let Some(held) = unsafe { innermost.take_held() } {
            innermost = held;
        }
        let mut rest = Rest(Some(innermost), end);
        while let Some(cell) = rest.0.take().filter(|cell| Some(*cell) != end) {
            // SAFETY: `cell` was not freed yet.
            rest.0 = unsafe { cell.parent() };
            // SAFETY: owned by contract, its callees are gone; `rest` no longer names it, so it is
            // not freed again.
            unsafe { cell.free() }
        }
    }
}

/// A call's cell.
#[repr(C)]
pub(crate) struct Cell<F, T> {
    header: Header,
    pub(crate) body: Body<F, T>,
}

/// What a cell holds. The frame and the value share the room. Dropped only by [`Aside::Drop`], so that it can
/// be written over in a plain assignment.
pub(crate) enum Body<F, T> {
    /// Suspended, or waiting for a callee.
    Frame(ManuallyDrop<F>),
    /// Returned; the caller has not run since.
    Done(ManuallyDrop<T>),
    /// A leg runs and has the frame.
    Running,
}

/// The innermost cell of a chain: the one at which it begins, or what is held by that.
///
/// # Safety
///
/// The chain is alive, and no leg of it runs.
#[inline]
pub(crate) unsafe fn innermost(cell: Ptr) -> Ptr {
    // SAFETY: by contract.
    match unsafe { cell.holds() } {
        None => cell,
        // SAFETY: what is held is as alive as who holds it.
        Some((callee, _)) => unsafe { innermost_of(callee) },
    }
}

/// The same where something is held.
#[cold]
#[inline(never)]
unsafe fn innermost_of(mut cell: Ptr) -> Ptr {
    // SAFETY: what is held is as alive as who holds it.
    while let Some((callee, _)) = unsafe { cell.holds() } {
        cell = callee;
    }
    cell
}

/// What is seldom done with a cell that is no call's: no leg runs on it, and it has no place.
pub(crate) unsafe fn no_call(_: Ptr, aside: Aside) -> Option<Call> {
    match aside {
        Aside::Drop | Aside::Forget => unreachable!("there is no frame"),
        Aside::Lent | Aside::Site => None,
    }
}

/// `TypeId::of` for types that are not `'static`; it does not see lifetimes.
pub(crate) fn type_id<S: ?Sized>() -> TypeId {
    trait Named {
        fn type_id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<S: ?Sized> Named for PhantomData<S> {
        fn type_id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<S>()
        }
    }
    let named: &dyn Named = &PhantomData::<S>;
    // SAFETY: only the bound changes, which exists at compile time only; the method looks at the
    // type, not at a value of it.
    Named::type_id(unsafe { transmute::<&dyn Named, &(dyn Named + 'static)>(named) })
}
