use insideout::prelude::*;

#[cps(fits = 40)]
fn holds(a: u64, b: u64) -> u64 {
    coop!();
    a + b
}

#[cps(fits = 16 + N * size_of::<T>() + 8)]
fn generic<T: Send, const N: usize>(items: [T; N]) -> usize {
    coop!();
    drop(items);
    N
}

fn main() {
    assert_eq!(holds(1, 2), 3);
    assert_eq!(generic(["a"; 8]), 8);
}
