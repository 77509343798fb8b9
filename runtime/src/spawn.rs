//! Starting calls from within: on the dispatcher that the current thread works for.

use crate::join::{self, JoinHandle};
use crate::pool::Work;
use cps_core::dispatch;
use cps_core::{Continuation, Thunk};

/// Starts a call where the calling leg runs: on its pool or runtime; the handle hears of its outcome.
///
/// Does not block. If that place is closed, the call is dropped, and the handle says `Cancelled`. On a thread
/// that works for no dispatcher, the call runs at once, until it is suspended.
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// #[cps]
/// fn both() -> u32 {
///     let (one, two) = (spawn(thunk!(double(1))), spawn(thunk!(double(2))));
///     join!(one).unwrap() + join!(two).unwrap()
/// }
///
/// assert_eq!(Pool::new(2).spawn(thunk!(both())).join().unwrap(), 6);
/// ```
pub fn spawn<T: Send + 'static>(thunk: Thunk<'static, T>) -> JoinHandle<T> {
    let (continuation, handle) = join::start(thunk);
    drop(dispatch::start(continuation));
    handle
}

/// Starts a call, or a continuation, where the calling leg runs, and nobody hears of its outcome. Does not
/// block, and allocates nothing.
///
/// # Errors
///
/// If that place is closed: the continuation is handed back.
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn greet(to: Sender<&'static str>) {
///     send!(to, "hello").unwrap();
/// }
///
/// let mailbox = Mailbox::bounded(1);
/// spawn_detached(thunk!(greet(mailbox.sender()))).unwrap();
/// assert_eq!(mailbox.recv(), Ok("hello"));
/// ```
pub fn spawn_detached(work: impl Work) -> Result<(), Continuation> {
    dispatch::start(work.into_continuation())
}
