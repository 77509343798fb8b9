//! What is known of a descriptor, and who waits for more.
//!
//! The kernel tells of edges: of each moment at which a descriptor *becomes* readable or writable. Here is
//! remembered that it is so until an attempt says otherwise, and so an attempt that would have to wait is
//! not even made.
//!
//! *No edge is lost.* An attempt looks at the word before it begins; what it found out is written down
//! only if no edge has come since, and every edge is counted in the word. The word changes under the lock
//! of those who wait, and is announced with it: so who enters has seen every edge, or is seen by it.
//!
//! *What is asked of the kernel* stands in the word, too. Of a direction that it does not tell of, or of
//! which it tells once, nothing is held to be known: attempts are made, and who waits asks for it (again)
//! before. Whoever asks is left to tell the kernel so.

use super::interest::{Interest, Interests};
use super::{Event, Waiting};
use crate::claim::{Claim, Place};
use crate::sync::Arc as Shared;
use crate::waiters::counted;
use std::io;
use std::sync::Arc;

const READABLE: usize = 1;
const WRITABLE: usize = 2;
/// Attempts to read never have to wait again: there is an end or an error.
const ENDED: usize = 4;
/// Nothing is told any more.
const CLOSED: usize = 8;
/// The kernel was asked to tell that it is [`READABLE`], and so on.
const ASKED: usize = 16;
/// It was asked to tell once.
const ONCE: usize = 64;
/// The bits above count edges.
const EDGE: usize = 128;

impl Interest {
    const fn bit(self) -> usize {
        match self {
            Interest::Read => READABLE,
            Interest::Write => WRITABLE,
        }
    }
}

impl Interests {
    fn to_word(self) -> usize {
        let read = usize::from(self.has(Interest::Read)) * READABLE;
        let write = usize::from(self.has(Interest::Write)) * WRITABLE;
        (read | write) * ASKED + usize::from(self.is_once()) * ONCE
    }

    fn of_word(word: usize) -> Self {
        let asked = |interest: &Interest| word & (interest.bit() * ASKED) != 0;
        let asked = [Interest::Read, Interest::Write].into_iter().filter(asked);
        let interests = asked.fold(Interests::NONE, Interests::and);
        match word & ONCE {
            0 => interests,
            _ => interests.once(),
        }
    }
}

pub(crate) struct Watched {
    #[cfg(not(loom))]
    line: counted::Counted<Line>,
    #[cfg(loom)]
    line: counted::Modelled<Line>,
}

/// Who waits for a descriptor: one as a rule.
struct Line {
    word: usize,
    first: Option<(Interest, Waiting)>,
    others: Vec<(Interest, Waiting)>,
}

impl Default for Line {
    fn default() -> Self {
        Line {
            // Nobody has tried yet, so an attempt is worth it.
            word: READABLE | WRITABLE,
            first: None,
            others: Vec::new(),
        }
    }
}

impl counted::Count for Line {
    #[inline]
    fn count(&self) -> usize {
        self.word
    }
}

impl Watched {
    pub(super) fn new(interests: Interests) -> Self {
        let watched = Watched {
            line: Default::default(),
        };
        watched.change(|word| word | interests.to_word(), |_| ());
        watched
    }

    /// What is known now: what an attempt that begins now goes by.
    #[inline]
    pub(super) fn known(&self) -> Known {
        Known(self.line.number())
    }

    /// Changes the word, and does something to those who wait.
    #[inline]
    fn change<R>(&self, to: impl Fn(usize) -> usize, f: impl FnOnce(&mut Line) -> R) -> R {
        self.line.with(&to, |line| {
            line.word = to(line.word);
            f(line)
        })
    }

    /// An attempt that began when that was known found nothing left.
    #[inline]
    pub(super) fn exhausted(&self, Known(before): Known, interest: Interest) {
        if interest == Interest::Read && before & ENDED != 0 {
            return;
        }
        let write_down = |line: &mut Line| {
            // What was asked since, or found out in the other direction, does not matter; an edge does.
            if (line.word ^ before) & !(READABLE | WRITABLE | BOTH_ASKED | ONCE) == 0 {
                line.word &= !interest.bit();
            }
        };
        self.line.with(|word| word, write_down);
    }

