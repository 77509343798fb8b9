//! The ends of a mailbox as places where claims are left by those who wait elsewhere too.

use super::mail::{End, Mail};
use super::meeting::{From, Letter};
use crate::claim::{Claim, Place};
use crate::sync::Arc as Shared;
use crate::waiters::Waiter;
use std::sync::Arc;

/// For those who want a message.
impl<T: Send> Place for Mail<T> {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        self.receiving.enter(claim, || self.can_recv())
    }

    fn leave(&self, claim: &Shared<Claim>) {
        self.receiving.leave(claim);
    }

    fn name(&self) -> usize {
        self.receiving.name()
    }

    fn pass_on(&self) {
        Mail::pass_on(self, End::Receiving);
    }
}

/// For those who want room.
pub(crate) struct Room<T>(pub(crate) Arc<Mail<T>>);

impl<T: Send> Place for Room<T> {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        self.0.sending.enter(claim, || self.0.can_send())
    }

    fn leave(&self, claim: &Shared<Claim>) {
        self.0.sending.leave(claim);
    }

    fn name(&self) -> usize {
        self.0.sending.name()
    }

    fn pass_on(&self) {
        self.0.pass_on(End::Sending);
    }
}

/// For those who offer a message where there is no room: it is on the desk as long as the claim is.
pub(crate) struct Offering<T> {
    pub(crate) mail: Arc<Mail<T>>,
    pub(crate) letter: Shared<Letter<T>>,
}

impl<T: Send> Place for Offering<T> {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        let sender = From::Waiter(Waiter::Claim(claim.clone()));
        let offered = self.mail.desk().offer(&self.letter, sender);
        if offered.is_ok() {
            self.mail.receiving.wake_one();
        }
        offered.is_err()
    }

    fn leave(&self, _: &Shared<Claim>) {
        self.mail.desk().end(&self.letter);
        // Those who watch for a receiver may look again.
        self.mail.sending.wake_all();
    }

    fn name(&self) -> usize {
        self.letter.name()
    }
}
