//! Items, attributes and macros inside a body, before and behind suspensions.

#![deny(warnings)]
#![warn(clippy::all)]
#![allow(
    unreachable_code,
    clippy::never_loop,
    clippy::let_and_return,
    clippy::needless_range_loop,
    clippy::needless_late_init,
    clippy::diverging_sub_expression
)]
#![allow(
    clippy::items_after_statements,
    clippy::needless_return,
    clippy::vec_init_then_push,
    clippy::question_mark
)]

use std::fmt::{self, Display, Write as _};

use behaviour::{Log, assert_same, both};

macro_rules! double {
    ($e:expr) => {
        $e * 2
    };
}

macro_rules! two {
    ($a:expr; $b:expr) => {{
        let first = $a;
        let second = $b;
        first + second
    }};
}

macro_rules! hash {
    ($($key:expr => $value:expr),* $(,)?) => {{
        let mut map = ::std::collections::BTreeMap::new();
        $(map.insert($key, $value);)*
        map
    }};
}

macro_rules! pattern {
    ($p:pat) => {
        Some($p)
    };
}

macro_rules! number {
    () => {
        u32
    };
}

#[both]
mod cases {
    #[cps]
    fn items(log: &Log, n: u32) -> u32 {
        #![allow(non_upper_case_globals)]
        const first: u32 = 10;
        static TABLE: [u32; 3] = [1, 2, LATE];
        use std::cmp::max;
        let a = max(n, first) + plus(LATE);
        coop!();
        fn plus(n: u32) -> u32 {
            n + 1
        }
        struct Pair<T> {
            left: T,
            right: T,
        }
        impl<T: Copy + std::ops::Add<Output = T>> Pair<T> {
            const NAME: &'static str = "pair";
            fn sum(&self) -> T {
                self.left + self.right
            }
        }
        impl<T: Display> Display for Pair<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let n = &self.left;
                write!(f, "{n} {}", self.right)
            }
        }
        let pair = Pair { left: a, right: 5 };
        const LATE: u32 = 3;
        coop!();
        log.note(&pair);
        log.note(Pair::<u8>::NAME);
        type Number = u32;
        let b: Number = pair.sum() + TABLE[1] + TABLE[2];
        enum Kind {
            Even,
            Odd,
        }
        use Kind::*;
        let kind = if b.is_multiple_of(2) { Even } else { Odd };
        coop!();
        trait Named {
            fn named(&self) -> &'static str;
        }
        impl Named for Kind {
            fn named(&self) -> &'static str {
                match self {
                    Even => "even",
                    Odd => "odd",
                }
            }
        }
        log.note(kind.named());
        mod inner {
            pub(super) fn three() -> u32 {
                3
            }
        }
        b + inner::three()
    }

    #[cps]
    fn items_in_blocks(log: &Log, n: u32) -> u32 {
        let a = {
            const N: u32 = 1;
            coop!();
            fn f() -> u32 {
                N + 1
            }
            f() + n
        };
        let b = {
            const N: u32 = 2;
            coop!();
            fn f() -> u32 {
                N + 1
            }
            f()
        };
        let mut sum = 0;
        for i in 0..2 {
            use std::cmp::min as least;
            static STEP: u32 = 5;
            coop!();
            sum += least(i, STEP) + STEP;
        }
        if a > b {
            struct Unit;
            coop!();
            let _unit = Unit;
            log.note("unit");
        } else {
            struct Number(u32);
            coop!();
            log.note(Number(3).0);
        }
        a * 100 + b + sum
    }

    #[cps]
    fn items_shadowed(n: u32) -> u32 {
        fn f() -> u32 {
            1
        }
        let a = f();
        let b = {
            fn f() -> u32 {
                2
            }
            coop!();
            f()
        };
        coop!();
        a * 10 + b + f() * 100 + n
    }

    #[cps]
    fn generic_items<T: Display + Send>(value: T) -> String {
        struct Shown<U>(U);
        impl<U: Display> Shown<U> {
            fn show(self) -> String {
                format!("<{}>", self.0)
            }
        }
        let shown = Shown(value);
        coop!();
        shown.show()
    }

    #[cps]
    fn macros_of_the_file(log: &Log, list: Vec<u32>) -> u32 {
        let mut sum = 0;
        for n in list {
            let m = double!(n);
            coop!();
            sum += double!(m) + two!(n; m);
        }
        let total = sum + 1;
        coop!();
        let map = hash! { "a" => total, "b" => sum };
        coop!();
        log.note(format!("{map:?}"));
        if let pattern!(n) = map.get("a") {
            let n: number!() = *n;
            coop!();
            sum += n;
        }
        sum + 1000
    }

    #[cps]
    fn conditional_statements(log: &Log) -> u32 {
        #[cfg(not(windows))]
        let a = 1;
        #[cfg(any())]
        let a = missing;
        coop!();
        #[cfg(not(windows))]
        log.note("there");
        #[cfg(any())]
        log.missing("not there");
        #[cfg(any())]
        {
            missing();
        }
        #[cfg(not(windows))]
        {
            log.note("block");
        }
        coop!();
        match a {
            #[cfg(any())]
            1 => missing,
            #[cfg(not(windows))]
            1 => {
                coop!();
                log.note("one");
                10
            }
            _ => 20,
        }
    }

    #[cps]
    fn attributes_inside(log: &Log, list: &[u32]) -> u32 {
        #[allow(unused_variables)]
        let unused = 1;
        #[allow(clippy::needless_range_loop)]
        for i in 0..list.len() {
            coop!();
            log.note(list[i]);
        }
        #[allow(unused_mut)]
        let mut sum = call!(give(1));
        if sum > 0 {
            coop!();
        }
        #[allow(clippy::let_and_return)]
        {
            coop!();
            let value = sum;
            value
        }
    }

    #[cps]
    fn uninitialised(log: &Log, n: u32) -> String {
        let kind;
        let tracked;
        if n == 0 {
            kind = "zero";
            tracked = log.tracked("z");
        } else if n == 1 {
            coop!();
            kind = "one";
            coop!();
            tracked = log.tracked("o");
        } else {
            tracked = log.tracked("m");
            kind = match call!(give(n)) {
                2 => "two",
                _ => {
                    coop!();
                    return "many".to_owned();
                }
            };
        }
        coop!();
        tracked.touch();
        let late: u32;
        loop {
            coop!();
            if n < 5 {
                late = n;
                break;
            }
        }
        let mut never_used_before;
        never_used_before = late + 1;
        coop!();
        never_used_before += 1;
        format!("{kind} {late} {never_used_before}")
    }

    #[cps]
    fn uninitialised_in_a_loop(log: &Log, list: Vec<u32>) -> u32 {
        let mut sum = 0;
        let last;
        for n in list {
            let name;
            match n {
                0 => {
                    coop!();
                    name = "zero".to_owned();
                }
                1 => name = call!(give("one".to_owned())),
                _ => continue,
            }
            coop!();
            log.note(name);
            sum += n;
        }
        last = sum;
        coop!();
        last
    }

    #[cps]
    fn diverging(log: &Log, n: u32) -> u32 {
        let a = if n > 5 { return n } else { n };
        coop!();
        let b = match a {
            0 => return call!(give(100)),
            1 => panic!("one"),
            2 => {
                coop!();
                todo!()
            }
            n => n,
        };
        log.note(b);
        let c = loop {
            coop!();
            if b == 3 {
                break return 7;
            }
            break b;
        };
        let d = c + if c == 4 {
            return {
                coop!();
                8
            };
        } else {
            1
        };
        coop!();
        return d + return_five(return call!(give(d)));
    }

    fn return_five(_: u32) -> u32 {
        5
    }

    #[cps]
    fn questions(
        log: &Log,
        texts: &[&str],
    ) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        let first: u32 = texts.first().ok_or("none")?.parse()?;
        let _guard = log.tracked("guard");
        let second = call!(give(texts.get(1)))
            .ok_or_else(|| "one".to_owned())?
            .len();
        let sum = {
            coop!();
            first + texts[1].parse::<u32>()?
        } + match texts.get(2) {
            Some(text) => {
                coop!();
                text.parse::<u32>()?
            }
            None => Err(std::fmt::Error)?,
        };
        let mut text = String::new();
        for (i, t) in texts.iter().enumerate() {
            write!(text, "{}", call!(give(i)))?;
            if call!(parse(t))? > 50 {
                Err("large")?;
            }
        }
        log.note(text);
        let half =
            (|| -> Option<u32> { sum.checked_sub(first)?.checked_div(2) })().ok_or("half")?;
        Ok(half + call!(parse(texts[0]))? + second as u32)
    }

    #[cps]
    fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
        coop!();
        Ok(text.parse::<u32>()? + call!(give(text)).parse::<u32>()?)
    }

    #[cps]
    fn question_on_options(log: &Log, list: &[Option<u32>]) -> Option<u32> {
        let mut sum = 0;
        for n in list {
            sum += call!(give(*n))?;
            let guard = log.tracked(format!("{sum}"));
            coop!();
            let m = list.iter().copied().flatten().nth(sum as usize)?;
            guard.touch();
            sum += m;
        }
        Some(sum)
            .filter(|n| *n > 0)?
            .checked_add(call!(give(Some(1)))?)
    }
}