    /// Whether an attempt is worth it.
    ///
    /// # Errors
    ///
    /// If it is closed, so that nobody will ever tell.
    #[inline(always)]
    pub(crate) fn is_ready(&self, interest: Interest) -> io::Result<bool> {
        match self.line.number() & (interest.bit() | CLOSED) {
            0 => Ok(false),
            CLOSED => Err(unwatched()),
            _ => Ok(true),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.line.number() & CLOSED != 0
    }

    /// What the kernel was asked to tell.
    pub(super) fn interests(&self) -> Interests {
        Interests::of_word(self.line.number())
    }

    /// Whether who waits has to ask for it before.
    #[inline]
    pub(super) fn is_unasked(&self, interest: Interest) -> bool {
        let asked = interest.bit() * ASKED;
        self.line.number() & (asked | ONCE) != asked
    }

    /// Asks for something else.
    ///
    /// # Errors
    ///
    /// If it is closed.
    pub(super) fn ask(&self, interests: Interests) -> io::Result<()> {
        let other = |word| word & !(BOTH_ASKED | ONCE) | interests.to_word();
        match self.change(other, |line| line.word & CLOSED) {
            0 => Ok(()),
            _ => Err(unwatched()),
        }
    }

    /// Keeps who waits until an attempt is worth it; gives it back if it is.
    #[inline]
    pub(crate) fn wait(&self, interest: Interest, waiting: Waiting) -> Result<(), Waiting> {
        let enter = |line: &mut Line| {
            if line.word & (interest.bit() | CLOSED) != 0 {
                return Err(waiting);
            }
            match line.first {
                None => line.first = Some((interest, waiting)),
                Some(_) => line.others.push((interest, waiting)),
            }
            Ok(())
        };
        self.line.with(|word| word, enter)
    }

    /// Takes a claim away, if it waits here.
    fn leave(&self, claim: &Shared<Claim>) {
        let is_it = |waiting: &Waiting| matches!(waiting, Waiting::Claim(other, _) if Shared::ptr_eq(other, claim));
        self.take_if(|(_, waiting)| is_it(waiting), &mut Vec::new());
    }

    /// Somebody else has found out that an attempt is worth it.
    pub(crate) fn assume(&self, interest: Interest) {
        self.change(|word| told(word, interest.bit()), |_| ());
    }

    /// Writes down what happened, and takes out who waited for it.
    #[inline]
    pub(super) fn edge(&self, event: Event, awake: &mut Vec<Waiting>) {
        let mut bits = if event.readable { READABLE } else { 0 };
        bits |= if event.writable { WRITABLE } else { 0 };
        bits |= if event.ended { ENDED } else { 0 };
        self.change(
            |word| told(word, bits),
            |line| line.take_if(|(interest, _)| interest.bit() & bits != 0, awake),
        );
    }

    /// Nothing will be told any more: takes out everyone.
    pub(super) fn close(&self, awake: &mut Vec<Waiting>) {
        self.change(|word| word | CLOSED, |line| line.take_if(|_| true, awake));
    }

    /// Takes out whom it concerns.
    pub(super) fn take_if(
        &self,
        concerned: impl FnMut(&mut (Interest, Waiting)) -> bool,
        out: &mut Vec<Waiting>,
    ) {
        self.change(|word| word, |line| line.take_if(concerned, out));
    }
}

const BOTH_ASKED: usize = (READABLE | WRITABLE) * ASKED;

/// The word after an edge.
#[inline]
fn told(word: usize, bits: usize) -> usize {
    // What is announced leaves one bit to the lock.
    (word | bits).wrapping_add(EDGE) & usize::MAX >> 1
}

impl Line {
    #[inline]
    fn take_if(
        &mut self,
        mut concerned: impl FnMut(&mut (Interest, Waiting)) -> bool,
        out: &mut Vec<Waiting>,
    ) {
        if let Some((_, first)) = self.first.take_if(&mut concerned) {
            out.push(first);
        }
        if !self.others.is_empty() {
            let others = self.others.extract_if(.., concerned);
            out.extend(others.map(|(_, waiting)| waiting));
        }
    }
}

/// What was known of a descriptor at some moment.
#[derive(Clone, Copy)]
pub(super) struct Known(usize);

impl Known {
    /// Whether an attempt would have to wait.
    #[inline]
    pub(super) fn says_wait(self, interest: Interest) -> bool {
        let asked = interest.bit() * ASKED;
        self.0 & (interest.bit() | CLOSED | asked | ONCE) == asked
    }
}

#[cold]
fn unwatched() -> io::Error {
    io::Error::other("nobody watches the descriptor any more")
}

/// A descriptor as a place where claims are left.
pub(crate) struct Readiness(pub(super) Arc<Watched>, pub(super) Interest);

impl Place for Readiness {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        let waiting = Waiting::Claim(claim.clone(), self.name());
        self.0.wait(self.1, waiting).is_err()
    }

    fn leave(&self, claim: &Shared<Claim>) {
        self.0.leave(claim);
    }

    fn name(&self) -> usize {
        std::ptr::from_ref(&*self.0).addr()
    }
}
