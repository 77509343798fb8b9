//! A leg's hold on the body of its cell: to take the frame out and put one back, to work on it where it
//! lies, to lend it to a callee, and to put the value in its stead.
//!
//! A hold is exclusive. Whatever unwinds, the body of a cell is a frame, a value or `Running`.

use core::hint::unreachable_unchecked;
use core::ptr::{self, NonNull};

use crate::cell::{Body, Cell, Kind, Ptr};

/// A leg's exclusive hold on the body of its cell.
pub(crate) struct Hold<F, T> {
    cell: NonNull<Cell<F, T>>,
    has: Has,
}

/// What a hold finds in the body. A word, so that a hold is moved in the widths it was written in.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
enum Has {
    /// `Running`, or the value.
    Nothing,
    Frame,
}

impl<F, T> Hold<F, T> {
    /// # Safety
    ///
    /// The cell is alive and its body is a frame. Until the hold has gone, no one else touches the
    /// body.
    pub(crate) unsafe fn new(cell: NonNull<Cell<F, T>>) -> Self {
        Hold {
            cell,
            has: Has::Frame,
        }
    }

    #[inline]
    pub(crate) fn ptr(&self) -> Ptr {
        // SAFETY: a `Cell<F, T>` begins with its header, and the pointer is the one it was
        // allocated with.
        unsafe { Ptr::new(self.cell) }
    }

    pub(crate) fn kind(&self) -> Kind {
        // SAFETY: the cell is alive while it is held.
        unsafe { self.ptr().vtable() }.kind
    }

    /// Says in the header that the frame is lent, as the description's `lends` say at `lend`. The
    /// next leg takes that back.
    ///
    /// # Panics
    ///
    /// If they do not say it.
    #[inline]
    pub(crate) fn lend(&mut self, lend: usize) {
        let cell = self.ptr();
        // SAFETY: the cell is alive and its owner's leg has called us; the lent vtables differ from
        // the plain one only in that they do not look at the frame.
        unsafe { cell.put_vtable(&cell.vtable().lent[lend]) }
    }

    /// Moves the frame out.
    #[inline]
    pub(crate) fn take(&mut self) -> F {
        assert!(self.is_full(), "a leg takes its frame once");
        self.has = Has::Nothing;
        // SAFETY: the hold is exclusive, and `has` says that the body is initialised (it always
        // is: a body that was moved out is overwritten with `Running` here).
        match unsafe { ptr::replace(self.body(), Body::Running) } {
            Body::Frame(frame) => frame,
            // SAFETY: while the hold is full, the body is a frame.
            _ => unsafe { unreachable_unchecked() },
        }
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.has == Has::Frame
    }

    #[inline]
    pub(crate) fn put(&mut self, frame: F) {
        self.empty();
        // SAFETY: the hold is exclusive; the body is `Running`, so nothing is overwritten that
        // would need its drop.
        unsafe { ptr::write(self.body(), Body::Frame(frame)) };
        self.has = Has::Frame;
    }

    #[inline]
    pub(crate) fn done(&mut self, value: T) {
        self.empty();
        // SAFETY: as in `put`.
        unsafe { ptr::write(self.body(), Body::Done(value)) };
    }

    #[inline]
    pub(crate) fn frame(&self) -> &F {
        // SAFETY: the hold is exclusive, and borrowed for as long as the reference lives.
        match unsafe { &*self.body() } {
            Body::Frame(frame) => frame,
            _ => unreachable!("the frame was taken"),
        }
    }

    #[inline]
    pub(crate) fn frame_mut(&mut self) -> &mut F {
        // SAFETY: the hold is exclusive, and borrowed for as long as the reference lives.
        match unsafe { &mut *self.body() } {
            Body::Frame(frame) => frame,
            _ => unreachable!("the frame was taken"),
        }
    }

    /// Ends the hold; what is in the body stays there.
    #[inline]
    pub(crate) fn release(mut self) {
        self.has = Has::Nothing;
    }

    #[inline]
    fn empty(&mut self) {
        if self.is_full() {
            self.has = Has::Nothing;
            // SAFETY: the hold is exclusive, and was full.
            unsafe { Self::drop_frame(self.cell) }
        }
    }

    /// Apart, so that only it needs room for a frame; and given the cell rather than the hold,
    /// which then can live in registers.
    ///
    /// # Safety
    ///
    /// The cell is alive, its body is a frame, and the caller has the only hold on it.
    #[cold]
    #[inline(never)]
    unsafe fn drop_frame(cell: NonNull<Cell<F, T>>) {
        // SAFETY: by contract; what is moved out here is replaced.
        drop(unsafe { ptr::replace(&raw mut (*cell.as_ptr()).body, Body::Running) });
    }

    #[inline]
    fn body(&self) -> *mut Body<F, T> {
        // SAFETY: the cell is alive, so the place is within its allocation; no reference is made.
        unsafe { &raw mut (*self.cell.as_ptr()).body }
    }
}

/// A leg that unwinds has not released its hold: what it left in the frame is dropped as its other
/// locals are, and after them, while the panic is on its way.
impl<F, T> Drop for Hold<F, T> {
    #[inline]
    fn drop(&mut self) {
        self.empty();
    }
}
