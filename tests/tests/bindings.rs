//! `let`: patterns, inferred types, deferred initialisation, shadowing and blocks.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::needless_late_init)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Pair {
    left: Tracked,
    right: u32,
}

#[both]
mod cases {
    #[cps]
    fn inferred_from_later_use(log: &Log) -> Vec<u8> {
        let mut bytes = Vec::new();
        coop!();
        bytes.push(1u8);
        coop!();
        bytes.extend([2, 3]);
        log.note(bytes.len());
        bytes
    }

    #[cps]
    #[allow(unused_assignments)]
    fn inferred_option(log: &Log) -> Option<u64> {
        let mut found = None;
        coop!();
        log.note(found.is_none());
        found = Some(5);
        coop!();
        found
    }

    #[cps]
    fn inferred_through_two_suspensions(log: &Log) -> usize {
        let mut grid = Vec::new();
        let mut row = Vec::new();
        coop!();
        row.push("x");
        coop!();
        grid.push(row);
        log.note(format!("{grid:?}"));
        grid.len()
    }

    #[cps]
    fn inferred_collect(log: &Log, words: &[&str]) -> Vec<String> {
        let upper: Vec<_> = words.iter().map(|word| word.to_uppercase()).collect();
        coop!();
        let total = upper.iter().map(String::len).sum::<usize>();
        coop!();
        log.note(total);
        upper
    }

    #[cps]
    fn annotated(log: &Log) -> u64 {
        let n: u64 = 7;
        let text: String = "abc".into();
        let list: Vec<_> = text.bytes().collect();
        coop!();
        log.note(&text);
        n + list.len() as u64
    }

    #[cps]
    fn patterns(log: &Log, pair: Pair, triple: (u8, (u16, [u32; 2]))) -> u32 {
        let Pair { left, right } = pair;
        let (a, (b, [c, ..])) = triple;
        coop!();
        left.touch();
        log.note(format!("{right} {a} {b} {c}"));
        let (mut x, y) = (right, c);
        x += 1;
        coop!();
        x + y
    }

    #[cps]
    fn patterns_from_suspension(log: &Log) -> u32 {
        let (a, mut b) = call!(give((1, 2)));
        b += a;
        let [c, d] = call!(give([b, 4]));
        coop!();
        log.note(c + d);
        a + b + c + d
    }

    #[cps]
    fn binding_at(log: &Log, value: u32) -> u32 {
        let all @ (low, _) = (value % 10, value / 10);
        coop!();
        log.note(format!("{all:?} {low}"));
        all.1
    }

    #[cps]
    fn deferred(log: &Log, yes: bool) -> u32 {
        let value;
        if yes {
            value = 1;
        } else {
            value = call!(give(2));
        }
        coop!();
        log.note(value);
        value
    }

    #[cps]
    fn deferred_past_a_suspension(log: &Log) -> String {
        let name;
        log.note("before");
        coop!();
        name = String::from("late");
        coop!();
        name
    }

    #[cps]
    fn deferred_tracked(log: &Log, yes: bool) {
        let value;
        coop!();
        if yes {
            value = log.tracked("assigned");
            value.touch();
            coop!();
        } else {
            coop!();
        }
        log.note("end of scope");
    }

    #[cps]
    fn shadowed(log: &Log) -> String {
        let x = log.tracked("first");
        coop!();
        let x = (x, log.tracked("second"));
        coop!();
        let x = format!("{:?}", x);
        {
            let x = x.len();
            coop!();
            let x = x * 2;
            coop!();
            log.note(x);
        }
        coop!();
        x
    }

    #[cps]
    fn shadowed_guards(log: &Log) {
        let guard = log.tracked("one");
        guard.touch();
        let guard = log.tracked("two");
        guard.touch();
        coop!();
        let guard = log.tracked("three");
        coop!();
        guard.touch();
    }

    #[cps]
    fn shadowed_parameters(log: &Log, n: u32, name: Tracked) -> u32 {
        let n = n + 1;
        let name = log.tracked(format!("copy of {}", name.name()));
        coop!();
        name.touch();
        for n in 0..n {
            let n = n * 10;
            coop!();
            log.note(n);
        }
        n
    }

    #[cps]
    fn shadowed_in_arms(log: &Log, x: Option<u32>) -> u32 {
        match x {
            Some(x) => {
                let x = x + 1;
                coop!();
                log.note(x);
                x
            }
            None => {
                let x = 9;
                coop!();
                x
            }
        }
    }

    #[cps]
    fn shadowed_and_still_needed(log: &Log) -> u32 {
        let x = 1;
        {
            let x = 2;
            coop!();
            {
                let x = x + 20;
                coop!();
                log.note(x);
            }
            log.note(x);
            coop!();
        }
        coop!();
        x
    }

    #[cps]
    fn blocks(log: &Log) -> u32 {
        let a = {
            let inner = log.tracked("inner");
            coop!();
            inner.name().len() as u32
        };
        let b = {
            log.note(a);
            {
                log.note("deeper");
                call!(give(a)) + 1
            }
        };
        {}
        {
            coop!()
        };
        a + b
    }

    #[cps]
    fn constants_and_items(log: &Log) -> u32 {
        const STEP: u32 = 3;
        static NAME: &str = "name";
        #[derive(Clone, Copy)]
        struct Local(u32);
        fn twice(n: u32) -> u32 {
            n * 2
        }
        let local = Local(STEP);
        coop!();
        log.note(NAME);
        let after = twice(local.0) + LATER;
        const LATER: u32 = 100;
        coop!();
        use std::cmp::max;
        max(after, STEP)
    }
}

#[test]
fn types_are_inferred_across_suspensions() {
    assert_same!(|log| inferred_from_later_use(log));
    assert_same!(|log| inferred_option(log));
    assert_same!(|log| inferred_through_two_suspensions(log));
    assert_same!(|log| inferred_collect(log, &["a", "bc"]));
    assert_same!(|log| annotated(log));
}

#[test]
fn patterns_bind() {
    assert_same!(|log| patterns(
        log,
        Pair {
            left: log.tracked("left"),
            right: 3
        },
        (1, (2, [3, 4]))
    ));
    assert_same!(|log| patterns_from_suspension(log));
    assert_same!(|log| binding_at(log, 42));
}

#[test]
fn initialisation_may_come_later() {
    for yes in [false, true] {
        assert_same!(|log| deferred(log, yes));
        assert_same!(|log| deferred_tracked(log, yes));
    }
    assert_same!(|log| deferred_past_a_suspension(log));
}

#[test]
fn names_are_shadowed_as_in_rust() {
    assert_same!(|log| shadowed(log));
    assert_same!(|log| shadowed_guards(log));
    assert_same!(|log| shadowed_parameters(log, 2, log.tracked("parameter")));
    assert_same!(|log| shadowed_in_arms(log, Some(1)));
    assert_same!(|log| shadowed_in_arms(log, None));
    assert_same!(|log| shadowed_and_still_needed(log));
}

#[test]
fn blocks_and_items_stand_in_bodies() {
    assert_same!(|log| blocks(log));
    assert_same!(|log| constants_and_items(log));
}
