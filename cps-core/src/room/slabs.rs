//! Slabs: larger pieces of the heap, each divided into rooms of one size.
//!
//! Threads that need many rooms take them from here by the batch and give them back likewise, so that a lock,
//! and the allocator's work for a whole slab, are shared by many rooms; none of which needs a header of its
//! allocator's. A slab lies at a multiple of its size, so a room tells in which slab it is. When all rooms of
//! a slab have come back, it goes back to the allocator.
//!
//! A slab that has rooms to give stands in the list of its size, and begins with what is known of it, all of
//! which is touched under the lock of that list only.

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};
use std::alloc::{alloc, dealloc};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::kept::{BATCH, SIZES, Size, WORD};
use crate::header::Header;

/// The distance of slabs, and, but for what an allocator may need between them, their size.
const DISTANCE: usize = 16 * 1024;
const BETWEEN: usize = 2 * WORD;

const LAYOUT: Layout = match Layout::from_size_align(DISTANCE - BETWEEN, DISTANCE) {
    Ok(layout) => layout,
    Err(_) => panic!("it is a power of two"),
};

/// One bit for each word of a slab says whether a room begins there that can be given.
const BITS: usize = usize::BITS as usize;
const FLAGS: usize = DISTANCE / WORD / BITS;

/// What a slab begins with.
struct Slab {
    /// Its neighbours in the list, if it stands there.
    next: *mut Slab,
    before: *mut Slab,
    /// How many rooms can be given.
    free: usize,
    flags: [usize; FLAGS],
}

/// The first word of the first room.
const FIRST: usize = size_of::<Slab>().div_ceil(WORD);

/// How many rooms of a size a slab has.
const fn rooms(size: Size) -> usize {
    (LAYOUT.size() / WORD - FIRST) / size.words()
}

/// The slabs of one size that have rooms to give.
struct List(*mut Slab);

// SAFETY: slabs are touched by who holds the lock of their list only.
unsafe impl Send for List {}

static LISTS: [Mutex<List>; SIZES] = [const { Mutex::new(List(null_mut())) }; SIZES];

fn lists(size: Size) -> MutexGuard<'static, List> {
    LISTS[size.0].lock().unwrap_or_else(PoisonError::into_inner)
}

impl List {
    /// # Safety
    ///
    /// The slab is alive and in no list; it is of this list's size.
    unsafe fn enter(&mut self, slab: *mut Slab) {
        // SAFETY: by contract, and what is in the list is alive.
        unsafe {
            (*slab).next = self.0;
            (*slab).before = null_mut();
            if let Some(next) = self.0.as_mut() {
                next.before = slab;
            }
        }
        self.0 = slab;
    }

    /// # Safety
    ///
    /// The slab is in this list.
    unsafe fn leave(&mut self, slab: *mut Slab) {
        // SAFETY: by contract, and what is in the list is alive.
        unsafe {
            let Slab { next, before, .. } = *slab;
            match before.as_mut() {
                Some(before) => before.next = next,
                None => self.0 = next,
            }
            if let Some(next) = next.as_mut() {
                next.before = before;
            }
        }
    }
}

impl Slab {
    /// A slab with all its rooms; none if the allocator has no more.
    fn allocate(size: Size) -> Option<NonNull<Slab>> {
        // SAFETY: the size is not zero.
        let slab = NonNull::new(unsafe { alloc(LAYOUT) } as *mut Slab)?;
        let mut flags = [0; FLAGS];
        for room in 0..rooms(size) {
            let word = FIRST + room * size.words();
            flags[word / BITS] |= 1 << (word % BITS);
        }
        let (next, before, free) = (null_mut(), null_mut(), rooms(size));
        // SAFETY: it was allocated for that, and is ours.
        unsafe {
            slab.write(Slab {
                next,
                before,
                free,
                flags,
            })
        };
        Some(slab)
    }

    /// The slab in which a room lies.
    fn of(room: NonNull<Header>) -> *mut Slab {
        room.as_ptr().map_addr(|at| at & !(DISTANCE - 1)).cast()
    }

    /// Takes up to a batch of rooms, the last first.
    ///
    /// # Safety
    ///
    /// Nobody else touches what the slab begins with.
    unsafe fn take(slab: *mut Slab, mut each: impl FnMut(NonNull<Header>)) {
        // SAFETY: by contract; the reference is to what it begins with, and not to its rooms.
        let this = unsafe { &mut *slab };
        let mut left = this.free.min(BATCH);
        this.free -= left;
        for (number, flags) in this.flags.iter_mut().enumerate().rev() {
            while *flags != 0 && left > 0 {
                let bit = BITS - 1 - flags.leading_zeros() as usize;
                *flags &= !(1 << bit);
                left -= 1;
                // SAFETY: a flag is set where a room begins, within the slab.
                let room = unsafe { slab.cast::<usize>().add(number * BITS + bit) };
                // SAFETY: what lies in a slab is not null.
                each(unsafe { NonNull::new_unchecked(room.cast()) });
            }
        }
    }
}

/// Takes up to a batch of rooms of this size, which the caller owns then; none if the allocator has no more.
pub(super) fn take(size: Size, each: impl FnMut(NonNull<Header>)) {
    let mut list = lists(size);
    let mut slab = list.0;
    if slab.is_null() {
        // The allocator may do anything.
        drop(list);
        let Some(new) = Slab::allocate(size) else {
            return;
        };
        slab = new.as_ptr();
        list = lists(size);
        // SAFETY: it is new, so in no list.
        unsafe { list.enter(slab) };
    }
    // SAFETY: it is in the list, whose lock we hold.
    unsafe { Slab::take(slab, each) };
    // SAFETY: as above.
    if unsafe { (*slab).free } == 0 {
        // SAFETY: as above.
        unsafe { list.leave(slab) };
    }
}

/// Gives rooms of one size back, under one lock.
#[derive(Default)]
pub(super) struct Giving {
    list: Option<MutexGuard<'static, List>>,
    /// Slabs of which all rooms have come back, linked by `next`.
    whole: Option<NonNull<Slab>>,
}

impl Giving {
    /// # Safety
    ///
    /// The room came from [`take`] with that size, the same for all that are given, and its owner gives it
    /// up.
    pub(super) unsafe fn give(&mut self, room: NonNull<Header>, size: Size) {
        let list = self.list.get_or_insert_with(|| lists(size));
        let slab = Slab::of(room);
        // SAFETY: a slab is alive while a room of it is out, and we hold the lock.
        unsafe {
            let word = room.as_ptr().cast::<usize>().offset_from(slab.cast()) as usize;
            (*slab).flags[word / BITS] |= 1 << (word % BITS);
            (*slab).free += 1;
            if (*slab).free == 1 {
                list.enter(slab);
            }
            if (*slab).free == rooms(size) {
                list.leave(slab);
                (*slab).next = self.whole.map_or(null_mut(), NonNull::as_ptr);
                self.whole = NonNull::new(slab);
            }
        }
    }
}

impl Drop for Giving {
    fn drop(&mut self) {
        self.list = None;
        while let Some(slab) = self.whole {
            // SAFETY: all its rooms have come back, and it is in no list, so it is ours.
            self.whole = NonNull::new(unsafe { slab.as_ref() }.next);
            // SAFETY: it was allocated so.
            unsafe { dealloc(slab.as_ptr() as *mut u8, LAYOUT) };
        }
    }
}
