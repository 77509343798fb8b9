//! What a cell begins with: whose it is, and what can be done with it whatever its types are.

use core::alloc::Layout;
use core::any::TypeId;
use core::ptr::{self, NonNull};

use crate::calls::Call;
use crate::cell::{Payload, Ptr};
use crate::held::Holds;
use crate::room::Origin;
use crate::trampoline::{Ending, Turn};

/// Tells cells apart by what is done with them, and so by their types, lifetimes aside: two of one
/// kind have one vtable.
pub(crate) type Kind = &'static VTable;

/// The part of a cell that does not depend on its types.
#[repr(C)]
pub(crate) struct Header {
    pub(crate) vtable: &'static VTable,
    /// The parent's address, or null; its lowest bit is the cell's [`Origin`].
    parent: *mut Header,
}

impl Header {
    /// Of a cell that lies in no [`Room`](crate::room::Room).
    pub(crate) const fn new(vtable: &'static VTable, parent: Option<Ptr>) -> Self {
        let parent = match parent {
            Some(parent) => parent.as_ptr(),
            None => ptr::null_mut(),
        };
        Header { vtable, parent }
    }

    /// Of a cell without a parent, whose room came from there.
    #[inline]
    pub(crate) fn from(vtable: &'static VTable, origin: Origin) -> Self {
        let parent = ptr::without_provenance_mut(origin as usize);
        Header { vtable, parent }
    }

    #[inline]
    pub(crate) fn origin(&self) -> Origin {
        Origin::of(self.parent.addr() & Origin::MASK)
    }

    #[inline]
    pub(crate) fn parent(&self) -> Option<Ptr> {
        let parent = self.parent.map_addr(|at| at & !Origin::MASK);
        // SAFETY: it is the parent's own pointer again, if there is one.
        NonNull::new(parent).map(|parent| unsafe { Ptr::new(parent) })
    }

    /// For a cell that has no parent yet.
    #[inline]
    pub(crate) fn link(&mut self, parent: Ptr) {
        let origin = self.parent.addr();
        self.parent = parent.as_ptr().map_addr(|at| at | origin);
    }
}

/// What can be done with a cell whose types are forgotten.
///
/// Roots (see [`receive`](crate::receive)) are cells too: what they do when resumed is to hand the
/// outcome over.
pub(crate) struct VTable {
    /// What room the cell takes.
    pub(crate) layout: Layout,
    /// Runs one leg and says how it ended.
    pub(crate) resume: unsafe fn(Ptr, &mut Turn) -> Ending,
    /// Moves the value of a finished cell to where the pointer points and frees the cell; or, if
    /// the call ended in a panic, frees it and gives the payload.
    pub(crate) returned: unsafe fn(Ptr, *mut ()) -> Option<Payload>,
    /// Drops what the cell holds and frees it; a root hears that it was dropped.
    pub(crate) free: unsafe fn(Ptr),
    /// Whether it is a root.
    pub(crate) root: bool,
    /// Which type the value is of, lifetimes aside; none where there is no value.
    pub(crate) value: Option<fn() -> TypeId>,
    /// Whether a call's cell may hold what has to be dropped.
    pub(crate) drops: bool,
    /// What is seldom done, all in one function.
    pub(crate) aside: unsafe fn(Ptr, Aside) -> Option<Call>,
    /// What stands in the header in this one's stead while the frame is lent, for each state in
    /// which it may be.
    pub(crate) lent: &'static [VTable],
    /// Which of those this one is.
    pub(crate) lend: Option<usize>,
    /// For one that may hold the chain of its callee instead of waiting for it.
    pub(crate) holds: Option<&'static Holds>,
}

/// What is seldom done with a cell.
///
/// The cell is alive. For the first two the caller has the only hold on its body, for the last nobody
/// changes that meanwhile.
pub(crate) enum Aside {
    /// Drop what a call's cell holds, where it lies.
    Drop,
    /// Say that nothing is there any more.
    Forget,
    /// Say where the call waits to which its frame is lent.
    Lent,
    /// Say where the call is suspended; nothing if it has ended or tells nothing, or where there is
    /// no call.
    Site,
}
