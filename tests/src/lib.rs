//! The harness: the same body as a blocking function and as a `#[cps]` function, and every way to
//! tell them apart.
//!
//! A test file writes its cases once, in a module marked [`both`](macro@both), and compares the halves with
//! [`assert_same!`]. Each case takes the [`Log`] that it notes its effects in; [`Tracked`] values note their
//! own end there.

#![forbid(unsafe_code)]
// What a module cannot set, for `lints`.
#![deny(
    future_incompatible,
    non_ascii_idents,
    rust_2021_compatibility,
    rust_2024_compatibility
)]

mod big;
mod compare;
mod forever;
pub mod lints;
mod log;
pub mod moved;
pub mod plain;

pub use big::Big;
pub use both::both;
pub use compare::{Observation, compare, compare_whole, observe};
pub use forever::forever;
pub use log::{Log, Tracked};

/// Panics without the message that the panic hook would print.
///
/// # Panics
///
/// Always, with `why` as a `String`.
pub fn fail(why: impl Into<String>) -> ! {
    std::panic::resume_unwind(Box::new(why.into()))
}

/// Compares `plain::case(..)` with `moved::case(..)` in every way that [`compare`] knows.
///
/// The closure-like form names the log: `assert_same!(|log| case(log, log.tracked("a"), 3))`. The
/// arguments are evaluated anew for each run. Where the case calls a `#[cps]` function plainly, so that
/// its blocking half counts more suspensions than there are, `assert_same!(whole |log| case(log))`
/// compares runs to the end only.
#[macro_export]
macro_rules! assert_same {
    (whole |$log:ident| $($case:tt)+) => {
        $crate::assert_same!(@ compare_whole $log $($case)+)
    };
    (|$log:ident| $($case:tt)+) => {
        $crate::assert_same!(@ compare $log $($case)+)
    };
    (@ $compare:ident $log:ident $($function:ident)::+ ($($argument:expr),* $(,)?)) => {
        $crate::$compare(
            |$log| plain::$($function)::+($($argument),*),
            |$log| moved::$($function)::+($($argument),*),
            |$log| ::insideout::thunk!(moved::$($function)::+($($argument),*)),
        )
    };
}
