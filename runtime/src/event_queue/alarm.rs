//! A moment as a place that takes claims: one of the choices of a `select!`, or the deadline of another wait.

use super::wheel::Key;
use super::{Queue, Waiting, here};
use crate::claim::{Claim, Place};
use crate::select::Choice;
use crate::sync::{Arc as Shared, Mutex, lock};
use std::sync::Arc;
use std::time::Instant;

/// Comes when it is that time, which may be a millisecond later.
impl Choice for Instant {
    type Out = ();

    fn attempt(&self) -> Option<()> {
        (Instant::now() >= *self).then_some(())
    }

    fn interrupted(&self) -> Option<()> {
        None
    }

    fn place(&self) -> Arc<dyn Place> {
        alarm(*self)
    }
}

/// Where a claim is taken at that time.
pub(crate) fn alarm(deadline: Instant) -> Arc<dyn Place> {
    Arc::new(Alarm {
        deadline,
        state: Mutex::new(State::Off),
    })
}

struct Alarm {
    deadline: Instant,
    state: Mutex<State>,
}

enum State {
    Off,
    Set(Arc<Queue>, Key),
}

impl Place for Alarm {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        if Instant::now() >= self.deadline {
            return true;
        }
        let queue = match here() {
            Ok(queue) => queue,
            Err(error) => panic!("cannot wait for a time: {error}"),
        };
        let waiting = Waiting::Claim(claim.clone(), self.name());
        // A queue that is closed never rings.
        if let Ok(key) = queue.set_cancellable(self.deadline, waiting) {
            *lock(&self.state) = State::Set(queue.queue().clone(), key);
        }
        false
    }

    fn leave(&self, _: &Shared<Claim>) {
        let state = std::mem::replace(&mut *lock(&self.state), State::Off);
        if let State::Set(queue, key) = state {
            drop(queue.timers.cancel(key));
        }
    }

    fn name(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}
