//! The places of a worker's own queues, the [ring](super::ring) and the [stack](super::stack): each holds a
//! continuation, or none.
//!
//! Places are numbered from 0. The tail is the number of the next to fill, and the owner alone moves it. The
//! head is that of the oldest that is filled; whoever takes that one moves the head. A place is filled again
//! only when the head is past it.
//!
//! *Sleeping.* The tail is stored, and loaded by those who are about to sleep, in the one order of all
//! sequentially consistent operations: see [`idle`](super::idle).

use crate::sync::{Acquire, AtomicPtr, AtomicU64, Padded, Relaxed, SeqCst};
use cps_core::Continuation;
use std::ptr::{NonNull, null_mut};

/// How many places there are, a power of two, unless a model says otherwise.
pub(super) const PLACES: usize = if cfg!(loom) { 2 } else { 1024 };

pub(super) struct Places<const N: usize> {
    pub(super) head: Padded<AtomicU64>,
    pub(super) tail: Padded<AtomicU64>,
    words: [AtomicPtr<()>; N],
}

impl<const N: usize> Places<N> {
    pub(super) fn new() -> Self {
        Places {
            head: Padded(AtomicU64::new(0)),
            tail: Padded(AtomicU64::new(0)),
            words: std::array::from_fn(|_| AtomicPtr::new(null_mut())),
        }
    }

    /// The place with this number.
    #[inline]
    pub(super) fn at(&self, number: u64) -> &AtomicPtr<()> {
        &self.words[number as usize % N]
    }

    /// Fills the next place, or gives the continuation back if there is none.
    ///
    /// # Safety
    ///
    /// The caller is the owner: no other thread moves the tail at the same time.
    #[inline]
    pub(super) unsafe fn push(&self, continuation: Continuation) -> Result<(), Continuation> {
        // SAFETY: by contract.
        let tail = unsafe { self.fill(continuation) }?;
        self.tail.store(tail, SeqCst);
        Ok(())
    }

    /// The same but for moving the tail, which nobody sees therefore: to where.
    ///
    /// # Safety
    ///
    /// As for `push`.
    #[inline]
    pub(super) unsafe fn fill(&self, continuation: Continuation) -> Result<u64, Continuation> {
        let tail = self.tail.load(Relaxed);
        if tail - self.head.load(Acquire) >= N as u64 {
            return Err(continuation);
        }
        let word = continuation.into_raw().as_ptr();
        self.at(tail).store(word, Relaxed);
        Ok(tail + 1)
    }

    /// How many are filled; by the time one looks at it, that may have changed.
    #[inline]
    pub(super) fn len(&self) -> usize {
        let head = self.head.load(SeqCst);
        self.tail.load(SeqCst).saturating_sub(head) as usize
    }
}

/// The continuation that a place held.
///
/// # Safety
///
/// The word was read from a place that was filled, and the caller is the only one who takes it.
#[inline]
pub(super) unsafe fn continuation(word: *mut ()) -> Continuation {
    // SAFETY: what fills a place is not null.
    let word = unsafe { NonNull::new_unchecked(word) };
    // SAFETY: it came from `into_raw` when the place was filled; the rest by contract.
    unsafe { Continuation::from_raw(word) }
}
