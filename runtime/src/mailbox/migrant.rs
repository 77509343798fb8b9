//! A mailbox of continuations is a place to dispatch them to: there they wait for whoever receives them.
//!
//! *While there is no room*, the one who dispatches need not wait: the continuation waits as a sender does.
//! One that was woken, or that somebody queues, has the mailbox itself as its home: waking it puts it into
//! the queue; and if the mailbox closes first, it is dropped. One that migrates is a [`Migrant`]: if the
//! mailbox closes first, it hears that it was refused, and goes on where it came from.

use super::TrySendError;
use super::mail::Mail;
use super::meeting::{From, Letter};
use cps_core::dispatch::{Dispatcher, Home, here};
use cps_core::{Continuation, Refusal};
use std::sync::Arc;

/// A continuation that waits for room where it migrates to.
pub(crate) struct Migrant {
    continuation: Continuation,
    refusal: Refusal,
    from: Home,
    to: Arc<Mail<Continuation>>,
}

impl Migrant {
    /// Gets in, now or when there is room; or comes back if the mailbox is closed.
    fn enter(mut self) -> Result<(), Migrant> {
        loop {
            let (continuation, closed) = match self.to.try_send(self.continuation) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Full(continuation)) => (continuation, false),
                Err(TrySendError::Closed(continuation)) => (continuation, true),
            };
            self.continuation = continuation;
            if closed {
                return Err(self);
            }
            let to = self.to.clone();
            self = match to.sending.keep(self, || to.can_send()) {
                None => return Ok(()),
                Some(back) => back,
            };
        }
    }

    /// Tries again; whether it goes on, in the mailbox or where it came from.
    pub(crate) fn wake(self) -> bool {
        match self.enter() {
            Ok(()) => true,
            Err(back) => turn_back(back.continuation, back.refusal, &back.from),
        }
    }
}

/// Lets a continuation go on where it came from; whether that takes it. If not, it is dropped, as is one that
/// is woken.
fn turn_back(mut continuation: Continuation, refusal: Refusal, from: &Home) -> bool {
    refusal.tell(&mut continuation);
    from.dispatch(continuation).is_ok()
}

impl Mail<Continuation> {
    /// Leaves it as an offer; gives it back if the mailbox is closed.
    fn offer(
        &self,
        continuation: Continuation,
        from: From<Continuation>,
    ) -> Result<(), Continuation> {
        let letter = Letter::new(continuation);
        if self.desk().offer(&letter, from).is_err() {
            return letter.open().map_or(Ok(()), Err);
        }
        self.receiving.wake_one();
        Ok(())
    }
}

impl Dispatcher for Mail<Continuation> {
    fn dispatch(&self, mut continuation: Continuation) -> Result<(), Continuation> {
        if self.meets() {
            return self.offer(continuation, From::Nobody);
        }
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

    fn admit(&self, continuation: Continuation, refusal: Refusal) -> Result<(), Continuation> {
        if self.meets() {
            let from = here();
            let back = move |continuation| turn_back(continuation, refusal, &from);
            return self.offer(continuation, From::Migrant(Box::new(back)));
        }
        let continuation = match self.try_send(continuation) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(continuation)) => return Err(continuation),
            Err(TrySendError::Full(continuation)) => continuation,
        };
        let Some(to) = self.this.upgrade() else {
            return Err(continuation);
        };
        let from = here();
        let migrant = Migrant {
            continuation,
            refusal,
            from,
            to,
        };
        migrant.enter().map_err(|back| back.continuation)
    }
}
