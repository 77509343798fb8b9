//! What all handles of a mailbox share: the queue, who waits at either end, and how many handles each end
//! has.
//!
//! The two ends are mirror images. Receiving is a pop, which makes room and so wakes a sender; sending is a
//! push, which wakes a receiver. Who finds nothing (or no room) waits in the list of its end. Closing wakes
//! everybody.
//!
//! A pause hides the messages from receivers: those wait as if there were none, and senders go on until there
//! is no room. A closed mailbox is not paused, so that what is in it comes out.

use super::errors::{TryRecvError, TrySendError, WaitError};
use super::meeting::{From, Letter, Meeting, Sender};
use super::queue::{Queue, Small};
use crate::parker::Parker;
use crate::queue::{Nothing, Refused};
use crate::sync::{AcqRel, AtomicBool, AtomicUsize, Padded, Relaxed, SeqCst};
use crate::waiters::{Stock, Waiter, Waiters, Woken, pause};
use cps_core::Continuation;
use cps_core::dispatch::Home;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::time::Instant;

pub(crate) struct Mail<T> {
    pub(super) queue: Queue<T>,
    /// Those who wait for a message.
    pub(crate) receiving: Padded<Receiving>,
    /// Those who wait for room.
    pub(crate) sending: Padded<Waiters>,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    /// For where the mailbox itself is a home.
    pub(super) this: Weak<Self>,
}

/// Those who wait for a message, and, on the same cache line, whether they are to wait though there is one.
#[derive(Default)]
pub(crate) struct Receiving {
    waiters: Waiters,
    paused: AtomicBool,
}

impl Deref for Receiving {
    type Target = Waiters;

    #[inline]
    fn deref(&self) -> &Waiters {
        &self.waiters
    }
}

/// An end of a mailbox, for counting its handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Sending,
    Receiving,
}

impl<T> Mail<T> {
    /// With one handle at each end.
    pub(crate) fn bounded(capacity: usize) -> Arc<Self> {
        Mail::new(Queue::bounded(capacity))
    }

    /// With one handle at each end.
    pub(crate) fn unbounded() -> Arc<Self> {
        Mail::new(Queue::unbounded())
    }

    fn new(queue: Queue<T>) -> Arc<Self> {
        Arc::new_cyclic(|this| Mail {
            queue,
            receiving: Padded::default(),
            sending: Padded::default(),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(1),
            this: this.clone(),
        })
    }

