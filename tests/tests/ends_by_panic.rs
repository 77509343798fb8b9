//! Ways that a panic ends: what was taken on them is not asked for behind.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(clippy::never_loop, clippy::diverging_sub_expression, unreachable_code)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Pair {
    a: Tracked,
    b: Tracked,
}

fn pair(log: &Log) -> Pair {
    Pair {
        a: log.tracked("a"),
        b: log.tracked("b"),
    }
}

#[both]
mod cases {
    #[cps]
    fn a_part_in_a_loop(log: &Log, t: Pair) {
        loop {
            let b = t.b;
            coop!();
            log.note("then");
            drop(b);
            panic!("at {}", t.a.name())
        }
    }

    #[cps]
    fn a_local_in_a_loop(log: &Log, list: Vec<u32>, t: Tracked) -> usize {
        for n in list {
            log.note(t.name());
            if n > 1 {
                let taken = t;
                coop!();
                drop(taken);
                unreachable!("{n}");
            }
            coop!();
        }
        t.name().len()
    }

    #[cps]
    fn in_branches(log: &Log, t: Tracked, n: u32) -> usize {
        match n {
            0 => {
                drop(t);
                coop!();
                todo!()
            }
            1 => {
                let moved = t;
                coop!();
                if moved.name() == "t" {
                    std::unimplemented!("one")
                } else {
                    return 5;
                }
            }
            2 => {
                drop(t);
                coop!();
                match log.alive() {
                    0 => core::panic!("none"),
                    _ => {
                        log.note("some");
                        std::process::exit(1);
                    }
                }
            }
            _ => coop!(),
        }
        t.name().len()
    }

    /// As a value.
    #[cps]
    fn as_values(log: &Log, t: Tracked, n: u32) -> usize {
        let length = if n > 0 {
            coop!();
            t.name().len()
        } else {
            drop(t);
            coop!();
            log.note("behind");
            panic!("no length")
        };
        coop!();
        length + t.name().len()
    }

    mod own {
        macro_rules! panic {
            ($word:expr) => {
                $word.len()
            };
        }
        pub(super) use panic;
    }

    /// A macro of the author's that returns.
    #[cps]
    fn own_panic(log: &Log) -> usize {
        use own::panic;
        let guard = log.tracked("guard");
        let n = panic!("four");
        coop!();
        log.note(n);
        n + guard.name().len()
    }
}

#[test]
fn what_was_taken_is_not_asked_for() {
    assert_same!(|log| a_part_in_a_loop(log, pair(log)));
    assert_same!(|log| a_local_in_a_loop(log, vec![1, 2, 3], log.tracked("t")));
    assert_same!(|log| a_local_in_a_loop(log, vec![1, 0], log.tracked("t")));
    for n in [0, 1, 2, 3] {
        assert_same!(|log| in_branches(log, log.tracked("t"), n));
    }
    assert_same!(|log| as_values(log, log.tracked("t"), 0));
    assert_same!(|log| as_values(log, log.tracked("t"), 1));
}

#[test]
fn who_returns_is_followed() {
    assert_same!(|log| own_panic(log));
}
