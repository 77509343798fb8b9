//! Serving a mailbox of continuations.

use crate::expansion::Attempt;
use crate::mailbox::Receiver;
use crate::points;
use cps_core::dispatch::{Dispatcher, here};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};

/// A call that runs the continuations that come into a mailbox, until that is closed and drained; returns how
/// many they were.
///
/// Spawned on a pool or runtime it makes that serve the mailbox, as does any other dispatcher that runs it:
/// each continuation runs, and goes on living, where this call runs. After each the call lets others run.
/// Spawned several times, several workers can serve at once. An interrupt does not end it.
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn visit(door: Sender<Continuation>) -> String {
///     migrate!(door).unwrap();
///     insideout::thread_name()
/// }
///
/// let (home, office) = (Pool::named("home", 1), Pool::named("office", 1));
/// let (door, inbox) = Mailbox::bounded(4).split();
/// let served = office.spawn(insideout::serve(inbox));
/// assert_eq!(home.spawn(thunk!(visit(door))).join().unwrap(), "office-0");
/// assert_eq!(served.join().unwrap(), 1);
/// ```
#[must_use = "it serves when it runs"]
pub fn serve(inbox: Receiver<Continuation>) -> Thunk<'static, usize> {
    type Frame = (Receiver<Continuation>, usize);
    Thunk::new((inbox, 0), |mut cx: Context<Frame, usize>| {
        let (inbox, served) = cx.take();
        loop {
            match points::recv(&inbox) {
                Attempt::Ready(Ok(next)) => {
                    return cx.suspend((inbox, served + 1), move |this| {
                        drop(here().dispatch(this));
                        Some(next)
                    });
                }
                Attempt::Ready(Err(crate::Refused::Interrupted(()))) => {}
                Attempt::Ready(Err(crate::Refused::Closed(()))) => return cx.done(served),
                Attempt::Wait((), give) => return cx.suspend((inbox, served), give),
            }
        }
    })
}
