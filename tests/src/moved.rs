//! What a case in its `#[cps]` half finds: the suspension macros, and the function that cases call.

pub use insideout::prelude::*;

/// Is suspended once, and gives back what it was given.
#[cps]
pub fn give<T: Send>(value: T) -> T {
    coop!();
    value
}
