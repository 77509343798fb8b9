//! Branches: `if`, `else`, `if let`, chains, `match` by value and by reference, and their values.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both, forever};

#[derive(Debug)]
enum Shape {
    Point,
    Circle(u32),
    Named { name: Tracked, sides: u32 },
}

#[both]
mod cases {
    #[cps]
    fn if_alone(log: &Log, n: u32) -> u32 {
        let mut m = n;
        if n > 1 {
            log.note("then");
            coop!();
            m += 1;
        }
        log.note(m);
        m
    }

    #[cps]
    fn if_else(log: &Log, yes: bool) -> &'static str {
        if yes {
            coop!();
            log.note("yes");
            "then"
        } else {
            log.note("no");
            coop!();
            "else"
        }
    }

    #[cps]
    fn if_only_one_side_suspends(log: &Log, yes: bool) -> u8 {
        let value = if yes { call!(give(1)) } else { 2 };
        log.note(value);
        let other = if yes { 3 } else { call!(give(4)) };
        log.note(other);
        value + other
    }

    #[cps]
    fn else_if_chain(log: &Log, n: u32) -> &'static str {
        let kind = if n == 0 {
            coop!();
            "zero"
        } else if call!(give(n == 1)) {
            log.note("one");
            "one"
        } else if n == 2 {
            "two"
        } else if call!(give(n % 2)) == 0 {
            coop!();
            "even"
        } else {
            "odd"
        };
        log.note(kind);
        kind
    }

    #[cps]
    fn if_condition(log: &Log, n: u32) -> u32 {
        let _guard = log.tracked("guard");
        if call!(give(n)) > 2 {
            log.note("big");
            1
        } else {
            log.note("small");
            0
        }
    }

    #[cps]
    fn if_let_value(log: &Log, value: Option<Tracked>) -> bool {
        if let Some(value) = value {
            value.touch();
            coop!();
            log.note("some");
            true
        } else {
            coop!();
            log.note("none");
            false
        }
    }

    #[cps]
    fn if_let_scrutinee(log: &Log, value: Option<u32>) -> u32 {
        if let Some(n) = call!(give(value)) {
            log.note(n);
            coop!();
            n
        } else if let Some(n) = call!(give(value.map_or(Some(7), |_| None))) {
            n + 1
        } else {
            0
        }
    }

    #[cps]
    fn if_let_chain(log: &Log, a: Option<u32>, b: Result<u32, u32>) -> u32 {
        if let Some(x) = a
            && x > 1
            && let Ok(y) = call!(give(b))
            && call!(give(y > x))
        {
            log.note(format!("{x} {y}"));
            coop!();
            x + y
        } else {
            log.note("no");
            0
        }
    }

    #[cps]
    fn if_let_reference(log: &Log, value: &Option<String>) -> usize {
        if let Some(text) = value {
            coop!();
            log.note(text);
            text.len()
        } else {
            0
        }
    }

    #[cps]
    fn if_nested(log: &Log, a: bool, b: bool) -> u8 {
        let mut n = 0;
        if a {
            let _a = log.tracked("a");
            if b {
                let _b = log.tracked("b");
                coop!();
                n += 1;
            } else {
                n += 2;
            }
            coop!();
            n += 10;
        } else if b {
            coop!();
            n += 20;
        }
        log.note(n);
        n
    }

    #[cps]
    fn match_by_value(log: &Log, shape: Shape) -> u32 {
        match shape {
            Shape::Point => {
                coop!();
                0
            }
            Shape::Circle(radius) => {
                log.note(radius);
                call!(give(radius)) * 3
            }
            Shape::Named { name, sides } => {
                name.touch();
                coop!();
                log.note(name.name());
                sides
            }
        }
    }

    #[cps]
    fn match_by_reference(log: &Log, shape: &Shape) -> u32 {
        match shape {
            Shape::Point => 1,
            Shape::Circle(radius) => {
                coop!();
                *radius
            }
            Shape::Named { name, sides } => {
                coop!();
                name.touch();
                log.note(sides);
                *sides
            }
        }
    }

    #[cps]
    fn match_by_mutable_reference(log: &Log, shape: &mut Shape) {
        match shape {
            Shape::Point => {}
            Shape::Circle(radius) => {
                coop!();
                *radius += 1;
                log.note(&radius);
            }
            Shape::Named { name, sides } => {
                name.rename("renamed");
                coop!();
                *sides *= 2;
                name.touch();
            }
        }
    }

    #[cps]
    fn match_with_guards(log: &Log, n: i32) -> &'static str {
        match n {
            0 => call!(give("zero")),
            n if n < 0 => {
                log.note(n);
                coop!();
                "negative"
            }
            1 | 3 => "few",
            4..=9 if n % 2 == 0 => {
                coop!();
                "even"
            }
            other @ 4..=9 => {
                coop!();
                log.note(other);
                "odd"
            }
            _ => "many",
        }
    }

    #[cps]
    fn match_scrutinee(log: &Log, n: u32) -> u32 {
        match call!(give(n)) {
            0 => 100,
            n => {
                log.note(n);
                coop!();
                n + 1
            }
        }
    }

    #[cps]
    fn match_result(log: &Log, text: &str) -> i64 {
        let parsed = match call!(give(text.parse::<i64>())) {
            Ok(n) => n,
            Err(error) => {
                log.note(error);
                coop!();
                -1
            }
        };
        parsed * 2
    }

    #[cps]
    fn match_tuple(log: &Log, a: Option<u8>, b: Option<u8>) -> u8 {
        match (a, call!(give(b))) {
            (Some(a), Some(b)) => {
                coop!();
                a + b
            }
            (Some(n), None) | (None, Some(n)) => {
                coop!();
                log.note(n);
                n
            }
            (None, None) => 0,
        }
    }

    #[cps]
    fn match_slice(log: &Log, values: &[u32]) -> u32 {
        match values {
            [] => 0,
            [one] => {
                coop!();
                *one
            }
            [first, .., last] => {
                coop!();
                log.note(first);
                first + last
            }
        }
    }

    #[cps]
    fn match_as_statement(log: &Log, n: u32) {
        match n {
            0 => coop!(),
            1 => log.note("one"),
            _ => {
                coop!();
                log.note("more")
            }
        }
        log.note("after");
    }

    #[cps]
    fn match_ref_binding(log: &Log, pair: (Tracked, u32)) -> u32 {
        let n = match pair {
            (ref name, n) if n > 3 => {
                name.touch();
                n
            }
            (_, n) => n * 10,
        };
        coop!();
        log.note(pair.0.name());
        n
    }

    #[cps]
    fn let_else(log: &Log, value: Option<Tracked>) -> Option<u32> {
        let Some(value) = value else {
            log.note("none");
            coop!();
            return None;
        };
        value.touch();
        coop!();
        Some(1)
    }

    #[cps]
    fn let_else_initializer(log: &Log, values: Vec<Option<u32>>) -> u32 {
        let mut sum = 0;
        for value in values {
            let Some(n) = call!(give(value)) else {
                coop!();
                log.note("skipped");
                continue;
            };
            coop!();
            sum += n;
        }
        sum
    }
}

