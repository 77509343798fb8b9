//! Ways out of labelled blocks, loops and branches, of which some consume a local: on the others it lives to
//! the end of its scope.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(
    clippy::match_single_binding,
    clippy::never_loop,
    clippy::nonminimal_bool,
    clippy::while_immutable_condition
)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn block_that_suspends(log: &Log, yes: bool, e: u32, t: Tracked) -> u32 {
        let n = 'l: {
            if yes {
                drop(t);
                break 'l 1;
            }
            if e == 0 {
                coop!();
                break 'l 2;
            }
            3
        };
        log.note("behind");
        coop!();
        log.note("end");
        n
    }

    #[cps]
    fn block_that_does_not(log: &Log, yes: bool, e: u32, t: Tracked) -> u32 {
        let n = 'l: {
            if e == 2 {
                break 'l 4;
            }
            if yes {
                drop(t);
                break 'l 5;
            }
            log.note("in it");
            6
        };
        log.note("behind");
        coop!();
        log.note("end");
        n
    }

    #[cps]
    fn block_behind_a_suspension(log: &Log, yes: bool, e: u32, t: Tracked) {
        'l: {
            coop!();
            if e == 0 {
                break 'l;
            }
            coop!();
            if yes {
                break 'l drop(t);
            }
            log.note("in it");
        }
        log.note("behind");
        coop!();
        log.note("end");
    }

    #[cps]
    fn loop_that_suspends(log: &Log, yes: bool, e: u32, t: Tracked) -> u32 {
        let mut i = 0;
        loop {
            i += 1;
            if e == 3 {
                break;
            }
            if yes {
                drop(t);
                break;
            }
            coop!();
            if e == 1 && i < 2 {
                continue;
            }
            if i > 2 {
                log.note("enough");
                break;
            }
        }
        log.note("behind");
        coop!();
        log.note("end");
        i
    }

    #[cps]
    fn loops_that_do_not(log: &Log, yes: bool, e: u32, t: Tracked) -> u32 {
        coop!();
        let mut i = 0;
        let v = 'outer: loop {
            i += 1;
            if e == 3 {
                break i;
            }
            loop {
                if yes {
                    drop(t);
                    break 'outer 7;
                }
                break;
            }
            if e == 1 && i < 2 {
                continue;
            }
            if i > 2 {
                break 8;
            }
        };
        log.note("behind");
        coop!();
        log.note("end");
        v
    }

    #[cps]
    fn loops_with_ends_of_their_own(log: &Log, yes: bool, e: u32, t: Tracked, u: Tracked) {
        let mut i = 0;
        while i < e {
            i += 1;
            if yes {
                drop(t);
                break;
            }
            log.note("turn");
        }
        let mut last = 0;
        'all: for n in [1, 2, 3] {
            last = n;
            if n > e {
                drop(u);
                break 'all;
            }
            if n == 2 {
                continue;
            }
            log.note("turn");
        }
        log.note("behind");
        coop!();
        log.note(last);
    }

    #[cps]
    fn branch_where_a_pattern_borrows(log: &Log, o: Option<Tracked>, n: u32, mut z: (String, u32)) {
        match z {
            (ref mut r, _) => {
                let len = if let Some(t) = o
                    && n > 6
                {
                    t.name().len()
                } else {
                    8
                };
                r.push_str("behind");
                log.note(len + r.len());
            }
        }
        coop!();
        log.note(z.0);
    }

    #[cps]
    fn arms_in_the_argument_of_a_macro(log: &Log, n: u32, t: Tracked) -> usize {
        let all = vec![
            log.tracked("first"),
            match n {
                1 => t,
                3..=5 => t,
                _ => log.tracked("other"),
            },
        ];
        coop!();
        log.note("behind");
        all.len()
    }

    #[cps]
    fn block_with_nothing_that_suspends_behind(log: &Log, yes: bool, e: u32, t: Tracked) -> u32 {
        let u = match (log.tracked("u"), e) {
            (u, e) => 'l: {
                if yes {
                    break 'l log.tracked("other");
                }
                if e > 1 {
                    coop!();
                    break 'l u;
                }
                t
            }
        };
        log.note("behind");
        u.touch();
        e
    }

    #[cps]
    fn consumed_in_one_of_many_branches(log: &Log, n: u32) -> Option<u32> {
        let w = [log.tracked("v"), log.tracked("w")];
        let _t = log.tracked("t");
        Some(if let 3..=100 = call!(give(n)) {
            drop(w);
            1
        } else if let 2 = n {
            2
        } else if n == 1 {
            coop!();
            3
        } else {
            log.note("else");
            coop!();
            4
        })
        .filter(|n| *n < 4)
    }

    #[cps]
    fn assigned_behind(log: &Log, n: Option<u32>, mut t: Tracked) -> Option<u32> {
        if !(match n {
            None => {
                let _t = t;
                6
            }
            Some(3) => 6,
            Some(n) => n,
        } == 6)
        {
            coop!();
        }
        log.note("behind");
        coop!();
        log.note("again");
        if n == Some(4) {
            return n;
        }
        t = log.tracked("new");
        coop!();
        t.touch();
        n
    }

    #[cps]
    fn bound_together(log: &Log, yes: bool, all: (Tracked, Tracked, Tracked)) {
        let (first, _second, last) = all;
        if yes {
            log.note("both");
            drop(last);
        }
        while !yes {
            drop(first);
            break;
        }
        coop!();
        log.note("end");
    }

    #[cps]
    fn bound_together_in_an_arm(log: &Log, yes: bool, all: Option<(Tracked, Tracked)>) {
        match all {
            Some((_first, last)) => {
                while yes {
                    drop(last);
                    break;
                }
                coop!();
                log.note("end");
            }
            None => coop!(),
        }
    }

    #[cps]
    fn chosen_in_a_loop(log: &Log, e: u32, t: Tracked, u: Tracked) -> Tracked {
        let mut i = 0;
        let chosen = loop {
            i += 1;
            match i + e {
                3 => break t,
                4 => break u,
                5 => break log.tracked("other"),
                _ => {}
            }
        };
        log.note("behind");
        coop!();
        log.note("end");
        chosen
    }
}

