//! The kernel's part of an event queue as loom explores it: what happens is what a model says. A
//! timeout is one that passes at once.

use super::event::Event;
use super::interest::Interests;
use crate::sync::{Mutex, lock};
use loom::sync::Condvar;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Kernel {
    happened: Mutex<Happened>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Happened {
    rings: bool,
    events: Vec<Event>,
    /// What it was asked last to tell.
    asked: Option<Interests>,
}

impl Kernel {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Kernel::default())
    }

    pub(super) fn watch(&self, _: BorrowedFd<'_>, _: u64, _: Interests) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn change(&self, _: RawFd, _: u64, interests: Interests) -> io::Result<()> {
        lock(&self.happened).asked = Some(interests);
        Ok(())
    }

    /// What it was asked last to tell, since it watches.
    pub(super) fn asked(&self) -> Option<Interests> {
        lock(&self.happened).asked
    }

    pub(super) fn forget(&self, _: RawFd) {}

    pub(super) fn ring(&self) {
        lock(&self.happened).rings = true;
        self.changed.notify_all();
    }

    /// Lets something happen.
    pub(super) fn tell(&self, event: Event) {
        lock(&self.happened).events.push(event);
        self.changed.notify_all();
    }

    pub(super) fn wait(&self, timeout: Option<Duration>, batch: &mut Batch) -> io::Result<()> {
        let mut happened = lock(&self.happened);
        while timeout.is_none() && !happened.rings && happened.events.is_empty() {
            happened = self
                .changed
                .wait(happened)
                .expect("nobody panics with the lock");
        }
        happened.rings = false;
        batch.0 = std::mem::take(&mut happened.events);
        Ok(())
    }
}

/// What one wait has taken out.
pub(super) struct Batch(Vec<Event>);

impl Batch {
    pub(super) fn new() -> Self {
        Batch(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn events(&self) -> impl Iterator<Item = Event> {
        self.0.iter().copied()
    }
}
