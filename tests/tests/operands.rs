//! Suspension points in every expression position, in Rust's order of evaluation.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(
    clippy::let_unit_value,
    clippy::never_loop,
    clippy::unit_cmp,
    clippy::useless_vec
)]

use behaviour::{Log, Tracked, assert_same, both};

fn add3(a: u32, b: u32, c: u32) -> u32 {
    a * 100 + b * 10 + c
}

#[derive(Clone, Debug, PartialEq)]
struct Config {
    width: u32,
    height: u32,
    name: String,
}

#[derive(Debug)]
struct Meter(u32);

impl Meter {
    fn add(&mut self, a: u32, b: u32) -> &mut Self {
        self.0 += a * 10 + b;
        self
    }

    fn read(&self) -> u32 {
        self.0
    }
}

#[both]
mod cases {
    /// Notes that it was asked for and hands `value` back after a suspension.
    #[cps]
    fn say<T: Send>(log: &Log, what: &str, value: T) -> T {
        log.note(what);
        coop!();
        value
    }

    #[cps]
    fn arguments(log: &Log) -> u32 {
        let first = add3(
            call!(say(log, "a", 1)),
            log.value("b", 2),
            log.value("c", 3),
        );
        let middle = add3(
            log.value("d", 4),
            call!(say(log, "e", 5)),
            log.value("f", 6),
        );
        let last = add3(
            log.value("g", 7),
            log.value("h", 8),
            call!(say(log, "i", 9)),
        );
        let all = add3(
            call!(say(log, "j", 1)),
            call!(say(log, "k", 2)),
            call!(say(log, "l", 3)),
        );
        coop!();
        first + middle + last + all
    }

    #[cps]
    fn arguments_tracked(log: &Log) -> Vec<Tracked> {
        fn three(a: Tracked, b: Tracked, c: Tracked) -> Vec<Tracked> {
            vec![c, a, b]
        }
        three(
            log.tracked("a"),
            call!(say(log, "b", log.tracked("b"))),
            log.tracked("c"),
        )
    }

    #[cps]
    fn arguments_of_the_callee(log: &Log) -> u32 {
        #[cps]
        fn sum(log: &Log, a: u32, b: u32) -> u32 {
            coop!();
            log.value("sum", a + b)
        }
        call!(sum(
            log,
            call!(say(log, "a", 1)),
            call!(sum(log, 2, call!(say(log, "b", 3))))
        ))
    }

    #[cps]
    fn unit_suspension_as_operand(log: &Log) -> ((), u8) {
        let pair = (coop!(), log.value("after", 1));
        let nothing = coop!();
        assert_eq!(nothing, pair.0);
        pair
    }

    #[cps]
    fn method_arguments(log: &Log) -> u32 {
        let mut meter = Meter(0);
        meter.add(log.value("a", 1), call!(say(log, "b", 2)));
        meter.add(call!(say(log, "c", 3)), log.value("d", 4));
        coop!();
        meter.read()
    }

    #[cps]
    fn method_chain(log: &Log) -> u32 {
        let text = call!(say(log, "text", " 12 ")).trim().to_owned();
        let chained = call!(say(log, "number", text.parse::<u32>()))
            .map(|n| n + 1)
            .unwrap_or_default()
            .max(call!(say(log, "other", 3)))
            .pow(call!(say(log, "power", 2)));
        log.note(chained);
        chained
    }

    #[cps]
    fn method_receiver(log: &Log) -> usize {
        let n = call!(say(log, "vec", vec![1, 2, 3])).len();
        let m = call!(say(log, "string", String::from("abcd")))
            .as_str()
            .len();
        n + m
    }

    #[cps]
    fn push_a_call(log: &Log) -> Vec<u32> {
        let mut values = Vec::new();
        values.push(call!(say(log, "one", 1)));
        values.push(values.len() as u32 + call!(say(log, "two", 2)));
        values.extend([call!(say(log, "three", 3)), 4]);
        values.insert(call!(say(log, "at", 0)), call!(say(log, "five", 5)));
        values
    }

    #[cps]
    fn replace_by_a_call(log: &Log) -> (u32, u32) {
        let mut n = 1;
        let before = std::mem::replace(&mut n, call!(say(log, "new", 2)));
        coop!();
        (before, n)
    }

    #[cps]
    fn borrow_then_call(log: &Log) -> u32 {
        fn add(to: &mut u32, by: u32) -> u32 {
            *to += by;
            *to
        }
        let mut n = 1;
        let m = add(&mut n, call!(say(log, "by", 4)));
        n * 10 + m
    }

    #[cps]
    fn binary(log: &Log) -> Vec<i64> {
        vec![
            log.value("a", 10) - call!(say(log, "b", 3)),
            call!(say(log, "c", 10)) - log.value("d", 3),
            call!(say(log, "e", 10)) - call!(say(log, "f", 3)),
            2 * (log.value("g", 5) + call!(say(log, "h", 6))) % 7,
            (call!(say(log, "i", 1)) << 4) | 3,
        ]
    }

