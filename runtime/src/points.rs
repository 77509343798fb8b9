//! The suspension points that belong to the runtime, as expansions call them.
//!
//! Each is one try. If it has to wait, it says what to keep in the frame and how to leave the continuation
//! with whatever it waits for; the expansion suspends with that, and tries again when it is resumed. What
//! leaves the continuation owns all that it uses, since the continuation may be running elsewhere before it
//! returns; its home is the thread's at that moment.

pub use crate::deadlines::{
    Joining, Late, Until, handle_until, join_deadline, message_until, recv_deadline, send_deadline,
    until,
};
pub use crate::event_queue::points::*;

use crate::destination::Destination;
use crate::join::{JoinError, JoinHandle};
use crate::mailbox::mail::Mail;
use crate::mailbox::meeting::Letter;
use crate::mailbox::places::{Offering, Room};
use crate::mailbox::{Closed, Mailbox, Receiver, Refused, Sender, TryRecvError, TrySendError};
use crate::note;
use crate::pass_on::envelope;
use crate::queue::Nothing;
pub use crate::select::{Selected, attempt_select as select, selected};
pub use crate::timeout::timeout;
use crate::timeout::{has_deadline, suspend};
use cps_core::dispatch::{self, Dispatcher};
use cps_core::expansion::{Attempt, WaitAt};
use cps_core::{Continuation, Refusal};
use std::marker::PhantomData;
use std::sync::Arc;

/// The shared part of a mailbox.
#[allow(missing_debug_implementations)]
pub struct Inner<'a, T> {
    pub(crate) mail: &'a Arc<Mail<T>>,
    /// Whether the handle may outlive the frame that waits.
    shared: bool,
}

impl<T> Inner<'_, T> {
    fn shared(self) -> Self {
        Inner {
            shared: true,
            ..self
        }
    }
}

/// A handle of a mailbox's receiving end, behind any number of references. Expansions put one more
/// before what is not a local: only a handle that is a local itself is dropped with the frame.
#[diagnostic::on_unimplemented(
    message = "nothing can be received from `{Self}`",
    label = "not a `Mailbox` or `Receiver`"
)]
pub trait Inbox {
    type Message;

    fn inner(&self) -> Inner<'_, Self::Message>;
}

/// A handle of a mailbox's sending end, behind any number of references.
#[diagnostic::on_unimplemented(
    message = "nothing can be sent to `{Self}`",
    label = "not a `Mailbox` or `Sender`"
)]
pub trait Outbox {
    type Message;

    fn inner(&self) -> Inner<'_, Self::Message>;
}

macro_rules! handles {
    ($trait:ident: $($handle:ident)+; $($pointer:ty),+) => {
        $(impl<T> $trait for $handle<T> {
            type Message = T;

            #[inline]
            fn inner(&self) -> Inner<'_, T> {
                Inner {
                    mail: self.mail(),
                    shared: false,
                }
            }
        })+

        $(impl<H: $trait + ?Sized> $trait for $pointer {
            type Message = H::Message;

            #[inline]
            fn inner(&self) -> Inner<'_, H::Message> {
                (**self).inner().shared()
            }
        })+
    };
}

handles!(Inbox: Mailbox Receiver; &H, &mut H, Arc<H>, Box<H>);
handles!(Outbox: Mailbox Sender; &H, &mut H, Arc<H>, Box<H>);

/// Receives a message, or waits for one.
///
/// The handle comes as a trait object so that the result does not name its type, which may hold a short
/// borrow.
#[inline]
pub fn recv<T: Send + 'static>(
    mailbox: &dyn Inbox<Message = T>,
) -> Attempt<Received<T>, (), impl FnOnce(Continuation) -> Option<Continuation> + use<T>> {
    recv_or(mailbox, |Inner { mail, shared }| {
        wait_to_recv(mail.clone(), shared)
    })
}

/// The same where the frame that waits holds the handle, which it can be found by.
#[inline]
pub fn recv_held<T: Send + 'static>(
    mailbox: &dyn Inbox<Message = T>,
) -> Attempt<Received<T>, (), AtInbox<T>> {
    recv_or(mailbox, |_| AtInbox(PhantomData))
}

