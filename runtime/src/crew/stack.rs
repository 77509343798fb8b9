//! What the legs on a worker have spawned: the worker takes the last first, others take the first.
//!
//! So a tree of calls is run depth first, and few of them are alive at a time; and who has nothing takes what
//! is likely to be the largest part. It is the deque of Chase and Lev with a fixed number of
//! [places](super::places).
//!
//! The owner first moves the tail below the place that it is about to empty, and then looks at the head;
//! another looks at the head first, then at the tail. All of that is sequentially consistent, so the two take
//! the same one only if it is the last, which both claim by the head.

use super::places::{PLACES, Places, continuation};
use crate::sync::{Acquire, Relaxed, SeqCst, announced};
use cps_core::Continuation;

pub(crate) struct Stack<const N: usize = PLACES>(Places<N>);

impl<const N: usize> Stack<N> {
    pub(crate) fn new() -> Self {
        Stack(Places::new())
    }

    /// Puts a continuation on top, or gives it back if there is no room.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[inline]
    pub(crate) unsafe fn push(&self, continuation: Continuation) -> Result<(), Continuation> {
        // SAFETY: by contract.
        unsafe { self.0.push(continuation) }
    }

    /// Takes the one on top, which was pushed last.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[inline]
    pub(crate) unsafe fn pop(&self) -> Option<Continuation> {
        let tail = self.0.tail.load(Relaxed);
        if tail == self.0.head.load(Relaxed) {
            return None;
        }
        let top = tail - 1;
        self.0.tail.store(top, SeqCst);
        announced();
        let head = self.0.head.load(SeqCst);
        if head < top {
            let word = self.0.at(top).load(Relaxed);
            // SAFETY: who saw the tail behind this place claims one before it, since the head has not come so
            // far; who looks at the tail from now on does not see the place. So the owner alone takes it.
            return Some(unsafe { continuation(word) });
        }
        let word = self.0.at(top).load(Relaxed);
        let claim = self.0.head.compare_exchange(top, tail, SeqCst, Acquire);
        self.0.tail.store(tail, SeqCst);
        // SAFETY: the claim says that nobody else takes the place.
        claim.is_ok().then(|| unsafe { continuation(word) })
    }

    /// Takes the oldest. For anyone.
    pub(crate) fn take(&self) -> Option<Continuation> {
        loop {
            let head = self.0.head.load(SeqCst);
            announced();
            if head >= self.0.tail.load(SeqCst) {
                return None;
            }
            let word = self.0.at(head).load(Relaxed);
            let claim = self
                .0
                .head
                .compare_exchange(head, head + 1, SeqCst, Acquire);
            if claim.is_ok() {
                // SAFETY: the claim says that the word is that of place `head`, which no one else claims.
                return Some(unsafe { continuation(word) });
            }
        }
    }

    /// A number that each push grows, and each [`pop`](Self::pop) takes back. For the owner.
    #[inline]
    pub(crate) fn pushed(&self) -> u64 {
        self.0.tail.load(Relaxed)
    }

    /// Whether nothing is in it; by the time one looks at it, that may have changed.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<const N: usize> Drop for Stack<N> {
    fn drop(&mut self) {
        crate::queue::drain(|| self.take().is_some());
    }
}
