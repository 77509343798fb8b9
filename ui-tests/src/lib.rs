//! What must not compile, with its message; and snapshots of expansions.
//!
//! `ui/` holds one file for each misuse and, beside it, what the compiler says about it. rustc words its own messages
//! differently from version to version, so `tests/ui.rs` runs with the version that wrote them and skips others:
//!
//! ```text
//! cargo +1.95.0 test -p ui-tests --test ui                      # compare
//! TRYBUILD=overwrite cargo +1.95.0 test -p ui-tests --test ui   # write anew, then read every change
//! cargo +1.95.0 test -p ui-tests --test ui -- ui trybuild=inside_   # only files whose names hold a word
//! ```

#![forbid(unsafe_code)]

/// What the document advises compiles, and does what it says.
#[cfg(doctest)]
#[doc = include_str!("../../docs/diagnostics.md")]
struct Diagnostics;
