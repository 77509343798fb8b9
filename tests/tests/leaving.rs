//! Conditions and scrutinees that leave the function on all of their ways, or on all that lead to a branch.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What the compiler would rather not have written is what is tested.
#![allow(
    irrefutable_let_patterns,
    unreachable_code,
    clippy::blocks_in_conditions,
    clippy::collapsible_if,
    clippy::diverging_sub_expression,
    clippy::never_loop
)]

use behaviour::{Big, Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn scrutinee_that_returns(log: &Log, t: (Tracked, Tracked)) -> Option<bool> {
        match if if let (first, _) = &t {
            log.note("first");
            first.touch();
            return None;
            true
        } else {
            return Some(true);
            true
        } && let (_one, _other) = t
        {
            None::<u32>
        } else {
            Some(3)
        } {
            None => {}
            Some(n) if n > 3 => log.note(n),
            _ => {
                coop!();
            }
        }
        Some(false)
    }

    #[cps]
    fn condition_that_returns(log: &Log, yes: bool, t: Tracked) -> u32 {
        coop!();
        log.note("asks");
        if {
            if yes {
                drop(t);
                return 1;
            }
            return 2;
            true
        } {
            log.note("behind");
            coop!();
        }
        3
    }

    #[cps]
    fn half_of_a_condition(log: &Log, yes: bool, t: Tracked) -> u32 {
        if yes && {
            log.note("half");
            return 1;
            true
        } {
            coop!();
        } else {
            t.touch();
            coop!();
            return 2;
        }
        3
    }

    #[cps]
    fn condition_in_a_loop(log: &Log, upto: u32) -> u32 {
        let mut big = Big::new(log, "big");
        let mut n = 0;
        while n < upto {
            n += big.step();
            coop!();
            if n > 2 {
                if {
                    log.note("leaves");
                    return n;
                    true
                } {
                    coop!();
                }
            }
        }
        0
    }

    #[cps]
    fn scrutinee_in_a_loop(log: &Log, upto: u32, t: Tracked) -> u32 {
        let big = [upto; 100];
        let mut n = 0;
        loop {
            let _turn = log.tracked("turn");
            coop!();
            n += 1;
            if n == big[3] {
                match {
                    t.touch();
                    break;
                    Some(1)
                } {
                    Some(_) => coop!(),
                    None => {
                        coop!();
                        n = 7;
                    }
                }
            }
        }
        n
    }
}

#[test]
fn leave() {
    assert_same!(|log| scrutinee_that_returns(log, (log.tracked("a"), log.tracked("b"))));
    for yes in [false, true] {
        assert_same!(|log| condition_that_returns(log, yes, log.tracked("t")));
        assert_same!(|log| half_of_a_condition(log, yes, log.tracked("t")));
    }
}

#[test]
fn leave_loops() {
    for upto in [0, 2, 5] {
        assert_same!(|log| condition_in_a_loop(log, upto));
        assert_same!(|log| scrutinee_in_a_loop(log, upto.max(1), log.tracked("t")));
    }
}
