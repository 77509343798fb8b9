//! What the legs on a worker have spawned: the worker takes the last first, others take the first.
//!
//! So a tree of calls is run depth first, and few of them are alive at a time; and who has nothing takes what
//! is likely to be the largest part. It is the deque of Chase and Lev with a fixed number of places, numbered
//! from 0.
//!
//! The tail is the number of the next place to fill, and the owner alone moves it. The head is that of the
//! oldest that is filled; whoever takes that one moves the head, and so it is claimed once. The owner first
//! moves the tail below the place that it is about to empty, and then looks at the head; another looks at the
//! head first, then at the tail. All of that is sequentially consistent, so the two take the same one only if
//! it is the last, which both claim by the head.
//!
//! *Sleeping.* As in the [ring](super::ring).

use super::ring::{PLACES, continuation};
use crate::sync::{Acquire, AtomicPtr, AtomicU64, Padded, Relaxed, SeqCst, announced};
use cps_core::Continuation;
use std::ptr::null_mut;

pub(crate) struct Stack<const N: usize = PLACES> {
    head: Padded<AtomicU64>,
    tail: Padded<AtomicU64>,
    places: [AtomicPtr<()>; N],
}

impl<const N: usize> Stack<N> {
    pub(crate) fn new() -> Self {
        Stack {
            head: Padded(AtomicU64::new(0)),
            tail: Padded(AtomicU64::new(0)),
            places: std::array::from_fn(|_| AtomicPtr::new(null_mut())),
        }
    }

    fn place(&self, number: u64) -> &AtomicPtr<()> {
        &self.places[number as usize % N]
    }

    /// Puts a continuation on top, or gives it back if there is no room.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
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

    /// Takes the one on top, which was pushed last.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[inline]
    pub(crate) unsafe fn pop(&self) -> Option<Continuation> {
        let tail = self.tail.load(Relaxed);
        if tail == self.head.load(Relaxed) {
            return None;
        }
        let top = tail - 1;
        self.tail.store(top, SeqCst);
        announced();
        let head = self.head.load(SeqCst);
        if head < top {
            let word = self.place(top).load(Relaxed);
            // SAFETY: who saw the tail behind this place claims one before it, since the head has not come so
            // far; who looks at the tail from now on does not see the place. So the owner alone takes it.
            return Some(unsafe { continuation(word) });
        }
        let word = self.place(top).load(Relaxed);
        let claim = self.head.compare_exchange(top, tail, SeqCst, Acquire);
        self.tail.store(tail, SeqCst);
        // SAFETY: the claim says that nobody else takes the place.
        claim.is_ok().then(|| unsafe { continuation(word) })
    }

    /// Takes the oldest. For anyone.
    pub(crate) fn take(&self) -> Option<Continuation> {
        loop {
            let head = self.head.load(SeqCst);
            announced();
            if head >= self.tail.load(SeqCst) {
                return None;
            }
            let word = self.place(head).load(Relaxed);
            let claim = self.head.compare_exchange(head, head + 1, SeqCst, Acquire);
            if claim.is_ok() {
                // SAFETY: the claim says that the word is that of place `head`, which no one else claims.
                return Some(unsafe { continuation(word) });
            }
        }
    }

    /// Whether nothing is in it; by the time one looks at it, that may have changed.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        let head = self.head.load(SeqCst);
        self.tail.load(SeqCst).saturating_sub(head) as usize
    }
}

impl<const N: usize> Drop for Stack<N> {
    fn drop(&mut self) {
        crate::queue::drain(|| self.take().is_some());
    }
}
