//! Memory for the segments of a queue: blocks of neighbours, of which one after the other is begun.
//!
//! Where a queue is short, a block is one segment. Where it is long it will need many, and to take the memory
//! of many at once asks the heap once, and for the largest blocks the kernel once. A segment is made when it
//! is begun, so memory of others that the queue does not come to is not touched.
//!
//! A block is freed with its last segment: those who use them end them in order, and say so here.

use super::shelf::Shelf;
use crate::sync::AtomicPtr;
use std::mem::MaybeUninit;
use std::ptr::{null_mut, slice_from_raw_parts_mut};

pub(super) struct Segment<S> {
    pub(super) next: AtomicPtr<Segment<S>>,
    /// Which of its block it is, and how many the block has.
    index: u32,
    of: u32,
    pub(super) shelf: S,
}

/// Asks the kernel for all the memory at once, which it would otherwise give page by page when one is touched
/// for the first time. It does not matter if it does not know how to.
fn populate<T>(memory: &mut [MaybeUninit<T>]) {
    const PAGE: usize = 4096;
    let memory = memory.as_mut_ptr_range();
    let (from, to) = (
        memory.start.addr().next_multiple_of(PAGE),
        memory.end.addr() / PAGE * PAGE,
    );
    if from < to {
        // SAFETY: what lies there is borrowed exclusively, and stays as it is.
        unsafe {
            libc::madvise(
                memory.start.with_addr(from).cast(),
                to - from,
                libc::MADV_POPULATE_WRITE,
            )
        };
    }
}

/// How much memory a block has at most, unless a segment needs more.
const BYTES: usize = 1 << 16;

impl<S: Shelf> Segment<S> {
    /// How many segments a block has at most.
    const MOST: usize = match BYTES / size_of::<Self>() {
        _ if cfg!(loom) => 2,
        0 => 1,
        most => most,
    };

    /// The first segment of a new block of so many, within limits.
    pub(super) fn first(wanted: usize) -> *mut Self {
        let of = wanted.clamp(1, Self::MOST);
        let mut block = Box::<[Self]>::new_uninit_slice(of);
        if of > 1 && of == Self::MOST {
            populate(&mut block);
        }
        let block = Box::into_raw(block).cast::<Self>();
        // SAFETY: the memory was just made, for one segment at least.
        unsafe { Self::begin(block, 0, of as u32) };
        block
    }

    /// The neighbour of a segment, if its block has one.
    ///
    /// # Safety
    ///
    /// The segment was begun and is not [ended](Self::end), and this is called once for it.
    pub(super) unsafe fn neighbour(this: *mut Self) -> Option<*mut Self> {
        // SAFETY: by contract; these two are never written again.
        let (index, of) = unsafe { ((*this).index + 1, (*this).of) };
        if index == of {
            return None;
        }
        // SAFETY: the block has a place behind this segment's, and a block is there until its last segment is
        // ended.
        let neighbour = unsafe { this.add(1) };
        // SAFETY: as above, and it is begun once, by contract.
        unsafe { Self::begin(neighbour, index, of) };
        Some(neighbour)
    }

    /// # Safety
    ///
    /// There is memory, which holds nothing.
    #[inline(never)]
    unsafe fn begin(memory: *mut Self, index: u32, of: u32) {
        let segment = Segment {
            next: AtomicPtr::new(null_mut()),
            index,
            of,
            shelf: S::new(),
        };
        // SAFETY: by contract.
        unsafe { memory.write(segment) };
    }

    /// Ends a segment. With the last of its block, or the `last` that was begun, the block is freed.
    ///
    /// # Safety
    ///
    /// It was begun, nobody touches it any more, and those before it in its block were ended. If it is the
    /// `last`, those behind it will not be begun.
    pub(super) unsafe fn end(this: *mut Self, last: bool) {
        // SAFETY: by contract.
        let (index, of) = unsafe { ((*this).index, (*this).of) };
        // SAFETY: by contract.
        unsafe { this.drop_in_place() };
        if last || index + 1 == of {
            // SAFETY: the block begins so many segments before.
            let block = unsafe { this.sub(index as usize) }.cast::<MaybeUninit<Self>>();
            // SAFETY: it came from `into_raw` in `first`, of a slice of that length, and all that was begun
            // in it is ended.
            drop(unsafe { Box::from_raw(slice_from_raw_parts_mut(block, of as usize)) });
        }
    }
}
