//! Locals that code without a suspension consumes on some of its ways only: the others keep them to the end
//! of their scope.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// Such code is what is tested.
#![allow(clippy::blocks_in_conditions, clippy::match_single_binding)]

use behaviour::{Log, Tracked, assert_same, both};

struct Found {
    what: Option<Tracked>,
}

#[both]
mod cases {
    fn count(log: &Log, n: u32) -> u32 {
        log.note(n);
        n
    }

    #[cps]
    fn assigned_in_an_operand(log: &Log, yes: bool, t: Tracked) -> u32 {
        let mut b = t;
        let _w = b;
        let n = 1 + if yes {
            b = log.tracked("x");
            b.touch();
            1
        } else {
            2
        };
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn read_in_the_same_statement(
        log: &Log,
        what: Option<Result<&'static str, String>>,
        t: Tracked,
    ) -> usize {
        let mut sum = 1;
        sum += {
            let length = match what {
                Some(Ok(text)) => text.len(),
                _ if sum > 1 => {
                    drop(t);
                    0
                }
                _ => 1,
            };
            log.note(format!("{what:?}"));
            let mut turns = 0;
            while turns < 2 {
                if let Some(Ok(text)) = what {
                    log.note(text);
                }
                turns += length.max(1);
            }
            length + what.iter().count()
        };
        coop!();
        log.note("behind");
        sum
    }

    #[cps]
    fn turns_of(n: usize) -> usize {
        coop!();
        n
    }

    #[cps]
    fn carried_by_a_loop_that_is_left(turns: usize, (_a, b, _c): (i64, i64, i64)) -> i64 {
        let mut sum = 0;
        for turn in 0..call!(turns_of(turns)) {
            let Some(n) = (if turn == 1 { None } else { Some((b, 1)) }) else {
                break;
            };
            sum += n.0 + n.1;
        }
        sum
    }

    #[cps]
    fn declared_in_the_middle(log: &Log, yes: bool, all: [Tracked; 4]) -> usize {
        let [_a, b, mut c, _d] = all;
        let list = vec![
            match yes {
                true => Some(b),
                false => {
                    c.rename("other");
                    None
                }
            },
            if yes { None } else { Some(c) },
            {
                coop!();
                log.note("in a list");
                None
            },
        ];
        log.note("behind");
        list.len()
    }

    #[cps]
    fn consumed_in_an_argument(log: &Log, yes: bool, a: Tracked, t: Tracked, c: Tracked) -> u32 {
        let d = log.tracked("d");
        let n = count(
            log,
            if yes {
                count(log, {
                    let t = t;
                    t.name().len() as u32
                })
            } else {
                7
            },
        );
        let e = log.tracked("e");
        coop!();
        log.note("behind");
        a.touch();
        c.touch();
        d.touch();
        e.touch();
        n
    }

    #[cps]
    fn consumed_behind_and(log: &Log, how: u32, t: Tracked, u: Tracked) -> u32 {
        let n = u32::from(
            how > 0 && {
                drop(t);
                how > 1
            },
        ) + count(log, 1);
        log.note(
            how == 7 || {
                drop(u);
                how == 2
            },
        );
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn consumed_in_some_arms(log: &Log, how: Option<u32>, t: Tracked) -> u32 {
        let n = count(
            log,
            match how {
                Some(0) => {
                    drop(t);
                    0
                }
                Some(t) if t > 4 => t,
                Some(n) => {
                    if n % 2 == 0 {
                        drop(t);
                        n
                    } else if n == 3 {
                        return 5;
                    } else {
                        n + 1
                    }
                }
                None => match log.tracked("other") {
                    t => t.name().len() as u32,
                },
            },
        );
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn consumed_in_a_scope(log: &Log, how: u32, o: Option<Tracked>) -> u32 {
        let mut sum = 0;
        if let Some(t) = o {
            let after = log.tracked("after");
            sum += count(
                log,
                if how > 1 {
                    drop(t);
                    1
                } else {
                    2
                },
            );
            if how.is_multiple_of(2) {
                coop!();
            }
            log.note("inside");
            coop!();
            after.touch();
        } else {
            coop!();
        }
        log.note("end");
        sum
    }

    #[cps]
    fn consumed_without_a_suspension(log: &Log, how: u32, t: Tracked) -> u32 {
        let u = log.tracked("u");
        let n = count(
            log,
            if how > 1 {
                drop(t);
                1
            } else {
                2
            },
        );
        let v = log.tracked("v");
        if how.is_multiple_of(2) {
            u.touch();
            v.touch();
            return n;
        }
        coop!();
        n
    }

    #[cps]
    fn consumed_in_a_turn(log: &Log, how: u32) -> u32 {
        let mut sum = 0;
        for n in 0..3 {
            let t = log.tracked(format!("t{n}"));
            sum += count(
                log,
                if how == n {
                    drop(t);
                    1
                } else {
                    2
                },
            );
            coop!();
            log.note("turn");
        }
        sum
    }

    #[cps]
    fn generic_and_consumed<T: Send>(
        log: &Log,
        how: u32,
        t: T,
        f: impl Fn(u32) -> u32 + Send,
    ) -> u32 {
        let n = count(
            log,
            if how > 1 {
                drop(t);
                drop(f);
                1
            } else {
                f(2)
            },
        );
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn consumed_by_a_closure(log: &Log, how: u32, t: Tracked) -> u32 {
        let f = move || t.name().len() as u32;
        let n = count(
            log,
            if how > 1 {
                let n = f();
                drop(f);
                n
            } else {
                f() + 2
            },
        );
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn consumed_in_a_native_loop(log: &Log, yes: bool, n: u32) -> u32 {
        let a = n + 1;
        for n in 0..n {
            let f = move |k: u32| a + k;
            log.note(f(n));
        }
        if if log.value("yes", yes) {
            log.note("first");
            false
        } else {
            yes || a > 2
        } {
            coop!();
            return 1;
        }
        coop!();
        n
    }

    #[cps]
    fn beside_a_literal_of_a_struct(log: &Log, how: u32, t: Tracked) -> u32 {
        let found = log.value(
            "found",
            match how {
                0 => Found { what: Some(t) },
                _ => Found { what: None },
            },
        );
        coop!();
        log.note("behind");
        u32::from(found.what.is_some())
    }

    #[cps]
    fn consumed_in_a_call(log: &Log, how: u32, t: Tracked, u: Tracked) -> bool {
        let got = call!(give(if how > 1 { Some(t) } else { None }));
        log.note("behind");
        let got = match match how {
            1 => Some(u),
            n if n > 3 => None,
            _ => got,
        } {
            Some(u) => {
                coop!();
                u.touch();
                true
            }
            None => {
                coop!();
                false
            }
        };
        log.note("behind");
        got
    }
    #[cps]
    fn consumed_in_a_condition(log: &Log, how: u32, t: Tracked, u: Tracked) -> bool {
        if log.value(
            "cond",
            if how > 1 {
                drop(t);
                how
            } else {
                1
            },
        ) > 2
            && {
                u.touch();
                true
            }
        {
            coop!();
        }
        log.note("behind");
        coop!();
        true
    }
}
#[test]
fn what_is_read_again_was_not_consumed() {
    for what in [None, Some(Ok("what")), Some(Err("why".to_owned()))] {
        assert_same!(|log| read_in_the_same_statement(log, what.clone(), log.tracked("t")));
    }
}

#[test]
fn what_is_carried_is_not_put_away() {
    for turns in 0..3 {
        assert_same!(|_log| carried_by_a_loop_that_is_left(turns, (1, 2, 3)));
    }
}

#[test]
fn what_is_left_ends_between_what_its_pattern_declares() {
    for yes in [false, true] {
        assert_same!(|log| declared_in_the_middle(
            log,
            yes,
            [
                log.tracked("a"),
                log.tracked("b"),
                log.tracked("c"),
                log.tracked("d")
            ]
        ));
    }
}

#[test]
fn what_is_left_ends_with_its_scope() {
    for yes in [false, true] {
        assert_same!(|log| assigned_in_an_operand(log, yes, log.tracked("t")));
        assert_same!(|log| consumed_in_an_argument(
            log,
            yes,
            log.tracked("a"),
            log.tracked("t"),
            log.tracked("c")
        ));
    }
    for how in 0..4 {
        assert_same!(|log| consumed_behind_and(log, how, log.tracked("t"), log.tracked("u")));
        assert_same!(|log| consumed_in_a_scope(log, how, Some(log.tracked("t"))));
        assert_same!(|log| consumed_without_a_suspension(log, how, log.tracked("t")));
        assert_same!(|log| consumed_in_a_turn(log, how));
        assert_same!(|log| generic_and_consumed(log, how, log.tracked("t"), |n| n + 1));
        assert_same!(|log| generic_and_consumed(log, how, 3, |n| n + 1));
        assert_same!(|log| consumed_by_a_closure(log, how, log.tracked("t")));
    }
    for how in 0..7 {
        assert_same!(|log| consumed_in_some_arms(log, Some(how), log.tracked("t")));
    }
    assert_same!(|log| consumed_in_some_arms(log, None, log.tracked("t")));
}

#[test]
fn what_points_and_branches_begin_with() {
    for how in 0..6 {
        assert_same!(|log| consumed_in_a_call(log, how, log.tracked("t"), log.tracked("u")));
        assert_same!(|log| beside_a_literal_of_a_struct(log, how, log.tracked("t")));
        assert_same!(|log| consumed_in_a_native_loop(log, how > 3, how % 3));
        assert_same!(|log| consumed_in_a_condition(log, how, log.tracked("t"), log.tracked("u")));
    }
}
