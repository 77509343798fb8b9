//! Descriptors that continuations wait for, in the keeping of an event queue, and the table of them.
//!
//! A [`Source`] says to the kernel what it is to tell, and [`Watched`] remembers what it has told.

use super::interest::{Interest, Interests};
use super::watched::{Known, Watched};
use super::{EventQueue, Queue, Waiting};
use crate::sync::{Mutex, MutexGuard, lock};
use cps_core::dispatch;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::Arc;
use std::{fmt, io};

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
    pub(super) fn new(queue: &EventQueue, fd: F, interests: Interests) -> io::Result<Self> {
        let watch = Watch::new(queue.queue(), &fd, interests)?;
        Ok(Source { watch, fd })
    }

    /// What is watched.
    pub fn get_ref(&self) -> &F {
        &self.fd
    }

    /// Has the event queue tell something else from now on, and anew: if it is ready in one of these
    /// directions already, that is an event.
    ///
    /// Who waits for a direction that is not among them goes on waiting, until it is again. Who waits for it
    /// from then on asks for it: a wait for a direction of which nothing is told begins with having it told.
    ///
    /// # Errors
    ///
    /// If it is [cancelled](Source::cancel), or the system cannot.
    ///
    /// ```
    /// use insideout::{EventQueue, Interests};
    /// use std::os::unix::net::UnixStream;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// let queue = EventQueue::new()?;
    /// let source = queue.register_for(here, Interests::READ)?;
    /// source.modify(Interests::BOTH.once())?;
    /// assert_eq!(source.interests(), Interests::BOTH.once());
    /// # drop(there);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn modify(&self, interests: Interests) -> io::Result<()> {
        self.watch.ask(|_| interests)
    }

    /// What the event queue was asked to tell.
    pub fn interests(&self) -> Interests {
        self.watch.watched.interests()
    }

    /// Before a wait: asks for what nothing is told of, or was told of once.
    #[inline]
    pub(super) fn ask_for(&self, interest: Interest) -> io::Result<()> {
        match self.watch.watched.is_unasked(interest) {
            false => Ok(()),
            true => self.watch.ask(|before| before.and(interest)),
        }
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
        super::wake(&mut awake);
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

    /// What was known before an attempt, and what came of it.
    #[inline]
    fn try_since<R>(
        &self,
        interest: Interest,
        operation: impl FnOnce(&F) -> io::Result<R>,
    ) -> (Known, io::Result<R>) {
        let watched = &self.watch.watched;
        let before = watched.known();
        if before.says_wait(interest) {
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
    fn new(queue: &Arc<Queue>, fd: &impl AsFd, interests: Interests) -> io::Result<Self> {
        let (token, watched) = queue.sources.insert(interests)?;
        let fd = fd.as_fd();
        if let Err(error) = queue.kernel.watch(fd, token, interests) {
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

    /// Asks the kernel to tell something else, which depends on what it was asked before.
    fn ask(&self, other: impl FnOnce(Interests) -> Interests) -> io::Result<()> {
        // What the kernel is told last is what was asked last.
        let _one_at_a_time = lock(&self.queue.asking);
        let interests = other(self.watched.interests());
        self.watched.ask(interests)?;
        self.queue.kernel.change(self.fd, self.token, interests)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.queue.kernel.forget(self.fd);
        self.queue.sources.remove(self.token);
        let mut awake = Vec::new();
        self.watched.close(&mut awake);
        super::wake(&mut awake);
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
    fn insert(&self, interests: Interests) -> io::Result<(u64, Arc<Watched>)> {
        let watched = Arc::new(Watched::new(interests));
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
