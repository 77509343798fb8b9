//! Where continuations can migrate to.

use crate::mailbox::{Mailbox, Sender};
use crate::pool::Pool;
use cps_core::Continuation;
use cps_core::dispatch::Home;
use std::sync::Arc;

/// A place that `migrate!` can move a continuation to: a [`Pool`], a [`Home`], a mailbox of continuations.
///
/// A full mailbox does not block the thread: the continuation waits for room by itself, and if the mailbox
/// closes meanwhile it is refused then. A place that is closed refuses, and the continuation goes on where it
/// was.
///
/// ```
/// use insideout::prelude::*;
///
/// /// A destination of one's own: whichever of two is less busy.
/// struct Either(Pool, Pool);
///
/// impl Destination for Either {
///     fn home(&self) -> Home {
///         let Either(a, b) = self;
///         if a.queued() <= b.queued() { a.home() } else { b.home() }
///     }
/// }
///
/// #[cps]
/// fn travel(to: Either) -> bool {
///     migrate!(to).is_ok()
/// }
///
/// assert!(travel(Either(Pool::new(1), Pool::new(1))));
/// ```
#[diagnostic::on_unimplemented(
    message = "a continuation cannot migrate to `{Self}`",
    label = "not a pool, a home or a mailbox of continuations"
)]
pub trait Destination {
    /// The handle that continuations are dispatched to.
    fn home(&self) -> Home;
}

impl Destination for Pool {
    fn home(&self) -> Home {
        Pool::home(self)
    }
}

impl Destination for Home {
    fn home(&self) -> Home {
        self.clone()
    }
}

impl Destination for Mailbox<Continuation> {
    fn home(&self) -> Home {
        Home::new(self.mail().clone())
    }
}

impl Destination for Sender<Continuation> {
    fn home(&self) -> Home {
        Home::new(self.mail().clone())
    }
}

impl<D: Destination + ?Sized> Destination for &D {
    fn home(&self) -> Home {
        (**self).home()
    }
}

impl<D: Destination + ?Sized> Destination for Arc<D> {
    fn home(&self) -> Home {
        (**self).home()
    }
}

impl<D: Destination + ?Sized> Destination for Box<D> {
    fn home(&self) -> Home {
        (**self).home()
    }
}