#[inline(always)]
fn recv_or<T, G>(
    mailbox: &dyn Inbox<Message = T>,
    wait: impl FnOnce(Inner<'_, T>) -> G,
) -> Attempt<Received<T>, (), G> {
    let inbox = mailbox.inner();
    let mail = inbox.mail;
    if note::is_of(mail.receiving.name()) {
        return recv_slowly(inbox, wait);
    }
    match mail.recv_at_once() {
        Some(Ok(message)) if mail.sending.is_empty() => Attempt::Ready(Ok(message)),
        Some(Ok(message)) => received(mail, message),
        Some(Err(Nothing::Empty)) => Attempt::Wait((), wait(inbox)),
        Some(Err(Nothing::Closed)) | None => recv_slowly(inbox, wait),
    }
}

/// What comes of a `recv!`.
type Received<T> = Result<T, Refused>;

/// Somebody may wait for the room.
#[inline(never)]
fn received<T, G>(mail: &Mail<T>, message: T) -> Attempt<Received<T>, (), G> {
    mail.sending.wake_one();
    Attempt::Ready(Ok(message))
}

/// A try of which more has to be said than [at once](Mail::recv_at_once).
#[inline(never)]
fn recv_slowly<T, G>(
    inbox: Inner<'_, T>,
    wait: impl FnOnce(Inner<'_, T>) -> G,
) -> Attempt<Received<T>, (), G> {
    let mail = inbox.mail;
    if note::take(mail.receiving.name()) {
        return Attempt::Ready(Err(Refused::Interrupted(())));
    }
    match mail.try_recv() {
        Ok(message) => Attempt::Ready(Ok(message)),
        Err(TryRecvError::Closed) => Attempt::Ready(Err(Closed(()))),
        Err(TryRecvError::Empty) => Attempt::Wait((), wait(inbox)),
    }
}

fn wait_to_recv<T: Send + 'static>(
    mail: Arc<Mail<T>>,
    shared: bool,
) -> impl FnOnce(Continuation) -> Option<Continuation> + use<T> {
    move |continuation| {
        if shared || has_deadline(&continuation) {
            return wait_elsewhere_too(continuation, mail);
        }
        mail.suspend_receiver(continuation, dispatch::here())
    }
}

/// How to wait for a message at a mailbox that the frame keeps, so that it need not be kept besides.
#[derive(Debug)]
pub struct AtInbox<T>(PhantomData<fn() -> T>);

impl<'h, T: Send + 'static> WaitAt<dyn Inbox<Message = T> + 'h> for AtInbox<T> {
    #[inline]
    unsafe fn wait_at(
        self,
        inbox: *const (dyn Inbox<Message = T> + 'h),
        continuation: Continuation,
    ) -> Option<Continuation> {
        // SAFETY: alive by contract, while the continuation is here.
        let Inner { mail, shared } = unsafe { &*inbox }.inner();
        if shared || has_deadline(&continuation) {
            return wait_elsewhere_too(continuation, mail.clone());
        }
        // SAFETY: the handle keeps the mailbox as long as it is alive itself.
        unsafe { Mail::suspend_receiver_at(Arc::as_ptr(mail), continuation, dispatch::here()) }
    }
}

/// For one whose handle may outlive its frame, or that is under a timeout.
#[cold]
#[inline(never)]
fn wait_elsewhere_too<T: Send + 'static>(
    continuation: Continuation,
    mail: Arc<Mail<T>>,
) -> Option<Continuation> {
    suspend(
        continuation,
        |continuation, home| {
            let continuation = envelope(continuation, mail.clone());
            mail.suspend_receiver(continuation, home)
        },
        || Some(mail.clone()),
    )
}

/// What comes of a `send!`.
type Sent<T> = Result<(), Refused<T>>;

/// What a `send!` has in its frame: its message, or, while that is offered where there is no room, the
/// sender's part of it.
#[allow(missing_debug_implementations)]
pub struct Unsent<T>(State<T>);

enum State<T> {
    Message(T),
    Offered(crate::sync::Arc<Letter<T>>),
}

/// The message as the mailbox's type: what stands here coerces as the argument of a plain call would.
#[inline]
pub fn message<T>(_: &dyn Outbox<Message = T>, message: T) -> Unsent<T> {
    Unsent(State::Message(message))
}

