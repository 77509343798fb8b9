//! Where a cell lies in the heap: memory that is asked for and given back without its types.
//!
//! `malloc` and `free` of a cell take longer than all else that a call needs. So a thread [keeps](kept) the
//! rooms of cells that have ended for those that it makes next: any thread while a turn lasts, and one that
//! says so with [`Rooms`](crate::dispatch::Rooms) for longer. What such threads lack or have too much of
//! comes from [slabs](slabs) and goes back there, wherever else it was used meanwhile.
//!
//! With `--cfg plain_heap`, for tools that watch the heap, every room is the allocator's; so it is without
//! the `std` feature, and under loom.

#[cfg_attr(any(not(feature = "std"), plain_heap, loom), path = "room/nothing.rs")]
mod kept;
#[cfg(all(feature = "std", not(plain_heap), not(loom)))]
mod slabs;

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::NonNull;

use crate::header::Header;
pub(crate) use kept::end_turn;
#[cfg(feature = "std")]
pub(crate) use kept::{cease, give_back, stay, stays};

/// Where the memory of a room came from. While it is a cell, its header says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Origin {
    /// The allocator.
    Heap = 0,
    /// A slab.
    Slab = 1,
}

impl Origin {
    /// The bits of an address that are free to say it.
    pub(crate) const MASK: usize = 1;

    #[inline]
    pub(crate) fn of(bits: usize) -> Self {
        if bits == Origin::Heap as usize {
            Origin::Heap
        } else {
            Origin::Slab
        }
    }
}

/// The memory of a cell whose owner has given it up. Dropped, it gives that back, and nothing of what is in
/// there.
pub(crate) struct Room {
    cell: NonNull<Header>,
    layout: Layout,
}

impl Room {
    /// Memory with the layout of a cell, which has room for a header at least. The header is to say where it
    /// came from.
    #[inline]
    pub(crate) fn allocate(layout: Layout) -> (NonNull<Header>, Origin) {
        match kept::allocate(layout) {
            Some(room) => room,
            None => (fresh(layout), Origin::Heap),
        }
    }

    /// # Safety
    ///
    /// The memory came from [`allocate`](Self::allocate) with this layout, and its header says where that had
    /// it from; the caller owns it and gives it up.
    #[inline]
    pub(crate) unsafe fn of(cell: NonNull<Header>, layout: Layout) -> Self {
        Room { cell, layout }
    }

    /// Gives the memory back, or keeps it for a cell that is made in the same turn.
    ///
    /// # Safety
    ///
    /// As for [`of`](Self::of). A turn is under way on this thread.
    #[inline]
    pub(crate) unsafe fn keep(cell: NonNull<Header>, layout: Layout) {
        // SAFETY: by contract.
        unsafe { kept::keep(cell, layout) }
    }
}

impl Drop for Room {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the contract of `of`.
        unsafe { kept::free(self.cell, self.layout) }
    }
}

fn fresh(layout: Layout) -> NonNull<Header> {
    // SAFETY: a header is there, so the size is not zero.
    let room = unsafe { alloc(layout) };
    match NonNull::new(room as *mut Header) {
        Some(room) => room,
        None => handle_alloc_error(layout),
    }
}

/// # Safety
///
/// The memory came from [`fresh`] with this layout, and the caller gives it up.
unsafe fn discard(room: NonNull<Header>, layout: Layout) {
    // SAFETY: by contract.
    unsafe { dealloc(room.as_ptr() as *mut u8, layout) }
}
