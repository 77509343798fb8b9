//! Links between workers: when one is halted or panics, so are those it is linked to.
//!
//! Each of two that are linked has the other in its list. *No halt is missed*: who halts a worker marks it
//! halted and then reads its list; who links two enters both lists and then looks at the marks. The lists are
//! behind locks, so one of the two sees the other. *Every halt ends*: a worker is marked once, and only who
//! marked it and itself at its end go on to its links, so cycles end, and a chain of any length takes no
//! stack.

use super::worker::Worker;
use crate::runtime::status::{ENDING, HALTED, LINKED};
use crate::sync::{Mutex, lock};
use std::sync::{Arc, Weak};

/// Whom a worker is linked to.
#[derive(Default)]
pub(crate) struct Links(Mutex<Vec<Weak<Worker>>>);

impl Worker {
    fn enter_link(&self, other: &Arc<Worker>) {
        let mut links = lock(&self.links.0);
        let other = Arc::downgrade(other);
        if !links.iter().any(|link| link.ptr_eq(&other)) {
            links.push(other);
            self.flags.set(LINKED);
        }
    }

    fn leave_link(&self, other: *const Worker) {
        let mut links = lock(&self.links.0);
        links.retain(|link| !std::ptr::eq(link.as_ptr(), other));
        if links.is_empty() {
            self.flags.clear(LINKED);
        }
    }

    fn linked(&self) -> Vec<Arc<Worker>> {
        let links = lock(&self.links.0);
        links.iter().filter_map(Weak::upgrade).collect()
    }

    #[cfg(all(test, loom))]
    pub(crate) fn is_linked(&self) -> bool {
        self.flags.get() & LINKED != 0 || !lock(&self.links.0).is_empty()
    }

    /// Takes a worker that ends out of the others' lists, and lets nobody in any more. One that was halted
    /// halts them first: who halts it may not have read the list yet.
    pub(crate) fn unlink_all(&self) {
        // From here on it cannot be halted any more.
        self.flags.set(ENDING);
        let linked = self.linked();
        if self.flags.get() & HALTED != 0 {
            linked.iter().for_each(halt);
        }
        for other in linked {
            other.leave_link(self);
        }
        lock(&self.links.0).clear();
        self.flags.clear(LINKED);
    }
}

/// Links two workers. If one of them was halted before, so is the other now.
pub(crate) fn link(one: &Arc<Worker>, other: &Arc<Worker>) {
    if Arc::ptr_eq(one, other) {
        return;
    }
    one.enter_link(other);
    other.enter_link(one);
    for (one, other) in [(one, other), (other, one)] {
        let flags = one.flags.get();
        if flags & HALTED != 0 {
            halt(other);
        }
        if flags & ENDING != 0 {
            unlink(one, other);
        }
    }
}

pub(crate) fn unlink(one: &Worker, other: &Worker) {
    one.leave_link(other);
    other.leave_link(one);
}

/// Halts a worker, and those it is linked to, and so on.
pub(crate) fn halt(worker: &Arc<Worker>) {
    let mut next = vec![worker.clone()];
    while let Some(worker) = next.pop() {
        if worker.mark_halted() {
            next.extend(worker.linked());
        }
    }
}
