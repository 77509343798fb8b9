//! What its owner has for itself alone, until somebody else comes.
//!
//! While the owner is alone, what it does there takes plain instructions, where sharing takes locked ones.
//! Who comes says so and waits until the owner does nothing there; from then on it is shared, for good.
//!
//! *One sees the other.* The owner says that it begins and then looks whether somebody has come; who comes
//! says so and then looks whether the owner has begun. Between the two a fence is needed on both sides, but
//! the owner's would cost what is to be saved. So who comes, which is once, has the kernel put one into
//! whatever each thread of the process is doing (`membarrier`), and the owner needs none. Where the kernel
//! cannot do that, it is shared from the beginning.

use crate::sync::{
    Acquire, AtomicBool, AtomicU8, Backoff, Relaxed, Release, SeqCst, fence_everywhere, fence_here,
};
use std::io;

pub(crate) struct Alone {
    state: AtomicU8,
    /// The owner has begun to do something.
    busy: AtomicBool,
}

const ALONE: u8 = 0;
/// Somebody comes.
const COMING: u8 = 1;
const SHARED: u8 = 2;

impl Alone {
    /// Of an owner that is alone, or not.
    pub(crate) fn new(alone: bool) -> Self {
        let state = if alone { ALONE } else { SHARED };
        Alone {
            state: AtomicU8::new(state),
            busy: AtomicBool::new(false),
        }
    }

    /// Does something that nobody else must be doing meanwhile, and that does not panic; not if somebody else
    /// has come.
    ///
    /// # Safety
    ///
    /// The caller is the owner: this is not called at the same time by two threads.
    #[inline(always)]
    pub(crate) unsafe fn with<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.busy.store(true, Relaxed);
        fence_here();
        let done = (self.state.load(Relaxed) == ALONE).then(f);
        self.busy.store(false, Release);
        done
    }

    /// Shares it. What the owner has done alone has been done, and is seen.
    ///
    /// # Errors
    ///
    /// If the system cannot do it any more; then nothing has changed.
    #[inline]
    pub(crate) fn share(&self) -> io::Result<()> {
        match self.state.load(Acquire) {
            SHARED => Ok(()),
            _ => self.come(),
        }
    }

    #[cold]
    fn come(&self) -> io::Result<()> {
        let mut backoff = Backoff::default();
        while self.state.load(Acquire) != SHARED {
            let first = self.state.compare_exchange(ALONE, COMING, SeqCst, Acquire);
            if first.is_err() {
                backoff.wait();
                continue;
            }
            if let Err(error) = fence_everywhere() {
                self.state.store(ALONE, Release);
                return Err(error);
            }
            while self.busy.load(Acquire) {
                backoff.wait();
            }
            self.state.store(SHARED, Release);
        }
        Ok(())
    }
}
