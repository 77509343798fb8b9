//! Descriptors that continuations wait for.
//!
//! The kernel tells of edges: of each moment at which a descriptor *becomes* readable or writable. A
//! [`Source`] remembers that it is so until an attempt says otherwise, and so an attempt that would
//! have to wait is not even made.
//!
//! *No edge is lost.* An attempt looks at the word before it begins; what it found out is written down
//! only if the word is still the same, and every edge changes it. Who waits enters under a lock and
//! then looks at the word; an edge changes the word and then looks who waits, under the same lock.

use super::event::Event;
use super::{EventQueue, Queue, Waiting};
use crate::claim::{Claim, Place};
use crate::sync::{AcqRel, Acquire, Arc as Shared, AtomicU32, Mutex, MutexGuard, Relaxed, lock};
use cps_core::dispatch;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::Arc;
use std::{fmt, io};

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interest {
    /// That an attempt to read (to receive, to accept) would not block.
    Read,
    /// That an attempt to write (to send, to connect) would not block.
    Write,
}

impl Interest {
    const fn bit(self) -> u32 {
        match self {
            Interest::Read => READABLE,
            Interest::Write => WRITABLE,
        }
    }
}

const READABLE: u32 = 1;
const WRITABLE: u32 = 2;
/// Attempts to read never have to wait again: there is an end or an error.
const ENDED: u32 = 4;
/// Nothing is told any more.
const CLOSED: u32 = 8;
/// The bits above count edges.
const EDGE: u32 = 16;

/// A descriptor in the keeping of an event queue, for `readable!` and `writable!`.
///
/// It owns what it watches, and stops watching when it is dropped. The descriptor must not block
/// (`set_nonblocking`), and no clone of it may be read or written beside it: what the source remembers
/// would be wrong.
///
/// ```
/// use insideout::{EventQueue, Interest};
/// use std::io::{ErrorKind, Read};
/// use std::os::unix::net::UnixStream;
///
/// let (here, there) = UnixStream::pair()?;
/// here.set_nonblocking(true)?;
/// let source = EventQueue::new()?.register(here)?;
/// let mut buf = [0; 8];
/// let nothing = source.attempt(Interest::Read, |mut stream| stream.read(&mut buf));
/// assert_eq!(nothing.unwrap_err().kind(), ErrorKind::WouldBlock);
/// # drop(there);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Source<F: AsFd> {
    /// Before the descriptor, so that it is forgotten before it is closed.
    watch: Watch,
    fd: F,
}

impl<F: AsFd> Source<F> {
    pub(super) fn new(queue: &EventQueue, fd: F) -> io::Result<Self> {
        let watch = Watch::new(queue.queue(), &fd)?;
        Ok(Source { watch, fd })
    }

    /// What is watched.
    pub fn get_ref(&self) -> &F {
        &self.fd
    }

    /// Tells who waits, and who will, that there is nothing more to wait for: they get an error, and
    /// attempts are left to the descriptor itself.
    ///
    /// ```
    /// # use insideout::EventQueue;
    /// # use insideout::prelude::*;
    /// # use insideout::Source;
    /// use std::io::PipeReader;
    ///
    /// #[cps]
    /// fn wait(source: Source<PipeReader>) -> bool {
    ///     source.cancel();
    ///     readable!(source).is_err()
    /// }
    ///
    /// let (reader, _writer) = std::io::pipe()?;
    /// # let source = EventQueue::here()?.register(reader)?;
    /// # source.attempt(insideout::Interest::Read, |_| Err::<(), _>(std::io::ErrorKind::WouldBlock.into())).ok();
    /// assert!(wait(source));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn cancel(&self) {
        let mut awake = Vec::new();
        self.watch.watched.close(&mut awake);
        super::wake(awake);
    }

    /// Whether it was [cancelled](Source::cancel), or its event queue is closed.
    pub fn is_cancelled(&self) -> bool {
        self.watch.watched.is_closed()
    }

    /// Stops watching, and returns what was watched.
    pub fn into_inner(self) -> F {
        let Source { watch, fd } = self;
        drop(watch);
        fd
    }

    /// Tries an operation that does not block, if it is not known that it would.
    ///
    /// # Errors
    ///
    /// With the operation's. `WouldBlock`: wait with `readable!` or `writable!` and try again.
    ///
    /// ```
    /// # use insideout::{EventQueue, Interest};
    /// # use std::{io::Write, os::unix::net::UnixStream};
    /// let (here, there) = UnixStream::pair()?;
    /// let source = EventQueue::new()?.register(here)?;
    /// assert_eq!(source.attempt(Interest::Write, |mut stream| stream.write(b"hi"))?, 2);
    /// # drop(there);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn attempt<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce(&F) -> io::Result<R>,
    ) -> io::Result<R> {
        self.try_since(interest, operation).1
    }

    /// The word as it was before an attempt, and what came of it.
    #[inline]
    fn try_since<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce(&F) -> io::Result<R>,
    ) -> (u32, io::Result<R>) {
        let watched = &self.watch.watched;
        let before = watched.word.load(Acquire);
        if before & (interest.bit() | CLOSED) == 0 {
            return (before, Err(io::ErrorKind::WouldBlock.into()));
        }
        let outcome = operation(&self.fd);
        if matches!(&outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            watched.exhausted(before, interest);
        }
        (before, outcome)
    }

    /// Like [`attempt`](Self::attempt) with an operation that moves bytes through a stream. One that
    /// moves fewer than it had room for has emptied (or filled) the stream, so the next has to wait.
    #[inline]
    pub(crate) fn transfer(
        &self,
        interest: Interest,
        room: usize,
        operation: impl FnOnce(&F) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let (before, outcome) = self.try_since(interest, operation);
        if let Ok(moved) = outcome
            && 0 < moved
            && moved < room
        {
            self.watch.watched.exhausted(before, interest);
        }
        outcome
    }

    /// Whether whoever tells of it may be the calling thread, which blocks.
    pub(crate) fn is_unattended(&self) -> bool {
        dispatch::blocks() && !self.watch.queue.program
    }

    pub(crate) fn watched(&self) -> &Arc<Watched> {
        &self.watch.watched
    }

    #[cfg(all(test, loom))]
    pub(super) fn token(&self) -> u64 {
        self.watch.token
    }
}

