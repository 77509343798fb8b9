use insideout::prelude::*;
use std::time::Duration;

fn plain() -> u32 {
    7
}

#[cps]
fn outer() -> u32 {
    timeout!(Duration::from_secs(1), plain()).unwrap_or(0)
}

fn main() {}
