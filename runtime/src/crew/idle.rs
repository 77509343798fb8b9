//! Which workers have nothing to do, and whom to wake when there is something.
//!
//! A worker that runs out of work *searches*, then *sleeps*. One number counts both kinds, so that whoever
//! has queued something sees with one look whether anybody needs to be woken: nobody does while somebody
//! searches, since a searcher looks again.
//!
//! *No wake-up is lost.* Who queues does so first and then looks at the number. A worker that ceases to
//! search, to run what it found or to sleep, says so in the number first and then looks at what is queued.
//! All of it is sequentially consistent, so at least one sees the other; and where several search, the last
//! to cease looks after the others did.
//!
//! *No herd.* One thing that is queued wakes at most one worker, which counts as searching from then on.
//! Where it finds more than it can run, it wakes the next before it begins.

use super::worker::Worker;
use crate::sync::{AtomicUsize, Mutex, Padded, SeqCst, announced, lock};
use std::sync::Arc;

/// One who searches; one who sleeps is 1.
const SEARCHER: usize = 1 << (usize::BITS / 2);

#[derive(Default)]
pub(crate) struct Idle {
    number: Padded<AtomicUsize>,
    asleep: Mutex<Vec<Arc<Worker>>>,
}

impl Idle {
    pub(crate) fn begin_search(&self) {
        self.number.fetch_add(SEARCHER, SeqCst);
    }

    /// Whether that was the last who searched: then the caller looks whether somebody is to be woken in its
    /// stead.
    #[must_use]
    pub(crate) fn end_search(&self) -> bool {
        let last = self.number.fetch_sub(SEARCHER, SeqCst) / SEARCHER == 1;
        announced();
        last
    }

    /// A worker that searches is about to sleep. It looks once more before it does, and [leaves](Idle::leave)
    /// after it did.
    pub(crate) fn enter(&self, worker: &Arc<Worker>) {
        let mut asleep = lock(&self.asleep);
        asleep.push(worker.clone());
        self.number.fetch_sub(SEARCHER - 1, SeqCst);
        drop(asleep);
        announced();
    }

    /// A worker is awake, and searches.
    pub(crate) fn leave(&self, worker: &Arc<Worker>) {
        let mut asleep = lock(&self.asleep);
        let found = asleep.iter().rposition(|other| Arc::ptr_eq(other, worker));
        if let Some(found) = found {
            asleep.swap_remove(found);
            self.number.fetch_add(SEARCHER - 1, SeqCst);
        }
    }

    /// Wakes a worker, if one sleeps and none searches. After something was queued.
    #[inline]
    pub(crate) fn wake_one(&self) {
        announced();
        if self.needs_waking() {
            self.wake_last();
        }
    }

    fn needs_waking(&self) -> bool {
        let number = self.number.load(SeqCst);
        number != 0 && number < SEARCHER
    }

    /// The last that went to sleep has the warmest caches.
    #[cold]
    fn wake_last(&self) {
        let mut asleep = lock(&self.asleep);
        if !self.needs_waking() {
            return;
        }
        let Some(worker) = asleep.pop() else { return };
        self.number.fetch_add(SEARCHER - 1, SeqCst);
        drop(asleep);
        worker.unpark();
    }

    /// Wakes every worker that sleeps, after something was announced that all have to know.
    pub(crate) fn wake_all(&self) {
        for worker in lock(&self.asleep).iter() {
            worker.unpark();
        }
    }
}
