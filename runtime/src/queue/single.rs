//! A bounded queue with room for one message: one place, and one word that says what is done there.
//!
//! Whoever pushes or pops claims the place with a compare-and-swap, and says in a plain store that it is
//! done; in between nobody else changes the word. A close waits for that, a few instructions away. So each
//! takes one locked instruction, on the one cache line where all of it lies, and needs no numbers.

use super::{CLOSED, Nothing, Refused};
use crate::sync::{AtomicU64, Backoff, Release, SeqCst, UnsafeCell};
use std::mem::MaybeUninit;

pub(crate) struct Single<T> {
    /// What is done there, plus [`CLOSED`].
    word: AtomicU64,
    message: UnsafeCell<MaybeUninit<T>>,
}

const EMPTY: u64 = 0;
/// Somebody has claimed it to push.
const FILLING: u64 = 2;
const FULL: u64 = 4;
/// Somebody has claimed it to pop.
const EMPTYING: u64 = 6;

// SAFETY: a message is moved in by one thread and out by another, never shared; what hands it over is the
// word, stored with release and claimed with acquire. So `T: Send` is all that is needed.
unsafe impl<T: Send> Send for Single<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Single<T> {}

impl<T> Single<T> {
    pub(crate) fn new() -> Self {
        Single {
            word: AtomicU64::new(EMPTY),
            message: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Changes the word, if it is this one still.
    #[inline(always)]
    fn claim(&self, word: u64, claimed: u64) -> bool {
        let claim = self.word.compare_exchange(word, claimed, SeqCst, SeqCst);
        claim.is_ok()
    }

    #[inline]
    pub(crate) fn push(&self, message: T) -> Result<(), Refused<T>> {
        match self.push_at_once(message) {
            Ok(()) => Ok(()),
            Err(message) => self.push_slowly(message),
        }
    }

    /// Pushes, if that takes no more than a look at the place, and nobody is faster.
    #[inline(always)]
    pub(crate) fn push_at_once(&self, message: T) -> Result<(), T> {
        if self.word.load(SeqCst) != EMPTY || !self.claim(EMPTY, FILLING) {
            return Err(message);
        }
        self.message.with_mut(|place| {
            // SAFETY: the place was empty, and who claims it is the only one who touches it until the word
            // says that it is full.
            unsafe { (*place).write(message) };
        });
        self.word.store(FULL, Release);
        Ok(())
    }

    /// As `push`, whatever is done there.
    #[cold]
    #[inline(never)]
    fn push_slowly(&self, mut message: T) -> Result<(), Refused<T>> {
        let mut backoff = Backoff::default();
        loop {
            let word = self.word.load(SeqCst);
            match word {
                FILLING | FULL => return Err(Refused::Full(message)),
                EMPTYING => backoff.wait(),
                _ if word & CLOSED != 0 => return Err(Refused::Closed(message)),
                _ => match self.push_at_once(message) {
                    Ok(()) => return Ok(()),
                    Err(back) => message = back,
                },
            }
        }
    }

    #[inline]
    pub(crate) fn pop(&self) -> Result<T, Nothing> {
        self.pop_at_once().unwrap_or_else(|| self.pop_slowly())
    }

    /// What a pop comes to, if that takes no more than a look at the place, and nobody is faster.
    #[inline(always)]
    pub(crate) fn pop_at_once(&self) -> Option<Result<T, Nothing>> {
        match self.word.load(SeqCst) {
            EMPTY => Some(Err(Nothing::Empty)),
            FULL => self.empty(0).map(Ok),
            _ => None,
        }
    }

    /// Empties the place, which is full, and `closed` or 0; not if somebody was faster.
    #[inline(always)]
    fn empty(&self, closed: u64) -> Option<T> {
        if !self.claim(FULL | closed, EMPTYING | closed) {
            return None;
        }
        // SAFETY: the place was full, and who claims it is the only one who touches it until the word says
        // that it is empty.
        let message = (self.message).with_mut(|place| unsafe { (*place).assume_init_read() });
        self.word.store(EMPTY | closed, Release);
        Some(message)
    }

    /// As `pop`, whatever is done there.
    #[cold]
    #[inline(never)]
    fn pop_slowly(&self) -> Result<T, Nothing> {
        let mut backoff = Backoff::default();
        loop {
            let word = self.word.load(SeqCst);
            let closed = word & CLOSED;
            match word & !CLOSED {
                FILLING => backoff.wait(),
                FULL => {
                    if let Some(message) = self.empty(closed) {
                        return Ok(message);
                    }
                }
                _ if closed != 0 => return Err(Nothing::Closed),
                _ => return Err(Nothing::Empty),
            }
        }
    }

    pub(crate) fn close(&self) {
        let mut backoff = Backoff::default();
        loop {
            match self.word.load(SeqCst) {
                FILLING | EMPTYING => backoff.wait(),
                word if self.claim(word, word | CLOSED) => return,
                _ => {}
            }
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.word.load(SeqCst) & CLOSED != 0
    }

    /// Whether a pop would do more than say `Empty`.
    #[inline]
    pub(crate) fn can_pop(&self) -> bool {
        !matches!(self.word.load(SeqCst), EMPTY | EMPTYING)
    }

    /// Whether a push would do more than say `Full`.
    #[inline]
    pub(crate) fn can_push(&self) -> bool {
        !matches!(self.word.load(SeqCst), FULL | FILLING)
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(matches!(self.word.load(SeqCst) & !CLOSED, FULL | FILLING))
    }
}

impl<T> Drop for Single<T> {
    fn drop(&mut self) {
        super::drain(|| self.pop().is_ok());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn it_takes_one_after_the_other() {
        let queue = Single::new();
        for n in 0..5 {
            assert!(queue.can_push() && !queue.can_pop() && queue.len() == 0);
            queue.push(n).unwrap();
            assert_eq!(queue.push(99), Err(Refused::Full(99)));
            assert!(!queue.can_push() && queue.can_pop() && queue.len() == 1);
            assert_eq!(queue.pop(), Ok(n));
            assert_eq!(queue.pop(), Err(Nothing::Empty));
        }
    }

    #[test]
    fn closed_it_refuses_and_what_is_in_it_comes_out() {
        let queue = Single::new();
        queue.push(1).unwrap();
        for _ in 0..2 {
            queue.close();
            assert!(queue.is_closed() && queue.can_push() && queue.can_pop() && queue.len() == 1);
            assert_eq!(queue.push(2), Err(Refused::Closed(2)));
        }
        assert_eq!(queue.pop(), Ok(1));
        assert_eq!(queue.pop(), Err(Nothing::Closed));
        assert!(queue.is_closed() && queue.can_push() && queue.can_pop() && queue.len() == 0);
        assert_eq!(queue.push(2), Err(Refused::Closed(2)));
    }

    #[test]
    fn it_drops_what_is_left() {
        let item = std::sync::Arc::new(());
        for close in [false, true] {
            let queue = Single::new();
            queue.push(item.clone()).unwrap();
            if close {
                queue.close();
            }
            drop(queue);
            assert_eq!(std::sync::Arc::strong_count(&item), 1);
        }
    }
}
