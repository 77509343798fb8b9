//! Locals that live on across a suspension only for their drop.
//!
//! `Keep(x).keep()` is `x` itself, or `()` where the type of `x` is known to be `Copy`, and so has
//! no drop: method lookup prefers the inherent method to the trait's.

/// A local to keep for its drop.
#[derive(Debug)]
pub struct Keep<T>(pub T);

impl<T: Copy> Keep<T> {
    /// Nothing to keep: it has no drop.
    pub fn keep(self) {}
}

/// The other case: what is not known to be `Copy` is kept.
pub trait KeepDrop {
    /// What stands in the frame.
    type Out;

    /// What stands in the frame.
    fn keep(self) -> Self::Out;
}

impl<T> KeepDrop for Keep<T> {
    type Out = T;

    fn keep(self) -> T {
        self.0
    }
}
