//! A mailbox without room: a message goes from a sender who waits to a receiver.
//!
//! Who sends leaves the message on the desk, as an *offer*, and waits until a receiver has taken it; then the
//! sender is woken. Until then the sender can withdraw it: when its deadline passes, when it is interrupted,
//! when the mailbox closes. A sender that does not wait can only *hand* a message to a receiver who waits
//! already. Those come first.
//!
//! A letter is on the desk from the offer until it is taken or withdrawn, all under the desk's lock, so that
//! exactly one of the two happens. Nobody is woken under the lock.

use super::WaitError;
use crate::parker::Why;
use crate::queue::{Nothing, Refused};
use crate::sync::{Arc, Mutex, lock};
use crate::waiters::{Drops, Waiter};
use std::collections::VecDeque;

pub(crate) struct Meeting<T>(Mutex<Desk<T>>);

struct Desk<T> {
    handed: VecDeque<T>,
    offers: VecDeque<Offer<T>>,
    closed: bool,
}

struct Offer<T> {
    letter: Arc<Letter<T>>,
    from: From<T>,
}

/// Who hears what becomes of an offer.
pub(crate) enum From<T> {
    /// A sender who waits.
    Waiter(Waiter),
    /// The message itself, if it is refused.
    Migrant(Box<dyn FnOnce(T) -> bool + Send>),
    Nobody,
}

/// Who waits for an offer to be taken, and what that is called.
pub(crate) struct Sender(Waiter, usize);

impl Sender {
    pub(crate) fn wake(self) {
        self.0.wake(Why::Ready, self.1);
    }
}

/// What the sender keeps of its offer.
pub(crate) struct Letter<T>(Mutex<Option<T>>);

impl<T> Letter<T> {
    pub(crate) fn new(message: T) -> Arc<Self> {
        Arc::new(Letter(Mutex::new(Some(message))))
    }

    /// What its offer calls itself towards [claims](crate::claim::Claim::wake).
    pub(crate) fn name(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The message, unless a receiver has it. Only for an offer that has ended: see [`Meeting::withdraw`].
    pub(crate) fn open(&self) -> Option<T> {
        lock(&self.0).take()
    }
}

impl<T> Meeting<T> {
    pub(crate) fn new() -> Self {
        Meeting(Mutex::new(Desk {
            handed: VecDeque::new(),
            offers: VecDeque::new(),
            closed: false,
        }))
    }

    /// Leaves an offer; the letter and the sender come back if the mailbox is closed.
    pub(crate) fn offer(&self, letter: &Arc<Letter<T>>, from: From<T>) -> Result<(), From<T>> {
        let mut desk = lock(&self.0);
        if desk.closed {
            return Err(from);
        }
        let letter = letter.clone();
        desk.offers.push_back(Offer { letter, from });
        Ok(())
    }

    /// Takes an offer back, so that nobody can take it any more. The message, unless a receiver has it.
    pub(crate) fn withdraw(&self, letter: &Arc<Letter<T>>) -> Option<T> {
        self.end(letter);
        letter.open()
    }

    /// Takes an offer off the desk, if it is there still: its message stays in the letter.
    pub(crate) fn end(&self, letter: &Arc<Letter<T>>) {
        let mut desk = lock(&self.0);
        let place = (desk.offers.iter()).rposition(|offer| Arc::ptr_eq(&offer.letter, letter));
        let offer = place.and_then(|place| desk.offers.remove(place));
        drop(desk);
        drop(offer);
    }

    /// Hands a message over, if more receivers wait than have been handed one. `waiting` is asked under the
    /// desk's lock, and so a receiver that has just left, and looks a last time, sees what was handed to it.
    pub(crate) fn hand(&self, message: T, waiting: impl Fn() -> usize) -> Result<(), Refused<T>> {
        let mut desk = lock(&self.0);
        if desk.closed {
            return Err(Refused::Closed(message));
        }
        if desk.handed.len() >= waiting() {
            return Err(Refused::Full(message));
        }
        desk.handed.push_back(message);
        Ok(())
    }

    /// Takes a message, and says whom to wake for it.
    pub(crate) fn take(&self) -> Result<(T, Option<Sender>), Nothing> {
        let mut desk = lock(&self.0);
        if let Some(message) = desk.handed.pop_front() {
            return Ok((message, None));
        }
        match desk.offers.pop_front() {
            Some(Offer { letter, from }) => {
                let message = letter.open().expect("an offer holds its message");
                let sender = match from {
                    From::Waiter(sender) => Some(Sender(sender, letter.name())),
                    From::Migrant(_) | From::Nobody => None,
                };
                Ok((message, sender))
            }
            None if desk.closed => Err(Nothing::Closed),
            None => Err(Nothing::Empty),
        }
    }

    pub(crate) fn can_take(&self) -> bool {
        let desk = lock(&self.0);
        desk.closed || !desk.handed.is_empty() || !desk.offers.is_empty()
    }

    /// How many were handed over and not yet picked up.
    pub(crate) fn len(&self) -> usize {
        lock(&self.0).handed.len()
    }

    pub(crate) fn offers(&self) -> usize {
        lock(&self.0).offers.len()
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.0).closed
    }

    /// Refuses offers from now on, and ends those that there are.
    pub(crate) fn close(&self) {
        let mut desk = lock(&self.0);
        desk.closed = true;
        let offers = std::mem::take(&mut desk.offers);
        drop(desk);
        end(offers, Why::Ready);
    }

    /// Ends the offers of those who can hear of it.
    pub(crate) fn interrupt(&self) {
        let mut desk = lock(&self.0);
        let (kept, ended) = std::mem::take(&mut desk.offers)
            .into_iter()
            .partition(|offer| !matches!(offer.from, From::Waiter(_)));
        desk.offers = kept;
        drop(desk);
        end(ended, Why::Interrupted);
    }

    /// Why an offer has ended that was not taken.
    pub(crate) fn reason(&self) -> WaitError {
        if self.is_closed() {
            WaitError::Closed
        } else {
            WaitError::Interrupted
        }
    }
}

fn end<T>(offers: VecDeque<Offer<T>>, why: Why) {
    let mut drops = Drops::default();
    for Offer { letter, from } in offers {
        match from {
            From::Waiter(sender @ Waiter::Thread(_)) => {
                drops.wake(sender, why, letter.name());
            }
            // It finds its letter unopened; that needs no note.
            From::Waiter(sender) => {
                drops.wake(sender, Why::Ready, letter.name());
            }
            From::Migrant(turn_back) => {
                drops.catch(|| letter.open().is_some_and(turn_back));
            }
            From::Nobody => {
                drops.catch(|| letter.open().is_none());
            }
        }
    }
    drops.finish();
}
