//! Which workers have nothing to do, and whom to wake when there is something.
//!
//! A worker that runs out of work *searches*, or *sleeps* at once; and one that is awake again searches. One
//! number counts both kinds, so that whoever has queued something sees with one look whether anybody needs
//! to be woken: nobody does while somebody searches, since a searcher looks again.
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

    /// Whether that was the last who searched, and others sleep: then the caller looks whether one is to be
    /// woken in its stead. Who goes to sleep later looks by itself.
    #[must_use]
    pub(crate) fn end_search(&self) -> bool {
        let before = self.number.fetch_sub(SEARCHER, SeqCst);
        announced();
        SEARCHER < before && before < 2 * SEARCHER
    }

    /// A worker is about to sleep, which has been `searching` or not. It looks once more before it does; what
    /// this returns is dropped after it did.
    pub(crate) fn enter<'a>(&'a self, worker: &'a Arc<Worker>, searching: bool) -> Asleep<'a> {
        let before = if searching { SEARCHER } else { 0 };
        let mut asleep = lock(&self.asleep);
        asleep.push(worker.clone());
        self.number.fetch_add(1_usize.wrapping_sub(before), SeqCst);
        drop(asleep);
        announced();
        Asleep { idle: self, worker }
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

/// A worker that sleeps, or is about to. When this is dropped it is awake, and searches.
pub(crate) struct Asleep<'a> {
    idle: &'a Idle,
    worker: &'a Arc<Worker>,
}

impl Drop for Asleep<'_> {
    /// Who [wakes](Idle::wake_one) a worker has done so for it.
    fn drop(&mut self) {
        let mut asleep = lock(&self.idle.asleep);
        let is_it = |other: &Arc<Worker>| Arc::ptr_eq(other, self.worker);
        if let Some(found) = asleep.iter().rposition(is_it) {
            asleep.swap_remove(found);
            self.idle.number.fetch_add(SEARCHER - 1, SeqCst);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::crew::{Crew, PanicPolicy};

    #[test]
    fn the_last_who_searches_looks_for_those_who_sleep() {
        let crew = Arc::new(Crew::new(false, PanicPolicy::Keep, false, false));
        let worker = |name| Worker::new(crew.clone(), name, false, false);
        let (one, other) = (worker("one"), worker("other"));
        let idle = Idle::default();
        idle.begin_search();
        assert!(!idle.end_search(), "nobody sleeps");

        let asleep = idle.enter(&one, false);
        idle.begin_search();
        idle.begin_search();
        assert!(!idle.end_search(), "somebody else searches");
        assert!(idle.end_search(), "one sleeps, and nobody searches");

        idle.begin_search();
        let both = [asleep, idle.enter(&other, true)];
        idle.wake_one();
        assert!(idle.end_search(), "one was woken, and ends its search");
        drop(both);
        assert!(!idle.end_search(), "one is awake by itself");
        assert_eq!(idle.number.load(SeqCst), 0);
    }
}
