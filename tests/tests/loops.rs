//! Loops: suspension points in bodies, conditions, scrutinees and iterators.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn below(log: &Log, n: u32, limit: u32) -> bool {
        log.note(format!("{n} < {limit}?"));
        coop!();
        n < limit
    }

    #[cps]
    fn while_body(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        while n < upto {
            n += 1;
            log.note(n);
            coop!();
        }
        n
    }

    #[cps]
    fn while_condition(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        while call!(below(log, n, upto)) {
            log.note(n);
            n += 1;
        }
        n
    }

    #[cps]
    fn while_condition_and_body(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        while n < 10 && call!(below(log, n, upto)) {
            coop!();
            n += 1;
        }
        n
    }

    #[cps]
    fn while_let_pops(log: &Log, mut stack: Vec<Tracked>) -> usize {
        let mut seen = 0;
        while let Some(top) = stack.pop() {
            top.touch();
            coop!();
            seen += 1;
            log.note(seen);
        }
        seen
    }

    #[cps]
    fn while_let_scrutinee(log: &Log, mut stack: Vec<u8>) -> u32 {
        let mut sum = 0;
        while let Some(top) = call!(give(stack.pop())) {
            log.note(top);
            sum += u32::from(top);
        }
        sum
    }

    #[cps]
    fn while_let_chain(log: &Log, mut stack: Vec<u8>) -> u32 {
        let mut sum = 0;
        while let Some(top) = stack.pop()
            && call!(give(top > 2))
        {
            log.note(top);
            sum += u32::from(top);
            coop!();
        }
        sum
    }

    #[cps]
    fn loop_until(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        loop {
            if n == upto {
                break;
            }
            coop!();
            n += 1;
            log.note(n);
        }
        n
    }

    #[cps]
    fn loop_with_value(upto: u32) -> u32 {
        let mut n = 0;
        let found = loop {
            n += 1;
            coop!();
            if n * n > upto {
                break n;
            }
        };
        found + n
    }

    #[cps]
    fn loop_breaks_with_suspension(upto: u32) -> u32 {
        let mut n = 0;
        loop {
            n += 3;
            if n > upto {
                break call!(give(n * 2));
            }
        }
    }

    #[cps]
    fn for_range(log: &Log, upto: usize) -> usize {
        let mut sum = 0;
        for i in 0..upto {
            coop!();
            sum += i;
            log.note(sum);
        }
        sum
    }

    #[cps]
    fn for_inclusive_reversed(log: &Log, upto: u8) {
        for i in (1..=upto).rev() {
            log.note(i);
            coop!();
        }
    }

    #[cps]
    fn for_into_iter(log: &Log, values: Vec<Tracked>) {
        for value in values {
            value.touch();
            coop!();
            log.note("next");
        }
    }

    #[cps]
    fn for_over_parameter(log: &Log, names: &[&str]) -> usize {
        let mut total = 0;
        for name in names {
            log.note(name);
            coop!();
            total += name.len();
        }
        total
    }

    #[cps]
    fn for_iter_of_parameter(log: &Log, names: &[String]) -> usize {
        let mut total = 0;
        for (at, name) in names.iter().enumerate() {
            coop!();
            log.note(format!("{at} {name}"));
            total += at * name.len();
        }
        total
    }

    #[cps]
    fn for_enumerate(log: &Log, values: Vec<Tracked>) {
        for (at, mut value) in values.into_iter().enumerate() {
            value.rename(format!("{at}"));
            coop!();
            log.note(value.name());
        }
    }

    #[cps]
    fn for_iterator_expression(log: &Log, count: u8) -> u32 {
        let mut sum = 0;
        for i in 0..call!(give(count)) {
            log.note(i);
            sum += u32::from(i);
        }
        for i in call!(give(vec![1u8, 2])) {
            log.note(i);
            coop!();
            sum += u32::from(i);
        }
        sum
    }

    #[cps]
    fn for_nested(log: &Log, rows: u32, columns: u32) -> Vec<(u32, u32)> {
        let mut seen = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                coop!();
                seen.push((row, column));
            }
            log.note(row);
        }
        seen
    }

    #[cps]
    fn for_pattern(log: &Log, pairs: Vec<(u32, [u32; 2])>) -> u32 {
        let mut sum = 0;
        for (a, [b, _]) in pairs {
            coop!();
            log.note(a + b);
            sum += a * b;
        }
        sum
    }

    #[cps]
    fn for_adapters(factor: u32) -> u32 {
        let mut sum = 0;
        for x in (0..9)
            .filter(|x| x % 2 == 0)
            .map(move |x| x * factor)
            .skip(1)
        {
            coop!();
            sum += x;
        }
        sum
    }

    #[cps]
    fn for_reuses_the_moved_name(log: &Log, values: Vec<u8>) -> u8 {
        let values = values.into_iter();
        let mut last = 0;
        for values in values {
            coop!();
            log.note(values);
            last = values;
        }
        last
    }

    #[cps]
    fn native_loop_between(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        coop!();
        for i in 0..upto {
            n += i;
        }
        while n % 7 != 0 {
            n += 1;
        }
        log.note(n);
        coop!();
        n
    }

    #[cps]
    fn loop_body_tail_suspends(log: &Log) {
        let mut n = 0;
        while n < 3 {
            n += 1;
            if n == 2 { coop!() } else { log.note(n) }
        }
    }

    #[cps]
    fn empty_body(count: u32) {
        for _ in 0..count {
            coop!()
        }
    }

    #[cps]
    fn never_entered(log: &Log, none: u8) -> u8 {
        for _ in 0..none {
            coop!();
            log.note("never");
        }
        while false {
            coop!();
        }
        1
    }
}

