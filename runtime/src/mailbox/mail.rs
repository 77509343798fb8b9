//! What all handles of a mailbox share: the queue, who waits at either end, and how many handles each end has.
//!
//! The two ends are mirror images. Receiving is a pop, which makes room and so wakes a sender; sending is a push, which wakes a
//! receiver. Who finds nothing (or no room) waits in the list of its end. Closing wakes everybody.

use super::errors::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use crate::queue::array::Array;
use crate::queue::segments::Segments;
use crate::queue::shelf::Flagged;
use crate::queue::{Nothing, Refused};
use crate::sync::{AcqRel, AtomicUsize, Relaxed};
use crate::waiters::Waiters;
use cps_core::Continuation;
use cps_core::dispatch::{Dispatcher, Home};
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Instant;

pub(crate) struct Mail<T> {
    queue: Queue<T>,
    /// Those who wait for a message.
    receiving: Waiters,
    /// Those who wait for room.
    sending: Waiters,
    senders: AtomicUsize,
    receivers: AtomicUsize,
    /// For where the mailbox itself is a home.
    this: Weak<Self>,
}

enum Queue<T> {
    Bounded(Array<T>),
    Unbounded(Segments<Flagged<T>>),
}

/// Calls the same method of either queue.
macro_rules! of_queue {
    ($mail:expr, $queue:ident => $call:expr) => {
        match &$mail.queue {
            Queue::Bounded($queue) => $call,
            Queue::Unbounded($queue) => $call,
        }
    };
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
        Mail::new(Queue::Bounded(Array::new(capacity)))
    }

    /// With one handle at each end.
    pub(crate) fn unbounded() -> Arc<Self> {
        Mail::new(Queue::Unbounded(Segments::new()))
    }

    fn new(queue: Queue<T>) -> Arc<Self> {
        Arc::new_cyclic(|this| Mail {
            queue,
            receiving: Waiters::default(),
            sending: Waiters::default(),
            senders: AtomicUsize::new(1),
            receivers: AtomicUsize::new(1),
            this: this.clone(),
        })
    }

    #[inline]
    pub(crate) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        match of_queue!(self, queue => queue.push(message)) {
            Ok(()) => {
                self.receiving.wake_one();
                Ok(())
            }
            Err(Refused::Full(message)) => Err(TrySendError::Full(message)),
            Err(Refused::Closed(message)) => Err(TrySendError::Closed(message)),
        }
    }

    #[inline]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        match of_queue!(self, queue => queue.pop()) {
            Ok(message) => {
                self.sending.wake_one();
                Ok(message)
            }
            Err(Nothing::Empty) => Err(TryRecvError::Empty),
            Err(Nothing::Closed) => Err(TryRecvError::Closed),
        }
    }

    /// Sends, sleeping while there is no room, until the deadline.
    pub(crate) fn send_until(
        &self,
        mut message: T,
        deadline: Option<Instant>,
    ) -> Result<(), SendTimeoutError<T>> {
        let mut in_time = true;
        loop {
            message = match self.try_send(message) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(message)) => {
                    return Err(SendTimeoutError::Closed(message));
                }
                Err(TrySendError::Full(message)) if !in_time => {
                    return Err(SendTimeoutError::Timeout(message));
                }
                Err(TrySendError::Full(message)) => message,
            };
            in_time = self.sending.sleep(|| self.can_send(), deadline);
        }
    }

    /// Receives, sleeping while there is no message, until the deadline.
    pub(crate) fn recv_until(&self, deadline: Option<Instant>) -> Result<T, RecvTimeoutError> {
        let mut in_time = true;
        loop {
            match self.try_recv() {
                Ok(message) => return Ok(message),
                Err(TryRecvError::Closed) => return Err(RecvTimeoutError::Closed),
                Err(TryRecvError::Empty) if !in_time => return Err(RecvTimeoutError::Timeout),
                Err(TryRecvError::Empty) => {}
            }
            in_time = self.receiving.sleep(|| self.can_recv(), deadline);
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

    /// Keeps a continuation until it should try to receive again; gives it back if it should at once.
    pub(crate) fn suspend_receiver(
        &self,
        continuation: Continuation,
        home: Home,
    ) -> Option<Continuation> {
        self.receiving
            .suspend(continuation, home, || self.can_recv())
    }

    fn can_send(&self) -> bool {
        match &self.queue {
            Queue::Bounded(queue) => queue.can_push(),
            Queue::Unbounded(_) => true,
        }
    }

    fn can_recv(&self) -> bool {
        of_queue!(self, queue => queue.can_pop())
    }

    pub(crate) fn close(&self) {
        of_queue!(self, queue => queue.close());
        self.receiving.wake_all();
        self.sending.wake_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        of_queue!(self, queue => queue.is_closed())
    }

    pub(crate) fn len(&self) -> usize {
        of_queue!(self, queue => queue.len())
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        match &self.queue {
            Queue::Bounded(queue) => Some(queue.capacity()),
            Queue::Unbounded(_) => None,
        }
    }

    /// The `Debug` of a handle.
    pub(crate) fn describe(&self, handle: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(handle)
            .field("len", &self.len())
            .field("capacity", &self.capacity())
            .field("closed", &self.is_closed())
            .field("receiving", &self.receiving.len())
            .field("sending", &self.sending.len())
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

    /// Counts one handle less. The last of an end closes the mailbox; the last that could receive also drops the messages
    /// that are left, which may hold handles of this very mailbox.
    pub(crate) fn shrink(&self, end: End) {
        if self.handles(end).fetch_sub(1, AcqRel) > 1 {
            return;
        }
        self.close();
        if end == End::Receiving {
            crate::queue::drain(|| of_queue!(self, queue => queue.pop()).is_ok());
        }
    }
}

/// A mailbox of continuations is a place to dispatch them to: there they wait for whoever receives them.
///
/// While it is full, so that the one who dispatches need not wait, the continuation waits for room as a sender whose home is the
/// mailbox itself: waking it puts it into the queue. One that still waits when the mailbox closes is dropped.
impl Dispatcher for Mail<Continuation> {
    fn dispatch(&self, mut continuation: Continuation) -> Result<(), Continuation> {
        loop {
            continuation = match self.try_send(continuation) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(continuation)) => return Err(continuation),
                Err(TrySendError::Full(continuation)) => continuation,
            };
            let Some(this) = self.this.upgrade() else {
                return Err(continuation);
            };
            continuation = match self.suspend_sender(continuation, Home::new(this)) {
                None => return Ok(()),
                Some(continuation) => continuation,
            };
        }
    }
}
