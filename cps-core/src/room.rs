//! Where a cell lies in the heap: memory that is asked for and given back without its types.

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::NonNull;

use crate::cell::Header;

/// The memory of a cell whose owner has given it up. Dropped, it frees that, and nothing of what is in
/// there.
pub(crate) struct Room(NonNull<Header>, Layout);

impl Room {
    /// Memory with the layout of a cell, which has room for a header at least.
    #[inline]
    pub(crate) fn allocate(layout: Layout) -> NonNull<Header> {
        // SAFETY: a header is there, so the size is not zero.
        let room = unsafe { alloc(layout) };
        match NonNull::new(room as *mut Header) {
            Some(room) => room,
            None => handle_alloc_error(layout),
        }
    }

    /// # Safety
    ///
    /// The memory came from [`allocate`](Self::allocate) with this layout; the caller owns it and gives it up.
    #[inline]
    pub(crate) unsafe fn of(cell: NonNull<Header>, layout: Layout) -> Self {
        Room(cell, layout)
    }
}

impl Drop for Room {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the contract of `of`.
        unsafe { dealloc(self.0.as_ptr() as *mut u8, self.1) }
    }
}
