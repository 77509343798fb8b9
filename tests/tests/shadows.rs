//! Names that shadow where the frame captures, and values that are consumed or assigned behind suspensions.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    #[allow(unused_variables)]
    fn shadowed_by_a_pattern(log: &Log, t: Tracked, o: Option<Tracked>) {
        if let Some(t) = o {
            t.touch();
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn shadowed_in_arms(log: &Log, t: Tracked, o: Result<Tracked, u32>) -> usize {
        let n = match o {
            Ok(t) => {
                t.touch();
                t.name().len()
            }
            Err(n) => {
                let t = log.tracked("arm's");
                coop!();
                t.name().len() + n as usize
            }
        };
        coop!();
        log.note(n);
        t.name().len()
    }

    #[cps]
    fn names_that_differ_by_an_underscore(log: &Log, upto: u32) -> u32 {
        let mut count = 0;
        'outer: loop {
            let _turn = log.tracked("turn");
            for i in 0.. {
                let _i = log.tracked(format!("i{i}"));
                coop!();
                count += 1;
                match i {
                    1 => {
                        coop!();
                        continue 'outer;
                    }
                    _ if count > upto => break 'outer count,
                    _ => {}
                }
            }
        }
    }

    #[cps]
    fn shadowed_by_a_loop_variable(log: &Log, n: u32) -> u32 {
        for n in 0..n {
            log.note(n);
            let n = call!(give(n + 10));
            log.note(n);
        }
        let mut left = n;
        while let Some(n) = call!(give(left.checked_sub(1))) {
            log.note(n);
            left = n;
        }
        n
    }

    #[cps]
    fn shadowed_in_a_block(log: &Log, t: Tracked) {
        {
            coop!();
            let t = log.tracked("inner");
            t.touch();
        }
        {
            let t = t.name().len();
            log.note(t);
            coop!();
            let t = t + 1;
            log.note(t);
        }
        coop!();
        t.touch();
    }

    #[cps]
    fn assigned_where_it_may_be_gone(log: &Log, mut t: Tracked, yes: bool) {
        if yes {
            drop(t);
            coop!();
        }
        coop!();
        t = log.tracked("new");
        log.note("assigned");
        t.touch();
    }

    #[cps]
    fn shadowed_at_the_end_of_a_turn(log: &Log, b: u32) -> u32 {
        for _ in 0..2 {
            coop!();
            let b = 8;
            log.note(b);
        }
        coop!();
        let mut turns = 0;
        loop {
            turns += 1;
            if turns > 2 {
                break;
            }
            coop!();
            let b = log.value("inner", b + turns);
            log.note(b);
        }
        b
    }

    #[cps]
    fn assigned_after_it_is_gone(log: &Log, mut t: Tracked) {
        drop(t);
        coop!();
        for _ in 0..2 {
            coop!();
            t = log.tracked("new");
            log.note("assigned");
            t.touch();
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn consumed_under_a_suspended_condition(log: &Log, t: Tracked, yes: bool) {
        if call!(give(yes)) {
            drop(t);
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn consumed_under_a_suspended_scrutinee(log: &Log, t: Tracked, n: u32) {
        match call!(give(n)) {
            0 => drop(t),
            1 => log.note("one"),
            _ => coop!(),
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn consumed_under_a_suspended_pattern(log: &Log, t: Tracked, n: Option<u32>) {
        if let Some(n) = call!(give(n)) {
            log.note(n);
            drop(t);
        }
        coop!();
        log.note("after");
    }
}

#[test]
fn underscores() {
    for upto in 1..4 {
        assert_same!(|log| names_that_differ_by_an_underscore(log, upto));
    }
}

#[test]
fn a_shadowed_name_keeps_its_value() {
    assert_same!(|log| shadowed_at_the_end_of_a_turn(log, 1));
    assert_same!(|log| shadowed_by_a_loop_variable(log, 2));
    assert_same!(|log| shadowed_in_a_block(log, log.tracked("outer")));
    for some in [false, true] {
        assert_same!(|log| shadowed_by_a_pattern(
            log,
            log.tracked("t"),
            some.then(|| log.tracked("o"))
        ));
        assert_same!(|log| shadowed_in_arms(
            log,
            log.tracked("t"),
            if some { Ok(log.tracked("o")) } else { Err(3) }
        ));
    }
}

#[test]
fn assignment_ends_what_may_be_there() {
    assert_same!(|log| assigned_after_it_is_gone(log, log.tracked("t")));
    for yes in [false, true] {
        assert_same!(|log| assigned_where_it_may_be_gone(log, log.tracked("t"), yes));
    }
}

#[test]
fn consumed_behind_a_suspension() {
    for yes in [false, true] {
        assert_same!(|log| consumed_under_a_suspended_condition(log, log.tracked("t"), yes));
        assert_same!(|log| consumed_under_a_suspended_pattern(
            log,
            log.tracked("t"),
            yes.then_some(1)
        ));
    }
    for n in 0..3 {
        assert_same!(|log| consumed_under_a_suspended_scrutinee(log, log.tracked("t"), n));
    }
}
