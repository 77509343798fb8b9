//! Locals in capitals, and what is not: constants, variants and unit structs.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(clippy::needless_late_init, non_snake_case)]

use behaviour::{Log, Tracked, assert_same, both};

const LIMIT: u32 = 7;

#[derive(Debug, Clone, Copy)]
struct Unit;

#[both]
mod cases {
    #[cps]
    fn of_lets(log: &Log, n: u32) -> u32 {
        let N = n + 1;
        let (LOW, HIGH): (u32, u32) = (N, N * 2);
        let X1: u32;
        coop!();
        X1 = LOW;
        log.note(format!("{LOW} {}", N));
        coop!();
        let N = HIGH - X1;
        coop!();
        N + LIMIT
    }

    #[cps]
    fn of_parameters(N: usize, (A, B): (Tracked, Tracked), mut M: u32) -> (usize, u32) {
        coop!();
        A.touch();
        M += 1;
        coop!();
        B.touch();
        (N, M)
    }

    #[cps]
    fn of_loops_and_closures(log: &Log, pairs: Vec<(u32, u32)>) -> u32 {
        let mut SUM = 0;
        for (K, V) in pairs {
            coop!();
            let f = move |T: u32| T * K;
            log.note(f(V));
            SUM += f(V);
        }
        SUM
    }

    #[cps]
    fn what_is_no_local(log: &Log, n: u32, Unit: Unit) -> &'static str {
        let Unit = Unit;
        coop!();
        let text = match n {
            LIMIT => "limit",
            _ => "other",
        };
        coop!();
        log.note(format!("{Unit:?}"));
        if let LIMIT = n {
            coop!();
            return "the limit";
        }
        let LIMIT = n + 1 else {
            coop!();
            return text;
        };
        "below"
    }
}

#[test]
fn locals_may_be_called_in_capitals() {
    assert_same!(|log| of_lets(log, 3));
    assert_same!(|log| of_parameters(2, (log.tracked("a"), log.tracked("b")), 5));
    assert_same!(|log| of_loops_and_closures(log, vec![(1, 2), (3, 4)]));
}

#[test]
fn constants_and_structs_keep_their_meaning() {
    for n in [3, 6, 7] {
        assert_same!(|log| what_is_no_local(log, n, Unit));
    }
}
