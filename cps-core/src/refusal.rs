//! The word that a continuation may be sent back with, from where it migrated to.

use core::fmt;
use core::mem::transmute;
use core::ptr;

use crate::Continuation;
use crate::cell::{Body, Cell, Ptr, innermost};
use crate::header::Kind;

/// How a continuation that migrates hears that it was refused, by a place that has kept it for a while.
///
/// A [`Dispatcher`](crate::dispatch::Dispatcher) gets it from
/// [`admit`](crate::dispatch::Dispatcher::admit), with a continuation that is at a `migrate!`.
#[derive(Clone, Copy)]
pub struct Refusal {
    kind: Kind,
    /// A `fn(&mut F)`, where `kind` is that of cells with frames `F`.
    change: fn(),
    apply: unsafe fn(Ptr, Kind, fn()),
}

impl Refusal {
    /// # Safety
    ///
    /// `kind` is that of the cells with frames `F` and values `T`.
    pub(crate) unsafe fn new<F, T>(kind: Kind, change: fn(&mut F)) -> Self {
        /// # Safety
        ///
        /// That of `amend`; and `change` is a `fn(&mut F)`.
        unsafe fn apply<F, T>(cell: Ptr, kind: Kind, change: fn()) {
            // SAFETY: by contract.
            let change = unsafe { transmute::<fn(), fn(&mut F)>(change) };
            // SAFETY: by contract.
            unsafe { amend::<F, T>(cell, kind, change) }
        }
        Refusal {
            kind,
            // SAFETY: it is not called before it is what it was again.
            change: unsafe { transmute::<fn(&mut F), fn()>(change) },
            apply: apply::<F, T>,
        }
    }

    /// Lets the continuation find, when it goes on, that its `migrate!` was refused. Nothing happens to one
    /// of another function.
    ///
    /// See [`admit`](crate::dispatch::Dispatcher::admit) for an example.
    pub fn tell(self, continuation: &mut Continuation) {
        // SAFETY: the continuation is borrowed exclusively, so its chain is owned and no leg of it runs; its
        // innermost cell has no callee. `new` has made `apply` for `kind` and `change`.
        unsafe { (self.apply)(innermost(continuation.ptr()), self.kind, self.change) }
    }
}

/// If `cell` is of the given kind and suspended, applies `change` to its frame.
///
/// # Safety
///
/// The caller owns the cell, no callee of it is alive, and `kind` is that of a suspended `Cell<F, T>`.
unsafe fn amend<F, T>(cell: Ptr, kind: Kind, change: fn(&mut F)) {
    // SAFETY: the cell is alive.
    if !ptr::eq(unsafe { cell.vtable() }, kind) {
        return;
    }
    let cell = cell.as_ptr() as *mut Cell<F, T>;
    // SAFETY: what works on a `Cell<F, T>` works on this one, so it is one but for lifetimes; it is
    // owned, and not borrowed from. `change` captures nothing, so it cannot put a reference into the
    // frame that lives too short.
    if let Body::Frame(frame) = unsafe { &mut (*cell).body } {
        change(frame);
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").finish_non_exhaustive()
    }
}
