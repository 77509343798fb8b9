//! Values that live as long as the program, where who looks for leaks finds them.

use std::sync::{Mutex, PoisonError};

/// Leaves a value alive for ever, for what borrows nothing shorter.
pub fn forever<T>(value: T) -> &'static mut T {
    static ADDRESSES: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    let value = Box::leak(Box::new(value));
    ADDRESSES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(std::ptr::from_mut(value).addr());
    value
}
