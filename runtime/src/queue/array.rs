//! A bounded queue: a ring of slots, each with a turn.
//!
//! Messages are numbered from 0. Slot `n & mask` has the turn `2n` when it is free for message `n`, and `2n +
//! 1` when it holds it; whoever takes it out makes it free for message `n + slots`. The tail is the number of
//! the next message to push, the head that of the next to pop.

use super::{CLOSED, Nothing, Refused};
use crate::sync::{
    Acquire, AtomicU64, Backoff, Padded, Release, SeqCst, UnsafeCell, give_way, prefetch,
};
use std::mem::MaybeUninit;

pub(crate) struct Array<T> {
    /// The next number to push, times two, plus [`CLOSED`].
    tail: Padded<AtomicU64>,
    /// The next number to pop.
    head: Padded<AtomicU64>,
    capacity: u64,
    mask: u64,
    /// How many slots to look ahead.
    ahead: u64,
    slots: Box<[Slot<T>]>,
}

struct Slot<T> {
    turn: AtomicU64,
    message: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: a message is moved in by one thread and out by another, never shared; what hands it over is the
// slot's turn, stored with release and loaded with acquire. So `T: Send` is all that is needed.
unsafe impl<T: Send> Send for Array<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Array<T> {}

impl<T> Array<T> {
    /// How many slots to look ahead at most; where messages are words, four lines.
    const AHEAD: u64 = 16;

    /// How often who loses a race gives way: not much longer than it takes the others to come to the end of
    /// what there is room for.
    const WAYS: u32 = 2;

