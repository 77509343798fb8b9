//! Panics on their way from a callee to its caller.
//!
//! A call that panicked is gone; in its place stands a small cell that holds the payload, so that
//! the chain can be held, moved and dropped as after any other return. Only the `std` feature can
//! catch a panic.

use crate::cell::Payload;

/// Lets a callee's panic go on in its caller.
#[cold]
pub(crate) fn resume(payload: Payload) -> ! {
    #[cfg(feature = "std")]
    std::panic::resume_unwind(payload);
    #[cfg(not(feature = "std"))]
    {
        let _ = payload;
        panic!("a callee panicked");
    }
}

#[cfg(feature = "std")]
pub(crate) use caught::{Stray, catch, panicked, quietly};

#[cfg(feature = "std")]
mod caught {
    use alloc::boxed::Box;
    use core::alloc::Layout;
    use core::ptr::NonNull;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use crate::cell::{Payload, Ptr, no_call};
    use crate::header::{Header, VTable};
    use crate::trampoline::{Ending, Turn};

    /// What is seen after a panic was caught here is put right before anyone else sees it.
    pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
        catch_unwind(AssertUnwindSafe(f))
    }

    /// Runs what is to happen also after a panic: a second panic has nowhere to go.
    pub(crate) fn quietly(f: impl FnOnce()) {
        let mut ended = catch(f);
        // A payload may panic in its drop as well.
        while let Err(payload) = ended {
            ended = catch(|| drop(payload));
        }
    }

    /// The first panic that came out of something which has to go on nevertheless.
    #[derive(Default)]
    pub(crate) struct Stray(Option<Payload>);

    impl Stray {
        /// The result, or none and its panic is kept, or dropped if there is one already.
        pub(crate) fn keep<R>(&mut self, result: Result<Option<R>, Payload>) -> Option<R> {
            match result {
                Ok(value) => return value,
                Err(payload) if self.0.is_none() => self.0 = Some(payload),
                Err(payload) => quietly(|| drop(payload)),
            }
            None
        }

        /// Lets the panic go on, if there was one.
        pub(crate) fn resume(self) {
            if let Some(payload) = self.0 {
                super::resume(payload);
            }
        }
    }

    #[repr(C)]
    struct Panicked {
        header: Header,
        payload: Payload,
    }

    /// The cell of a call that ended in a panic, to be owned by the caller of this function.
    #[cold]
    pub(crate) fn panicked(payload: Payload, caller: Ptr) -> Ptr {
        const VTABLE: VTable = VTable {
            layout: Layout::new::<Panicked>(),
            resume,
            returned,
            free,
            root: false,
            value: None,
            drops: false,
            aside: no_call,
            lent: &[],
            lend: None,
            holds: None,
        };
        let cell = Box::new(Panicked {
            header: Header::new(&VTABLE, Some(caller)),
            payload,
        });
        // SAFETY: it begins with its header (`repr(C)`), `VTABLE` is for it, and the pointer comes
        // from the box.
        unsafe { Ptr::new(NonNull::from(Box::leak(cell))) }
    }

    unsafe fn resume(_: Ptr, _: &mut Turn) -> Ending {
        Ending::WasDone
    }

    unsafe fn returned(cell: Ptr, _: *mut ()) -> Option<Payload> {
        // SAFETY: the vtable is that of a `Panicked`, which its owner gives up, and which came from
        // a box.
        let panicked = unsafe { Box::from_raw(cell.cast::<Panicked>().as_ptr()) };
        Some(panicked.payload)
    }

    unsafe fn free(cell: Ptr) {
        // SAFETY: as in `returned`.
        drop(unsafe { Box::from_raw(cell.cast::<Panicked>().as_ptr()) });
    }
}