/// Sends a message, or waits for room.
#[inline]
pub fn send<T: Send + 'static>(
    mailbox: &dyn Outbox<Message = T>,
    unsent: Unsent<T>,
) -> Attempt<Sent<T>, Unsent<T>, impl FnOnce(Continuation) -> Option<Continuation> + use<T>> {
    let outbox = mailbox.inner();
    let mail = outbox.mail;
    let message = match unsent.0 {
        State::Message(message) if !note::is_of(mail.sending.name()) => message,
        other => return send_slowly(outbox, other),
    };
    match mail.send_at_once(message) {
        Ok(()) => {
            mail.receiving.wake_one();
            Attempt::Ready(Ok(()))
        }
        Err(message) => send_slowly(outbox, State::Message(message)),
    }
}

/// A try of which more has to be said than [at once](Mail::send_at_once).
#[inline(never)]
fn send_slowly<T: Send + 'static>(
    Inner { mail, shared }: Inner<'_, T>,
    unsent: State<T>,
) -> Attempt<Sent<T>, Unsent<T>, impl FnOnce(Continuation) -> Option<Continuation> + use<T>> {
    let (unsent, letter) = match mail.attempt(unsent) {
        Ok(sent) => return Attempt::Ready(sent),
        Err(State::Message(message)) => (State::Message(message), None),
        Err(State::Offered(letter)) => (State::Offered(letter.clone()), Some(letter)),
    };
    Attempt::Wait(Unsent(unsent), wait_to_send(mail.clone(), shared, letter))
}

fn wait_to_send<T: Send + 'static>(
    mail: Arc<Mail<T>>,
    shared: bool,
    letter: Option<crate::sync::Arc<Letter<T>>>,
) -> impl FnOnce(Continuation) -> Option<Continuation> + use<T> {
    move |continuation| match letter {
        None => suspend(
            continuation,
            |mut continuation, home| {
                if shared {
                    continuation = envelope(continuation, Arc::new(Room(mail.clone())));
                }
                mail.suspend_sender(continuation, home)
            },
            || Some(Arc::new(Room(mail.clone()))),
        ),
        Some(letter) => suspend(
            continuation,
            |continuation, home| mail.suspend_offer(&letter, continuation, home),
            || {
                let (mail, letter) = (mail.clone(), letter.clone());
                Some(Arc::new(Offering { mail, letter }))
            },
        ),
    }
}

impl<T> Mail<T> {
    /// One try of a `send!`; or what it is to wait with.
    #[inline]
    fn attempt(&self, unsent: State<T>) -> Result<Sent<T>, State<T>> {
        let message = match unsent {
            State::Message(message) => message,
            State::Offered(letter) => return Ok(self.answer(&letter)),
        };
        if note::take(self.sending.name()) {
            return Ok(Err(Refused::Interrupted(message)));
        }
        if self.meets() {
            return Err(State::Offered(Letter::new(message)));
        }
        match self.try_send(message) {
            Ok(()) => Ok(Ok(())),
            Err(TrySendError::Closed(message)) => Ok(Err(Closed(message))),
            Err(TrySendError::Full(message)) => Err(State::Message(message)),
        }
    }
}

/// The handle as what it must be: said of what the author wrote, and not of what becomes of it.
#[inline]
pub fn handle<T>(handle: JoinHandle<T>) -> JoinHandle<T> {
    handle
}

/// Takes the outcome of a spawned call, or waits for it.
#[inline]
pub fn join<T: Send + 'static>(
    handle: JoinHandle<T>,
) -> Attempt<
    Result<T, JoinError>,
    JoinHandle<T>,
    impl FnOnce(Continuation) -> Option<Continuation> + use<T>,
> {
    match handle.try_join() {
        Ok(outcome) => Attempt::Ready(outcome),
        Err(handle) => {
            let give = handle.suspend();
            Attempt::Wait(handle, give)
        }
    }
}

/// Where a visit comes back to.
#[inline]
pub fn home() -> dispatch::Home {
    dispatch::here()
}

/// Moves the continuation to another place; hands it back if that is closed.
#[inline]
pub fn migrate(
    destination: &dyn Destination,
) -> impl FnOnce(Continuation, Refusal) -> Result<(), Continuation> + use<> {
    let home = destination.home();
    move |continuation, refusal| home.admit(continuation, refusal)
}
