//! Work that can only block: threads that are there for it.
//!
//! Such work says nothing of how long it takes, and all of it may wait for other such work. So there is
//! a thread for each piece that is under way, up to [`MOST`]; one that has had nothing to do for
//! [`PATIENCE`] ends.

use crate::join::{JoinError, start};
use cps_core::Continuation;
use cps_macro::{cps, join, thunk};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

/// How many threads there are at most.
const MOST: usize = 256;
/// How long a thread waits for more work.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs work that blocks its thread (files, names of hosts, long calculations) on a thread made for
/// that, and yields what it returns.
///
/// Suspends meanwhile. Up to 256 pieces of work run at once; more wait for these. If the call is given
/// up, by a timeout say, the work goes on unheard.
///
/// # Panics
///
/// With the work's panic; or if the system has no thread for it.
///
/// ```
/// use insideout::blocking;
/// use insideout::prelude::*;
///
/// #[cps]
/// fn lines(path: &'static str) -> std::io::Result<usize> {
///     let text = call!(blocking(move || std::fs::read_to_string(path)))?;
///     Ok(text.lines().count())
/// }
///
/// let pool = Pool::new(1);
/// assert!(pool.spawn(thunk!(lines("/etc/passwd"))).join().unwrap().is_ok());
/// ```
#[cps]
pub fn blocking<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
    let (continuation, handle) = start(thunk!(run(work)));
    drop(threads().dispatch(continuation));
    match join!(handle) {
        Ok(value) => value,
        Err(JoinError::Panicked(panic)) => resume_unwind(panic),
        Err(JoinError::Cancelled) => panic!("there is no thread for work that blocks"),
    }
}

#[cps]
fn run<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(work: F) -> T {
    work()
}

#[derive(Default)]
struct Threads {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Continuation>,
    threads: usize,
    /// Those of them that have nothing to do.
    idle: usize,
}

fn threads() -> &'static Threads {
    static THREADS: OnceLock<Threads> = OnceLock::new();
    THREADS.get_or_init(Threads::default)
}

impl Threads {
    /// Takes it to run it soon; gives it back if there is no thread at all.
    fn dispatch(&'static self, continuation: Continuation) -> Result<(), Continuation> {
        let mut state = self.state();
        state.waiting.push_back(continuation);
        if state.waiting.len() <= state.idle {
            self.work.notify_one();
            return Ok(());
        }
        let thread = || thread::Builder::new().name("blocking".into());
        if state.threads < MOST && thread().spawn(|| self.serve()).is_ok() {
            state.threads += 1;
        }
        match state.threads {
            0 => Err(state.waiting.pop_back().expect("it was just pushed")),
            _ => Ok(()),
        }
    }

    fn serve(&self) {
        let mut state = self.state();
        loop {
            if let Some(continuation) = state.waiting.pop_front() {
                drop(state);
                // Who joins it hears of its panic.
                let _ = catch_unwind(AssertUnwindSafe(|| continuation.run()));
                state = self.state();
                continue;
            }
            state.idle += 1;
            let waited = self.work.wait_timeout(state, PATIENCE);
            let (back, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            state = back;
            state.idle -= 1;
            if waited.timed_out() && state.waiting.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