fn named(log: &Log) -> Shape {
    Shape::Named {
        name: log.tracked("name"),
        sides: 4,
    }
}

#[test]
fn if_and_else() {
    for n in 0..7 {
        assert_same!(|log| if_alone(log, n));
        assert_same!(|log| else_if_chain(log, n));
        assert_same!(|log| if_condition(log, n));
    }
    for yes in [false, true] {
        assert_same!(|log| if_else(log, yes));
        assert_same!(|log| if_only_one_side_suspends(log, yes));
        assert_same!(|log| if_nested(log, yes, false));
        assert_same!(|log| if_nested(log, yes, true));
    }
}

#[test]
fn if_let_and_chains() {
    assert_same!(|log| if_let_value(log, Some(log.tracked("value"))));
    assert_same!(|log| if_let_value(log, None));
    assert_same!(|log| if_let_scrutinee(log, Some(1)));
    assert_same!(|log| if_let_scrutinee(log, None));
    assert_same!(|log| if_let_reference(log, &None));
    for (a, b) in [
        (None, Ok(1)),
        (Some(1), Ok(1)),
        (Some(2), Err(3)),
        (Some(2), Ok(2)),
        (Some(2), Ok(3)),
    ] {
        assert_same!(|log| if_let_chain(log, a, b));
    }
}

#[test]
fn match_moves_and_borrows() {
    assert_same!(|log| match_by_value(log, Shape::Point));
    assert_same!(|log| match_by_value(log, Shape::Circle(4)));
    assert_same!(|log| match_by_value(log, named(log)));
    assert_same!(|log| match_by_reference(log, &Shape::Circle(4)));
    assert_same!(|log| match_by_reference(log, forever(Shape::Point)));
    assert_same!(|log| match_by_mutable_reference(log, forever(Shape::Circle(1))));
    assert_same!(|log| match_ref_binding(log, (log.tracked("pair"), 3)));
    assert_same!(|log| match_ref_binding(log, (log.tracked("pair"), 4)));
}

#[test]
fn match_chooses_as_rust_does() {
    for n in -1..12 {
        assert_same!(|log| match_with_guards(log, n));
    }
    for n in 0..3 {
        assert_same!(|log| match_scrutinee(log, n));
        assert_same!(|log| match_as_statement(log, n));
    }
    assert_same!(|log| match_result(log, "12"));
    assert_same!(|log| match_result(log, "twelve"));
    for (a, b) in [
        (None, None),
        (Some(1), None),
        (None, Some(2)),
        (Some(1), Some(2)),
    ] {
        assert_same!(|log| match_tuple(log, a, b));
    }
    assert_same!(|log| match_slice(log, &[]));
    assert_same!(|log| match_slice(log, &[5]));
    assert_same!(|log| match_slice(log, &[5, 6, 7]));
}

#[test]
fn let_else_leaves_or_binds() {
    assert_same!(|log| let_else(log, Some(log.tracked("value"))));
    assert_same!(|log| let_else(log, None));
    assert_same!(|log| let_else_initializer(log, vec![Some(1), None, Some(3)]));
}
