//! A worker's own queue: a ring that it alone fills and anyone may take from.
//!
//! Places are numbered from 0; the tail is the number of the next to fill, the head that of the next to
//! empty. Only the owner moves the tail, so filling a place is two stores; whoever empties one claims it by
//! moving the head, having read it before: where somebody was faster, the head has moved, and what was read
//! is forgotten. The owner fills a place again only when the head is past it.
//!
//! *Sleeping.* The tail is stored, and loaded by those who are about to sleep, in the one order of all
//! sequentially consistent operations: see [`idle`](super::idle).

use crate::sync::{Acquire, AtomicPtr, AtomicU64, Padded, Relaxed, SeqCst};
use cps_core::Continuation;
use std::ptr::{NonNull, null_mut};

/// How many places there are, a power of two, unless a model says otherwise.
pub(super) const PLACES: usize = if cfg!(loom) { 2 } else { 1024 };

pub(crate) struct Ring<const N: usize = PLACES> {
    head: Padded<AtomicU64>,
    tail: Padded<AtomicU64>,
    places: [AtomicPtr<()>; N],
}

impl<const N: usize> Ring<N> {
    pub(crate) fn new() -> Self {
        Ring {
            head: Padded(AtomicU64::new(0)),
            tail: Padded(AtomicU64::new(0)),
            places: std::array::from_fn(|_| AtomicPtr::new(null_mut())),
        }
    }

    fn place(&self, number: u64) -> &AtomicPtr<()> {
        &self.places[number as usize % N]
    }

    /// Puts a continuation behind the others, or gives it back if there is no room.
    ///
    /// # Safety
    ///
    /// The caller is the owner: no other thread pushes at the same time.
    #[inline]
    pub(crate) unsafe fn push(&self, continuation: Continuation) -> Result<(), Continuation> {
        let tail = self.tail.load(Relaxed);
        if tail - self.head.load(Acquire) >= N as u64 {
            return Err(continuation);
        }
        let word = continuation.into_raw().as_ptr();
        self.place(tail).store(word, Relaxed);
        self.tail.store(tail + 1, SeqCst);
        Ok(())
    }

    /// Puts any number behind the others, which others see all at once.
    ///
    /// # Safety
    ///
    /// The caller is the owner, and neither pushes nor steals before it has dropped what this returns.
    #[inline]
    pub(crate) unsafe fn fill(&self) -> Filling<'_, N> {
        Filling {
            ring: self,
            tail: self.tail.load(Relaxed),
            end: self.head.load(Acquire) + N as u64,
        }
    }

    /// Takes the first. For anyone.
    #[inline]
    pub(crate) fn pop(&self) -> Option<Continuation> {
        let mut head = self.head.load(Acquire);
        loop {
            if head == self.tail.load(Acquire) {
                return None;
            }
            let word = self.place(head).load(Relaxed);
            match self.head.compare_exchange(head, head + 1, SeqCst, Acquire) {
                // SAFETY: the claim says that the word is that of place `head`, which no one else claims.
                Ok(_) => return Some(unsafe { continuation(word) }),
                Err(now) => head = now,
            }
        }
    }

    /// Takes the first half of what is in `other`: all but the first goes into this ring, which is empty.
    ///
    /// # Safety
    ///
    /// The caller is the owner of this ring, and not of the other.
    pub(crate) unsafe fn steal(&self, other: &Self) -> Option<Continuation> {
        let tail = self.tail.load(Relaxed);
        let mut head = other.head.load(Acquire);
        loop {
            let there = other.tail.load(SeqCst).saturating_sub(head).min(N as u64);
            let half = there - there / 2;
            if half == 0 {
                return None;
            }
            let first = other.place(head).load(Relaxed);
            for n in 1..half {
                let word = other.place(head + n).load(Relaxed);
                self.place(tail + n - 1).store(word, Relaxed);
            }
            let claim = other
                .head
                .compare_exchange(head, head + half, SeqCst, Acquire);
            match claim {
                Ok(_) => {
                    self.tail.store(tail + half - 1, SeqCst);
                    // SAFETY: the claim says that the words read are those of the places claimed, which no
                    // one else claims.
                    return Some(unsafe { continuation(first) });
                }
                Err(now) => head = now,
            }
        }
    }

    /// Whether nothing is in it; by the time one looks at it, that may have changed.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        let head = self.head.load(SeqCst);
        self.tail.load(SeqCst).saturating_sub(head) as usize
    }
}

/// What the owner has put into places behind the tail, which moves when this is dropped.
pub(crate) struct Filling<'a, const N: usize> {
    ring: &'a Ring<N>,
    tail: u64,
    end: u64,
}

impl<const N: usize> Filling<'_, N> {
    /// # Panics
    ///
    /// If there is no room.
    #[inline]
    pub(crate) fn push(&mut self, continuation: Continuation) {
        assert!(
            self.tail < self.end,
            "there is room for what is put in at once"
        );
        let word = continuation.into_raw().as_ptr();
        self.ring.place(self.tail).store(word, Relaxed);
        self.tail += 1;
    }
}

impl<const N: usize> Drop for Filling<'_, N> {
    #[inline]
    fn drop(&mut self) {
        self.ring.tail.store(self.tail, SeqCst);
    }
}

/// # Safety
///
/// The word came from `into_raw` in `push`, and the caller is the only one who takes it.
pub(super) unsafe fn continuation(word: *mut ()) -> Continuation {
    // SAFETY: what is pushed is not null.
    let word = unsafe { NonNull::new_unchecked(word) };
    // SAFETY: by contract.
    unsafe { Continuation::from_raw(word) }
}

impl<const N: usize> Drop for Ring<N> {
    fn drop(&mut self) {
        crate::queue::drain(|| self.pop().is_some());
    }
}
