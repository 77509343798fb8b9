//! What a cell may hold: the chain of its callee, which it does not wait for but runs leg by leg. See
//! the calls with a limit.

use core::any::Any;

use crate::cell::{Payload, Ptr};
use crate::trampoline::Ending;

/// What one can do with a cell that holds a chain. Each may be called where the cell is alive, the
/// caller owns it or holds up its owner, and no leg of it runs; all but `peek` by the owner only.
#[cfg_attr(
    not(feature = "std"),
    expect(dead_code, reason = "what holds a chain needs std")
)]
pub(crate) struct Holds {
    /// The innermost cell of what it holds, if anything at the moment, and the limit.
    pub(crate) peek: unsafe fn(Ptr) -> Option<(Ptr, *const dyn Any)>,
    /// Gives that up to the caller.
    pub(crate) take: unsafe fn(Ptr) -> Option<Ptr>,
    /// As `take`, for a leg, unless the limit says that the call ends.
    pub(crate) begin: unsafe fn(Ptr) -> Result<Ptr, Ending>,
    /// Takes a chain, which goes on from this cell later.
    pub(crate) put: unsafe fn(Ptr, Ptr),
    /// Takes the value of the outermost cell of the chain, which has ended.
    pub(crate) ended: unsafe fn(Ptr, Ptr) -> Result<(), Payload>,
}

impl Ptr {
    /// What the cell holds: the innermost cell of its callee's chain, and the limit of that.
    ///
    /// # Safety
    ///
    /// The cell is alive and no leg of it runs.
    #[inline]
    pub(crate) unsafe fn holds(self) -> Option<(Ptr, *const dyn Any)> {
        // SAFETY: alive by contract.
        let holds = unsafe { self.vtable() }.holds?;
        // SAFETY: by contract; the vtable is that of the cell.
        unsafe { (holds.peek)(self) }
    }

    /// Takes out what the cell holds: see [`Holds::take`].
    ///
    /// # Safety
    ///
    /// The cell is alive, the caller owns it, and no leg of it runs.
    pub(crate) unsafe fn take_held(self) -> Option<Ptr> {
        // SAFETY: alive by contract.
        let holds = unsafe { self.vtable() }.holds?;
        // SAFETY: by contract; the vtable is that of the cell.
        unsafe { (holds.take)(self) }
    }
}
