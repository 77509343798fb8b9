//! An unbounded queue: a list of segments, each a [`Shelf`] filled and emptied once.
//!
//! Positions are counted from 0; of every [`STRIDE`](Segments::STRIDE) the last is no place but the *seam*:
//! while the tail (or head) stands on it, the thread that claimed the place before it is moving the tail (or
//! head) to the next segment, and others wait for that. A segment is touched only by those who have claimed a
//! place in it. Behind the head there are some that others may still take out of; who has moved the head over
//! a seam ends those of which all places were emptied, the oldest first, one thread at a time. Their memory
//! comes in [blocks](super::block), as large as the queue is long.

use super::block::Segment;
use super::shelf::Shelf;
use super::{CLOSED, Nothing, Refused};
use crate::sync::{
    Acquire, AtomicPtr, AtomicU64, Backoff, Padded, Relaxed, Release, SeqCst, give_way,
};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::null_mut;

pub(crate) struct Segments<S: Shelf> {
    tail: Padded<End<S>>,
    head: Padded<Head<S>>,
    /// The first segment that was not ended; null while somebody [ends](Self::end_before) some.
    oldest: AtomicPtr<Segment<S>>,
    items: PhantomData<S::Item>,
}

struct Head<S> {
    end: End<S>,
    /// A tail that was there, without its flag. While the head is before it, the tail need not be looked at,
    /// whose cache line those who push write all the time.
    seen: AtomicU64,
}

struct End<S> {
    /// A position, times two, plus [`CLOSED`] if it is the tail.
    position: AtomicU64,
    /// The segment that the position is in, unless that is a seam.
    segment: AtomicPtr<Segment<S>>,
}

// SAFETY: items are moved in by one thread and out by another, handed over by the shelf; nothing else is
// shared but atomics. So `Item: Send` is all that is needed.
unsafe impl<S: Shelf> Send for Segments<S> where S::Item: Send {}
// SAFETY: as above.
unsafe impl<S: Shelf> Sync for Segments<S> where S::Item: Send {}

impl<S: Shelf> Segments<S> {
    const STRIDE: u64 = S::SLOTS as u64 + 1;

    /// How often who loses a race gives way to those who have no end: for some 10 microseconds.
    const WAYS: u32 = 4;

    /// The place in its segment that a position (without its flag) stands for; as many as there are for a
    /// seam.
    fn place(position: u64) -> usize {
        (position % Self::STRIDE) as usize
    }

    /// How many places lie before a position.
    fn ordinal(position: u64) -> u64 {
        position / Self::STRIDE * S::SLOTS as u64 + position % Self::STRIDE
    }

    pub(crate) fn new() -> Self {
        let first = Segment::first(1);
        let end = || End {
            position: AtomicU64::new(0),
            segment: AtomicPtr::new(first),
        };
        Segments {
            tail: Padded(end()),
            head: Padded(Head {
                end: end(),
                seen: AtomicU64::new(0),
            }),
            oldest: AtomicPtr::new(first),
            items: PhantomData,
        }
    }

    /// Never `Full`.
    #[inline]
    pub(crate) fn push(&self, item: S::Item) -> Result<(), Refused<S::Item>> {
        match self.push_at_once(item) {
            Ok(()) => Ok(()),
            Err(item) => self.push_slowly(item),
        }
    }

    /// Pushes into a place that is not the last of its segment; not if there is none at the tail, or somebody
    /// was faster.
    #[inline(always)]
    pub(crate) fn push_at_once(&self, item: S::Item) -> Result<(), S::Item> {
        let tail = self.tail.position.load(Acquire);
        let place = Self::place(tail >> 1);
        if tail & CLOSED != 0 || place + 1 >= S::SLOTS {
            return Err(item);
        }
        let segment = self.tail.segment.load(Acquire);
        if !self.claim_to_fill(tail) {
            return Err(item);
        }
        // SAFETY: the tail did not move between its load and the claim, and a tail's segment only changes
        // while it stands on a seam, so `segment` is the one that this place is in. It is ended after all its
        // places were emptied, and this one has not been put yet. The claim made this thread the only one to
        // fill it.
        unsafe { (*segment).shelf.put(place, item) };
        Ok(())
    }

