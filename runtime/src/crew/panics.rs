//! Panics with nobody to hear of them but whoever joins the pool or runtime.

use crate::sync::{AtomicUsize, Mutex, Relaxed, lock};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Panic = Box<dyn Any + Send>;

/// The panics that came out of continuations whose outcome nobody receives: how many, and the first.
#[derive(Default)]
pub(crate) struct Panics {
    count: AtomicUsize,
    first: Mutex<First>,
}

#[derive(Default)]
enum First {
    #[default]
    None,
    Kept(Panic),
    /// Somebody has it; what it said is left.
    Taken(Option<String>),
}

impl Panics {
    pub(crate) fn keep(&self, panic: Panic) {
        self.count.fetch_add(1, Relaxed);
        let mut first = lock(&self.first);
        if matches!(*first, First::None) {
            *first = First::Kept(panic);
            return;
        }
        drop(first);
        quietly(|| drop(panic));
    }

    /// Runs what may panic, and keeps the panic.
    pub(crate) fn catch(&self, f: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(f)) {
            self.keep(panic);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// The first panic. Who comes later gets its message only.
    pub(crate) fn take(&self) -> Option<Panic> {
        let mut first = lock(&self.first);
        match std::mem::take(&mut *first) {
            First::None => None,
            First::Kept(panic) => {
                *first = First::Taken(message(&*panic).map(str::to_string));
                Some(panic)
            }
            First::Taken(message) => {
                *first = First::Taken(message.clone());
                Some(message.map_or_else(|| Box::new(()) as Panic, |message| Box::new(message)))
            }
        }
    }
}

/// What a panic said, if it said something.
pub(crate) fn message(panic: &(dyn Any + Send)) -> Option<&str> {
    let message = panic.downcast_ref::<&str>().copied();
    message.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
}

/// What a panic carries may itself panic when it is dropped; what that carries is not worth another try.
fn quietly(f: impl FnOnce()) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(f)) {
        std::mem::forget(again);
    }
}
