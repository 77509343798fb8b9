//! The queues under mailboxes and pools.
//!
//! All kinds are lock-free in the usual sense of the word for array and segment queues: an operation claims
//! its place with one compare-and-swap, and only waits for another thread if that one is between its claim
//! and its write, a few instructions apart. All can be closed: the flag is a bit of what a push claims its
//! place by, so a push either does so before the close, and is there for whoever drains, or is refused.
//!
//! *Sleeping.* Whoever sleeps until a queue is ready stores "I am waiting", then looks at what is claimed by,
//! the queue's head and tail; whoever pushes or pops claims, then looks at "somebody is waiting". All
//! four are sequentially consistent, so one of the two sees the other. Reading the claims instead of the
//! slots is what makes a push and a pop free of fences of their own.

pub(crate) mod array;
mod block;
pub(crate) mod segments;
pub(crate) mod shelf;
pub(crate) mod single;

/// Why a push was refused, with what was to be pushed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused<T> {
    Full(T),
    Closed(T),
}

/// Why there was nothing to pop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// Not now.
    Empty,
    /// Never again.
    Closed,
}

/// The bit of a tail that says the queue takes no more.
const CLOSED: u64 = 1;

/// Drops everything that `pop` finds, until it finds nothing; goes on when one's drop panics, and then lets
/// that panic go on.
pub(crate) fn drain(pop: impl Fn() -> bool) {
    struct Rest<F: Fn() -> bool>(F);
    impl<F: Fn() -> bool> Drop for Rest<F> {
        fn drop(&mut self) {
            while (self.0)() {}
        }
    }
    let rest = Rest(pop);
    while (rest.0)() {}
}