    /// A queue for `capacity` messages, which must not be 0.
    pub(crate) fn new(capacity: usize) -> Self {
        assert_ne!(capacity, 0, "an array queue has room for a message");
        let slots = capacity.next_power_of_two() as u64;
        Array {
            tail: Padded(AtomicU64::new(0)),
            head: Padded(AtomicU64::new(0)),
            capacity: capacity as u64,
            mask: slots - 1,
            ahead: (slots / 4).min(Self::AHEAD),
            slots: (0..slots)
                .map(|n| Slot {
                    turn: AtomicU64::new(2 * n),
                    message: UnsafeCell::new(MaybeUninit::uninit()),
                })
                .collect(),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    #[inline]
    fn slot(&self, number: u64) -> &Slot<T> {
        // SAFETY: there are `mask + 1` slots.
        unsafe { self.slots.get_unchecked((number & self.mask) as usize) }
    }

    /// Asks for a slot that those who push, or pop, come to soon: mostly the other side has touched it last,
    /// and to wait for its cache line takes longer than all the rest.
    #[inline(always)]
    fn look_ahead(&self, number: u64) {
        prefetch(self.slot(number + self.ahead));
    }

    #[inline]
    pub(crate) fn push(&self, message: T) -> Result<(), Refused<T>> {
        match self.push_at_once(message) {
            Ok(()) => Ok(()),
            Err(message) => self.push_slowly(message),
        }
    }

    /// Pushes, if that takes no more than a look at the slot, and nobody is faster.
    #[inline(always)]
    pub(crate) fn push_at_once(&self, message: T) -> Result<(), T> {
        let tail = self.tail.load(Acquire);
        // Of a tail that is closed, no slot has the turn.
        if self.slot(tail >> 1).turn.load(Acquire) != tail || self.is_rounded() {
            return Err(message);
        }
        self.fill(tail, message)
    }

    /// Fills the slot at the tail, which is open, and the slot free for it; not if somebody was faster.
    #[inline(always)]
    fn fill(&self, tail: u64, message: T) -> Result<(), T> {
        let claim = self.tail.compare_exchange(tail, tail + 2, SeqCst, Acquire);
        if claim.is_err() {
            give_way(&self.tail, Self::WAYS);
            return Err(message);
        }
        let number = tail >> 1;
        self.look_ahead(number);
        let slot = self.slot(number);
        slot.message.with_mut(|place| {
            // SAFETY: the turn said that the slot is free for this number, and the claim made this
            // thread the only one that pushes this number; nobody reads the slot before its turn is
            // odd.
            unsafe { (*place).write(message) };
        });
        slot.turn.store(2 * number + 1, Release);
        Ok(())
    }

    /// As `push`, whatever the slot at the tail is like.
    #[cold]
    #[inline(never)]
    fn push_slowly(&self, mut message: T) -> Result<(), Refused<T>> {
        let mut backoff = Backoff::default();
        loop {
            let tail = self.tail.load(Acquire);
            if tail & CLOSED != 0 {
                return Err(Refused::Closed(message));
            }
            let number = tail >> 1;
            let turn = self.slot(number).turn.load(Acquire);
            if turn <= 2 * number && (turn < 2 * number || self.is_rounded()) {
                // A message of the lap before may still be in the slot, or on its way out.
                if self.is_full_at(number) {
                    return Err(Refused::Full(message));
                }
            }
            if turn == 2 * number {
                match self.fill(tail, message) {
                    Ok(()) => return Ok(()),
                    Err(back) => message = back,
                }
            } else if turn < 2 * number {
                backoff.wait();
            } else {
                // The tail was read too early.
                give_way(&self.tail, Self::WAYS);
            }
        }
    }

    #[inline]
    pub(crate) fn pop(&self) -> Result<T, Nothing> {
        self.pop_at_once().unwrap_or_else(|| self.pop_slowly())
    }

    /// What a pop comes to, if that takes no more than a look at the slot, and nobody is faster.
    #[inline(always)]
    pub(crate) fn pop_at_once(&self) -> Option<Result<T, Nothing>> {
        let number = self.head.load(Acquire);
        let turn = self.slot(number).turn.load(Acquire);
        if turn == 2 * number + 1 {
            return self.empty(number).map(Ok);
        }
        let empty = turn == 2 * number && self.tail.load(SeqCst) == 2 * number;
        empty.then_some(Err(Nothing::Empty))
    }

    /// Empties the slot at the head, which holds its message; not if somebody was faster.
    #[inline(always)]
    fn empty(&self, number: u64) -> Option<T> {
        let claim = self
            .head
            .compare_exchange(number, number + 1, SeqCst, Acquire);
        if claim.is_err() {
            give_way(&self.head, Self::WAYS);
            return None;
        }
        self.look_ahead(number);
        let slot = self.slot(number);
        // SAFETY: the turn said that the message is written, and the claim made this thread the only
        // one that takes this number out; nobody writes the slot before its turn is that of the next
        // lap.
        let message = slot
            .message
            .with_mut(|place| unsafe { (*place).assume_init_read() });
        slot.turn.store(2 * (number + self.mask + 1), Release);
        Some(message)
    }

    /// As `pop`, whatever the slot at the head is like.
    #[cold]
    #[inline(never)]
    fn pop_slowly(&self) -> Result<T, Nothing> {
        let mut backoff = Backoff::default();
        loop {
            let number = self.head.load(Acquire);
            let turn = self.slot(number).turn.load(Acquire);
            if turn == 2 * number + 1 {
                if let Some(message) = self.empty(number) {
                    return Ok(message);
                }
            } else if turn <= 2 * number {
                let tail = self.tail.load(SeqCst);
                if tail >> 1 == number {
                    return Err(if tail & CLOSED != 0 {
                        Nothing::Closed
                    } else {
                        Nothing::Empty
                    });
                }
                // The message is on its way in.
                backoff.wait();
            } else {
                // The head was read too early.
                give_way(&self.head, Self::WAYS);
            }
        }
    }

    /// Whether there are more slots than the capacity, so that a free slot does not say that there is room.
    #[inline]
    fn is_rounded(&self) -> bool {
        self.mask + 1 != self.capacity
    }

    fn is_full_at(&self, tail: u64) -> bool {
        tail.saturating_sub(self.head.load(SeqCst)) >= self.capacity
    }

    pub(crate) fn close(&self) {
        self.tail.fetch_or(CLOSED, SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.tail.load(SeqCst) & CLOSED != 0
    }

    /// Whether a pop would do more than say `Empty`. (The tail is read first; see the sleeping rule.)
    #[inline]
    pub(crate) fn can_pop(&self) -> bool {
        let tail = self.tail.load(SeqCst);
        tail & CLOSED != 0 || tail >> 1 != self.head.load(SeqCst)
    }

    /// Whether a push would do more than say `Full`. (The head is read first; see the sleeping rule.)
    #[inline]
    pub(crate) fn can_push(&self) -> bool {
        let head = self.head.load(SeqCst);
        let tail = self.tail.load(SeqCst);
        tail & CLOSED != 0 || (tail >> 1).saturating_sub(head) < self.capacity
    }

    pub(crate) fn len(&self) -> usize {
        loop {
            let tail = self.tail.load(SeqCst);
            let head = self.head.load(SeqCst);
            if self.tail.load(SeqCst) >> 1 == tail >> 1 {
                return (tail >> 1).saturating_sub(head) as usize;
            }
        }
    }
}

impl<T> Drop for Array<T> {
    fn drop(&mut self) {
        super::drain(|| self.pop().is_ok());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_capacity_takes_that_many_in_order_for_many_laps() {
        for capacity in 1..=9 {
            let queue = Array::new(capacity);
            let mut next = 0;
            for _ in 0..5 {
                for n in 0..capacity {
                    assert_eq!(queue.len(), n);
                    assert!(queue.can_push());
                    queue.push(next + n).unwrap();
                }
                assert_eq!(queue.push(99), Err(Refused::Full(99)));
                assert!(!queue.can_push());
                for n in 0..capacity {
                    assert_eq!(queue.pop(), Ok(next + n));
                }
                assert_eq!(queue.pop(), Err(Nothing::Empty));
                assert!(!queue.can_pop());
                next += capacity;
            }
        }
    }

    #[test]
    fn a_closed_queue_refuses_and_drains() {
        let queue = Array::new(3);
        queue.push(1).unwrap();
        queue.close();
        assert!(queue.can_push() && queue.can_pop() && queue.is_closed());
        assert_eq!(queue.push(2), Err(Refused::Closed(2)));
        assert_eq!(queue.pop(), Ok(1));
        assert_eq!(queue.pop(), Err(Nothing::Closed));
    }
}
