//! Constants in generics, lifetimes, bounds of higher rank, `dyn` and `impl Trait`.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::extra_unused_lifetimes, clippy::needless_lifetimes)]

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::sync::Arc;

use behaviour::{Log, assert_same, both, forever};

#[both]
mod cases {
    #[cps]
    fn arrays<T: Copy + Send + Default, const N: usize, const M: usize>(
        a: [T; N],
        b: [[T; M]; N],
    ) -> ([T; N], usize) {
        let mut all = [T::default(); N];
        let mut i = 0;
        while i < N {
            coop!();
            all[i] = if M > 0 { b[i][M - 1] } else { a[i] };
            i += 1;
        }
        let nothing: [u8; M] = [0; M];
        coop!();
        (all, nothing.len() + M)
    }

    #[cps]
    fn bool_const<const YES: bool, const C: char>(n: u32) -> String {
        coop!();
        if YES {
            format!("{n}{C}")
        } else {
            call!(bool_const::<true, C>(n + 1))
        }
    }

    #[cps]
    fn calls_bool_const() -> String {
        call!(bool_const::<false, 'c'>(1)) + &bool_const::<true, 'd'>(1)
    }

    #[derive(Debug)]
    pub(super) struct Ring<T, const N: usize = 4> {
        items: [Option<T>; N],
        at: usize,
    }

    #[cps]
    impl<T: Send + Copy, const N: usize> Ring<T, N> {
        const SIZE: usize = N;

        #[cps]
        pub(super) fn new() -> Self {
            coop!();
            Ring {
                items: [const { None }; N],
                at: 0,
            }
        }

        #[cps]
        pub(super) fn push(&mut self, item: T) -> Option<T> {
            let at = self.at % Self::SIZE;
            coop!();
            self.at += 1;
            self.items[at].replace(item)
        }
    }

    #[cps]
    fn rings() -> Vec<Option<u32>> {
        let mut ring: Ring<u32> = call!(Ring::new());
        let mut small = call!(Ring::<u32, 2>::new());
        let mut out = Vec::new();
        for i in 0..6 {
            out.push(call!(ring.push(i)));
            out.push(call!(small.push(i * 10)));
        }
        out
    }

    #[cps]
    fn higher_ranked<F>(log: &Log, text: String, f: F) -> usize
    where
        F: for<'x> Fn(&'x str) -> &'x str + Send,
    {
        coop!();
        let part = f(&text).len();
        coop!();
        log.note(part);
        f("abc").len() + part
    }

    #[cps]
    fn several<'a, 'b, 'c: 'a + 'b, T>(
        a: &'a T,
        b: &'b mut Vec<&'c str>,
        c: &'c str,
    ) -> (&'a T, &'b str)
    where
        T: Debug + Sync + ?Sized,
    {
        coop!();
        b.push(c);
        coop!();
        (a, b[0])
    }

    #[cps]
    fn anonymous(
        log: &Log,
        map: &mut BTreeMap<&'_ str, Vec<&'_ str>>,
        key: std::borrow::Cow<'_, str>,
    ) -> usize {
        coop!();
        log.note(key.len());
        map.len() + key.len()
    }

    #[cps]
    fn static_and_elided(a: &'static str, b: &mut [&str]) -> &'static str {
        coop!();
        b[0] = a;
        a
    }

    #[cps]
    fn dyn_arguments(
        log: &Log,
        out: &mut (dyn std::fmt::Write + Send),
        each: &(dyn Fn(u32) -> u32 + Sync),
        mut counter: Box<dyn FnMut() -> u32 + Send + '_>,
        shown: Arc<dyn Display + Send + Sync>,
    ) -> std::fmt::Result {
        for _ in 0..2 {
            coop!();
            let n = counter();
            write!(out, "{} ", each(n))?;
        }
        coop!();
        log.note(&shown);
        out.write_str("end")
    }

    #[cps]
    fn calls_dyn(log: &Log) -> String {
        let mut text = String::new();
        let mut n = 0;
        let counter = move || {
            n += 1;
            n
        };
        call!(dyn_arguments(
            log,
            &mut text,
            &|n| n * 2,
            Box::new(counter),
            Arc::new("shown")
        ))
        .unwrap();
        text
    }

    #[cps]
    fn returns_impl<T: Clone + Send + 'static>(
        value: T,
        n: usize,
    ) -> impl Iterator<Item = T> + Send {
        coop!();
        std::iter::repeat_n(value, n)
    }

    #[cps]
    fn returns_impl_borrowing<'a>(
        text: &'a str,
        by: char,
    ) -> impl Iterator<Item = &'a str> + Send + use<'a> {
        coop!();
        text.split(by)
    }

    #[cps]
    fn returns_impl_fn(n: u32) -> impl FnMut(u32) -> u32 + Send {
        let mut sum = call!(give(n));
        move |m| {
            sum += m;
            sum
        }
    }

    #[cps]
    fn returns_result_of_impl(n: u32) -> Result<impl Display + Send, String> {
        coop!();
        if n == 0 {
            return Err("zero".to_owned());
        }
        let m = n.checked_sub(1).ok_or("never")?;
        coop!();
        Ok(m)
    }

    #[cps]
    fn returns_boxed(n: u32) -> Box<dyn Fn(u32) -> u32 + Send> {
        coop!();
        if n > 3 {
            Box::new(move |m| m + n)
        } else {
            Box::new(|m| m)
        }
    }

    #[cps]
    fn uses_impls(log: &Log) -> Vec<String> {
        let mut out = Vec::new();
        for text in call!(returns_impl("x".to_owned(), 2)) {
            coop!();
            out.push(text);
        }
        for part in call!(returns_impl_borrowing("a,b", ',')) {
            coop!();
            out.push(part.to_owned());
        }
        let mut add = call!(returns_impl_fn(3));
        log.note(add(2));
        coop!();
        log.note(add(2));
        match call!(returns_result_of_impl(3)) {
            Ok(n) => out.push(n.to_string()),
            Err(error) => out.push(error),
        }
        let boxed = call!(returns_boxed(4));
        coop!();
        out.push(boxed(1).to_string());
        out
    }

    #[cps]
    fn generic_recursion<K, V>(
        log: &Log,
        mut left: Vec<(K, V)>,
        mut map: BTreeMap<K, V>,
    ) -> BTreeMap<K, V>
    where
        K: Ord + Send + Debug,
        V: Send,
    {
        match left.pop() {
            Some((key, value)) => {
                log.note(format!("{key:?}"));
                map.insert(key, value);
                call!(generic_recursion(log, left, map))
            }
            None => map,
        }
    }
}

#[test]
fn constants() {
    assert_same!(|_log| arrays([1, 2], [[1, 2, 3], [4, 5, 6]]));
    assert_same!(whole | _log | calls_bool_const());
    assert_same!(|_log| rings());
}

#[test]
fn lifetimes_and_bounds() {
    assert_same!(|log| higher_ranked(log, "text".to_owned(), |text| &text[1..]));
    assert_same!(|_log| several("a", forever(Default::default()), "c"));
    assert_same!(|log| anonymous(log, forever(Default::default()), "key".into()));
    assert_same!(|_log| static_and_elided("a", forever(["b"])));
    assert_same!(|log| calls_dyn(log));
    assert_same!(|log| uses_impls(log));
    assert_same!(|log| generic_recursion(log, vec![(1, 2), (3, 4)], BTreeMap::new()));
}
