//! Nothing is kept: every room comes from the allocator and goes back there.

use core::alloc::Layout;
use core::ptr::NonNull;

use super::{Origin, discard};
use crate::header::Header;

#[inline]
pub(super) fn allocate(_: Layout) -> Option<(NonNull<Header>, Origin)> {
    None
}

/// # Safety
///
/// As for [`Room::of`](super::Room::of).
#[inline]
pub(super) unsafe fn keep(room: NonNull<Header>, layout: Layout) {
    // SAFETY: by contract.
    unsafe { free(room, layout) }
}

/// # Safety
///
/// As for [`Room::of`](super::Room::of).
#[inline]
pub(super) unsafe fn free(room: NonNull<Header>, layout: Layout) {
    // SAFETY: by contract.
    let origin = unsafe { room.as_ref() }.origin();
    debug_assert_eq!(origin, Origin::Heap, "there is no other");
    // SAFETY: by contract.
    unsafe { discard(room, layout) }
}

#[inline]
pub(crate) fn end_turn() {}

#[cfg(feature = "std")]
pub(crate) fn stay() {}

#[cfg(feature = "std")]
pub(crate) fn stays() -> bool {
    true
}

#[cfg(feature = "std")]
pub(crate) fn give_back() {}

#[cfg(feature = "std")]
pub(crate) fn cease() {}