#[test]
fn items_inside_a_body() {
    assert_same!(|log| items(log, 3));
    assert_same!(|log| items_in_blocks(log, 3));
    assert_same!(|_log| items_shadowed(3));
    assert_same!(|_log| generic_items(3));
}

#[test]
fn macros_used_inside() {
    assert_same!(|log| macros_of_the_file(log, vec![1, 2]));
}

#[test]
fn attributes_on_statements() {
    assert_same!(|log| conditional_statements(log));
    assert_same!(|log| attributes_inside(log, &[1, 2]));
}

#[test]
fn uninitialised_and_diverging() {
    for n in 0..4 {
        assert_same!(|log| uninitialised(log, n));
    }
    assert_same!(|log| uninitialised_in_a_loop(log, vec![0, 1, 2]));
    for n in 0..7 {
        assert_same!(|log| diverging(log, n));
    }
}

#[test]
fn question_marks() {
    for texts in [
        &[][..],
        &["1"],
        &["1", "x"],
        &["1", "2"],
        &["1", "2", "3"],
        &["60", "2", "3"],
    ] {
        assert_same!(|log| questions(log, texts));
    }
    assert_same!(|log| question_on_options(log, &[Some(1), Some(2), None]));
    assert_same!(|log| question_on_options(log, &[Some(1)]));
}
