//! A leg's hold on the body of its cell: to take the frame out and put one back, to work on it where it
//! lies, to lend it to a callee, and to put the value in its stead.
//!
//! A hold is exclusive. Whatever unwinds, the body of a cell is a frame, a value or `Running`.

use core::hint::unreachable_unchecked;
use core::marker::PhantomData;
use core::ptr;

use crate::cell::{Body, Cell, Kind, Ptr};

/// A leg's exclusive hold on the body of its cell.
pub(crate) struct Hold<F, T> {
    pub(crate) held: Held,
    of: Of<F, T>,
}

/// Invariant in the frame: what is put there lives as long as the frame may, and not only as long as the leg. A value
/// is put there and never taken.
type Of<F, T> = PhantomData<(fn(F) -> F, fn(T))>;

/// The same, where it makes no difference what is in the body.
pub(crate) struct Held {
    cell: Ptr,
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

impl Held {
    #[inline]
    pub(crate) fn ptr(&self) -> Ptr {
        self.cell
    }

    pub(crate) fn kind(&self) -> Kind {
        // SAFETY: the cell is alive while it is held.
        unsafe { self.cell.vtable() }
    }

    /// Says in the header that the frame is lent, as the description's `lends` say at `lend`. The
    /// next leg takes that back.
    ///
    /// # Panics
    ///
    /// If they do not say it.
    #[inline]
    pub(crate) fn lend(&mut self, lend: usize) {
        // SAFETY: the cell is alive and its owner's leg has called us; the lent vtables differ from
        // the plain one only in that they do not look at the frame.
        unsafe { self.cell.put_vtable(&self.cell.vtable().lent[lend]) }
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        matches!(self.has, Has::Frame)
    }

    /// Ends the hold; what is in the body stays there.
    #[inline]
    pub(crate) fn release(mut self) {
        self.has = Has::Nothing;
    }

    /// Drops the frame, if one is there.
    #[inline]
    fn empty(&mut self) {
        if self.is_full() {
            self.has = Has::Nothing;
            // SAFETY: the hold is exclusive, and was full.
            unsafe { (self.cell.vtable().clear)(self.cell) }
        }
    }
}

/// A leg that unwinds has not released its hold: what it left in the frame is dropped as its other
/// locals are, and after them, while the panic is on its way.
impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        self.empty();
    }
}

impl<F, T> Hold<F, T> {
    /// # Safety
    ///
    /// The cell is an alive `Cell<F, T>` and its body is a frame. Until the hold has gone, no one
    /// else touches the body.
    #[inline]
    pub(crate) unsafe fn new(cell: Ptr) -> Self {
        Hold {
            held: Held {
                cell,
                has: Has::Frame,
            },
            of: PhantomData,
        }
    }

    /// Moves the frame out.
    #[inline]
    pub(crate) fn take(&mut self) -> F {
        assert!(self.held.is_full(), "a leg takes its frame once");
        self.held.has = Has::Nothing;
        let cell = self.held.cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: the hold is exclusive, and `has` says that the body is a frame; what was moved out
        // is overwritten with `Running`.
        unsafe {
            let body = ptr::read(&raw const (*cell).body);
            ptr::write(&raw mut (*cell).body, Body::Running);
            match body {
                Body::Frame(frame) => frame,
                _ => unreachable_unchecked(),
            }
        }
    }

    #[inline]
    pub(crate) fn put(&mut self, frame: F) {
        self.held.empty();
        let cell = self.held.cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: the hold is exclusive; the body is `Running`, so nothing is overwritten that
        // would need its drop.
        unsafe { ptr::write(&raw mut (*cell).body, Body::Frame(frame)) };
        self.held.has = Has::Frame;
    }

    #[inline]
    pub(crate) fn done(&mut self, value: T) {
        self.held.empty();
        let cell = self.held.cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: as in `put`.
        unsafe { ptr::write(&raw mut (*cell).body, Body::Done(value)) };
    }

    #[inline]
    pub(crate) fn frame(&self) -> &F {
        let cell = self.held.cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: the hold is exclusive, and borrowed for as long as the reference lives.
        match unsafe { &(*cell).body } {
            Body::Frame(frame) => frame,
            _ => unreachable!("the frame was taken"),
        }
    }

    #[inline]
    pub(crate) fn frame_mut(&mut self) -> &mut F {
        let cell = self.held.cell.as_ptr() as *mut Cell<F, T>;
        // SAFETY: the hold is exclusive, and borrowed for as long as the reference lives.
        match unsafe { &mut (*cell).body } {
            Body::Frame(frame) => frame,
            _ => unreachable!("the frame was taken"),
        }
    }
}
