//! A dispatcher that a thread works for, and handles of it that are not counted while they lie there.
//!
//! Who waits and who wakes asks for it each time, so where it lies stands in a word of the thread's own: one
//! load, and nothing to be guarded.

use alloc::boxed::Box;
use core::cell::Cell;
use core::mem::forget;
use core::ptr;
use std::thread_local;

use crate::dispatch::Home;

/// A dispatcher that a thread works for.
pub(crate) struct Resident {
    home: Home,
    /// How many more handles of it are here, forgotten ones: given back by those who were woken, for those
    /// who will wait.
    spare: Cell<usize>,
}

thread_local! {
    /// The one that the thread works for now; null if it works for none.
    static NOW: Cell<*const Resident> = const { Cell::new(ptr::null()) };
}

impl Resident {
    pub(crate) fn new(home: Home) -> Box<Self> {
        let spare = Cell::new(0);
        Box::new(Resident { home, spare })
    }

    /// Makes this one, which is not moved before it is dropped, or none, the one that the thread works for.
    pub(crate) fn appoint(resident: Option<&Self>) {
        NOW.set(resident.map_or(ptr::null(), ptr::from_ref));
    }

    /// Asks the one that the thread works for; nothing if there is none.
    #[inline]
    fn now<R>(ask: impl FnOnce(&Resident) -> R) -> Option<R> {
        // SAFETY: it is alive: it lies in a box, and when it is dropped it is not the one any more.
        let now = unsafe { NOW.get().as_ref() };
        now.map(ask)
    }

    /// Whether the thread works for one.
    #[inline]
    pub(crate) fn is_there() -> bool {
        !NOW.get().is_null()
    }

    /// A handle of the dispatcher that the thread works for, if it does for one.
    #[inline]
    pub(crate) fn home() -> Option<Home> {
        Resident::now(Resident::handle)
    }

    /// How many handles a thread keeps: one is enough for continuations that wake each other in turn, but an
    /// event queue wakes many at once.
    const SPARE: usize = 256;

    #[inline]
    fn handle(&self) -> Home {
        match self.spare.get() {
            0 => self.home.clone(),
            spare => {
                self.spare.set(spare - 1);
                // SAFETY: a handle that equals `home` was forgotten for each that is counted, and here it
                // comes back.
                unsafe { ptr::read(&raw const self.home) }
            }
        }
    }

    /// Leaves a handle with the thread, if that works for its dispatcher.
    #[inline]
    pub(crate) fn take_back(handle: Home) {
        if Resident::now(|resident| resident.keeps(&handle)) == Some(true) {
            forget(handle);
        }
    }

    /// Whether it keeps the handle, which is to be forgotten then: if it is of the same dispatcher, and not
    /// one too many.
    #[inline]
    fn keeps(&self, handle: &Home) -> bool {
        let spare = self.spare.get();
        let keeps = spare < Self::SPARE && *handle == self.home;
        self.spare.set(spare + usize::from(keeps));
        keeps
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        if NOW.get() == ptr::from_ref(self) {
            Resident::appoint(None);
        }
        while self.spare.get() > 0 {
            drop(self.handle());
        }
    }
}