impl<F: AsFd + fmt::Debug> fmt::Debug for Source<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.fd).finish()
    }
}

/// Watches a descriptor as long as it lives.
pub(crate) struct Watch {
    watched: Arc<Watched>,
    queue: Arc<Queue>,
    token: u64,
    fd: RawFd,
}

impl Watch {
    pub(super) fn new(queue: &Arc<Queue>, fd: &impl AsFd) -> io::Result<Self> {
        let (token, watched) = queue.sources.insert()?;
        let fd = fd.as_fd();
        if let Err(error) = queue.kernel.watch(fd, token) {
            queue.sources.remove(token);
            return Err(error);
        }
        Ok(Watch {
            watched,
            queue: queue.clone(),
            token,
            fd: fd.as_raw_fd(),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.queue.kernel.forget(self.fd);
        self.queue.sources.remove(self.token);
        let mut awake = Vec::new();
        self.watched.close(&mut awake);
        super::wake(awake);
    }
}

/// What is known of a descriptor, and who waits for more.
pub(crate) struct Watched {
    word: AtomicU32,
    waiting: Mutex<Line>,
}

/// Who waits for a descriptor: one as a rule.
#[derive(Default)]
struct Line {
    first: Option<(Interest, Waiting)>,
    others: Vec<(Interest, Waiting)>,
}

impl Watched {
    fn new() -> Self {
        // Nobody has tried yet, so an attempt is worth it.
        Watched {
            word: AtomicU32::new(READABLE | WRITABLE),
            waiting: Mutex::default(),
        }
    }

    /// An attempt that began when the word was `before` found nothing left.
    fn exhausted(&self, before: u32, interest: Interest) {
        if interest == Interest::Read && before & ENDED != 0 {
            return;
        }
        let after = before & !interest.bit();
        // If this fails there was an edge since, or somebody else has written it down.
        let _ = self.word.compare_exchange(before, after, AcqRel, Relaxed);
    }

    /// Whether an attempt is worth it.
    ///
    /// # Errors
    ///
    /// If it is closed, so that nobody will ever tell.
    #[inline(always)]
    pub(crate) fn is_ready(&self, interest: Interest) -> io::Result<bool> {
        match self.word.load(Acquire) & (interest.bit() | CLOSED) {
            0 => Ok(false),
            CLOSED => Err(unwatched()),
            _ => Ok(true),
        }
    }

    fn is_closed(&self) -> bool {
        self.word.load(Acquire) & CLOSED != 0
    }

    /// Keeps who waits until an attempt is worth it; gives it back if it is.
    pub(crate) fn wait(&self, interest: Interest, waiting: Waiting) -> Result<(), Waiting> {
        let mut line = lock(&self.waiting);
        if self.word.load(Acquire) & (interest.bit() | CLOSED) != 0 {
            return Err(waiting);
        }
        match line.first {
            None => line.first = Some((interest, waiting)),
            Some(_) => line.others.push((interest, waiting)),
        }
        Ok(())
    }

    /// Takes a claim away, if it waits here.
    fn leave(&self, claim: &Shared<Claim>) {
        let is_it = |waiting: &Waiting| matches!(waiting, Waiting::Claim(other, _) if Shared::ptr_eq(other, claim));
        let mut line = lock(&self.waiting);
        line.first.take_if(|(_, waiting)| is_it(waiting));
        line.others.retain(|(_, waiting)| !is_it(waiting));
    }

    /// Somebody else has found out that an attempt is worth it.
    pub(crate) fn assume(&self, interest: Interest) {
        self.add(interest.bit());
    }

    fn add(&self, bits: u32) {
        let counted = |word: u32| Some((word | bits).wrapping_add(EDGE));
        let _ = self.word.fetch_update(AcqRel, Acquire, counted);
    }

    /// Writes down what happened, and takes out who waited for it.
    pub(super) fn edge(&self, event: Event, awake: &mut Vec<Waiting>) {
        let mut bits = if event.readable { READABLE } else { 0 };
        bits |= if event.writable { WRITABLE } else { 0 };
        bits |= if event.ended { ENDED } else { 0 };
        self.add(bits);
        self.take(bits, awake);
    }

    /// Nothing will be told any more: takes out everyone.
    pub(super) fn close(&self, awake: &mut Vec<Waiting>) {
        self.word.fetch_or(CLOSED, AcqRel);
        self.take(READABLE | WRITABLE, awake);
    }

    fn take(&self, bits: u32, awake: &mut Vec<Waiting>) {
        self.take_if(|(interest, _)| interest.bit() & bits != 0, awake);
    }

    #[inline]
    fn take_if(
        &self,
        mut concerned: impl FnMut(&mut (Interest, Waiting)) -> bool,
        awake: &mut Vec<Waiting>,
    ) {
        let mut line = lock(&self.waiting);
        if let Some((_, first)) = line.first.take_if(&mut concerned) {
            awake.push(first);
        }
        if !line.others.is_empty() {
            let others = line.others.extract_if(.., concerned);
            awake.extend(others.map(|(_, waiting)| waiting));
        }
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

/// Finds out whom an event is for.
pub(super) struct LookUp<'a>(MutexGuard<'a, Slots>);

impl LookUp<'_> {
    pub(super) fn find(&self, token: u64) -> Option<&Watched> {
        let slot = self.0.slots.get(token as u32 as usize)?;
        (slot.used == (token >> 32) as u32).then_some(slot.watched.as_deref())?
    }
}

/// The descriptors of an event queue, by token.
#[derive(Default)]
pub(super) struct Sources(Mutex<Slots>);

#[derive(Default)]
struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
    closed: bool,
}

struct Slot {
    watched: Option<Arc<Watched>>,
    /// How often the slot was given up: an event that was on its way then is for nobody.
    used: u32,
}

impl Slots {
    fn watched(&self) -> Vec<Arc<Watched>> {
        let watched = |slot: &Slot| slot.watched.clone();
        self.slots.iter().filter_map(watched).collect()
    }
}

impl Sources {
    fn insert(&self) -> io::Result<(u64, Arc<Watched>)> {
        let watched = Arc::new(Watched::new());
        let mut slots = lock(&self.0);
        if slots.closed {
            return Err(io::Error::other("the event queue is closed"));
        }
        let index = slots.free.pop().unwrap_or_else(|| {
            slots.slots.push(Slot {
                watched: None,
                used: 0,
            });
            u32::try_from(slots.slots.len() - 1).expect("fewer descriptors than 2^32")
        });
        let slot = &mut slots.slots[index as usize];
        slot.watched = Some(watched.clone());
        Ok((u64::from(slot.used) << 32 | u64::from(index), watched))
    }

