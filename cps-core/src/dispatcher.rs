//! What a dispatcher does with the continuations that it is given.

use crate::{Continuation, Refusal};

/// Something that runs continuations: a pool, a runtime, a queue that a program drains.
///
/// See the [example of the module](crate::dispatch).
pub trait Dispatcher: Send + Sync {
    /// Takes a continuation to run it soon, or hands it back: it is closed.
    ///
    /// # Errors
    ///
    /// With the same continuation, when the dispatcher takes no more.
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation>;

    /// As [`dispatch`](Dispatcher::dispatch), for a continuation that migrates to the dispatcher, by a leg of
    /// the calling thread. One that lets it wait before it takes it keeps the refusal: if it has to turn the
    /// continuation away, it tells it so, and dispatches it to where it came from.
    ///
    /// What is provided dispatches it, for those that take at once what they take at all.
    ///
    /// # Errors
    ///
    /// With the same continuation, when the dispatcher takes no more.
    ///
    /// ```
    /// use cps_core::dispatch::{Dispatcher, Home, here};
    /// use cps_core::{Continuation, Refusal};
    /// use std::sync::Mutex;
    ///
    /// /// A place with a waiting room.
    /// #[derive(Default)]
    /// struct Hotel {
    ///     waiting: Mutex<Vec<(Continuation, Refusal, Home)>>,
    /// }
    ///
    /// impl Hotel {
    ///     fn close(&self) {
    ///         for (mut continuation, refusal, home) in self.waiting.lock().unwrap().drain(..) {
    ///             refusal.tell(&mut continuation);
    ///             drop(home.dispatch(continuation));
    ///         }
    ///     }
    /// }
    ///
    /// impl Dispatcher for Hotel {
    ///     fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
    ///         Err(continuation)
    ///     }
    ///
    ///     fn admit(&self, continuation: Continuation, refusal: Refusal) -> Result<(), Continuation> {
    ///         self.waiting.lock().unwrap().push((continuation, refusal, here()));
    ///         Ok(())
    ///     }
    /// }
    /// # Hotel::default().close();
    /// ```
    fn admit(&self, continuation: Continuation, refusal: Refusal) -> Result<(), Continuation> {
        let _ = refusal;
        self.dispatch(continuation)
    }

    /// As [`dispatch`](Dispatcher::dispatch), for a call that has just been made and has not started. One
    /// that comes from a leg of the calling thread may run before what was queued earlier.
    ///
    /// What is provided dispatches it.
    ///
    /// # Errors
    ///
    /// With the same continuation, when the dispatcher takes no more.
    ///
    /// ```
    /// use cps_core::dispatch::{Dispatcher, here};
    /// use cps_core::{cps, thunk};
    ///
    /// #[cps]
    /// fn greet() {
    ///     println!("hello");
    /// }
    ///
    /// here().start(thunk!(greet()).into_continuation()).unwrap();
    /// ```
    fn start(&self, continuation: Continuation) -> Result<(), Continuation> {
        self.dispatch(continuation)
    }

    /// Whether it takes nothing any more and never will, so that who keeps a continuation for it may as
    /// well drop that.
    ///
    /// What is provided says no.
    ///
    /// ```
    /// use cps_core::dispatch::{Dispatcher, here};
    ///
    /// assert!(!here().is_closed());
    /// ```
    fn is_closed(&self) -> bool {
        false
    }
}
