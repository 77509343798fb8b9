//! One thread waits, until any thread says once that something is over.

#[cfg(feature = "std")]
pub(crate) use parked::Signal;
#[cfg(not(feature = "std"))]
pub(crate) use spinning::Signal;

#[cfg(feature = "std")]
mod parked {
    use core::sync::atomic::Ordering;

    use crate::sync::{AtomicU8, Thread, UnsafeCell, current, park};

    /// Not given; no one is parked.
    const OPEN: u8 = 0;
    /// Not given; `thread` is set, and may be parked.
    const PARKED: u8 = 1;
    /// Given.
    const GIVEN: u8 = 2;

    /// The thread that made it waits by parking.
    pub(crate) struct Signal {
        state: AtomicU8,
        /// Written by the waiting thread while `OPEN`, read by the one that gives the signal while
        /// `PARKED`.
        thread: UnsafeCell<Option<Thread>>,
    }

    // SAFETY: `state` orders the accesses to `thread`: its write happens before `PARKED` is seen,
    // and no write follows.
    unsafe impl Sync for Signal {}

    impl Signal {
        pub(crate) fn new() -> Self {
            Signal {
                state: AtomicU8::new(OPEN),
                thread: UnsafeCell::new(None),
            }
        }

        #[inline]
        pub(crate) fn is_given(&self) -> bool {
            self.state.load(Ordering::Acquire) == GIVEN
        }

        /// Parks once: until the signal is given, or the thread is unparked for another reason.
        pub(crate) fn park(&self) {
            if self.state.load(Ordering::Relaxed) == OPEN {
                // SAFETY: only the thread that waits calls this, and only here `OPEN` is left for
                // `PARKED`: so no one reads yet, and this is the only write.
                self.thread
                    .with_mut(|thread| unsafe { *thread = Some(current()) });
                let _ =
                    self.state
                        .compare_exchange(OPEN, PARKED, Ordering::AcqRel, Ordering::Relaxed);
            }
            if !self.is_given() {
                park();
            }
        }

        pub(crate) fn wait(&self) {
            while !self.is_given() {
                self.park();
            }
        }

        /// Gives the signal, after which the signal may be gone.
        ///
        /// # Safety
        ///
        /// `this` is alive, and it is given once.
        pub(crate) unsafe fn finish(this: *const Self) {
            // SAFETY: alive by contract, until the state is `GIVEN`.
            let state = unsafe { &(*this).state };
            if state
                .compare_exchange(OPEN, GIVEN, Ordering::Release, Ordering::Acquire)
                .is_ok()
            {
                return;
            }
            // SAFETY: the state is `PARKED`, since the signal is given once: the write to `thread`
            // happened before, and `this` is alive until the next line.
            let thread = unsafe { (*this).thread.with(|thread| (*thread).clone()) };
            state.store(GIVEN, Ordering::Release);
            if let Some(thread) = thread {
                thread.unpark();
            }
        }
    }
}

#[cfg(not(feature = "std"))]
mod spinning {
    use core::hint::spin_loop;
    use core::sync::atomic::{AtomicBool, Ordering};

    /// The thread that made it waits by spinning.
    pub(crate) struct Signal(AtomicBool);

    impl Signal {
        pub(crate) fn new() -> Self {
            Signal(AtomicBool::new(false))
        }

        pub(crate) fn wait(&self) {
            while !self.0.load(Ordering::Acquire) {
                spin_loop();
            }
        }

        /// Gives the signal, after which the signal may be gone.
        ///
        /// # Safety
        ///
        /// `this` is alive, and it is given once.
        pub(crate) unsafe fn finish(this: *const Self) {
            // SAFETY: alive by contract, until the store.
            unsafe { (*this).0.store(true, Ordering::Release) }
        }
    }
}
