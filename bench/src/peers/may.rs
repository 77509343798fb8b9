//! may: coroutines with stacks of their own, on workers that the whole process shares.

use may::coroutine::JoinHandle;

/// Makes the workers so many, before the first coroutine.
pub(crate) fn start(workers: usize) {
    may::config().set_workers(workers);
}

/// Starts a coroutine.
#[allow(
    unsafe_code,
    reason = "it is how the peer documents its use; `f` uses no thread locals"
)]
pub(crate) fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    may::go!(f)
}

/// Runs a coroutine to its end.
pub(crate) fn run<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    spawn(f).join().expect("coroutines do not panic")
}
