//! Locals that live on across a suspension only for their drop.
//!
//! `Keep::of(x).keep()` is `x` itself, or `()` where it is certain that dropping `x` does nothing:
//! where its type is `Copy`, or an exclusive reference. Method lookup decides: it takes an inherent
//! method before a trait's, and a method by value before one by reference.

/// A local to keep for its drop.
#[derive(Debug)]
pub struct Keep<T>(Option<T>);

impl<T> Keep<T> {
    /// Takes the local over.
    pub fn of(local: T) -> Self {
        Keep(Some(local))
    }
}

impl<T: Copy> Keep<T> {
    /// Nothing to keep: it has no drop.
    pub fn keep(self) {}
}

/// An exclusive reference has no drop either, and to keep it would keep its borrow.
pub trait KeepExclusive: Sized {
    /// Nothing to keep.
    fn keep(self) {}
}

impl<T: ?Sized> KeepExclusive for Keep<&mut T> {}

/// The other case: what may have a drop is kept.
pub trait KeepDrop {
    /// What stands in the frame.
    type Out;

    /// What stands in the frame.
    fn keep(&mut self) -> Self::Out;
}

impl<T> KeepDrop for Keep<T> {
    type Out = T;

    fn keep(&mut self) -> T {
        self.0.take().expect("a local is kept once")
    }
}
