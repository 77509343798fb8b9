//! Where the outcome of a started call goes: the root at the outer end of its chain.

use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::ptr;

use crate::cell::{Payload, Ptr, no_call};
use crate::header::{Header, VTable};
use crate::room::Room;
use crate::trampoline::{Ending, Turn};
use crate::{Continuation, Thunk};

/// How a started call ended.
///
/// ```
/// use cps_core::{Outcome, cps, thunk};
///
/// #[cps]
/// fn seven() -> u32 {
///     7
/// }
///
/// let ended = |outcome| assert!(matches!(outcome, Outcome::Dropped));
/// drop(thunk!(seven()).start_with(ended));
/// ```
pub enum Outcome<T> {
    /// With its value.
    Returned(T),
    /// In a panic, with what it carries.
    Panicked(Payload),
    /// Its continuation was dropped before it returned.
    Dropped,
}

impl<T: fmt::Debug> fmt::Debug for Outcome<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Returned(value) => f.debug_tuple("Returned").field(value).finish(),
            Outcome::Panicked(_) => f.debug_tuple("Panicked").finish_non_exhaustive(),
            Outcome::Dropped => f.write_str("Dropped"),
        }
    }
}

impl<T> From<Result<T, Payload>> for Outcome<T> {
    fn from(ended: Result<T, Payload>) -> Self {
        match ended {
            Ok(value) => Outcome::Returned(value),
            Err(payload) => Outcome::Panicked(payload),
        }
    }
}

/// Who waits for the outcome of a call that was started with [`Thunk::start_with`].
///
/// Closures that take an [`Outcome`] receive.
///
/// ```
/// use cps_core::{Outcome, Receive, cps, thunk};
/// use std::sync::mpsc::{Sender, channel};
///
/// struct Reply(Sender<u32>);
///
/// impl Receive<u32> for Reply {
///     fn receive(self, outcome: Outcome<u32>) {
///         if let Outcome::Returned(value) = outcome {
///             self.0.send(value).unwrap();
///         }
///     }
/// }
///
/// #[cps]
/// fn seven() -> u32 {
///     7
/// }
///
/// let (reply, replies) = channel();
/// thunk!(seven()).start_with(Reply(reply)).run();
/// assert_eq!(replies.recv(), Ok(7));
/// ```
pub trait Receive<T>: Send {
    /// Hears of the outcome, exactly once, on the thread where the call ended or its continuation
    /// was dropped.
    fn receive(self, outcome: Outcome<T>);
}

impl<T, F: FnOnce(Outcome<T>) + Send> Receive<T> for F {
    fn receive(self, outcome: Outcome<T>) {
        self(outcome)
    }
}

impl<T: 'static> Thunk<'static, T> {
    /// Starts the call; `receiver` hears of its outcome, exactly once. Allocates one cell for the
    /// receiver.
    ///
    /// Nothing runs before the returned continuation is run.
    ///
    /// ```
    /// use cps_core::{Outcome, cps, thunk};
    ///
    /// #[cps]
    /// fn seven() -> u32 {
    ///     7
    /// }
    ///
    /// let start = thunk!(seven()).start_with(|outcome| assert!(matches!(outcome, Outcome::Returned(7))));
    /// start.run();
    /// ```
    pub fn start_with<R: Receive<T> + 'static>(self, receiver: R) -> Continuation {
        let root = Root::<R>::allocate::<T>(receiver);
        // SAFETY: `root` is a root for values `T`; it is alive until told, and nothing is borrowed.
        unsafe { self.start_at(root) }
    }
}

/// The cell of a receiver.
#[repr(C)]
struct Root<R> {
    header: Header,
    receiver: R,
}

impl<R: 'static> Root<R> {
    fn allocate<T: 'static>(receiver: R) -> Ptr
    where
        R: Receive<T>,
    {
        let cell = Ptr::allocate(&Deliver::<R, T>::VTABLE);
        let root = cell.cast::<Self>().as_ptr();
        // SAFETY: the vtable is that of a `Root<R>`, to which nothing else points.
        unsafe { ptr::write(&raw mut (*root).receiver, receiver) };
        cell
    }

    /// # Safety
    ///
    /// `cell` is a `Root<R>`, owned by the caller, which gives it up.
    unsafe fn receiver(cell: Ptr) -> R {
        let root = cell.cast::<Self>();
        // SAFETY: by contract, and what is moved out here is not dropped with the room.
        let receiver = unsafe { ptr::read(&raw const (*root.as_ptr()).receiver) };
        // SAFETY: every `Root` comes from `allocate`.
        drop(unsafe { Room::of(root.cast(), Layout::new::<Self>()) });
        receiver
    }
}

/// The vtable of roots for `T`.
struct Deliver<R, T>(PhantomData<(R, T)>);

impl<R: Receive<T> + 'static, T: 'static> Deliver<R, T> {
    const VTABLE: VTable = VTable {
        layout: Layout::new::<Root<R>>(),
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
        // SAFETY: the vtable is that of a `Root<R>`; the turn has given it up.
        let receiver = unsafe { Root::<R>::receiver(cell) };
        // SAFETY: the turn gave the call up, which has ended; its value is the `T` of the thunk
        // that the root was made with.
        let ended = unsafe { call.returned::<T>() };
        receiver.receive(ended.into());
        Ending::Over
    }

    unsafe fn free(cell: Ptr) {
        // SAFETY: the vtable is that of a `Root<R>`, which its owner gives up.
        let receiver = unsafe { Root::<R>::receiver(cell) };
        receiver.receive(Outcome::Dropped);
    }
}

/// Nothing calls a root, so nothing takes a value from one.
pub(crate) unsafe fn no_value(_: Ptr, _: *mut ()) -> Option<Payload> {
    unreachable!("a root has no caller")
}