    /// The same, wherever the tail stands.
    #[cold]
    #[inline(never)]
    fn push_slowly(&self, mut item: S::Item) -> Result<(), Refused<S::Item>> {
        let mut backoff = Backoff::default();
        loop {
            let tail = self.tail.position.load(Acquire);
            if tail & CLOSED != 0 {
                return Err(Refused::Closed(item));
            }
            let pushed = if Self::place(tail >> 1) + 1 < S::SLOTS {
                self.push_at_once(item)
            } else {
                self.push_last(tail, item, &mut backoff)
            };
            item = match pushed {
                Ok(()) => return Ok(()),
                Err(item) => item,
            };
        }
    }

    /// Claims the place at the tail, which is not a seam, if the tail still stands there.
    #[inline]
    fn claim_to_fill(&self, tail: u64) -> bool {
        let tails = &self.tail.position;
        let claim = tails.compare_exchange(tail, tail + 2, SeqCst, Acquire);
        if claim.is_err() {
            give_way(tails, Self::WAYS);
        }
        claim.is_ok()
    }

    /// Pushes into the last place of a segment, and moves the tail over the seam behind it. The item comes
    /// back if the tail stands on the seam, or moved.
    #[cold]
    #[inline(never)]
    fn push_last(&self, tail: u64, item: S::Item, backoff: &mut Backoff) -> Result<(), S::Item> {
        let place = Self::place(tail >> 1);
        if place == S::SLOTS {
            backoff.wait();
            return Err(item);
        }
        let segment = self.tail.segment.load(Acquire);
        if !self.claim_to_fill(tail) {
            return Err(item);
        }
        // SAFETY: as in `push_at_once`; and the last place is claimed once.
        let neighbour = unsafe { Segment::neighbour(segment) };
        let next = neighbour.unwrap_or_else(|| Segment::first(self.length(tail)));
        self.tail.segment.store(next, Release);
        self.tail.position.fetch_add(2, SeqCst);
        // SAFETY: as in `push_at_once`.
        let segment = unsafe { &*segment };
        segment.next.store(next, Release);
        // SAFETY: as in `push_at_once`.
        unsafe { segment.shelf.put(place, item) };
        Ok(())
    }

    /// How many segments it has up to that tail, more or less.
    fn length(&self, tail: u64) -> usize {
        let head = self.head.end.position.load(Relaxed);
        ((tail >> 1).saturating_sub(head >> 1) / Self::STRIDE) as usize
    }

    #[inline]
    pub(crate) fn pop(&self) -> Result<S::Item, Nothing> {
        self.pop_at_once().unwrap_or_else(|| self.pop_slowly())
    }

    /// What a pop from a place comes to that is not the last of its segment, if nobody is faster.
    #[inline(always)]
    pub(crate) fn pop_at_once(&self) -> Option<Result<S::Item, Nothing>> {
        let head = self.head.end.position.load(Acquire);
        let place = Self::place(head >> 1);
        if place + 1 >= S::SLOTS {
            return None;
        }
        let segment = self.head.end.segment.load(Acquire);
        if let Err(nothing) = self.filled(head) {
            return Some(Err(nothing));
        }
        let claim = (self.head.end.position).compare_exchange(head, head + 2, SeqCst, Acquire);
        if claim.is_err() {
            give_way(&self.head.end.position, Self::WAYS);
            return None;
        }
        // SAFETY: as in `claim_to_empty`.
        Some(Ok(unsafe { (*segment).shelf.take(place) }))
    }

    /// The same, wherever the head stands.
    #[cold]
    #[inline(never)]
    fn pop_slowly(&self) -> Result<S::Item, Nothing> {
        let (shelf, places) = self.claim_to_empty(1)?;
        // SAFETY: by `claim_to_empty`.
        Ok(unsafe { (*shelf).take(places.start) })
    }

    /// Pops up to so many, at least one unless there is none, and gives them to `each`, in order; how many.
    #[inline]
    pub(crate) fn pop_some(
        &self,
        most: usize,
        mut each: impl FnMut(S::Item),
    ) -> Result<usize, Nothing> {
        let (shelf, places) = self.claim_to_empty(most)?;
        for place in places.clone() {
            // SAFETY: by `claim_to_empty`. When the last is emptied, the segment may be ended, and is not
            // touched any more.
            each(unsafe { (*shelf).take(place) });
        }
        Ok(places.len())
    }

