//! async-executor, which smol runs its tasks on, as its documentation recommends it for a global
//! executor: static, with `block_on` driving it on each thread.

use super::Executor;
use async_executor::{StaticExecutor, Task};
use std::future::{Future, pending};

static EXECUTOR: StaticExecutor = StaticExecutor::new();

#[derive(Clone)]
pub(crate) struct AsyncExecutor(());

impl Executor for AsyncExecutor {
    type Handle<T: Send + 'static> = Task<T>;

    fn start(workers: usize) -> Self {
        for _ in 0..workers {
            std::thread::spawn(|| futures_lite::future::block_on(EXECUTOR.run(pending::<()>())));
        }
        AsyncExecutor(())
    }

    fn spawn_detached(&self, task: impl Future<Output = ()> + Send + 'static) {
        EXECUTOR.spawn(task).detach();
    }

    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Task<T> {
        EXECUTOR.spawn(task)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        futures_lite::future::yield_now()
    }
}
