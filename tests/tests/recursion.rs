//! Recursion: direct, mutual, nested, and deeper than any stack.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, assert_same, both};
use insideout::thunk;

#[both]
mod cases {
    #[cps]
    fn fib(n: u64) -> u64 {
        if n < 2 {
            n
        } else {
            call!(fib(n - 1)) + call!(fib(n - 2))
        }
    }

    #[cps]
    fn fib_with_locals(log: &Log, n: u64) -> u64 {
        let _guard = log.tracked(format!("fib {n}"));
        if n < 2 {
            coop!();
            return n;
        }
        let a = call!(fib_with_locals(log, n - 1));
        let b = call!(fib_with_locals(log, n - 2));
        a + b
    }

    #[cps]
    fn ackermann(m: u64, n: u64) -> u64 {
        match (m, n) {
            (0, n) => n + 1,
            (m, 0) => call!(ackermann(m - 1, 1)),
            (m, n) => call!(ackermann(m - 1, call!(ackermann(m, n - 1)))),
        }
    }

    #[cps]
    fn even(log: &Log, n: u32) -> bool {
        log.note(format!("even {n}"));
        if n == 0 { true } else { call!(odd(log, n - 1)) }
    }

    #[cps]
    fn odd(log: &Log, n: u32) -> bool {
        coop!();
        log.note(format!("odd {n}"));
        n != 0 && call!(even(log, n - 1))
    }

    #[cps]
    fn hanoi(log: &Log, discs: u32, from: char, to: char, by: char) -> u32 {
        if discs == 0 {
            return 0;
        }
        let before = call!(hanoi(log, discs - 1, from, by, to));
        log.note(format!("{from}{to}"));
        coop!();
        before + 1 + call!(hanoi(log, discs - 1, by, to, from))
    }

    #[cps]
    fn permutations(log: &Log, chosen: &mut Vec<u8>, left: &[u8]) -> usize {
        if left.is_empty() {
            log.note(format!("{chosen:?}"));
            coop!();
            return 1;
        }
        let mut found = 0;
        for (at, item) in left.iter().enumerate() {
            chosen.push(*item);
            let rest = [&left[..at], &left[at + 1..]].concat();
            found += call!(permutations(log, chosen, &rest));
            chosen.pop();
        }
        found
    }

    #[cps]
    fn all_permutations(log: &Log) -> usize {
        let mut chosen = Vec::new();
        call!(permutations(log, &mut chosen, &[1, 2, 3]))
    }

    #[cps]
    fn local_function(log: &Log, n: u32) -> u32 {
        #[cps]
        fn down(log: &Log, n: u32) -> u32 {
            coop!();
            log.note(n);
            if n == 0 {
                0
            } else {
                1 + call!(down(log, n - 1))
            }
        }
        call!(down(log, n)) * 10
    }

    #[cps]
    fn generic_recursion<T: Clone + Send>(value: T, depth: u32) -> Vec<T> {
        if depth == 0 {
            return Vec::new();
        }
        let mut rest = call!(generic_recursion(value.clone(), depth - 1));
        coop!();
        rest.push(value);
        rest
    }
}

mod deep {
    use insideout::prelude::*;

    #[cps]
    pub(super) fn depth(n: u64) -> u64 {
        if n == 0 { 0 } else { 1 + call!(depth(n - 1)) }
    }

    #[cps]
    pub(super) fn depth_then_coop(n: u64) -> u64 {
        if n == 0 {
            coop!();
            return 0;
        }
        1 + call!(depth_then_coop(n - 1))
    }
}

#[test]
fn direct() {
    assert_same!(|_log| fib(12));
    assert_same!(|log| fib_with_locals(log, 5));
    assert_same!(|_log| ackermann(2, 2));
    assert_same!(|log| hanoi(log, 3, 'a', 'b', 'c'));
    assert_same!(|log| all_permutations(log));
    assert_same!(|log| local_function(log, 3));
    assert_same!(|log| generic_recursion(log.tracked("value").name().to_owned(), 3));
}

#[test]
fn mutual() {
    assert_same!(|log| even(log, 6));
    assert_same!(|log| even(log, 7));
}

#[test]
fn a_million_calls_deep() {
    const DEEP: u64 = 1_000_000;
    assert_eq!(deep::depth(DEEP), DEEP);
    assert_eq!(thunk!(deep::depth_then_coop(DEEP)).run(), DEEP);
}

#[test]
fn a_million_suspended_frames_are_dropped_without_recursion() {
    let chain = thunk!(deep::depth_then_coop(1_000_000)).into_continuation();
    let suspended = chain.trampoline().expect("it is suspended at the bottom");
    drop(suspended);
}
