//! Where a cell lies in the heap: memory that is asked for and given back without its types.
//!
//! While a turn lasts, its thread [keeps](Room::keep) a few of the rooms of callees that have returned for
//! the next ones, so that a call which ends before the next begins needs neither `malloc` nor `free`. The end
//! of the turn frees what is kept. With `--cfg plain_heap`, for tools that watch the heap, nothing is kept;
//! nor is it without the `std` feature.

use alloc::alloc::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::NonNull;

use crate::cell::Header;
#[cfg(all(feature = "std", not(plain_heap)))]
use kept::Size;
pub(crate) use kept::free_kept;

/// The memory of a cell whose owner has given it up. Dropped, it frees that, and nothing of what is in
/// there.
pub(crate) struct Room(NonNull<Header>, Layout);

impl Room {
    /// Memory with the layout of a cell, which has room for a header at least.
    #[inline]
    pub(crate) fn allocate(layout: Layout) -> NonNull<Header> {
        #[cfg(all(feature = "std", not(plain_heap)))]
        if let Some(size) = Size::of(layout) {
            return size.allocate();
        }
        fresh(layout)
    }

    /// # Safety
    ///
    /// The memory came from [`allocate`](Self::allocate) with this layout; the caller owns it and gives it
    /// up.
    #[inline]
    pub(crate) unsafe fn of(cell: NonNull<Header>, layout: Layout) -> Self {
        Room(cell, layout)
    }

    /// Frees the memory, or keeps it for a cell that is made in the same turn.
    ///
    /// # Safety
    ///
    /// As for [`of`](Self::of). A turn is under way on this thread.
    #[inline]
    pub(crate) unsafe fn keep(cell: NonNull<Header>, layout: Layout) {
        #[cfg(all(feature = "std", not(plain_heap)))]
        if let Some(size) = Size::of(layout) {
            // SAFETY: by contract.
            return unsafe { size.keep(cell) };
        }
        // SAFETY: by contract.
        drop(unsafe { Room::of(cell, layout) });
    }
}

impl Drop for Room {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the contract of `of`.
        unsafe { dealloc(self.0.as_ptr() as *mut u8, self.1) }
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

#[cfg(all(feature = "std", not(plain_heap)))]
mod kept {
    use core::alloc::Layout;
    use core::cell::Cell;
    use core::ptr::NonNull;

    use super::{Room, fresh};
    use crate::cell::Header;

    /// How many rooms of one size are kept.
    const MOST: usize = 32;

    const WORD: usize = size_of::<usize>();

    /// The smallest room, in words: an empty call's.
    const SMALLEST: usize = 3;

    /// How many sizes are kept, a word apart.
    const SIZES: usize = 16;

    /// A size of rooms that are kept: so many words more than the smallest.
    #[derive(Clone, Copy)]
    pub(super) struct Size(usize);

    /// What lies in a room that is kept.
    struct Spare {
        next: Option<NonNull<Spare>>,
        /// How many there are, this one included.
        count: usize,
    }

    struct Kept {
        /// Of which sizes there may be any, a bit for each.
        sizes: Cell<u16>,
        /// A list for each size.
        lists: [Cell<Option<NonNull<Spare>>>; SIZES],
    }

    std::thread_local! {
        static KEPT: Kept = const {
            Kept {
                sizes: Cell::new(0),
                lists: [const { Cell::new(None) }; SIZES],
            }
        };
    }

    impl Size {
        #[inline]
        pub(super) const fn of(layout: Layout) -> Option<Size> {
            let more = (layout.size() / WORD).wrapping_sub(SMALLEST);
            if more < SIZES && layout.align() == WORD {
                Some(Size(more))
            } else {
                None
            }
        }

        fn layout(self) -> Layout {
            Layout::array::<usize>(SMALLEST + self.0).expect("it is a few words")
        }

        pub(super) fn allocate(self) -> NonNull<Header> {
            let kept = KEPT.with(|kept| {
                let list = &kept.lists[self.0];
                let spare = list.get()?;
                // SAFETY: what is in the list is a `Spare`, owned by it.
                list.set(unsafe { spare.as_ref() }.next);
                Some(spare.cast())
            });
            match kept {
                Some(room) => room,
                None => fresh(self.layout()),
            }
        }

        /// # Safety
        ///
        /// The room is of this size, and its owner gives it up. A turn is under way on this thread.
        pub(super) unsafe fn keep(self, room: NonNull<Header>) {
            let spare = room.cast::<Spare>();
            let kept = KEPT.with(|kept| {
                let list = &kept.lists[self.0];
                let next = list.get();
                let others = match next {
                    // SAFETY: what is in the list is a `Spare`, owned by it.
                    Some(next) => unsafe { next.as_ref() }.count,
                    None => {
                        kept.sizes.set(kept.sizes.get() | 1 << self.0);
                        0
                    }
                };
                let count = others + 1;
                if others < MOST {
                    // SAFETY: the room has at least three words, and is ours.
                    unsafe { spare.write(Spare { next, count }) };
                    list.set(Some(spare));
                }
                others < MOST
            });
            if !kept {
                // SAFETY: by contract.
                drop(unsafe { Room::of(room, self.layout()) });
            }
        }
    }

    /// Frees what was kept during the turn that ends on this thread.
    #[inline]
    pub(crate) fn free_kept() {
        let sizes = KEPT.with(|kept| kept.sizes.replace(0));
        if sizes != 0 {
            free_all(sizes);
        }
    }

    fn free_all(mut sizes: u16) {
        while sizes != 0 {
            let size = sizes.trailing_zeros() as usize;
            sizes &= sizes - 1;
            let mut next = KEPT.with(|kept| kept.lists[size].take());
            while let Some(spare) = next {
                // SAFETY: what was in the list is a `Spare`, owned by it.
                next = unsafe { spare.as_ref() }.next;
                // SAFETY: it was allocated with the layout of the size that the list is for.
                drop(unsafe { Room::of(spare.cast(), Size(size).layout()) });
            }
        }
    }
}

#[cfg(not(all(feature = "std", not(plain_heap))))]
mod kept {
    pub(crate) fn free_kept() {}
}
