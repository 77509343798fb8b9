//! Macros of the author's in whose expansion `return` and `?` stand, in any position of a leg.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(clippy::redundant_locals, clippy::unused_unit)]

use behaviour::{Log, Tracked, assert_same, both};

macro_rules! bail {
    ($($words:tt)*) => {
        return Err(format!($($words)*))
    };
}

macro_rules! ensure {
    ($cond:expr, $($words:tt)*) => {
        if !$cond {
            bail!($($words)*);
        }
    };
}

macro_rules! some_or {
    ($option:expr, $other:expr) => {
        match $option {
            Some(value) => value,
            None => return $other,
        }
    };
}

macro_rules! tried {
    ($result:expr) => {
        $result?
    };
}

macro_rules! declare {
    ($name:ident = $value:expr) => {
        let $name = $value;
    };
}

macro_rules! give_back {
    () => {
        return
    };
    ($value:expr) => {
        return $value
    };
}

macro_rules! skip {
    ($label:lifetime) => {
        continue $label
    };
}

macro_rules! skip_if {
    ($cond:expr) => {
        if $cond {
            continue;
        }
    };
}

macro_rules! sum {
    ($($n:expr),*) => { 0 $(+ $n)* };
}

macro_rules! discard {
    ($($any:tt)*) => {};
}

#[derive(Debug, PartialEq)]
enum Failure {
    Number(std::num::ParseIntError),
    Words(String),
}

impl From<std::num::ParseIntError> for Failure {
    fn from(error: std::num::ParseIntError) -> Self {
        Failure::Number(error)
    }
}

impl From<String> for Failure {
    fn from(words: String) -> Self {
        Failure::Words(words)
    }
}

trait Say: Send + std::fmt::Debug {}

impl Say for u32 {}

#[both]
mod cases {
    #[cps]
    fn statements(log: &Log, n: u32) -> Result<u32, String> {
        let _guard = log.tracked("guard");
        ensure!(n != 0, "nothing");
        coop!();
        let later = log.tracked("later");
        if n == 1 {
            bail!("one, {n}");
        }
        let m = call!(give(n));
        ensure!(m < 5, "{m} is too much");
        later.touch();
        let n = match m {
            2 => bail!("two"),
            other => other,
        };
        coop!();
        Ok(n)
    }

    #[cps]
    fn values(log: &Log, words: &[&str]) -> Option<usize> {
        let mut n = 0;
        for word in words {
            let held = log.tracked(*word);
            let (key, value) = some_or!(word.split_once('='), None);
            coop!();
            let number: usize = some_or!(value.parse().ok(), Some(key.len()));
            n += call!(give(number)) + some_or!(key.chars().next(), Some(n)).len_utf8();
            held.touch();
        }
        Some(n)
    }

    #[cps]
    fn questions(log: &Log, text: &str) -> Result<u32, Failure> {
        let _kept = log.tracked("kept");
        let n: u32 = tried!(text.trim().parse::<u32>());
        coop!();
        let m = n + tried!(call_it(n));
        log.note(m);
        let k = call!(give(call_it(m)));
        let k = {
            let k = k;
            tried!(k)
        };
        Ok(call!(give(k)))
    }

    #[cps]
    fn nothing(log: &Log, n: u32) {
        let first = log.tracked("first");
        if n == 0 {
            give_back!();
        }
        coop!();
        first.touch();
        let _second = log.tracked("second");
        for turn in 0..n {
            let _turn = log.tracked("turn");
            coop!();
            if turn == 2 {
                give_back!(());
            }
        }
        log.note("end");
    }

    #[cps]
    fn boxed(n: u32) -> Box<dyn Say> {
        coop!();
        if n > 3 {
            give_back!(Box::new(n));
        }
        let m = call!(give(n));
        Box::new(sum!(m, 1, n))
    }

    #[cps]
    fn in_native_loops(log: &Log, list: Vec<u32>) -> Result<u32, String> {
        declare!(start = 2);
        let mut sum = start;
        for n in &list {
            skip_if!(*n == 3);
            sum += n;
        }
        coop!();
        'outer: for n in list.iter().copied() {
            for m in 0..n {
                if m == 2 {
                    skip!('outer);
                }
                ensure!(n < 6, "{n} of {}", list.len());
                sum += 1;
            }
            log.note(n);
        }
        coop!();
        Ok(sum)
    }

    #[cps]
    fn lent(log: &Log, name: String) -> Result<usize, String> {
        let mut list = vec![1];
        let n = call!(add(&mut list, name.as_str()));
        ensure!(n < 4, "long {name}");
        coop!();
        log.note(&name);
        Ok(list.len() + n)
    }

    #[cps]
    fn add(list: &mut Vec<usize>, name: &str) -> usize {
        coop!();
        list.push(name.len());
        discard!(name);
        name.len()
    }

    #[cps]
    fn whole(log: &Log, tracked: Tracked, how: u32) -> Result<Tracked, String> {
        coop!();
        log.note("in");
        if how == 0 {
            give_back!(Ok(tracked));
        }
        ensure!(how != 1, "dropped");
        coop!();
        Ok(tracked)
    }
}

#[insideout::cps]
fn received(upto: u32) -> Result<u32, String> {
    let mailbox = insideout::Mailbox::bounded(1);
    let mut sum = 0;
    for n in 0..upto {
        if insideout::send!(mailbox, n).is_err() {
            bail!("closed");
        }
        let m = insideout::recv!(mailbox).map_err(|_| "none".to_owned());
        sum += {
            let m = m;
            tried!(m)
        };
        ensure!(sum < 4, "enough");
    }
    Ok(sum)
}

#[test]
fn beside_points_that_are_tried() {
    assert_eq!(received(3), Ok(3));
    assert_eq!(received(5), Err("enough".to_owned()));
}

fn call_it(n: u32) -> Result<u32, String> {
    match n {
        5.. => Err(format!("{n}")),
        n => Ok(n),
    }
}

#[test]
fn returns() {
    for n in 0..6 {
        assert_same!(|log| statements(log, n));
    }
    assert_same!(|log| values(log, &["a=1", "b=2"]));
    assert_same!(|log| values(log, &["a=1", "b", "c=3"]));
    assert_same!(|log| values(log, &["a=1", "bcd=x"]));
    assert_same!(|log| values(log, &["a=1", "=4"]));
    for n in 0..5 {
        assert_same!(|log| nothing(log, n));
        assert_same!(|_log| boxed(n));
    }
    for how in 0..3 {
        assert_same!(|log| whole(log, log.tracked("tracked"), how));
    }
}

#[test]
fn question_marks() {
    for text in ["2", " 3", "6", "x"] {
        assert_same!(|log| questions(log, text));
    }
}

#[test]
fn beside_loops_mailboxes_and_borrows() {
    assert_same!(|log| in_native_loops(log, vec![1, 2, 3]));
    assert_same!(|log| in_native_loops(log, vec![1, 7]));
    assert_same!(|log| lent(log, "abc".into()));
    assert_same!(|log| lent(log, "abcd".into()));
}