    fn remove(&self, token: u64) {
        let (used, index) = ((token >> 32) as u32, token as u32);
        let mut slots = lock(&self.0);
        let Some(slot) = slots
            .slots
            .get_mut(index as usize)
            .filter(|slot| slot.used == used)
        else {
            return;
        };
        // Half the range, so that no token is the bell's.
        slot.used = (used + 1) & (u32::MAX >> 1);
        let watched = slot.watched.take();
        slots.free.push(index);
        drop(slots);
        drop(watched);
    }

    /// Looks sources up for what the kernel tells; none can come or go meanwhile.
    pub(super) fn look_up(&self) -> LookUp<'_> {
        LookUp(lock(&self.0))
    }

    /// How many descriptors are watched.
    pub(super) fn len(&self) -> usize {
        let slots = lock(&self.0);
        slots.slots.len() - slots.free.len()
    }

    /// Takes no more descriptors, and takes out everyone who waits for one.
    pub(super) fn close(&self, awake: &mut Vec<Waiting>) {
        let mut slots = lock(&self.0);
        slots.closed = true;
        let watched = slots.watched();
        drop(slots);
        watched.iter().for_each(|watched| watched.close(awake));
    }

    /// Takes out who can never go on.
    #[cfg(not(loom))]
    pub(super) fn take_in_vain(&self, out: &mut Vec<Waiting>) {
        let watched = lock(&self.0).watched();
        for watched in watched {
            watched.take_if(|(_, waiting)| waiting.is_in_vain(), out);
        }
    }
}
