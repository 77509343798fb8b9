//! Threads that keep the memory of calls for longer than a turn.

use core::fmt;
use core::marker::PhantomData;

use crate::room;

/// While it lives, its thread keeps the memory of calls that end there, for those that it makes: up to 128 of
/// each size.
///
/// For the threads of a dispatcher, around their work. What a thread takes and gives back beyond that are
/// batches, so that calls which one thread makes and another runs need neither `malloc` nor `free`.
///
/// ```
/// use cps_core::dispatch::Rooms;
/// use cps_core::{Continuation, cps, thunk};
/// use std::sync::mpsc;
///
/// #[cps]
/// fn greet(name: &'static str) {
///     println!("hello {name}");
/// }
///
/// let (queue, continuations) = mpsc::channel::<Continuation>();
/// let worker = std::thread::spawn(move || {
///     let rooms = Rooms::keep();
///     loop {
///         let next = continuations.try_recv().or_else(|_| {
///             rooms.give_back();
///             continuations.recv()
///         });
///         match next {
///             Ok(continuation) => continuation.run(),
///             Err(_) => break,
///         }
///     }
/// });
/// for name in ["one", "two"] {
///     queue.send(thunk!(greet(name)).into_continuation()).unwrap();
/// }
/// drop(queue);
/// worker.join().unwrap();
/// ```
#[must_use = "what is kept is given back when this is dropped"]
pub struct Rooms {
    /// It belongs to the thread.
    stays: PhantomData<*mut ()>,
}

std::thread_local! {
    static FOR_GOOD: Rooms = Rooms::keep();
}

impl Rooms {
    /// From now on, until what this returns is dropped.
    pub fn keep() -> Self {
        room::stay();
        Rooms { stays: PhantomData }
    }

    /// As [`keep`](Rooms::keep), until the thread ends: for one that makes calls which others run.
    #[inline]
    pub fn keep_for_good() {
        if !room::stays() {
            // A thread that is at its end keeps nothing more.
            let _ = FOR_GOOD.try_with(|_| ());
        }
    }

    /// Gives back all that the thread keeps: for one that is about to sleep.
    pub fn give_back(&self) {
        room::give_back();
    }
}

impl Drop for Rooms {
    fn drop(&mut self) {
        room::cease();
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}
