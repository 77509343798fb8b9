//! A leg's hold on the body of its cell: to take the frame out and put one back, to work on it where it
//! lies, to lend it to a callee, and to put the value in its stead.
//!
//! A hold is exclusive. Whatever unwinds, the body of a cell is a frame, a value or `Running`.

use core::hint::unreachable_unchecked;
use core::mem::{ManuallyDrop, transmute};
use core::ptr;

use crate::cell::{Body, Cell, Ptr};
use crate::context::{Context, Leg, Returned};
use crate::header::Kind;
use crate::trampoline::Ending;

/// A leg's exclusive hold on the body of its cell. Of which types that is, the leg's [`Context`] knows.
pub(crate) struct Hold {
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

impl Hold {
    /// # Safety
    ///
    /// The cell is alive and its body is a frame. Until the hold has gone, no one else touches the
    /// body.
    #[inline]
    pub(crate) unsafe fn new(cell: Ptr) -> Self {
        Hold {
            cell,
            has: Has::Frame,
        }
    }

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
    pub(crate) fn release(&mut self) {
        self.has = Has::Nothing;
    }

    /// The cell, for who takes the frame out of it.
    ///
    /// # Panics
    ///
    /// If none is there.
    #[inline]
    fn take(&mut self) -> Ptr {
        assert!(self.is_full(), "a leg takes its frame once");
        self.has = Has::Nothing;
        self.cell
    }

    /// The cell, for who writes over its body. A frame that is there is dropped.
    #[inline]
    fn fill(&mut self) -> Ptr {
        self.empty();
        self.has = Has::Frame;
        self.cell
    }

    /// Drops the frame, if one is there.
    #[inline]
    pub(crate) fn empty(&mut self) {
        if self.is_full() {
            self.has = Has::Nothing;
            // SAFETY: the hold is exclusive, and was full.
            unsafe { self.cell.clear() }
        }
    }
}

/// A leg that unwinds has not released its hold: what it left in the frame is dropped as its other
/// locals are, and after them, while the panic is on its way.
impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        self.empty();
    }
}

/// What a leg does with the body, of whose types its context is.
impl<'leg, F, T, R> Context<'leg, F, T, R> {
    /// Moves the frame out.
    ///
    /// # Panics
    ///
    /// When called twice in a leg.
    #[inline]
    #[must_use = "the frame holds the locals"]
    pub fn take(&mut self) -> F {
        // SAFETY: the hold is exclusive, and says that the body is a frame; what was moved out
        // is overwritten with `Running`.
        unsafe {
            let cell = transmute::<Ptr, &mut Cell<F, T>>(self.hold.take());
            let Body::Frame(frame) = &cell.body else {
                unreachable_unchecked()
            };
            let frame = ptr::read(frame as *const _ as *const F);
            cell.body = Body::Running;
            frame
        }
    }

    /// The frame where it lies, for a look at which leg is to run.
    ///
    /// # Panics
    ///
    /// When it was taken.
    #[inline]
    #[must_use = "the frame says which leg is to run"]
    pub fn frame(&self) -> &F {
        // SAFETY: the hold is exclusive, and borrowed for as long as the reference lives.
        match unsafe { &transmute::<Ptr, &Cell<F, T>>(self.hold.cell).body } {
            Body::Frame(frame) => frame,
            _ => unreachable!("the frame was taken"),
        }
    }

    /// The frame, for a leg that works on it where it lies; and, apart from it, the callee's value.
    ///
    /// # Panics
    ///
    /// When the frame was taken.
    #[inline]
    #[must_use = "the frame holds the locals"]
    pub fn split(&mut self) -> (&mut F, Returned<'_>) {
        // SAFETY: the hold is exclusive, and borrowed for as long as the reference lives.
        match unsafe { &mut transmute::<Ptr, &mut Cell<F, T>>(self.hold.cell).body } {
            Body::Frame(frame) => (frame, self.callee.again()),
            _ => unreachable!("the frame was taken"),
        }
    }

    /// Puts a frame where the leg's was. One that is still there is dropped; should that panic, the new one
    /// is leaked.
    #[inline]
    pub(crate) fn put(&mut self, frame: F) {
        let frame = ManuallyDrop::new(frame);
        // SAFETY: the hold is exclusive.
        let cell = unsafe { transmute::<Ptr, &mut Cell<F, T>>(self.hold.fill()) };
        cell.body = Body::Frame(frame);
    }

    /// Ends the call with its value. What the frame still holds is dropped; should that panic, the value is
    /// leaked, which [`Stay::done`](crate::expansion::Stay::done) avoids.
    #[inline]
    pub fn done<'l>(self, value: T) -> Leg<'leg, 'l> {
        let value = ManuallyDrop::new(value);
        // SAFETY: the hold is exclusive.
        let cell = unsafe { transmute::<Ptr, &mut Cell<F, T>>(self.hold.fill()) };
        cell.body = Body::Done(value);
        Leg::end(self.hold, Ending::Done)
    }
}

/// The frame of a call that is suspended.
///
/// # Safety
///
/// The cell is a `Cell<F, T>`, and alive. Until the reference has gone, nobody runs the call, nor drops it.
#[inline]
pub(crate) unsafe fn frame_of<'a, F, T: 'a>(cell: Ptr) -> &'a F {
    // SAFETY: by contract.
    match unsafe { &transmute::<Ptr, &Cell<F, T>>(cell).body } {
        Body::Frame(frame) => frame,
        _ => unreachable!("the call is suspended"),
    }
}
