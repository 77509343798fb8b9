//! Plain calls: [`Thunk::run`] drives a call on the calling thread and waits for it wherever it
//! goes.
//!
//! The root of such a call lies on the stack of the caller, and its frames may borrow from there.
//! So `run` neither returns nor unwinds before the root was told the outcome, which is the last
//! that anyone does with the chain.

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::ptr::NonNull;

use crate::cell::{Ptr, no_call};
use crate::header::{Header, VTable};
use crate::receive::{Outcome, no_value};
use crate::signal::Signal;
use crate::trampoline::{Ending, Turn};
use crate::{Continuation, Thunk};

/// The root, on the stack of the thread that waits.
#[repr(C)]
struct Root<T> {
    header: Header,
    /// Written once, by whoever ends the chain, before the signal.
    outcome: UnsafeCell<Outcome<T>>,
    signal: Signal,
}

impl<T> Thunk<'_, T> {
    /// Runs the call on this thread to its end, and returns its value.
    ///
    /// Blocks while the continuation is elsewhere: given away, or migrated. Meanwhile the thread is
    /// the dispatcher of what was suspended on it. Without the `std` feature
    /// there are no dispatchers, and it spins until someone else has finished the continuation.
    ///
    /// # Panics
    ///
    /// With the call's panic, or when the continuation was dropped by whoever had it. Never before
    /// the continuation is finished or dropped.
    ///
    /// ```
    /// use cps_core::{Continuation, cps, suspend, thunk};
    ///
    /// #[cps]
    /// fn which_thread() -> std::thread::ThreadId {
    ///     suspend!(|continuation: Continuation| {
    ///         std::thread::spawn(|| continuation.run());
    ///         None
    ///     });
    ///     std::thread::current().id()
    /// }
    ///
    /// assert_ne!(thunk!(which_thread()).run(), std::thread::current().id());
    /// ```
    pub fn run(self) -> T {
        let root = Root::<T> {
            header: Header::new(&Root::<T>::VTABLE, None),
            outcome: UnsafeCell::new(Outcome::Dropped),
            signal: Signal::new(),
        };
        // SAFETY: it begins with its header (`repr(C)`), and the vtable is for it. It is not moved
        // below, its header is only read, and the rest is shared through cells.
        let cell = unsafe { Ptr::new(NonNull::from(&root)) };
        // SAFETY: the root takes values `T`, and it and what the thunk borrows live until it was
        // told, since `drive_until` neither returns nor unwinds before.
        drive_until(&root.signal, unsafe { self.start_at(cell) });
        match root.outcome.into_inner() {
            Outcome::Returned(value) => value,
            Outcome::Panicked(payload) => crate::unwind::resume(payload),
            Outcome::Dropped => panic!("the continuation was dropped before it returned"),
        }
    }
}

impl<T> Root<T> {
    const VTABLE: VTable = VTable {
        layout: Layout::new::<Self>(),
        resume: Self::resume,
        returned: no_value,
        free: Self::free,
        root: true,
        value: None,
        drops: false,
        aside: no_call,
        lent: &[],
        lend: None,
        holds: None,
    };

    unsafe fn resume(cell: Ptr, turn: &mut Turn) -> Ending {
        let call = turn.finish();
        // SAFETY: the turn gave the call up, which has ended; its value is the `T` of the thunk
        // that the root was made for.
        let ended = unsafe { call.returned::<T>() };
        // SAFETY: the vtable is that of a `Root<T>`, which the turn has given up.
        unsafe { Self::tell(cell, ended.into()) }
        Ending::Over
    }

    unsafe fn free(cell: Ptr) {
        // SAFETY: the vtable is that of a `Root<T>`, which its owner gives up; it says `Dropped`
        // from the beginning.
        unsafe { Signal::finish(&raw const (*cell.cast::<Self>().as_ptr()).signal) }
    }

    /// # Safety
    ///
    /// `cell` is a `Root<T>` that was not told yet, and that the caller gives up.
    unsafe fn tell(cell: Ptr, outcome: Outcome<T>) {
        let root = cell.cast::<Self>().as_ptr();
        // SAFETY: the root is alive, since the thread that has it on its stack waits for the
        // signal; until then no one else touches the outcome. Nothing touches the root
        // after the signal.
        unsafe {
            *(*root).outcome.get() = outcome;
            Signal::finish(&raw const (*root).signal);
        }
    }
}

/// Does not let its scope go before the signal was given, should anything unwind there.
struct Waits<'a>(&'a Signal);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// Drives `first` until the signal was given.
///
/// A panic that came out of the trampoline meanwhile goes on afterwards: that of the closure which
/// the continuation was given to, or of another chain that was dispatched to this thread.
#[cfg(feature = "std")]
fn drive_until(signal: &Signal, first: Continuation) {
    use crate::dispatch::Presence;
    use crate::trampoline::{PATIENCE, Until, drive};
    use crate::unwind::{Stray, catch};

    let waits = Waits(signal);
    let presence = Presence::new();
    let mut stray = Stray::default();
    let mut next = Some(first);
    loop {
        match next {
            Some(continuation) => next = stray.keep(drive(continuation, Until::Coop(PATIENCE))),
            None => signal.park(),
        }
        if signal.is_given() {
            break;
        }
        next = presence.next_after(next);
    }
    drop(waits);
    stray.keep(catch(|| {
        presence.leave(next);
        None::<()>
    }));
    stray.resume();
}

/// Drives `first` until the signal was given.
#[cfg(not(feature = "std"))]
fn drive_until(signal: &Signal, first: Continuation) {
    let waits = Waits(signal);
    first.run();
    drop(waits);
}
