//! Macros of the author's that declare locals and items, which are used behind a suspension.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, assert_same, both};

macro_rules! declare {
    ($name:ident = $value:expr) => {
        let $name = $value;
    };
}

macro_rules! declare_mut {
    ($($name:ident: $value:expr),*) => {
        $(let mut $name = $value;)*
    };
}

macro_rules! take_apart {
    ($pat:pat = $value:expr, $other:expr) => {
        let $pat = $value else { return $other };
    };
}

macro_rules! tracked {
    ($log:ident, $($name:ident),*) => {
        $(let $name = $log.tracked(stringify!($name));)*
    };
}

macro_rules! note {
    ($log:expr, $($key:ident = $value:expr),*) => {
        $($log.note(format!("{} {}", stringify!($key), $value));)*
    };
}

macro_rules! raise {
    ($n:ident) => {
        $n += 1;
    };
}

macro_rules! look_at {
    ($($value:expr),*) => {
        $(let _ = &$value;)*
    };
}

macro_rules! sum {
    ($($n:expr),*) => { 0 $(+ $n)* };
}

#[both]
mod cases {
    #[cps]
    fn one(log: &Log) -> u32 {
        declare!(x = 1);
        coop!();
        log.note(x);
        x
    }

    #[cps]
    fn handed_in_blocks(log: &Log, mut n: u32) -> u32 {
        let tracked = log.tracked("tracked");
        let mut turns = 0;
        {
            raise!(n);
            look_at!(tracked, n);
            coop!();
            log.note(n);
        }
        loop {
            raise!(turns);
            look_at!(n, turns, tracked);
            coop!();
            if turns > 2 {
                raise!(n);
                coop!();
                break;
            }
            raise!(n);
        }
        tracked.touch();
        n + turns
    }

    #[cps]
    fn some(log: &Log, pair: bool) -> u32 {
        take_apart!(
            Some((n, tracked)) = pair.then(|| (3, log.tracked("part"))),
            0
        );
        let _later = log.tracked("later");
        coop!();
        tracked.touch();
        declare_mut!(a: n, b: String::new());
        coop!();
        a += 1;
        b.push('x');
        coop!();
        a + b.len() as u32
    }

    #[cps]
    fn to_the_end_of_their_scope(log: &Log) {
        let _before = log.tracked("before");
        {
            tracked!(log, first, second);
            log.note("in");
            coop!();
            first.touch();
            drop(second);
            coop!();
            log.note("end of block");
        }
        log.note("behind");
    }

    #[cps]
    fn in_turns(log: &Log, upto: u32) -> u32 {
        let mut sum = 0;
        for n in 0..upto {
            declare!(twice = n * 2);
            if n == 2 {
                continue;
            }
            coop!();
            tracked!(log, kept);
            coop!();
            kept.touch();
            sum += twice;
        }
        sum
    }

    #[cps]
    fn by_words(log: &Log, n: u32) -> u32 {
        declare!(x = n);
        coop!();
        declare!(y = x + 1);
        note!(log, x = y, sum = 3);
        coop!();
        note!(log, sum = x, y = 2);
        let text = format!("{x} {y}");
        log.note(text);
        sum!(x, y)
    }

    #[cps]
    fn keys_are_no_names(log: &Log) -> u32 {
        note!(log, count = 1, rate = 2);
        coop!();
        note!(log, rate = 3, count = 4);
        let count = 5;
        coop!();
        note!(log, rate = count);
        count
    }

    #[cps]
    fn shadows(log: &Log) -> String {
        let name = String::from("a");
        declare!(other = name.clone() + "b");
        coop!();
        let name = {
            coop!();
            declare!(new = other.clone() + &name);
            let other = log.tracked("other");
            coop!();
            other.touch();
            new + &name
        };
        log.note(&name);
        coop!();
        name + &other
    }

    #[cps]
    fn functions_are_handed_on(log: &Log) -> u32 {
        fn helper(n: u32) -> u32 {
            n + 1
        }
        let n: u32 = sum!(helper(1), apply(helper));
        coop!();
        log.note(n);
        n + apply(helper)
    }

    #[cps]
    fn counted(log: &Log, n: u32) -> u32 {
        thread_local! {
            static COUNT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
        }
        COUNT.set(n);
        for _ in 0..n {
            coop!();
            log.note("turn");
        }
        thread_local!(static OTHER: std::cell::Cell<u32> = const { std::cell::Cell::new(1) });
        OTHER.get()
    }

    #[cps]
    fn rules_that_name_locals(log: &Log, upto: u32) -> u32 {
        let mut n = 0;
        let kept = log.tracked("kept");
        macro_rules! bump {
            () => {
                n += 1;
                kept.touch();
            };
            ($by:expr) => {{
                let m = n + $by;
                log.note(format!("{} {m}", n));
                n = m;
            }};
        }
        bump!();
        coop!();
        for _ in 0..upto {
            bump!(n);
            coop!();
            bump!();
        }
        n
    }

    #[cps]
    fn rules_by_rules(log: &Log) -> u32 {
        let step = 2;
        macro_rules! add {
            () => { step };
            ($first:expr $(, $rest:expr)*) => { $first + add!($($rest),*) * step };
        }
        coop!();
        macro_rules! both {
            ($n:expr) => {
                (add!($n, 1), Some(step).map(|found| found + 1))
            };
        }
        let step = log.tracked("step");
        coop!();
        let pair = both!(4);
        log.note(format!("{pair:?}"));
        coop!();
        step.touch();
        match pair {
            (n, Some(m)) => n + m + add!(n),
            _ => add!(),
        }
    }

    #[cps]
    fn rules_of_their_own_words(log: &Log) -> u32 {
        let n = 3;
        macro_rules! square {
            ($e:expr) => {{
                let n = $e;
                n * n
            }};
        }
        coop!();
        log.note(square!(n + 1));
        {
            let n = log.tracked("n");
            macro_rules! touch {
                () => {
                    n.touch()
                };
            }
            coop!();
            touch!();
        }
        n
    }
}

impl Parser {
    #[insideout::cps]
    fn number(&mut self) -> Option<u32> {
        macro_rules! peek {
            () => {
                self.text.as_bytes().get(self.at).copied()
            };
        }
        let mut number = 0;
        while let Some(digit @ b'0'..=b'9') = peek!() {
            self.at += 1;
            insideout::coop!();
            number = number * 10 + u32::from(digit - b'0');
        }
        (self.at > 0).then_some(number)
    }
}

struct Parser {
    text: &'static str,
    at: usize,
}

fn apply(f: fn(u32) -> u32) -> u32 {
    f(7)
}

#[test]
fn locals() {
    assert_same!(|log| one(log));
    assert_same!(|log| handed_in_blocks(log, 3));
    assert_same!(|log| some(log, false));
    assert_same!(|log| some(log, true));
    assert_same!(|log| to_the_end_of_their_scope(log));
    assert_same!(|log| in_turns(log, 4));
    assert_same!(|log| shadows(log));
}

#[test]
fn words() {
    assert_same!(|log| by_words(log, 3));
    assert_same!(|log| keys_are_no_names(log));
}

#[test]
fn items() {
    assert_same!(|log| functions_are_handed_on(log));
    assert_same!(|log| counted(log, 3));
}

#[test]
fn rules() {
    assert_same!(|log| rules_that_name_locals(log, 3));
    assert_same!(|log| rules_by_rules(log));
    assert_same!(|log| rules_of_their_own_words(log));
    let mut parser = Parser {
        text: "123x",
        at: 0,
    };
    assert_eq!(parser.number(), Some(123));
}
