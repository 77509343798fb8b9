//! Parameters of which only bounds are known, taken by the methods of std's traits before, between
//! and in suspensions.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::useless_conversion)]

use behaviour::{Log, Tracked, assert_same, both};

/// A function that takes along what it gives back under another name.
fn naming(value: Tracked) -> impl FnOnce(&'static str) -> Tracked + Send {
    move |name| value.renamed(name)
}

struct Wrapped(Tracked);

impl From<Tracked> for Wrapped {
    fn from(value: Tracked) -> Wrapped {
        Wrapped(value)
    }
}

#[both]
mod cases {
    #[cps]
    fn called_once(log: &Log, f: impl FnOnce(&'static str) -> Tracked + Send) -> usize {
        let made = f("one");
        coop!();
        log.note("called");
        coop!();
        made.name().len()
    }

    #[cps]
    fn called_on_a_way<F>(log: &Log, f: F, yes: bool) -> Option<Tracked>
    where
        F: FnOnce(&'static str) -> Tracked + Send,
    {
        coop!();
        if yes {
            let made = f(call!(name_of(log, "one")));
            coop!();
            log.note("made");
            return Some(made);
        }
        coop!();
        log.note("not called");
        None
    }

    #[cps]
    fn name_of(log: &Log, name: &'static str) -> &'static str {
        coop!();
        log.note(name);
        name
    }

    #[cps]
    fn never_called<F: FnOnce(&'static str) -> Tracked + Send>(log: &Log, f: F) -> usize {
        let _held = &f;
        coop!();
        log.note("it lives on");
        std::mem::size_of::<F>().min(1)
    }

    #[cps]
    fn in_a_loop(
        log: &Log,
        f: Box<dyn FnOnce(&'static str) -> Tracked + Send>,
        upto: u32,
    ) -> Tracked {
        let mut n = 0;
        loop {
            coop!();
            n += 1;
            if n == upto {
                let made = f("boxed");
                coop!();
                log.note(n);
                return made;
            }
        }
    }

    /// What can be called again is not taken by a call.
    #[cps]
    fn called_again<F: Fn(&str) + FnOnce(&str) + Send>(log: &Log, f: F) {
        f("once");
        coop!();
        log.note("it lives on");
    }

    #[cps]
    fn converted(log: &Log, from: impl Into<Wrapped> + Send) -> String {
        let wrapped: Wrapped = from.into();
        coop!();
        log.note("converted");
        coop!();
        wrapped.0.name().to_owned()
    }

    #[cps]
    fn converted_if_it_can<T>(log: &Log, from: T) -> Option<u8>
    where
        T: TryInto<u8> + Send,
    {
        coop!();
        let Ok(converted) = from.try_into() else {
            coop!();
            log.note("refused");
            return None;
        };
        coop!();
        Some(converted)
    }

    #[cps]
    fn each<I>(log: &Log, list: I) -> usize
    where
        I: IntoIterator<Item = Tracked, IntoIter: Send> + Send,
    {
        let mut sum = 0;
        for value in list.into_iter().filter(|value| value.name() != "none") {
            coop!();
            log.note(value.name());
            sum += value.name().len();
        }
        sum
    }

    #[cps]
    fn each_of_an_iterator(log: &Log, list: impl Iterator<Item = Tracked> + Send) -> usize {
        let mut sum = 0;
        for value in list.into_iter() {
            coop!();
            log.note(value.name());
            sum += value.name().len();
        }
        sum
    }

    #[cps]
    fn the_rest(log: &Log, mut list: impl Iterator<Item = Tracked> + Send) -> Vec<Tracked> {
        let first = list.next();
        coop!();
        first.iter().for_each(Tracked::touch);
        let rest = list.map(|value| value.renamed("rest")).collect();
        coop!();
        log.note("collected");
        rest
    }
}

#[test]
fn functions_that_are_called_once() {
    assert_same!(|log| called_once(log, naming(log.tracked("f"))));
    for yes in [true, false] {
        assert_same!(|log| called_on_a_way(log, naming(log.tracked("f")), yes));
    }
    assert_same!(|log| never_called(log, naming(log.tracked("f"))));
    for upto in 1..3 {
        assert_same!(|log| in_a_loop(log, Box::new(naming(log.tracked("f"))), upto));
    }
    assert_same!(|log| called_again(log, {
        let value = log.tracked("f");
        move |name: &str| {
            value.touch();
            assert_eq!(name, "once");
        }
    }));
}

#[test]
fn conversions() {
    assert_same!(|log| converted(log, log.tracked("from")));
    assert_same!(|log| converted_if_it_can(log, 7_u32));
    assert_same!(|log| converted_if_it_can(log, 700_u32));
}

#[test]
fn iterators() {
    let three = |log: &Log| ["one", "none", "three"].map(|name| log.tracked(name));
    assert_same!(|log| each(log, three(log)));
    assert_same!(|log| each_of_an_iterator(log, three(log).into_iter()));
    assert_same!(|log| the_rest(log, three(log).into_iter()));
    assert_same!(|log| the_rest(log, std::iter::empty()));
}
