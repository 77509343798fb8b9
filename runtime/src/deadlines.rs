//! The suspension points that have a deadline: `recv_deadline!`, `send_deadline!`, `join_deadline!`.
//!
//! Each is tried like the one without (see [`crate::points`]). What waits leaves a
//! [claim](crate::claim) with what it waits for and with an alarm; which of the two came first only
//! says when to try again. What is there then is taken, also after the deadline, so that nothing is
//! lost in between.

use crate::claim::Place;
use crate::event_queue::alarm;
use crate::join::{JoinError, JoinHandle};
use crate::mailbox::mail::Mail;
use crate::mailbox::meeting::Letter;
use crate::mailbox::places::{Offering, Room};
use crate::mailbox::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use crate::parker::Why;
use crate::points::{Inbox, Outbox};
use crate::select::Selecting;
use cps_core::Continuation;
use cps_core::expansion::Attempt;
use std::sync::Arc;
use std::time::Instant;

/// A deadline in a frame, and the wait that is under way.
#[allow(missing_debug_implementations)]
pub struct Until {
    deadline: Instant,
    waits: Option<Selecting>,
}

/// Nothing is waited for yet.
#[must_use]
pub fn until(deadline: Instant) -> Until {
    Until {
        deadline,
        waits: None,
    }
}

/// How such a wait ended.
#[derive(Clone, Copy, PartialEq)]
enum Ended {
    /// It has not begun, or it is worth another try.
    Ready,
    Interrupted,
}

impl Until {
    /// Ends the wait that was under way: the claim is with no place any more.
    fn end(&mut self) -> Ended {
        match self.waits.take().and_then(|waits| waits.taken()) {
            Some((_, Why::Interrupted)) => Ended::Interrupted,
            _ => Ended::Ready,
        }
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// How to wait at a place until the deadline.
    fn wait(
        &mut self,
        place: Arc<dyn Place>,
    ) -> impl FnOnce(Continuation) -> Option<Continuation> + use<> {
        let waits = Selecting::suspending(vec![place, alarm(self.deadline)]);
        self.waits.insert(waits).give()
    }
}

/// Receives a message, or waits for one until the deadline.
pub fn recv_deadline<T: Send + 'static>(
    mailbox: &dyn Inbox<Message = T>,
    mut until: Until,
) -> Attempt<
    Result<T, RecvTimeoutError>,
    Until,
    impl FnOnce(Continuation) -> Option<Continuation> + use<T>,
> {
    let mail = mailbox.inner().mail;
    if until.end() == Ended::Interrupted {
        return Attempt::Ready(Err(RecvTimeoutError::Interrupted));
    }
    let expired = until.is_over();
    match mail.try_recv() {
        Ok(message) => Attempt::Ready(Ok(message)),
        Err(TryRecvError::Closed) => Attempt::Ready(Err(RecvTimeoutError::Closed)),
        Err(TryRecvError::Empty) if expired => Attempt::Ready(Err(RecvTimeoutError::Timeout)),
        Err(TryRecvError::Empty) => {
            let give = until.wait(mail.clone());
            Attempt::Wait(until, give)
        }
    }
}

/// What comes of a `send_deadline!`.
type Sent<T> = Result<(), SendTimeoutError<T>>;

/// What a `send_deadline!` has in its frame: its message, or, while that is offered where there is no
/// room, the sender's part of it.
#[allow(missing_debug_implementations)]
pub struct Late<T> {
    message: Message<T>,
    until: Until,
}

enum Message<T> {
    Here(T),
    Offered(crate::sync::Arc<Letter<T>>),
}

/// The message as the mailbox's type: what stands here coerces as the argument of a plain call would.
pub fn message_until<T>(_: &dyn Outbox<Message = T>, message: T, deadline: Instant) -> Late<T> {
    Late {
        message: Message::Here(message),
        until: until(deadline),
    }
}

/// Sends a message, or waits for room until the deadline.
pub fn send_deadline<T: Send + 'static>(
    mailbox: &dyn Outbox<Message = T>,
    late: Late<T>,
) -> Attempt<Sent<T>, Late<T>, impl FnOnce(Continuation) -> Option<Continuation> + use<T>> {
    let mail = mailbox.inner().mail;
    let Late { message, mut until } = late;
    let message = match mail.attempt_until(message, &mut until) {
        Ok(sent) => return Attempt::Ready(sent),
        Err(message) => message,
    };
    let (place, message): (Arc<dyn Place>, _) = if mail.meets() {
        let letter = Letter::new(message);
        let offering = Offering {
            mail: mail.clone(),
            letter: letter.clone(),
        };
        (Arc::new(offering), Message::Offered(letter))
    } else {
        (Arc::new(Room(mail.clone())), Message::Here(message))
    };
    let give = until.wait(place);
    Attempt::Wait(Late { message, until }, give)
}

impl<T> Mail<T> {
    /// One try of a `send_deadline!`; or the message that has to wait.
    fn attempt_until(&self, message: Message<T>, until: &mut Until) -> Result<Sent<T>, T> {
        // Before a letter is opened: the offer has ended then.
        let ended = until.end();
        let message = match message {
            Message::Here(message) => message,
            Message::Offered(letter) => match letter.open() {
                None => return Ok(Ok(())),
                Some(message) if self.is_closed() => {
                    return Ok(Err(SendTimeoutError::Closed(message)));
                }
                Some(message) if !until.is_over() => {
                    return Ok(Err(SendTimeoutError::Interrupted(message)));
                }
                Some(message) => message,
            },
        };
        if ended == Ended::Interrupted {
            return Ok(Err(SendTimeoutError::Interrupted(message)));
        }
        let expired = until.is_over();
        match self.try_send(message) {
            Ok(()) => Ok(Ok(())),
            Err(TrySendError::Closed(message)) => Ok(Err(SendTimeoutError::Closed(message))),
            Err(TrySendError::Full(message)) if expired => {
                Ok(Err(SendTimeoutError::Timeout(message)))
            }
            Err(TrySendError::Full(message)) => Err(message),
        }
    }
}

/// What a `join_deadline!` has in its frame.
#[allow(missing_debug_implementations)]
pub struct Joining<T> {
    handle: JoinHandle<T>,
    until: Until,
}

/// The handle as what it must be.
pub fn handle_until<T>(handle: JoinHandle<T>, deadline: Instant) -> Joining<T> {
    Joining {
        handle,
        until: until(deadline),
    }
}

/// What comes of a `join_deadline!`: the outcome, or the handle.
type Joined<T> = Result<Result<T, JoinError>, JoinHandle<T>>;

/// Takes the outcome of a spawned call, or waits for it until the deadline.
pub fn join_deadline<T: Send + 'static>(
    joining: Joining<T>,
) -> Attempt<Joined<T>, Joining<T>, impl FnOnce(Continuation) -> Option<Continuation> + use<T>> {
    let Joining { handle, mut until } = joining;
    until.end();
    let expired = until.is_over();
    match handle.try_join() {
        Ok(outcome) => Attempt::Ready(Ok(outcome)),
        Err(handle) if expired => Attempt::Ready(Err(handle)),
        Err(handle) => {
            let give = until.wait(handle.place());
            Attempt::Wait(Joining { handle, until }, give)
        }
    }
}
