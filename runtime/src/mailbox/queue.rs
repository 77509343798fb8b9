//! The queue of a mailbox: of which kind it is depends on how much room there is.

use super::meeting::Meeting;
use crate::queue::Nothing;
use crate::queue::array::Array;
use crate::queue::segments::Segments;
use crate::queue::shelf::Flagged;
use crate::queue::single::Single;

pub(super) enum Queue<T> {
    Bounded(Array<T>),
    Unbounded(Segments<Flagged<T>>),
    Small(Small<T>),
}

/// Not for more than one message. By itself, since who has to tell four apart looks into a table.
pub(super) enum Small<T> {
    One(Single<T>),
    /// No room at all.
    Meeting(Meeting<T>),
}

/// Calls the same method of any queue.
macro_rules! of_queue {
    ($any:expr, $queue:ident => $call:expr) => {
        match $any {
            Queue::Small(Small::One($queue)) => $call,
            Queue::Bounded($queue) => $call,
            Queue::Unbounded($queue) => $call,
            Queue::Small(Small::Meeting($queue)) => $call,
        }
    };
}

impl<T> Queue<T> {
    pub(super) fn bounded(capacity: usize) -> Self {
        match capacity {
            0 => Queue::Small(Small::Meeting(Meeting::new())),
            1 => Queue::Small(Small::One(Single::new())),
            _ => Queue::Bounded(Array::new(capacity)),
        }
    }

    pub(super) fn unbounded() -> Self {
        Queue::Unbounded(Segments::new())
    }

    /// Pushes where a look at one place is enough to do so.
    #[inline(always)]
    pub(super) fn push_at_once(&self, message: T) -> Result<(), T> {
        match self {
            Queue::Small(Small::One(queue)) => queue.push_at_once(message),
            Queue::Bounded(queue) => queue.push_at_once(message),
            Queue::Unbounded(queue) => queue.push_at_once(message),
            Queue::Small(Small::Meeting(_)) => Err(message),
        }
    }

    /// The same for a pop. None if that has to look closer.
    #[inline(always)]
    pub(super) fn pop_at_once(&self) -> Option<Result<T, Nothing>> {
        match self {
            Queue::Small(Small::One(queue)) => queue.pop_at_once(),
            Queue::Bounded(queue) => queue.pop_at_once(),
            Queue::Unbounded(queue) => queue.pop_at_once(),
            Queue::Small(Small::Meeting(_)) => None,
        }
    }

    pub(super) fn close(&self) {
        of_queue!(self, queue => queue.close());
    }

    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        of_queue!(self, queue => queue.is_closed())
    }

    pub(super) fn len(&self) -> usize {
        of_queue!(self, queue => queue.len())
    }

    pub(super) fn capacity(&self) -> Option<usize> {
        match self {
            Queue::Small(Small::One(_)) => Some(1),
            Queue::Bounded(queue) => Some(queue.capacity()),
            Queue::Unbounded(_) => None,
            Queue::Small(Small::Meeting(_)) => Some(0),
        }
    }
}
