//! Signatures: generics, where clauses, lifetimes, `impl Trait`, const generics, slices,
//! attributes, visibility, imports.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::while_let_on_iterator)]

use std::fmt::{Debug, Display};

use behaviour::{Log, Tracked, assert_same, both};

trait Area {
    const SIDES: u32;
    fn area(&self) -> u32;
}

#[derive(Clone, Debug)]
struct Square(u32);

impl Area for Square {
    const SIDES: u32 = 4;
    fn area(&self) -> u32 {
        self.0 * self.0
    }
}

fn tracked_square(log: &Log) -> (Square, Tracked) {
    (Square(3), log.tracked("square's"))
}

#[both]
mod cases {
    #[cps]
    fn generic<T: Area + Send, U>(log: &Log, shape: T, with: U) -> (u32, U)
    where
        U: Send + Debug,
    {
        let area = shape.area();
        coop!();
        log.note(format!("{with:?} {}", T::SIDES));
        (area + call!(give(shape)).area(), with)
    }

    #[cps]
    fn generic_explicit<T: Default + Display + Send>(log: &Log) -> String {
        let made = T::default();
        coop!();
        log.note(&made);
        made.to_string()
    }

    #[cps]
    fn calls_generics(log: &Log) -> (String, String, Vec<u8>) {
        let a = call!(generic_explicit::<u32>(log));
        let b = call!(generic_explicit::<bool>(log));
        let c = call!(give::<Vec<u8>>(vec![1]));
        (a, b, c)
    }

    #[cps]
    fn generic_locals<T: Clone + Send>(value: T, count: usize) -> Vec<Option<T>> {
        let mut copies = Vec::with_capacity(count);
        let mut last = None;
        while copies.len() < count {
            coop!();
            copies.push(last);
            last = Some(value.clone());
        }
        copies
    }

    #[cps]
    fn generic_where_projection<I>(log: &Log, items: I) -> u32
    where
        I: IntoIterator + Send,
        I::IntoIter: Send,
        I::Item: Into<u32> + Send,
    {
        let mut sum = 0;
        for item in items {
            coop!();
            sum += item.into();
        }
        log.note(sum);
        sum
    }

    #[cps]
    fn impl_arguments(
        log: &Log,
        items: impl Iterator<Item = u32> + Send,
        name: impl Into<String> + Send,
    ) -> String {
        let mut sum = 0;
        for item in items {
            coop!();
            sum += item;
        }
        let name = { name }.into();
        coop!();
        log.note(sum);
        format!("{name} {sum}")
    }

    #[cps]
    fn function_argument<F>(log: &Log, times: u32, mut step: F) -> u32
    where
        F: FnMut(u32) -> u32 + Send,
    {
        let mut value = 1;
        for _ in 0..times {
            value = step(value);
            coop!();
            log.note(value);
        }
        value
    }

    #[cps]
    fn const_generic<const N: usize>(log: &Log, values: [u32; N]) -> [u32; N] {
        let mut doubled = [0; N];
        for i in 0..N {
            coop!();
            doubled[i] = values[i] * 2;
        }
        log.note(N);
        doubled
    }

    #[cps]
    fn const_generic_explicit<const STEP: u32, T: Send>(value: T) -> (u32, T) {
        coop!();
        (STEP, value)
    }

    #[cps]
    fn calls_const_generic() -> (u32, char) {
        call!(const_generic_explicit::<7, _>('x'))
    }

