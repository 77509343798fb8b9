//! The rooms that a thread keeps: a list of them for each size, of which it takes the last first.
//!
//! While a turn lasts, a thread keeps a few of the rooms of callees that have returned, and the end of the
//! turn gives them back. A thread that *stays* keeps those of all cells that end on it, from one turn to the
//! next. It has the first that it lacks from the allocator; more than a few it takes from the
//! [slabs](super::slabs), and gives some back when it has too many.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::NonNull;

use super::{Origin, discard, slabs};
use crate::header::Header;

/// How many rooms of one size are kept during a turn; and how many a thread that stays has from the allocator
/// before it asks for slabs.
const MOST: usize = 32;

/// How many rooms a thread that stays takes at once, and gives back at once when it has twice as many.
pub(super) const BATCH: usize = 64;

pub(super) const WORD: usize = size_of::<usize>();

/// The smallest room, in words: an empty call's.
const SMALLEST: usize = 3;

/// How many sizes are kept, a word apart.
pub(super) const SIZES: usize = 16;

/// A size of rooms that are kept: so many words more than the smallest.
#[derive(Clone, Copy)]
pub(super) struct Size(pub(super) usize);

impl Size {
    #[inline]
    const fn of(layout: Layout) -> Option<Size> {
        let more = (layout.size() / WORD).wrapping_sub(SMALLEST);
        if more < SIZES && layout.align() == WORD {
            Some(Size(more))
        } else {
            None
        }
    }

    pub(super) const fn words(self) -> usize {
        SMALLEST + self.0
    }

    fn layout(self) -> Layout {
        Layout::array::<usize>(self.words()).expect("it is a few words")
    }
}

/// What lies in a room that is kept.
pub(super) struct Spare {
    next: Option<NonNull<Spare>>,
    origin: Origin,
    /// How many there are, this one included.
    count: usize,
}

/// The rooms of one size.
struct List(Cell<Option<NonNull<Spare>>>);

struct Kept {
    /// How many reasons the thread has to stay.
    stays: Cell<usize>,
    /// How many rooms it has lacked since it gave all back.
    lacked: Cell<usize>,
    /// Of which sizes there may be any, a bit for each.
    sizes: Cell<u16>,
    lists: [List; SIZES],
}

std::thread_local! {
    static KEPT: Kept = const {
        Kept {
            stays: Cell::new(0),
            lacked: Cell::new(0),
            sizes: Cell::new(0),
            lists: [const { List(Cell::new(None)) }; SIZES],
        }
    };
}

impl List {
    #[inline]
    fn count(&self) -> usize {
        // SAFETY: what is in the list is a `Spare`, owned by it.
        let count = |first: NonNull<Spare>| unsafe { first.as_ref() }.count;
        self.0.get().map_or(0, count)
    }

    /// Puts a room in front of as many as there are.
    ///
    /// # Safety
    ///
    /// The room is of this list's size and from there, and its owner gives it up.
    #[inline]
    unsafe fn push(&self, room: NonNull<Header>, origin: Origin, others: usize) {
        let spare = room.cast::<Spare>();
        let (next, count) = (self.0.get(), others + 1);
        // SAFETY: the room has at least three words, and is ours.
        unsafe {
            spare.write(Spare {
                next,
                origin,
                count,
            })
        };
        self.0.set(Some(spare));
    }

    #[inline]
    fn pop(&self) -> Option<(NonNull<Header>, Origin)> {
        let first = self.0.get()?;
        // SAFETY: what is in the list is a `Spare`, owned by it.
        let Spare { next, origin, .. } = unsafe { first.read() };
        self.0.set(next);
        Some((first.cast(), origin))
    }

    /// Gives back all but so many.
    fn shrink(&self, size: Size, left: usize) {
        let mut slabs = slabs::Giving::default();
        while self.count() > left
            && let Some((room, origin)) = self.pop()
        {
            match origin {
                // SAFETY: it was in the list of its size, and came from there.
                Origin::Heap => unsafe { discard(room, size.layout()) },
                // SAFETY: as above.
                Origin::Slab => unsafe { slabs.give(room, size) },
            }
        }
    }
}

/// What a thread does with what it keeps. These are functions, and not inlined into what looks for the
/// thread's, since that would be a function of its own then, and be called with all in memory.
impl Kept {
    #[inline]
    fn list(&self, size: Size) -> &List {
        &self.lists[size.0 % SIZES]
    }

    fn mark(&self, size: Size) {
        self.sizes.set(self.sizes.get() | 1 << size.0);
    }

    fn allocate(&self, size: Size) -> Option<(NonNull<Header>, Origin)> {
        match self.list(size).pop() {
            None if self.stays.get() > 0 => self.refill(size),
            room => room,
        }
    }

