//! Models of a wait that a message and an alarm both want to end.

use super::{counting, here, model};
use crate::claim::{Claim, Place};
use crate::mailbox::mail::Mail;
use crate::parker::Why;
use crate::select::{Selecting, enter};
use crate::sync::{Arc as Shared, AtomicUsize, Mutex, lock};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// An alarm that rings when the model says so.
#[derive(Default)]
struct Alarm(Mutex<(bool, Option<Shared<Claim>>)>);

impl Alarm {
    fn ring(&self) {
        let mut state = lock(&self.0);
        state.0 = true;
        let claim = state.1.take();
        drop(state);
        claim.map(|claim| claim.wake(self.name(), Why::Ready));
    }
}

impl Place for Alarm {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        let mut state = lock(&self.0);
        state.1 = (!state.0).then(|| claim.clone());
        state.0
    }

    fn leave(&self, _: &Shared<Claim>) {
        lock(&self.0).1 = None;
    }

    fn name(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// A callee waits for a message, under a timeout; behind it waits a thread. The one message goes to one of
/// them: to the callee if it took the wake-up, and to the thread if the callee was given up.
#[test]
fn a_callee_that_is_given_up_leaves_the_message_to_the_next() {
    model(2, || {
        let mail = Mail::<usize>::bounded(1);
        let (alarm, ran) = (Arc::new(Alarm::default()), Arc::new(AtomicUsize::new(0)));
        let ringing = alarm.clone();
        let rings = thread::spawn(move || ringing.ring());
        let places: Vec<Arc<dyn Place>> = vec![mail.clone(), alarm.clone()];
        let claim = Claim::of_continuation();
        let selecting = Selecting::new(claim.clone(), places.clone());
        let ready = enter(&claim, &places);
        let next = mail.clone();
        let next = thread::spawn(move || next.recv_until(None));
        mail.try_send(1).unwrap();
        if ready {
            counting(&ran).run();
        } else if let Some(back) = claim.settle(counting(&ran), here()) {
            back.run();
        }
        rings.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1, "it is resumed once");
        let taker = selecting.taker();
        drop(selecting);
        if taker.is_some_and(|(name, _)| name == mail.name()) {
            // It gets a leg for that, and takes the message, unless the thread was faster.
            if mail.try_recv().is_ok() {
                mail.try_send(2).unwrap();
            }
        }
        assert!(next.join().unwrap().is_ok());
    });
}
