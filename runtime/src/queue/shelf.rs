//! What a segment of an unbounded queue keeps its items on.
//!
//! A shelf has some places, each filled once and emptied once. For continuations it is an array of bare words
//! ([`Words`]), since null says "not yet"; for other types each place has a flag beside the items ([`Flagged`]), which costs
//! a byte an item where a flag inside the place would cost a word.

use crate::sync::{Acquire, AtomicPtr, AtomicU8, Backoff, Release, UnsafeCell};
use cps_core::Continuation;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// How many places a shelf has, unless a model says otherwise.
const SLOTS: usize = if cfg!(loom) { 1 } else { 63 };

/// # Safety
/// `take` returns what `put` was given for the same place, and makes what happened before the `put` visible.
pub(crate) unsafe trait Shelf {
    type Item;

    /// How many places it has.
    const SLOTS: usize;

    fn new() -> Self;

    /// Fills a place.
    ///
    /// # Safety
    /// Nobody else fills this place, before or after.
    unsafe fn put(&self, place: usize, item: Self::Item);

    /// Empties a place, waiting for the `put` that is under way.
    ///
    /// # Safety
    /// Nobody else empties this place, before or after, and somebody has begun to fill it.
    unsafe fn take(&self, place: usize) -> Self::Item;
}

/// Places for any type.
pub(crate) struct Flagged<T, const N: usize = SLOTS> {
    filled: [AtomicU8; N],
    items: [UnsafeCell<MaybeUninit<T>>; N],
}

// SAFETY: an item is written before its flag is stored with release, and read after the flag was loaded with acquire.
unsafe impl<T, const N: usize> Shelf for Flagged<T, N> {
    type Item = T;

    const SLOTS: usize = N;

    fn new() -> Self {
        Flagged {
            filled: std::array::from_fn(|_| AtomicU8::new(0)),
            items: std::array::from_fn(|_| UnsafeCell::new(MaybeUninit::uninit())),
        }
    }

    #[inline]
    unsafe fn put(&self, place: usize, item: T) {
        // SAFETY: the caller is the only one that fills this place, and nobody reads it before the flag is set.
        self.items[place].with_mut(|cell| unsafe { (*cell).write(item) });
        self.filled[place].store(1, Release);
    }

    #[inline]
    unsafe fn take(&self, place: usize) -> T {
        let mut backoff = Backoff::default();
        while self.filled[place].load(Acquire) == 0 {
            backoff.wait();
        }
        // SAFETY: the flag says that the item is written, and the caller is the only one that takes it.
        self.items[place].with_mut(|cell| unsafe { (*cell).assume_init_read() })
    }
}

/// Places for continuations.
pub(crate) struct Words<const N: usize = SLOTS>([AtomicPtr<()>; N]);

// SAFETY: the word is the item; it is stored with release and loaded with acquire.
unsafe impl<const N: usize> Shelf for Words<N> {
    type Item = Continuation;

    const SLOTS: usize = N;

    fn new() -> Self {
        Words(std::array::from_fn(|_| AtomicPtr::new(null_mut())))
    }

    #[inline]
    unsafe fn put(&self, place: usize, item: Continuation) {
        self.0[place].store(item.into_raw().as_ptr(), Release);
    }

    #[inline]
    unsafe fn take(&self, place: usize) -> Continuation {
        let mut backoff = Backoff::default();
        loop {
            if let Some(word) = std::ptr::NonNull::new(self.0[place].load(Acquire)) {
                // SAFETY: the word came from `into_raw` in `put`, and the caller is the only one that takes it out.
                return unsafe { Continuation::from_raw(word) };
            }
            backoff.wait();
        }
    }
}