    /// A tail behind the head, if there is one.
    #[inline(always)]
    fn filled(&self, head: u64) -> Result<u64, Nothing> {
        let seen = self.head.seen.load(Relaxed);
        if seen > head {
            return Ok(seen);
        }
        let tail = self.tail.position.load(SeqCst);
        let closed = tail & CLOSED != 0;
        let tail = tail & !CLOSED;
        if tail == head {
            return Err(if closed {
                Nothing::Closed
            } else {
                Nothing::Empty
            });
        }
        self.head.seen.store(tail, Relaxed);
        Ok(tail)
    }

    /// Claims up to so many places of one shelf, at least one, which somebody has begun to fill. Nobody else
    /// empties them, and the shelf is there until they are emptied.
    #[inline]
    fn claim_to_empty(&self, most: usize) -> Result<(*const S, Range<usize>), Nothing> {
        let mut backoff = Backoff::default();
        loop {
            let head = self.head.end.position.load(Acquire);
            let place = Self::place(head >> 1);
            if place == S::SLOTS {
                backoff.wait();
                continue;
            }
            let segment = self.head.end.segment.load(Acquire);
            let there = (self.filled(head)? - head) / 2;
            let count = most.min(S::SLOTS - place).min(there as usize);
            let claimed = head + 2 * count as u64;
            let claim = self
                .head
                .end
                .position
                .compare_exchange(head, claimed, SeqCst, Acquire);
            if claim.is_err() {
                give_way(&self.head.end.position, Self::WAYS);
                continue;
            }
            if place + count == S::SLOTS {
                // SAFETY: the last place was claimed, and the head did not move between the load and the
                // claim; a head's segment only changes while it stands on a seam, so `segment` is the one
                // that the place is in.
                unsafe { self.advance(segment) };
            }
            // SAFETY: as above, and a segment is ended after all its places were emptied, these included.
            let shelf = unsafe { &raw const (*segment).shelf };
            return Ok((shelf, place..place + count));
        }
    }

    /// Moves the head over the seam into the next segment, and then ends those behind that nobody will touch
    /// again.
    ///
    /// # Safety
    /// The calling thread has claimed the last place of `segment`, which the head is in, and not emptied it.
    #[cold]
    #[inline(never)]
    unsafe fn advance(&self, segment: *mut Segment<S>) {
        let mut backoff = Backoff::default();
        let next = loop {
            // SAFETY: a segment lives until all its places were emptied, and the last is not.
            let next = unsafe { &*segment }.next.load(Acquire);
            if !next.is_null() {
                break next;
            }
            backoff.wait();
        };
        self.head.end.segment.store(next, Release);
        // Nobody else moves a head that stands on a seam.
        let seam = self.head.end.position.load(Relaxed);
        self.head.end.position.store(seam + 2, SeqCst);
        // SAFETY: the head was in it, and one of its places is not emptied.
        unsafe { self.end_before(segment) };
    }

    /// Ends segments before this one, the oldest first, up to one of which a place is not emptied; leaves
    /// that to somebody who does so already. Not on the seam, where others would wait for it.
    ///
    /// # Safety
    ///
    /// The head is behind the segment, which is not ended meanwhile: one of its places is not emptied.
    unsafe fn end_before(&self, segment: *mut Segment<S>) {
        let mut oldest = self.oldest.swap(null_mut(), Acquire);
        if oldest.is_null() {
            return;
        }
        // SAFETY: the oldest is not ended, and who took it here is the only one who ends any. It is not
        // behind `segment`, since that is not ended and they are ended in order.
        while oldest != segment && unsafe { &*oldest }.shelf.is_emptied() {
            // SAFETY: as above; and all its places were emptied, hence filled before, and who did so touches
            // the segment no more. Neither head nor tail points to it: both are in a later one.
            oldest = unsafe { self.end(oldest) };
        }
        self.oldest.store(oldest, Release);
    }

    /// Ends a segment, and says which was next.
    ///
    /// # Safety
    ///
    /// Nobody touches it any more, nor any before it.
    unsafe fn end(&self, segment: *mut Segment<S>) -> *mut Segment<S> {
        // SAFETY: by contract.
        let next = unsafe { &*segment }.next.load(Acquire);
        // SAFETY: by contract; and where there is no next, the queue is being dropped.
        unsafe { Segment::end(segment, next.is_null()) };
        next
    }

    pub(crate) fn close(&self) {
        self.tail.position.fetch_or(CLOSED, SeqCst);
    }

