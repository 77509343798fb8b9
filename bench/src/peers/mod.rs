//! The peers, each behind the face of what it is: an executor of futures, a channel.
//!
//! What is alone of its kind (`may`, `rayon`, boxed closures) is used by the workloads directly.

pub(crate) mod async_executor;
pub(crate) mod boxed;
pub(crate) mod channel;
pub(crate) mod may;
pub(crate) mod tokio;

use std::future::Future;

/// A number of threads that run futures. A process starts one.
pub(crate) trait Executor: Clone + Send + 'static {
    /// The outcome of a spawned task.
    type Handle<T: Send + 'static>: Future<Output = T> + Send + 'static;

    /// Starts the threads.
    fn start(workers: usize) -> Self;

    /// Queues a task, from any thread.
    fn spawn_detached(&self, task: impl Future<Output = ()> + Send + 'static);

    /// Queues a task, from a task.
    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Self::Handle<T>;

    /// Lets other tasks run.
    fn yield_now() -> impl Future<Output = ()> + Send;

    /// Runs a task, and blocks the calling thread, which is not one of the workers, until its end.
    fn run<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        let (sender, receiver) = std::sync::mpsc::channel();
        self.spawn_detached(async move { sender.send(task.await).expect("the result is awaited") });
        receiver.recv().expect("the task ends")
    }
}

/// Counts down tasks, for executors that cannot say that none is left.
pub(crate) struct Countdown(std::sync::atomic::AtomicUsize);

impl Countdown {
    pub(crate) const fn new() -> Self {
        Countdown(std::sync::atomic::AtomicUsize::new(0))
    }

    pub(crate) fn set(&self, tasks: usize) {
        self.0.store(tasks, std::sync::atomic::Ordering::SeqCst);
    }

    #[inline]
    pub(crate) fn count(&self) {
        self.0.fetch_sub(1, std::sync::atomic::Ordering::AcqRel);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Acquire) == 0
    }
}