    #[cps]
    fn named_lifetime<'a>(log: &Log, long: &'a str, other: &str) -> &'a str {
        coop!();
        log.note(other);
        let (head, _) = long.split_at(2);
        coop!();
        head
    }

    #[cps]
    fn two_lifetimes<'a, 'b: 'a>(first: &'a str, second: &'b str, swap: bool) -> &'a str {
        coop!();
        if swap { second } else { first }
    }

    #[cps]
    fn elided_lifetime(text: &str) -> &str {
        coop!();
        let trimmed = text.trim();
        coop!();
        trimmed
    }

    #[cps]
    fn elided_in_types(
        log: &Log,
        words: std::slice::Iter<'_, &'static str>,
    ) -> Option<std::str::Chars<'static>> {
        let mut last = None;
        for word in words {
            coop!();
            log.note(word);
            last = Some(word.chars());
        }
        last
    }

    #[cps]
    fn slices(log: &Log, text: &str, bytes: &[u8], out: &mut [u8]) -> usize {
        let mut at = 0;
        while at < out.len().min(bytes.len()) {
            coop!();
            out[at] = bytes[at];
            at += 1;
        }
        log.note(text);
        out.len() + text.len()
    }

    #[cps]
    fn fills_slices(log: &Log) -> Vec<u8> {
        let mut out = vec![0; 4];
        let n = call!(slices(log, "text", &[1, 2], &mut out));
        log.note(n);
        out
    }

    #[cps]
    fn trait_object(
        log: &Log,
        show: &(dyn Display + Sync),
        mut numbers: Box<dyn Iterator<Item = u32> + Send>,
    ) -> u32 {
        let mut sum = 0;
        while let Some(n) = numbers.next() {
            coop!();
            sum += n;
        }
        log.note(show);
        sum
    }

    #[cps]
    fn function_pointer(log: &Log, f: fn(u32) -> u32, g: impl Fn(u32) -> u32 + Send + Copy) -> u32 {
        coop!();
        let n = f(3);
        coop!();
        log.note(n);
        g(n) + g(1)
    }

    #[cps]
    fn mutable_parameters(mut n: u32, mut list: Vec<u32>) -> Vec<u32> {
        while n > 0 {
            list.push(n);
            n -= 1;
            coop!();
        }
        list
    }

    #[cps]
    fn returns_impl_trait(upto: u32) -> impl Iterator<Item = u32> + Send + std::fmt::Debug {
        let from = call!(give(1));
        from..upto
    }

    #[cps]
    fn uses_impl_trait(log: &Log) -> u32 {
        let mut sum = 0;
        for n in call!(returns_impl_trait(4)) {
            coop!();
            log.note(n);
            sum += n;
        }
        sum
    }

    #[cps]
    fn no_suspension(n: u32) -> u32 {
        n + 1
    }

    #[cps]
    fn empty() {}

    #[cps]
    fn only_coop() {
        coop!();
    }

    #[cps]
    fn impl_trait_values_in_locals(log: &Log, upto: u32) -> u32 {
        fn evens(upto: u32) -> impl Iterator<Item = u32> + Send {
            (0..upto).filter(|n| n % 2 == 0)
        }
        let mut numbers = evens(upto);
        let scale = |n: u32| n * 10;
        coop!();
        let first = numbers.next().map(scale);
        coop!();
        log.note(format!("{first:?}"));
        let mut sum = 0;
        for n in numbers {
            coop!();
            sum += scale(n);
        }
        sum
    }

    pub(crate) mod nested {
        use super::*;

        /// Visible where the module is.
        #[cps]
        pub(crate) fn public(n: u32) -> u32 {
            coop!();
            n + 1
        }

        #[cps]
        pub(crate) fn of_the_crate(n: u32) -> u32 {
            let m = call!(private(n));
            call!(self::private(m)) + call!(super::no_suspension(m))
        }

        #[cps]
        fn private(n: u32) -> u32 {
            coop!();
            n * 2
        }
    }

    #[cps]
    fn through_imports(log: &Log) -> u32 {
        use nested::of_the_crate as renamed;
        use nested::public;
        let a = call!(public(1));
        let b = call!(renamed(a));
        let c = call!(nested::public(b));
        log.note(c);
        public(c) + renamed(c)
    }
}

static TEXT: &str = "  some text ";

#[test]
fn generics_and_bounds() {
    assert_same!(|log| generic(log, Square(3), log.tracked("with")));
    assert_same!(|log| calls_generics(log));
    assert_same!(|_log| generic_locals("x", 3));
    assert_same!(|log| generic_locals(tracked_square(log).0, 2));
    assert_same!(|log| generic_where_projection(log, vec![1u8, 2, 3]));
    assert_same!(|log| const_generic(log, [1, 2, 3]));
    assert_same!(|_log| calls_const_generic());
}

#[test]
fn impl_trait_and_closures_as_arguments() {
    assert_same!(|log| impl_arguments(log, [1, 2].into_iter(), "name"));
    assert_same!(|log| function_argument(log, 3, {
        let mut calls = 0;
        move |n| {
            calls += 1;
            n * 2 + calls
        }
    }));
    assert_same!(|log| function_pointer(log, |n| n + 1, |n| n * 3));
    assert_same!(|log| trait_object(log, &"shown", Box::new(0..3)));
    assert_same!(|log| impl_trait_values_in_locals(log, 7));
    assert_same!(|log| uses_impl_trait(log));
}

#[test]
fn lifetimes_named_and_elided() {
    assert_same!(|log| named_lifetime(log, TEXT, "other"));
    assert_same!(|_log| two_lifetimes(TEXT, "second", true));
    assert_same!(|_log| two_lifetimes(TEXT, "second", false));
    assert_same!(|_log| elided_lifetime(TEXT));
    assert_same!(|log| elided_in_types(log, ["one", "two"].iter()));
    assert_same!(|log| fills_slices(log));
}

#[test]
fn results_may_borrow_from_the_callers_own_values() {
    let text = String::from("  borrowed ");
    let trimmed: &str = moved::elided_lifetime(&text);
    assert_eq!(trimmed, plain::elided_lifetime(&text));
    let mut out = [0; 3];
    assert_eq!(
        moved::slices(Log::forever(), &text, trimmed.as_bytes(), &mut out),
        14
    );
    assert_eq!(&out, b"bor");
}

#[test]
fn parameters_of_all_kinds() {
    assert_same!(|_log| mutable_parameters(3, vec![9]));
    assert_same!(|_log| no_suspension(1));
    assert_same!(|_log| empty());
    assert_same!(|_log| only_coop());
}

#[test]
fn names_are_imported_with_their_siblings() {
    assert_same!(whole | log | through_imports(log));
    assert_same!(|_log| nested::public(1));
}
