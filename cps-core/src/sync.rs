//! What the one lock-free piece, the [signal](crate::signal), is built from: imported in one place,
//! so that a model can put loom's in its stead.

pub(crate) use core::sync::atomic::AtomicU8;
pub(crate) use std::thread::{Thread, current, park};

/// `core`'s cell, with the closure interface that loom's has.
pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        UnsafeCell(core::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}
