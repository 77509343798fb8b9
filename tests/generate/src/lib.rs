//! Random well-typed functions, each compiled as a blocking function and as a `#[cps]` function.

pub mod batch;
pub mod code;
pub mod program;
pub mod random;
pub mod shrink;
pub mod types;

mod branches;
mod effects;
mod kinds;
mod loops;
mod maker;
mod patterns;
mod scope;
mod signature;
mod statements;
mod values;

pub use program::Program;