    #[cps]
    fn binary_takes_operands_early(log: &Log) -> u32 {
        let mut n = 1;
        let sum = n + {
            coop!();
            n = 10;
            log.note(n);
            n
        };
        sum * 100 + n
    }

    #[cps]
    fn comparison(log: &Log) -> [bool; 4] {
        let text = String::from("abc");
        [
            text == call!(say(log, "a", String::from("abc"))),
            call!(say(log, "b", 3)) < log.value("c", 4),
            log.value("d", "x") != call!(say(log, "e", "x")),
            call!(say(log, "f", text.len())) >= 3,
        ]
    }

    #[cps]
    fn short_circuit(log: &Log, a: bool, b: bool) -> [bool; 5] {
        [
            call!(say(log, "a", a)) && log.value("b", b),
            log.value("c", a) && call!(say(log, "d", b)),
            call!(say(log, "e", a)) || call!(say(log, "f", b)),
            log.value("g", a) || call!(say(log, "h", b)) && call!(say(log, "i", a)),
            !(call!(say(log, "j", a)) && call!(say(log, "k", b)) || log.value("l", b)),
        ]
    }

    #[cps]
    fn unary(log: &Log) -> (i32, bool, u8) {
        let boxed = Box::new(5u8);
        (
            -call!(say(log, "a", 3)),
            !call!(say(log, "b", true)),
            *call!(say(log, "c", boxed)),
        )
    }

    #[cps]
    fn index(log: &Log) -> u32 {
        let table = [10, 20, 30];
        let a = table[call!(say(log, "at", 1))];
        let b = call!(say(log, "table", vec![1, 2]))[log.value("zero", 0)];
        let mut grid = vec![vec![1, 2], vec![3, 4]];
        grid[call!(say(log, "row", 1))][call!(say(log, "column", 0))] = call!(say(log, "value", 5));
        coop!();
        a + b + grid[1][0]
    }

    #[cps]
    fn field(log: &Log) -> usize {
        let config = Config {
            width: 1,
            height: 2,
            name: "n".into(),
        };
        let area = call!(say(log, "clone", config.clone())).width * config.height;
        let first = call!(say(log, "pair", (7usize, 8))).0;
        area as usize + first + config.name.len()
    }

    #[cps]
    fn tuple_and_array(log: &Log) -> (Tracked, u8, [u8; 3], [u8; 2]) {
        (
            log.tracked("first"),
            call!(say(log, "a", 1)),
            [
                log.value("b", 2),
                call!(say(log, "c", 3)),
                log.value("d", 4),
            ],
            [call!(say(log, "e", 5)); 2],
        )
    }

    #[cps]
    fn struct_literal(log: &Log) -> Config {
        Config {
            height: call!(say(log, "height", 2)),
            width: log.value("width", 1),
            name: call!(say(log, "name", String::from("made"))),
        }
    }

    #[cps]
    fn struct_update(log: &Log, base: Config) -> (Config, Config) {
        let name = call!(say(log, "short", String::from("short")));
        let one = Config {
            width: call!(say(log, "width", 9)),
            ..base.clone()
        };
        let two = Config {
            name,
            ..call!(say(log, "base", base))
        };
        (one, two)
    }

    #[cps]
    fn range(log: &Log) -> (usize, bool) {
        let sum = (call!(say(log, "from", 1))..call!(say(log, "to", 5))).sum();
        let text = "abcdef";
        let part = &text[call!(say(log, "start", 2))..];
        (sum, (0..=call!(say(log, "end", 3))).contains(&part.len()))
    }

    #[cps]
    fn cast(log: &Log) -> u8 {
        call!(say(log, "big", 300u32)) as u8 + (log.value("small", 1u64) as u8)
    }

    #[cps]
    fn reference(log: &Log) -> usize {
        fn length(text: &str) -> usize {
            text.len()
        }
        length(&call!(say(log, "a", String::from("abc")))) + length(call!(say(log, "b", "de")))
    }

    #[cps]
    fn assignment(log: &Log) -> (u32, Config) {
        let mut n = 1;
        n = n + call!(say(log, "a", 2)) * n;
        let mut config = Config {
            width: 0,
            height: 0,
            name: String::new(),
        };
        config.width = call!(say(log, "b", n));
        config.name = call!(say(log, "c", "named".to_owned()));
        (n, config)
    }

    #[cps]
    fn compound_assignment(log: &Log) -> (u32, String) {
        let mut n = 1;
        n += call!(say(log, "a", 2));
        n *= n + call!(say(log, "b", 1));
        let mut text = String::from("x");
        text += call!(say(log, "c", "y"));
        let mut values = [1, 2];
        values[1] <<= call!(say(log, "d", 2));
        (n + values[1], text)
    }

