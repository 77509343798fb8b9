//! Waiting at what lies in the frame, with no other hold on it.
//!
//! What a continuation is given away with owns all that it uses, since the frame may be gone before that has
//! returned. Here it is looked up in the frame, after that was put away; and who makes the continuation wait
//! there promises to touch nothing of it any more when others can take the continuation up.

use crate::Continuation;
use crate::cell::innermost;
use crate::context::{Context, Leg, Stay};
use crate::hold::frame_of;

/// A way to wait at an `H` that the waiting frame keeps.
pub trait WaitAt<H: ?Sized>: 'static {
    /// Leaves the continuation where it waits; it comes back if it has nothing to wait for.
    ///
    /// # Safety
    ///
    /// What `at` points to is alive until the continuation was passed on, and may be gone from then on.
    unsafe fn wait_at(self, at: *const H, continuation: Continuation) -> Option<Continuation>;
}

/// What the continuation may go anywhere with.
impl<'leg, F, T> Context<'leg, F, T> {
    /// Like [`suspend`](Self::suspend), to wait at what `held` finds in the frame. If that is nothing, it
    /// goes on at once.
    #[inline]
    pub fn suspend_at<'l, H, W, P>(self, frame: F, wait: W, held: P) -> Leg<'leg, 'l>
    where
        H: ?Sized,
        W: WaitAt<H>,
        P: for<'f> FnOnce(&'f F) -> Option<&'f H> + 'static,
    {
        self.stay_with(frame).suspend_at(wait, held)
    }
}

impl<'leg, F, T> Stay<'leg, F, T> {
    /// Like [`Context::suspend_at`].
    #[inline]
    pub fn suspend_at<'l, H, W, P>(self, wait: W, held: P) -> Leg<'leg, 'l>
    where
        H: ?Sized,
        W: WaitAt<H>,
        P: for<'f> FnOnce(&'f F) -> Option<&'f H> + 'static,
    {
        let give = move |continuation: Continuation| {
            // SAFETY: the continuation is alive, and nobody runs it while it is here.
            let cell = unsafe { innermost(continuation.ptr()) };
            // SAFETY: that is the cell which this leg held, a `Cell<F, T>`, with its frame in it.
            let frame = unsafe { frame_of::<F, T>(cell) };
            let Some(at) = held(frame).map(core::ptr::from_ref) else {
                return Some(continuation);
            };
            // SAFETY: it is borrowed from the frame, which is neither touched nor dropped before the
            // continuation is passed on.
            unsafe { wait.wait_at(at, continuation) }
        };
        // SAFETY: `wait` and `held` are `'static`; `F`, `T` and `H` are only named in the closure's type.
        unsafe { self.give(give) }
    }
}