    #[inline]
    pub(crate) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let pushed = match &self.queue {
            Queue::Small(Small::One(queue)) => queue.push(message),
            Queue::Bounded(queue) => queue.push(message),
            Queue::Unbounded(queue) => queue.push(message),
            Queue::Small(Small::Meeting(desk)) => desk.hand(message, || self.takers()),
        };
        match pushed {
            Ok(()) => {
                self.receiving.wake_one();
                Ok(())
            }
            Err(Refused::Full(message)) => Err(TrySendError::Full(message)),
            Err(Refused::Closed(message)) => Err(TrySendError::Closed(message)),
        }
    }

    /// Leaves a message where a look at one slot is enough to do so; `try_send` looks closer. Who waits for
    /// it [is to be woken](Waiters::wake_one).
    #[inline(always)]
    pub(crate) fn send_at_once(&self, message: T) -> Result<(), T> {
        self.queue.push_at_once(message)
    }

    /// The same for `try_recv`, and who waits for room. None if that has to look closer.
    #[inline(always)]
    pub(crate) fn recv_at_once(&self) -> Option<Result<T, Nothing>> {
        if self.receiving.paused.load(Relaxed) {
            return None;
        }
        self.queue.pop_at_once()
    }

    #[inline]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        if self.receiving.paused.load(Relaxed) && self.is_paused() {
            return Err(TryRecvError::Empty);
        }
        self.take()
    }

    /// A message, also of a paused mailbox.
    #[inline(always)]
    pub(super) fn take(&self) -> Result<T, TryRecvError> {
        let popped = match &self.queue {
            Queue::Small(Small::One(queue)) => queue.pop(),
            Queue::Bounded(queue) => queue.pop(),
            Queue::Unbounded(queue) => queue.pop(),
            Queue::Small(Small::Meeting(desk)) => desk.take().map(|(message, sender)| {
                sender.into_iter().for_each(Sender::wake);
                message
            }),
        };
        match popped {
            Ok(message) => {
                self.sending.wake_one();
                Ok(message)
            }
            Err(Nothing::Empty) => Err(TryRecvError::Empty),
            Err(Nothing::Closed) => Err(TryRecvError::Closed),
        }
    }

    /// Sends, sleeping while there is no room, until the deadline.
    #[inline(always)]
    pub(crate) fn send_until(
        &self,
        message: T,
        deadline: Option<Instant>,
    ) -> Result<(), (WaitError, T)> {
        if self.meets() {
            return self.meet(message, deadline);
        }
        match self.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(message)) => Err((WaitError::Closed, message)),
            Err(TrySendError::Full(message)) => self.wait_to_send(message, deadline),
        }
    }

    /// The same, when there was no room.
    #[cold]
    #[inline(never)]
    fn wait_to_send(
        &self,
        mut message: T,
        deadline: Option<Instant>,
    ) -> Result<(), (WaitError, T)> {
        loop {
            let ready = || self.can_send();
            let woken = (self.sending).sleep_at_pace(ready, || self.room(), deadline);
            if woken == Woken::Interrupted {
                return Err((WaitError::Interrupted, message));
            }
            message = match self.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(message)) => return Err((WaitError::Closed, message)),
                Err(TrySendError::Full(message)) => message,
            };
            if woken == Woken::Expired {
                return Err((WaitError::Timeout, message));
            }
        }
    }

    /// Sends where there is no room: until a receiver has taken the message, or the deadline.
    fn meet(&self, message: T, deadline: Option<Instant>) -> Result<(), (WaitError, T)> {
        let desk = self.desk();
        let (letter, parker) = (Letter::new(message), crate::sync::Arc::new(Parker::new()));
        let offered = desk.offer(&letter, From::Waiter(Waiter::Thread(parker.clone())));
        if offered.is_ok() {
            self.receiving.wake_one();
            let woken = if pause(|| parker.unparked().is_some()) {
                parker.unparked()
            } else {
                parker.park(deadline)
            };
            if woken.is_none() {
                let back = desk.withdraw(&letter);
                self.sending.wake_all();
                return back.map_or(Ok(()), |message| Err((WaitError::Timeout, message)));
            }
        }
        let back = letter.open();
        back.map_or(Ok(()), |message| Err((desk.reason(), message)))
    }

    /// Receives, sleeping while there is no message, until the deadline.
    #[inline(always)]
    pub(crate) fn recv_until(&self, deadline: Option<Instant>) -> Result<T, WaitError> {
        match self.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Closed) => Err(WaitError::Closed),
            Err(TryRecvError::Empty) => self.wait_to_recv(deadline),
        }
    }

    /// The same, when there was none.
    #[cold]
    #[inline(never)]
    fn wait_to_recv(&self, deadline: Option<Instant>) -> Result<T, WaitError> {
        loop {
            let ready = || self.can_recv();
            let woken = (self.receiving).sleep_at_pace(ready, || self.messages(), deadline);
            if woken == Woken::Interrupted {
                return Err(WaitError::Interrupted);
            }
            match self.try_recv() {
                Ok(message) => return Ok(message),
                Err(TryRecvError::Closed) => return Err(WaitError::Closed),
                Err(TryRecvError::Empty) if woken == Woken::Expired => {
                    return Err(WaitError::Timeout);
                }
                Err(TryRecvError::Empty) => {}
            }
        }
    }

    /// Keeps a continuation until it should try to send again; gives it back if it should at once.
    pub(crate) fn suspend_sender(
        &self,
        continuation: Continuation,
        home: Home,
    ) -> Option<Continuation> {
        self.sending.suspend(continuation, home, || self.can_send())
    }

    /// Whether there is no room, so that messages are offered.
    pub(crate) fn meets(&self) -> bool {
        matches!(self.queue, Queue::Small(Small::Meeting(_)))
    }

    /// Where messages are offered.
    pub(super) fn desk(&self) -> &Meeting<T> {
        let Queue::Small(Small::Meeting(desk)) = &self.queue else {
            unreachable!("letters are offered where there is no room");
        };
        desk
    }

    /// What came of an offer that has ended.
    pub(crate) fn answer(
        &self,
        letter: &crate::sync::Arc<Letter<T>>,
    ) -> Result<(), crate::Refused<T>> {
        let back = letter.open();
        back.map_or(Ok(()), |message| {
            Err(match self.is_closed() {
                true => crate::Closed(message),
                false => crate::Refused::Interrupted(message),
            })
        })
    }

    /// Keeps a continuation until its letter was taken, or will not be.
    pub(crate) fn suspend_offer(
        &self,
        letter: &crate::sync::Arc<Letter<T>>,
        continuation: Continuation,
        home: Home,
    ) -> Option<Continuation> {
        let sender = Waiter::Continuation(continuation, home);
        match self.desk().offer(letter, From::Waiter(sender)) {
            Ok(()) => {
                self.receiving.wake_one();
                None
            }
            Err(From::Waiter(Waiter::Continuation(continuation, _))) => Some(continuation),
            Err(_) => unreachable!("what comes back is what was offered"),
        }
    }

    /// Keeps a continuation until it should try to receive again; gives it back if it should at once.
    pub(crate) fn suspend_receiver(
        &self,
        continuation: Continuation,
        home: Home,
    ) -> Option<Continuation> {
        self.receiving
            .suspend(continuation, home, || self.can_recv())
    }

    /// The same for a mailbox that may be gone as soon as others can take the continuation: it is referred to
    /// for no longer than that.
    ///
    /// # Safety
    ///
    /// It is alive until the continuation was passed on.
    #[inline]
    pub(crate) unsafe fn suspend_receiver_at(
        this: *const Self,
        continuation: Continuation,
        home: Home,
    ) -> Option<Continuation> {
        // SAFETY: alive by contract. The waiters touch nothing of themselves behind that.
        let receiving: &Waiters = unsafe { &(*this).receiving };
        // SAFETY: they ask before others can take the continuation.
        receiving.suspend(continuation, home, || unsafe { (*this).can_recv() })
    }

    /// Whether sending would not wait. For a mailbox without room: whether a receiver waits.
    pub(super) fn can_send(&self) -> bool {
        match &self.queue {
            Queue::Small(Small::One(queue)) => queue.can_push(),
            Queue::Bounded(queue) => queue.can_push(),
            Queue::Unbounded(_) => true,
            Queue::Small(Small::Meeting(desk)) => desk.is_closed() || self.takers() > desk.len(),
        }
    }

    /// Whether receiving would not wait.
    #[inline]
    pub(super) fn can_recv(&self) -> bool {
        !self.is_paused() && self.can_take()
    }

    #[inline]
    fn can_take(&self) -> bool {
        match &self.queue {
            Queue::Small(Small::One(queue)) => queue.can_pop(),
            Queue::Bounded(queue) => queue.can_pop(),
            Queue::Unbounded(queue) => queue.can_pop(),
            Queue::Small(Small::Meeting(desk)) => self.can_meet(desk),
        }
    }

    #[cold]
    fn can_meet(&self, desk: &Meeting<T>) -> bool {
        // Whoever looks here has just entered, which is what those watch for who want to send.
        self.sending.wake_all();
        desk.can_take()
    }

    /// How many wait to be handed a message. Asked under the desk's lock, so it does not ask the desk.
    fn takers(&self) -> usize {
        if self.receiving.paused.load(SeqCst) {
            0
        } else {
            self.receiving.len()
        }
    }

    pub(crate) fn close(&self) {
        self.queue.close();
        self.receiving.wake_all();
        self.sending.wake_all();
    }

    /// Closes, and drops the messages that are left, which may hold handles of this very mailbox.
    pub(crate) fn close_recv(&self) {
        self.close();
        crate::queue::drain(|| self.take().is_ok());
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    pub(crate) fn pause(&self) {
        self.receiving.paused.store(true, SeqCst);
    }

    pub(crate) fn resume(&self) {
        self.receiving.paused.store(false, SeqCst);
        self.receiving.wake_all();
    }

    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        self.receiving.paused.load(SeqCst) && !self.is_closed()
    }

    pub(crate) fn interrupt(&self) {
        if let Queue::Small(Small::Meeting(desk)) = &self.queue {
            desk.interrupt();
        }
        self.receiving.interrupt();
        self.sending.interrupt();
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        self.queue.capacity()
    }

    /// What senders wait for.
    fn room(&self) -> Stock {
        let most = self.capacity().unwrap_or(usize::MAX);
        let there = most.saturating_sub(self.len());
        Stock { there, most }
    }

    /// What receivers wait for.
    fn messages(&self) -> Stock {
        Stock {
            there: self.len(),
            most: self.capacity().unwrap_or(usize::MAX),
        }
    }

    /// The `Debug` of a handle.
    pub(crate) fn describe(&self, handle: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offers = match &self.queue {
            Queue::Small(Small::Meeting(desk)) => desk.offers(),
            _ => 0,
        };
        let (receiving, receiving_watched) = self.receiving.settled();
        let (sending, sending_watched) = self.sending.settled();
        f.debug_struct(handle)
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("closed", &self.is_closed())
            .field("paused", &self.is_paused())
            .field("receiving", &receiving)
            .field("sending", &(sending + offers))
            .field("watched", &(sending_watched || receiving_watched))
            .finish()
    }

    fn handles(&self, end: End) -> &AtomicUsize {
        match end {
            End::Sending => &self.senders,
            End::Receiving => &self.receivers,
        }
    }

    /// Counts one more handle of an end that has one.
    pub(crate) fn grow(&self, end: End) {
        let before = self.handles(end).fetch_add(1, Relaxed);
        // As in `Arc`: handles that are forgotten without end would make the count wrap.
        if before > isize::MAX as usize {
            std::process::abort();
        }
    }

    /// Counts one handle less. The last of an end closes that end.
    ///
    /// One that is not the last may go with a continuation that was woken and is dropped before it tries.
    pub(crate) fn shrink(&self, end: End) {
        if self.handles(end).fetch_sub(1, AcqRel) > 1 {
            return self.pass_on(end);
        }
        match end {
            End::Sending => self.close(),
            End::Receiving => self.close_recv(),
        }
    }

    /// Wakes the next for what is there, if something is: see [`crate::pass_on`].
    pub(super) fn pass_on(&self, end: End) {
        match end {
            End::Sending if self.can_send() => self.sending.wake_one(),
            End::Receiving if self.can_recv() => self.receiving.wake_one(),
            _ => {}
        }
    }
}
