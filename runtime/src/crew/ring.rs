//! A worker's own queue: a ring that it alone fills and anyone may take from.
//!
//! Only the owner moves the tail, so filling a [place](super::places) is two stores; whoever empties one
//! claims it by moving the head, having read it before: where somebody was faster, the head has moved, and
//! what was read is forgotten. Where the owner is [alone](super::alone), it claims nothing.

use super::alone::Alone;
use super::places::{PLACES, Places, continuation};
use crate::sync::{Acquire, Relaxed, Release, SeqCst};
use cps_core::Continuation;
use std::io;

pub(crate) struct Ring<const N: usize = PLACES>(Places<N>, Alone);

impl<const N: usize> Ring<N> {
    /// One that is [shared](Self::share), unless it is its owner's `alone`.
    pub(crate) fn new(alone: bool) -> Self {
        Ring(Places::new(), Alone::new(alone))
    }

    /// Lets others take from it.
    ///
    /// # Errors
    ///
    /// If the system cannot do that; nobody may take from it then.
    #[inline]
    pub(crate) fn share(&self) -> io::Result<()> {
        self.1.share()
    }

    /// Puts a continuation behind the others, or gives it back if there is no room.
    ///
    /// # Safety
    ///
    /// The caller is the owner: no other thread pushes at the same time.
    #[inline]
    pub(crate) unsafe fn push(&self, continuation: Continuation) -> Result<(), Continuation> {
        // SAFETY: by contract.
        let end = unsafe { self.0.fill(continuation) }?;
        let tail = &self.0.tail;
        // SAFETY: by contract.
        let alone = unsafe { self.1.with(|| tail.store(end, Release)) };
        if alone.is_none() {
            tail.store(end, SeqCst);
        }
        Ok(())
    }

    /// Takes the first, as its owner.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[inline]
    pub(crate) unsafe fn take(&self) -> Option<Continuation> {
        let Ring(places, alone) = self;
        let first = || {
            let head = places.head.load(Relaxed);
            if head == places.tail.load(Relaxed) {
                return None;
            }
            let word = places.at(head).load(Relaxed);
            places.head.store(head + 1, Release);
            // SAFETY: the place is filled, and the owner is alone: no one else takes it.
            Some(unsafe { continuation(word) })
        };
        // SAFETY: by contract.
        unsafe { alone.with(first) }.unwrap_or_else(|| self.claim())
    }

    /// Puts any number behind the others, which others see all at once.
    ///
    /// # Safety
    ///
    /// The caller is the owner, and neither pushes nor steals before it has dropped what this returns.
    #[inline]
    pub(crate) unsafe fn fill(&self) -> Filling<'_, N> {
        Filling {
            places: &self.0,
            tail: self.0.tail.load(Relaxed),
            end: self.0.head.load(Acquire) + N as u64,
        }
    }

    /// Takes the first. For anyone: it is [shared](Self::share) then.
    #[inline]
    pub(crate) fn pop(&self) -> Option<Continuation> {
        self.share().ok()?;
        self.claim()
    }

    /// Takes the first of what is shared.
    #[inline]
    fn claim(&self) -> Option<Continuation> {
        let mut head = self.0.head.load(Acquire);
        loop {
            if head == self.0.tail.load(Acquire) {
                return None;
            }
            let word = self.0.at(head).load(Relaxed);
            match self
                .0
                .head
                .compare_exchange(head, head + 1, SeqCst, Acquire)
            {
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
        other.share().ok()?;
        let tail = self.0.tail.load(Relaxed);
        let mut head = other.0.head.load(Acquire);
        loop {
            let there = other.0.tail.load(SeqCst).saturating_sub(head).min(N as u64);
            let half = there - there / 2;
            if half == 0 {
                return None;
            }
            let first = other.0.at(head).load(Relaxed);
            for n in 1..half {
                let word = other.0.at(head + n).load(Relaxed);
                self.0.at(tail + n - 1).store(word, Relaxed);
            }
            let claim = other
                .0
                .head
                .compare_exchange(head, head + half, SeqCst, Acquire);
            match claim {
                Ok(_) => {
                    self.0.tail.store(tail + half - 1, SeqCst);
                    // SAFETY: the claim says that the words read are those of the places claimed, which no
                    // one else claims.
                    return Some(unsafe { continuation(first) });
                }
                Err(now) => head = now,
            }
        }
    }

    /// A number that each push grows, and nothing else. For the owner.
    #[inline]
    pub(crate) fn pushed(&self) -> u64 {
        self.0.tail.load(Relaxed)
    }

    /// Whether nothing is in it; by the time one looks at it, that may have changed.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What the owner has put into places behind the tail, which moves when this is dropped.
pub(crate) struct Filling<'a, const N: usize> {
    places: &'a Places<N>,
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
        self.places.at(self.tail).store(word, Relaxed);
        self.tail += 1;
    }
}

impl<const N: usize> Drop for Filling<'_, N> {
    #[inline]
    fn drop(&mut self) {
        self.places.tail.store(self.tail, SeqCst);
    }
}

impl<const N: usize> Drop for Ring<N> {
    fn drop(&mut self) {
        // SAFETY: nobody else has it any more.
        crate::queue::drain(|| unsafe { self.take() }.is_some());
    }
}
