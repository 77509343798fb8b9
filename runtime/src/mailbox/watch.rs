//! Waiting for what a mailbox is like, without taking part.
//!
//! Who watches takes nothing, so what it waited for may have changed again by the time it looks.

use super::WaitError;
use super::mail::Mail;
use super::queue::{Queue, Small};
use crate::waiters::{Waiters, Woken};
use std::time::Instant;

impl<T> Mail<T> {
    /// Until a receive would find a message.
    pub(crate) fn watch_readable(&self, deadline: Option<Instant>) -> Result<(), WaitError> {
        let ready = || self.can_recv();
        watch(&self.receiving, ready, deadline)?;
        // Closed and drained is ready too, in that a receive would not wait.
        if self.is_closed() && !self.has_message() {
            return Err(WaitError::Closed);
        }
        Ok(())
    }

    /// Until a send would find room.
    pub(crate) fn watch_writable(&self, deadline: Option<Instant>) -> Result<(), WaitError> {
        let ready = || self.can_send();
        watch(&self.sending, ready, deadline)?;
        if self.is_closed() {
            return Err(WaitError::Closed);
        }
        Ok(())
    }

    /// Until no message is in it.
    pub(crate) fn watch_empty(&self, deadline: Option<Instant>) -> Result<(), WaitError> {
        watch(&self.sending, || !self.has_message(), deadline)
    }

    /// Until it holds as many messages as it can.
    pub(crate) fn watch_full(&self, deadline: Option<Instant>) -> Result<(), WaitError> {
        let ready = || self.is_full() || self.is_closed();
        watch(&self.receiving, ready, deadline)?;
        if self.is_full() {
            return Ok(());
        }
        if self.is_closed() {
            return Err(WaitError::Closed);
        }
        Ok(())
    }

    pub(crate) fn is_full(&self) -> bool {
        self.capacity()
            .is_some_and(|capacity| self.len() >= capacity)
    }

    fn has_message(&self) -> bool {
        match &self.queue {
            Queue::Small(Small::Meeting(desk)) => desk.len() + desk.offers() > 0,
            _ => self.len() > 0,
        }
    }
}

fn watch(
    waiters: &Waiters,
    ready: impl Fn() -> bool,
    deadline: Option<Instant>,
) -> Result<(), WaitError> {
    let mut woken = Woken::Ready;
    while !ready() {
        match woken {
            Woken::Expired => return Err(WaitError::Timeout),
            Woken::Interrupted => return Err(WaitError::Interrupted),
            Woken::Ready => woken = waiters.watch(&ready, deadline),
        }
    }
    Ok(())
}
