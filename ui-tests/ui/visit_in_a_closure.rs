use insideout::prelude::*;

#[cps]
fn f(pool: Home) -> usize {
    let visit = || visit!(pool, 7);
    visit().unwrap_or(0)
}

#[cps]
fn g(pool: Home) {
    let _ = visit!(pool);
}

fn main() {}
