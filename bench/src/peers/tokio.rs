//! tokio, in its two flavours.

use super::Executor;
use std::future::{Future, pending};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

/// The current-thread runtime, on a thread of its own.
#[derive(Clone)]
pub(crate) struct CurrentThread(Handle);

/// The multi-thread runtime.
#[derive(Clone)]
pub(crate) struct MultiThread(Handle);

/// A tokio runtime, whichever flavour.
pub(crate) trait Tokio: Executor {
    fn handle(&self) -> &Handle;

    /// Whether no task is left.
    fn is_idle(&self) -> bool {
        self.handle().metrics().num_alive_tasks() == 0
    }
}

impl Executor for CurrentThread {
    type Handle<T: Send + 'static> = Joined<T>;

    fn start(workers: usize) -> Self {
        assert_eq!(workers, 1, "it is one thread");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the thread is to be had");
        let handle = runtime.handle().clone();
        std::thread::spawn(move || runtime.block_on(pending::<()>()));
        CurrentThread(handle)
    }

    fn spawn_detached(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Joined<T> {
        Joined(tokio::spawn(task))
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

impl Executor for MultiThread {
    type Handle<T: Send + 'static> = Joined<T>;

    fn start(workers: usize) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()
            .expect("the threads are to be had");
        let handle = runtime.handle().clone();
        // It lives as long as the process.
        std::mem::forget(runtime);
        MultiThread(handle)
    }

    fn spawn_detached(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Joined<T> {
        Joined(tokio::spawn(task))
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }
}

impl Tokio for CurrentThread {
    fn handle(&self) -> &Handle {
        &self.0
    }
}

impl Tokio for MultiThread {
    fn handle(&self) -> &Handle {
        &self.0
    }
}

/// A join handle whose task does not panic.
pub(crate) struct Joined<T>(JoinHandle<T>);

impl<T> Future for Joined<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|outcome| outcome.expect("tasks do not panic"))
    }
}