#[test]
fn nothing_that_suspends_behind() {
    for n in 0..4 {
        assert_same!(|log| consumed_in_one_of_many_branches(log, n));
        for yes in [false, true] {
            assert_same!(|log| block_with_nothing_that_suspends_behind(
                log,
                yes,
                n,
                log.tracked("t")
            ));
        }
    }
}

#[test]
fn some_branches_consume() {
    for n in [1, 3, 9] {
        assert_same!(|log| arms_in_the_argument_of_a_macro(log, n, log.tracked("t")));
        for o in [false, true] {
            assert_same!(|log| branch_where_a_pattern_borrows(
                log,
                o.then(|| log.tracked("t")),
                n,
                (String::from("z"), 1)
            ));
        }
    }
}

#[test]
fn some_branches_consume_what_is_assigned_behind() {
    for n in [None, Some(3), Some(4), Some(5)] {
        assert_same!(|log| assigned_behind(log, n, log.tracked("t")));
    }
}

#[test]
fn bindings_of_one_pattern() {
    for yes in [false, true] {
        assert_same!(|log| bound_together(
            log,
            yes,
            (
                log.tracked("first"),
                log.tracked("second"),
                log.tracked("last")
            )
        ));
        assert_same!(|log| bound_together_in_an_arm(
            log,
            yes,
            Some((log.tracked("first"), log.tracked("last")))
        ));
        assert_same!(|log| bound_together_in_an_arm(log, yes, None));
    }
}

#[test]
fn some_ways_out_consume() {
    for yes in [false, true] {
        for e in 0..4 {
            assert_same!(|log| block_that_suspends(log, yes, e, log.tracked("t")));
            assert_same!(|log| block_that_does_not(log, yes, e, log.tracked("t")));
            assert_same!(|log| block_behind_a_suspension(log, yes, e, log.tracked("t")));
            assert_same!(|log| loop_that_suspends(log, yes, e, log.tracked("t")));
            assert_same!(|log| loops_that_do_not(log, yes, e, log.tracked("t")));
            assert_same!(|log| loops_with_ends_of_their_own(
                log,
                yes,
                e,
                log.tracked("t"),
                log.tracked("u")
            ));
            assert_same!(|log| chosen_in_a_loop(log, e, log.tracked("t"), log.tracked("u")));
        }
    }
}
