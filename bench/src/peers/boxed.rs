//! What one writes who wants no library: boxed closures in a lock-free queue, and threads that pop.

use crossbeam_queue::SegQueue;
use crossbeam_utils::Backoff;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

pub(crate) type Closure = Box<dyn FnOnce(&Queue) + Send>;

/// What the threads share. An idle one backs off but does not sleep, so that waking costs nothing.
#[derive(Default)]
pub(crate) struct Queue {
    closures: SegQueue<Closure>,
    closed: AtomicBool,
}

pub(crate) struct Threads {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl Queue {
    /// Queues a closure that does nothing. It holds a word, as it would to be of use: without, there
    /// would be nothing to allocate.
    #[inline]
    pub(crate) fn push_empty(&self, word: usize) {
        self.push(Box::new(move |_| {
            std::hint::black_box(word);
        }));
    }

    #[inline]
    pub(crate) fn push(&self, closure: Closure) {
        self.closures.push(closure);
    }

    fn work(&self) {
        let backoff = Backoff::new();
        loop {
            if let Some(closure) = self.closures.pop() {
                closure(self);
                backoff.reset();
            } else if self.closed.load(Ordering::Acquire) && self.closures.is_empty() {
                return;
            } else {
                backoff.snooze();
            }
        }
    }
}

impl Threads {
    pub(crate) fn start(workers: usize) -> Self {
        let queue = Arc::new(Queue::default());
        let worker = |_| {
            let queue = queue.clone();
            thread::spawn(move || queue.work())
        };
        let threads = (0..workers).map(worker).collect();
        Threads { queue, threads }
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Waits until everything has run.
    pub(crate) fn join(self) {
        self.queue.closed.store(true, Ordering::Release);
        for thread in self.threads {
            thread.join().expect("closures do not panic");
        }
    }
}