    /// Takes some from the slabs, and gives one of these; none if it is to come from the allocator.
    #[cold]
    fn refill(&self, size: Size) -> Option<(NonNull<Header>, Origin)> {
        let lacked = self.lacked.get();
        if lacked < MOST {
            self.lacked.set(lacked + 1);
            return None;
        }
        let list = self.list(size);
        self.mark(size);
        // SAFETY: what slabs give is of that size, and ours.
        slabs::take(size, |room| unsafe {
            list.push(room, Origin::Slab, list.count())
        });
        list.pop()
    }

    /// # Safety
    ///
    /// As for [`Room::keep`](super::Room::keep), of that size.
    unsafe fn keep(&self, room: NonNull<Header>, size: Size) {
        let list = self.list(size);
        // SAFETY: the header says where the room came from.
        let origin = unsafe { room.as_ref() }.origin();
        let mut others = list.count();
        if others == 0 {
            self.mark(size);
        } else if others >= MOST {
            if self.stays.get() == 0 {
                // SAFETY: by contract.
                return unsafe { release(room, size, origin) };
            }
            if others >= 2 * BATCH {
                list.shrink(size, BATCH);
                others = BATCH;
            }
        }
        // SAFETY: by contract.
        unsafe { list.push(room, origin, others) };
    }

    /// # Safety
    ///
    /// As for [`Room::of`](super::Room::of), of that size.
    unsafe fn free(&self, room: NonNull<Header>, size: Size) {
        if self.stays.get() > 0 {
            // SAFETY: by contract; the thread keeps rooms whether or not a turn is under way.
            return unsafe { self.keep(room, size) };
        }
        // SAFETY: the header says where the room came from.
        let origin = unsafe { room.as_ref() }.origin();
        // SAFETY: by contract.
        unsafe { release(room, size, origin) }
    }

    #[cold]
    fn shrink(&self) {
        self.lacked.set(0);
        let mut sizes = self.sizes.replace(0);
        while sizes != 0 {
            let size = sizes.trailing_zeros() as usize;
            sizes &= sizes - 1;
            self.lists[size].shrink(Size(size), 0);
        }
    }
}

/// # Safety
///
/// The room is of that size and from there, and its owner gives it up.
unsafe fn release(room: NonNull<Header>, size: Size, origin: Origin) {
    match origin {
        // SAFETY: by contract.
        Origin::Heap => unsafe { discard(room, size.layout()) },
        // SAFETY: by contract.
        Origin::Slab => unsafe { slabs::Giving::default().give(room, size) },
    }
}

/// None if it is to come from the allocator.
#[inline]
pub(super) fn allocate(layout: Layout) -> Option<(NonNull<Header>, Origin)> {
    allocate_of(Size::of(layout)?)
}

fn allocate_of(size: Size) -> Option<(NonNull<Header>, Origin)> {
    KEPT.with(|kept| kept.allocate(size))
}

/// # Safety
///
/// As for [`Room::keep`](super::Room::keep).
#[inline]
pub(super) unsafe fn keep(room: NonNull<Header>, layout: Layout) {
    match Size::of(layout) {
        // SAFETY: by contract.
        Some(size) => unsafe { keep_of(room, size) },
        // SAFETY: by contract; what has none of the sizes comes from the allocator.
        None => unsafe { discard(room, layout) },
    }
}

/// # Safety
///
/// As for [`Room::keep`](super::Room::keep), of that size.
unsafe fn keep_of(room: NonNull<Header>, size: Size) {
    // SAFETY: by contract.
    KEPT.with(|kept| unsafe { kept.keep(room, size) });
}

/// # Safety
///
/// As for [`Room::of`](super::Room::of).
#[inline]
pub(super) unsafe fn free(room: NonNull<Header>, layout: Layout) {
    match Size::of(layout) {
        // SAFETY: by contract.
        Some(size) => unsafe { free_of(room, size) },
        // SAFETY: by contract; what has none of the sizes comes from the allocator.
        None => unsafe { discard(room, layout) },
    }
}

/// # Safety
///
/// As for [`Room::of`](super::Room::of), of that size.
unsafe fn free_of(room: NonNull<Header>, size: Size) {
    // SAFETY: by contract.
    KEPT.with(|kept| unsafe { kept.free(room, size) });
}

/// Gives back what was kept during the turn that ends on this thread.
#[inline]
pub(crate) fn end_turn() {
    KEPT.with(|kept| {
        if kept.sizes.get() != 0 && kept.stays.get() == 0 {
            kept.shrink();
        }
    });
}

/// Keeps rooms from one turn to the next, until [`cease`] was called as often.
pub(crate) fn stay() {
    KEPT.with(|kept| kept.stays.set(kept.stays.get() + 1));
}

#[inline]
pub(crate) fn stays() -> bool {
    KEPT.with(|kept| kept.stays.get() > 0)
}

/// Gives back all that is kept.
pub(crate) fn give_back() {
    KEPT.with(Kept::shrink);
}

/// Is to be called once for each call of [`stay`].
pub(crate) fn cease() {
    KEPT.with(|kept| {
        kept.stays.set(kept.stays.get() - 1);
        if kept.stays.get() == 0 {
            kept.shrink();
        }
    });
}
