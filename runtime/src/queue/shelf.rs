//! What a segment of an unbounded queue keeps its items on.
//!
//! A shelf has some places, each filled once and emptied once. For continuations it is an array of bare words
//! ([`Words`]), since null says "not yet" and another word that is no pointer "no more"; for other types each
//! place has a flag beside the items ([`Flagged`]), which costs a byte an item where a flag inside the place
//! would cost a word.

use crate::sync::{Acquire, AtomicPtr, AtomicU8, Backoff, Release, UnsafeCell, prefetch};
use cps_core::Continuation;
use std::mem::MaybeUninit;
use std::ptr::{NonNull, null_mut, without_provenance_mut};

/// How many places a shelf has, unless a model says otherwise.
const SLOTS: usize = if cfg!(loom) { 1 } else { 63 };

/// # Safety
/// `take` returns what `put` was given for the same place, and makes what happened before the `put` visible.
/// If `is_emptied`, all of them have ended, and it makes what happened in them visible.
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

    /// Whether all places were emptied, and nobody touches the shelf any more.
    fn is_emptied(&self) -> bool;
}

/// The states of a flag after 0.
const FILLED: u8 = 1;
const EMPTIED: u8 = 2;

/// Places for any type.
pub(crate) struct Flagged<T, const N: usize = GROUPS>([Group<T>; N]);

/// Some places beside their flags; where items are words, not much more than a cache line. So who fills and
/// who empties touch the same line only where they are close to each other.
struct Group<T> {
    flags: [AtomicU8; GROUP],
    items: [UnsafeCell<MaybeUninit<T>>; GROUP],
}

const GROUP: usize = if cfg!(loom) { 1 } else { 8 };
const GROUPS: usize = SLOTS.div_ceil(GROUP);
/// Places at the end that a shelf has no use for.
const SPARE: usize = GROUPS * GROUP - SLOTS;

// SAFETY: an item is written before its flag is stored with release, and read after the flag was loaded with
// acquire.
unsafe impl<T, const N: usize> Shelf for Flagged<T, N> {
    type Item = T;

    const SLOTS: usize = N * GROUP - SPARE;

    fn new() -> Self {
        Flagged(std::array::from_fn(|_| Group {
            flags: std::array::from_fn(|_| AtomicU8::new(0)),
            items: std::array::from_fn(|_| UnsafeCell::new(MaybeUninit::uninit())),
        }))
    }

    #[inline]
    unsafe fn put(&self, place: usize, item: T) {
        let (group, place) = self.group(place);
        // SAFETY: the caller is the only one that fills this place, and nobody reads it before its flag is
        // set.
        group.items[place].with_mut(|cell| unsafe { (*cell).write(item) });
        group.flags[place].store(FILLED, Release);
    }

    #[inline]
    unsafe fn take(&self, place: usize) -> T {
        let (group, place) = self.group(place);
        let mut backoff = Backoff::default();
        while group.flags[place].load(Acquire) != FILLED {
            backoff.wait();
        }
        // SAFETY: the flag says that the item is written, and the caller is the only one that takes it.
        let item = group.items[place].with_mut(|cell| unsafe { (*cell).assume_init_read() });
        group.flags[place].store(EMPTIED, Release);
        item
    }

    fn is_emptied(&self) -> bool {
        let flags = self.0.iter().flat_map(|group| &group.flags);
        flags
            .take(Self::SLOTS)
            .all(|flag| flag.load(Acquire) == EMPTIED)
    }
}

impl<T, const N: usize> Flagged<T, N> {
    /// How many groups to look ahead.
    const AHEAD: usize = 2;

    /// The group of a place, and where it is in that. Asks for a group that comes soon.
    #[inline(always)]
    fn group(&self, place: usize) -> (&Group<T>, usize) {
        let group = place / GROUP;
        prefetch(&self.0[(group + Self::AHEAD).min(N - 1)]);
        (&self.0[group], place % GROUP)
    }
}

/// Loom sees whether somebody may still touch what is freed.
#[cfg(loom)]
impl<T, const N: usize> Drop for Flagged<T, N> {
    fn drop(&mut self) {
        let items = self.0.iter().flat_map(|group| &group.items);
        items.for_each(|item| item.with_mut(|_| ()));
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
            if let Some(word) = NonNull::new(self.0[place].load(Acquire)) {
                self.0[place].store(Self::EMPTIED, Release);
                // SAFETY: the word came from `into_raw` in `put`, and the caller is the only one that takes
                // it out.
                return unsafe { Continuation::from_raw(word) };
            }
            backoff.wait();
        }
    }

    fn is_emptied(&self) -> bool {
        (self.0.iter()).all(|place| place.load(Acquire) == Self::EMPTIED)
    }
}

impl<const N: usize> Words<N> {
    /// No continuation is there: they are aligned.
    const EMPTIED: *mut () = without_provenance_mut(1);
}
