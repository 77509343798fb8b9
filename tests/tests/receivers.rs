//! Receivers of every kind, functions that never return, and `unsafe` ones.

#![deny(warnings)]
#![warn(clippy::all)]
#![allow(clippy::boxed_local, clippy::needless_arbitrary_self_type)] // What clippy would rather have written otherwise is what is tested.

use std::pin::Pin;
use std::sync::Arc;

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[derive(Debug)]
    pub(super) struct Held(Tracked, u32);

    #[cps]
    impl Held {
        #[cps]
        pub(super) fn by_value(self, n: u32) -> u32 {
            coop!();
            self.0.touch();
            self.1 + n
        }

        #[cps]
        pub(super) fn by_value_mut(mut self, n: u32) -> Self {
            self.1 += n;
            coop!();
            self.0.rename("renamed");
            self
        }

        #[cps]
        pub(super) fn by_box(self: Box<Self>, n: u32) -> Box<Self> {
            coop!();
            self.0.touch();
            coop!();
            if self.1 > n {
                return self;
            }
            Box::new(Held(self.0.log_again(), n))
        }

        #[cps]
        pub(super) fn by_mut_box(mut self: Box<Self>) -> u32 {
            coop!();
            self.1 += 1;
            coop!();
            self.1
        }

        #[cps]
        pub(super) fn by_arc(self: Arc<Self>) -> (usize, u32) {
            coop!();
            let again = Arc::clone(&self);
            coop!();
            (Arc::strong_count(&again), self.1)
        }

        #[cps]
        pub(super) fn by_arc_ref(self: &Arc<Self>, n: u32) -> Arc<Self> {
            coop!();
            self.0.touch();
            let _ = n;
            coop!();
            Arc::clone(self)
        }

        #[cps]
        pub(super) fn by_pin(mut self: Pin<&mut Self>, n: u32) -> u32 {
            coop!();
            self.1 += n;
            let m = call!(give(self.1));
            self.1 = m * 2;
            self.1
        }

        #[cps]
        pub(super) fn by_pin_box(self: Pin<Box<Self>>) -> u32 {
            coop!();
            self.1
        }

        #[cps]
        pub(super) fn by_typed_ref(self: &Self) -> u32 {
            coop!();
            self.1
        }

        #[cps]
        pub(super) fn by_typed_mut(self: &mut Self) -> &mut u32 {
            coop!();
            &mut self.1
        }

        #[cps]
        pub(super) fn by_named<'a>(&'a self, other: &str) -> &'a str {
            coop!();
            self.0.touch();
            let _ = other;
            self.0.name()
        }

        #[cps]
        pub(super) fn made(log: &Log, n: u32) -> Self {
            let tracked = log.tracked("made");
            coop!();
            Self(tracked, n)
        }

        #[cps]
        pub(super) fn compared(&self, Self(_, n): &Self) -> bool {
            coop!();
            self.1 == *n
        }
    }

    #[cps]
    fn receivers(log: &Log) -> Vec<u32> {
        let mut all = Vec::new();
        let held = call!(Held::made(log, 1));
        all.push(call!({ held }.by_value(2)));
        let held = call!(Held::made(log, 2));
        let held = call!({ held }.by_value_mut(5));
        let boxed = Box::new(held);
        let boxed = call!({ boxed }.by_box(3));
        let boxed = call!({ boxed }.by_box(30));
        all.push(call!({ boxed }.by_mut_box()));
        let arc = Arc::new(call!(Held::made(log, 3)));
        let again = call!(arc.by_arc_ref(7));
        let (count, n) = call!({ again }.by_arc());
        all.push(n);
        all.push(count as u32);
        let mut pinned = call!(Held::made(log, 4));
        all.push(Pin::new(&mut pinned).by_pin(3));
        all.push(call!(pinned.by_typed_ref()));
        all.push(call!(Box::pin(pinned).by_pin_box()));
        let a = call!(Held::made(log, 5));
        let b = call!(Held::made(log, 5));
        all.push(u32::from(call!(a.compared(&b))));
        let mut c = Held::made(log, 7);
        *c.by_typed_mut() += 1;
        all.push(c.by_named("other").len() as u32 + c.1);
        all
    }

    #[cps]
    fn never(log: &Log, n: u32) -> ! {
        let _guard = log.tracked("guard");
        coop!();
        log.note(n);
        panic!("never {n}")
    }

    #[cps]
    fn never_in_a_loop(log: &Log) -> ! {
        let mut n = 0;
        loop {
            n += 1;
            coop!();
            if n == 3 {
                call!(never(log, n));
            }
        }
    }

    #[cps]
    fn calls_never(log: &Log, yes: bool) -> u32 {
        let n = if yes { call!(give(3)) } else { never(log, 1) };
        let m: u32 = match yes {
            true => n + 1,
            false => call!(never(log, 2)),
        };
        m
    }

    #[cps]
    fn falls_to_never(log: &Log, of: Option<u32>) -> u32 {
        let Some(n) = of else {
            call!(never(log, 7));
        };
        n
    }

    /// # Safety
    ///
    /// `at` is inside.
    #[cps]
    pub(super) unsafe fn unsafe_fn(list: &[u32], at: usize) -> u32 {
        coop!();
        // SAFETY: as promised.
        let n = unsafe { *list.get_unchecked(at) };
        coop!();
        n
    }

    #[cps]
    fn calls_unsafe(log: &Log, list: &[u32]) -> u32 {
        // SAFETY: it is not empty.
        let first = unsafe { call!(unsafe_fn(list, 0)) };
        log.note(first);
        // SAFETY: it has two elements.
        let second = unsafe {
            coop!();
            let n = unsafe_fn(list, 1);
            coop!();
            call!(unsafe_fn(list, 1)) + n
        };
        first + second
    }
}

trait Again {
    fn log_again(self) -> Tracked;
}

impl Again for Tracked {
    fn log_again(self) -> Tracked {
        self.renamed("again")
    }
}

#[test]
fn receivers_of_every_kind() {
    assert_same!(whole | log | receivers(log));
}

#[test]
fn functions_that_never_return() {
    assert_same!(|log| calls_never(log, true));
    assert_same!(whole | log | calls_never(log, false));
    assert_same!(|log| falls_to_never(log, None));
    assert_same!(|log| falls_to_never(log, Some(1)));
}

#[test]
fn unsafe_functions() {
    assert_same!(whole | log | calls_unsafe(log, &[1, 2]));
}