    /// Closes the queue if nothing is in it; whether it is closed now. Nobody may pop at the same time.
    pub(crate) fn close_if_empty(&self) -> bool {
        loop {
            let tail = self.tail.position.load(SeqCst);
            if tail & CLOSED != 0 {
                return true;
            }
            if self.head.end.position.load(SeqCst) >> 1 != tail >> 1 {
                return false;
            }
            let closed = self
                .tail
                .position
                .compare_exchange(tail, tail | CLOSED, SeqCst, Acquire);
            if closed.is_ok() {
                return true;
            }
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.tail.position.load(SeqCst) & CLOSED != 0
    }

    /// Whether nothing is in it. May say no of an empty queue while its head moves to another segment.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        let tail = self.tail.position.load(SeqCst);
        tail >> 1 == self.head.end.position.load(SeqCst) >> 1
    }

    /// A number that each push and the close grow, and nothing makes less.
    #[inline]
    pub(crate) fn pushed(&self) -> u64 {
        self.tail.position.load(SeqCst)
    }

    /// Whether a pop would do more than say `Empty`. (The tail is read first; see the sleeping rule.)
    #[inline]
    pub(crate) fn can_pop(&self) -> bool {
        // No head has the flag.
        let tail = self.tail.position.load(SeqCst);
        tail != self.head.end.position.load(SeqCst)
    }

    pub(crate) fn len(&self) -> usize {
        loop {
            let tail = self.tail.position.load(SeqCst);
            let head = self.head.end.position.load(SeqCst);
            if self.tail.position.load(SeqCst) >> 1 == tail >> 1 {
                return Self::ordinal(tail >> 1).saturating_sub(Self::ordinal(head >> 1)) as usize;
            }
        }
    }
}

impl<S: Shelf> Drop for Segments<S> {
    fn drop(&mut self) {
        /// Ends the segments that are left, also when an item's drop panicked.
        struct Last<'a, S: Shelf>(&'a Segments<S>);
        impl<S: Shelf> Drop for Last<'_, S> {
            fn drop(&mut self) {
                let mut left = self.0.oldest.load(Relaxed);
                while !left.is_null() {
                    // SAFETY: the queue is being dropped, so nobody else can reach its segments; no item is
                    // on their shelves, since the queue is empty. Each has a next one but the last.
                    left = unsafe { self.0.end(left) };
                }
            }
        }
        let last = Last(self);
        super::drain(|| last.0.pop().is_ok());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::shelf::Flagged;
    use super::*;

    #[test]
    fn goes_through_many_segments_in_order() {
        let queue = Segments::<Flagged<usize>>::new();
        let (mut pushed, mut popped) = (0, 0);
        for round in 0..500 {
            for _ in 0..round {
                queue.push(pushed).unwrap();
                pushed += 1;
            }
            assert_eq!(queue.len(), pushed - popped);
            for _ in 0..round.min(pushed - popped) - round / 3 {
                assert_eq!(queue.pop(), Ok(popped));
                popped += 1;
            }
        }
        while let Ok(item) = queue.pop() {
            assert_eq!(item, popped);
            popped += 1;
        }
        assert_eq!(popped, pushed);
        assert!(queue.is_empty());
    }

    #[test]
    fn closes_at_any_position_and_only_when_empty_if_asked_so() {
        for filled in 0..200 {
            let queue = Segments::<Flagged<usize>>::new();
            for n in 0..filled {
                queue.push(n).unwrap();
            }
            assert_eq!(queue.close_if_empty(), filled == 0);
            for n in 0..filled {
                assert_eq!(queue.pop(), Ok(n));
            }
            assert!(queue.close_if_empty());
            assert_eq!(queue.push(7), Err(Refused::Closed(7)));
            assert_eq!(queue.pop(), Err(Nothing::Closed));
        }
    }

    #[test]
    fn drops_what_is_left() {
        let item = std::sync::Arc::new(());
        for filled in [0, 1, 62, 63, 64, 126, 200] {
            let queue = Segments::<Flagged<_>>::new();
            for _ in 0..filled {
                queue.push(item.clone()).unwrap();
            }
            assert_eq!(std::sync::Arc::strong_count(&item), filled + 1);
            drop(queue);
            assert_eq!(std::sync::Arc::strong_count(&item), 1);
        }
    }
}