    #[cps]
    fn compound_assignment_reads_late(log: &Log) -> u32 {
        let mut n = 1;
        log.note(n);
        n += {
            coop!();
            n = 10;
            log.value("five", 5)
        };
        n
    }

    #[cps]
    fn compound_assignment_to_an_effectful_place(log: &Log) -> [u32; 2] {
        let mut values = [1, 2];
        values[log.value("at", 1)] += call!(say(log, "by", 5));
        values
    }

    #[cps]
    fn destructuring_assignment(log: &Log) -> (u32, u32) {
        let (mut a, mut b) = (1, 2);
        coop!();
        (a, b) = (b, call!(say(log, "a", a + 5)));
        coop!();
        [a, _] = [b, a];
        (a, b)
    }

    #[cps]
    fn macros_with_native_arguments(log: &Log, n: u32) -> String {
        let list = vec![n, n + 1];
        coop!();
        let text = format!("{n} {:?} {list:?}", n * 2);
        assert!(list.len() == 2, "two of {n}");
        coop!();
        assert_eq!(text.len(), text.len());
        let is = matches!(list.first(), Some(first) if *first == n);
        log.note(is);
        debug_assert!(is);
        println!("{text}");
        coop!();
        format!("{text}!")
    }

    #[cps]
    fn macros_with_suspending_arguments(log: &Log, n: u32) -> String {
        let text = format!(
            "{} {n} {:?} {named}",
            call!(say(log, "a", n)),
            log.value("b", 2),
            named = call!(say(log, "c", "named")),
        );
        let list = vec![log.value("d", 4), call!(say(log, "e", 5)), 6];
        let ones = vec![call!(say(log, "f", 1)); call!(say(log, "g", 2))];
        assert!(call!(say(log, "h", true)), "h of {text}");
        assert_eq!(call!(say(log, "i", list.len())), 3, "of {text}");
        assert_ne!(list.len(), call!(say(log, "j", 4)));
        println!("{:?}", call!(say(log, "k", ones)));
        text
    }

    #[cps]
    fn block_tails(log: &Log) -> u32 {
        let a = {
            log.note("block");
            call!(say(log, "a", 1))
        };
        let b = if a == 1 { call!(say(log, "b", 2)) } else { 0 };
        a + b + {
            let c = call!(say(log, "c", 3));
            coop!();
            c
        }
    }

    #[cps]
    fn branches_as_operands(log: &Log, n: u32) -> u32 {
        add3(
            if n > 1 { call!(say(log, "a", n)) } else { 1 },
            match call!(say(log, "b", n)) {
                0 => 0,
                m => m + call!(say(log, "c", 1)),
            },
            loop {
                coop!();
                break log.value("d", 4);
            },
        )
    }
}

#[test]
fn arguments_of_functions() {
    assert_same!(|log| arguments(log));
    assert_same!(|log| arguments_tracked(log));
    assert_same!(|log| arguments_of_the_callee(log));
    assert_same!(|log| unit_suspension_as_operand(log));
    assert_same!(|log| replace_by_a_call(log));
    assert_same!(|log| borrow_then_call(log));
    assert_same!(|log| reference(log));
}

#[test]
fn receivers_and_arguments_of_methods() {
    assert_same!(|log| method_arguments(log));
    assert_same!(|log| method_chain(log));
    assert_same!(|log| method_receiver(log));
    assert_same!(|log| push_a_call(log));
}

#[test]
fn operators() {
    assert_same!(|log| binary(log));
    assert_same!(|log| binary_takes_operands_early(log));
    assert_same!(|log| comparison(log));
    assert_same!(|log| unary(log));
    assert_same!(|log| cast(log));
    assert_same!(|log| range(log));
    for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
        assert_same!(|log| short_circuit(log, a, b));
    }
}

#[test]
fn places_and_aggregates() {
    assert_same!(|log| index(log));
    assert_same!(|log| field(log));
    assert_same!(|log| tuple_and_array(log));
    assert_same!(|log| struct_literal(log));
    assert_same!(|log| struct_update(
        log,
        Config {
            width: 3,
            height: 4,
            name: "base".into()
        }
    ));
}

#[test]
fn assignments() {
    assert_same!(|log| assignment(log));
    assert_same!(|log| compound_assignment(log));
    assert_same!(|log| compound_assignment_reads_late(log));
    assert_same!(|log| compound_assignment_to_an_effectful_place(log));
    assert_same!(|log| destructuring_assignment(log));
}

#[test]
fn macros_and_blocks() {
    assert_same!(|log| macros_with_native_arguments(log, 3));
    assert_same!(|log| macros_with_suspending_arguments(log, 3));
    assert_same!(|log| block_tails(log));
    for n in 0..3 {
        assert_same!(|log| branches_as_operands(log, n));
    }
}
