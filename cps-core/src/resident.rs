//! A dispatcher that a thread works for, and handles of it that are not counted while they lie there.

use core::ptr;

use crate::dispatch::Home;

/// A dispatcher that a thread works for.
pub(crate) struct Resident {
    home: Home,
    /// How many more handles of it are here, forgotten ones: given back by those who were woken, for those
    /// who will wait.
    spare: usize,
}

impl Resident {
    pub(crate) fn new(home: Home) -> Self {
        Resident { home, spare: 0 }
    }

    /// How many handles a thread keeps. One is enough for continuations that wake each other in turn.
    const SPARE: usize = 16;

    #[inline]
    pub(crate) fn handle(&mut self) -> Home {
        match self.spare {
            0 => self.home.clone(),
            // SAFETY: a handle that equals `home` was forgotten for each that is counted, and here it comes
            // back.
            _ => unsafe {
                self.spare -= 1;
                ptr::read(&raw const self.home)
            },
        }
    }

    /// Whether it keeps the handle, which is to be forgotten then: if it is of the same dispatcher, and not
    /// one too many.
    #[inline]
    pub(crate) fn keeps(&mut self, handle: &Home) -> bool {
        let keeps = self.spare < Self::SPARE && *handle == self.home;
        self.spare += usize::from(keeps);
        keeps
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        while self.spare > 0 {
            drop(self.handle());
        }
    }
}