#[test]
fn while_loops() {
    assert_same!(|log| while_body(log, 0));
    assert_same!(|log| while_body(log, 3));
    assert_same!(|log| while_condition(log, 3));
    assert_same!(|log| while_condition_and_body(log, 3));
    assert_same!(|log| while_condition_and_body(log, 30));
}

#[test]
fn while_let_loops() {
    assert_same!(|log| while_let_pops(
        log,
        vec![log.tracked("a"), log.tracked("b"), log.tracked("c")]
    ));
    assert_same!(|log| while_let_scrutinee(log, vec![1, 2, 3]));
    assert_same!(|log| while_let_chain(log, vec![5, 1, 4, 3]));
}

#[test]
fn endless_loops_and_their_values() {
    assert_same!(|log| loop_until(log, 3));
    assert_same!(|_log| loop_with_value(20));
    assert_same!(|_log| loop_breaks_with_suspension(10));
}

#[test]
fn for_loops_over_ranges() {
    assert_same!(|log| for_range(log, 4));
    assert_same!(|log| for_inclusive_reversed(log, 3));
    assert_same!(|log| for_nested(log, 2, 3));
    assert_same!(|_log| empty_body(3));
    assert_same!(|log| never_entered(log, 0));
}

#[test]
fn for_loops_over_values() {
    assert_same!(|log| for_into_iter(
        log,
        vec![log.tracked("a"), log.tracked("b"), log.tracked("c")]
    ));
    assert_same!(|log| for_enumerate(log, vec![log.tracked("a"), log.tracked("b")]));
    assert_same!(|log| for_pattern(log, vec![(1, [2, 3]), (4, [5, 6])]));
    assert_same!(|_log| for_adapters(3));
    assert_same!(|log| for_reuses_the_moved_name(log, vec![1, 2, 3]));
    assert_same!(|log| for_iterator_expression(log, 3));
}

#[test]
fn for_loops_over_borrowed_parameters() {
    assert_same!(|log| for_over_parameter(log, &["a", "bc"]));
    static NAMES: [String; 2] = [String::new(), String::new()];
    assert_same!(|log| for_iter_of_parameter(log, &NAMES));
}

#[test]
fn loops_without_suspensions_stay_as_they_are() {
    assert_same!(|log| native_loop_between(log, 5));
    assert_same!(|log| loop_body_tail_suspends(log));
}
