//! Closures that a callee is handed, which borrow from the caller's locals.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

struct Totals {
    sum: u32,
    names: Vec<Tracked>,
}

#[both]
mod cases {
    #[cps]
    fn each(upto: u32, mut f: impl FnMut(u32) + Send) {
        for n in 0..upto {
            coop!();
            f(n);
        }
    }

    #[cps]
    fn once<T: Send>(f: impl FnOnce() -> T + Send) -> T {
        coop!();
        f()
    }

    #[cps]
    fn both_of(
        log: &Log,
        first: impl Fn(u32) -> u32 + Send,
        second: impl Fn(u32) -> u32 + Send,
    ) -> u32 {
        coop!();
        let one = first(1);
        log.note(one);
        coop!();
        second(one)
    }

    #[cps]
    fn sums(log: &Log, upto: u32) -> u32 {
        let (mut sum, mut seen) = (0, Vec::new());
        call!(each(upto, |n| {
            log.note(n);
            sum += n;
            seen.push(log.tracked("seen"));
        }));
        coop!();
        let longest = call!(once(|| seen.iter().map(|seen| seen.name().len()).max()));
        sum + longest.map_or(0, |length| length as u32)
    }

    #[cps]
    fn through_a_reference(log: &Log, upto: u32) -> usize {
        let mut totals = Totals {
            sum: 0,
            names: vec![log.tracked("many")],
        };
        call!(totalled(log, &mut totals, upto))
    }

    #[cps]
    fn totalled(log: &Log, totals: &mut Totals, upto: u32) -> usize {
        call!(each(upto, |n| totals.sum += n));
        let names = &mut totals.names;
        call!(each(upto, |n| names.push(log.tracked(if n > 1 {
            "many"
        } else {
            "few"
        }))));
        coop!();
        call!(once(|| totals.names.retain(|name| name.name() != "many")));
        totals.names.len() + totals.sum as usize
    }

    #[cps]
    fn two_at_once(log: &Log, base: Tracked) -> u32 {
        let more = base.name().len() as u32;
        let sum = call!(both_of(
            log,
            |n| n + base.name().len() as u32 + more,
            |n| {
                base.touch();
                n * more
            }
        ));
        coop!();
        base.touch();
        sum
    }

    #[cps]
    fn beside_a_suspension(log: &Log, upto: u32) -> Vec<u32> {
        let mut list = Vec::new();
        let mut round = 0;
        while round < 2 {
            call!(each(call!(once(|| upto + round)), |n| list.push(n * 10 + round)));
            round += 1;
        }
        log.note(list.len());
        list
    }

    #[cps]
    fn by_value_still(log: &Log, value: Tracked) -> usize {
        let name = log.tracked("moved");
        let length = call!(once(move || name.name().len()));
        coop!();
        value.touch();
        length
    }

    struct Counter(u32);

    impl Counter {
        #[cps]
        fn count(&mut self, log: &Log, upto: u32) -> u32 {
            call!(each(upto, |n| {
                self.0 += n;
                log.note(self.0);
            }));
            coop!();
            self.0
        }
    }

    #[cps]
    fn counted(log: &Log, upto: u32) -> u32 {
        let mut counter = Counter(1);
        call!(counter.count(log, upto)) + counter.0
    }
}

#[test]
fn they_see_the_callers_locals() {
    for upto in [0, 3] {
        assert_same!(|log| sums(log, upto));
        assert_same!(|log| beside_a_suspension(log, upto));
        assert_same!(|log| counted(log, upto));
        assert_same!(|log| through_a_reference(log, upto));
    }
    assert_same!(|log| two_at_once(log, log.tracked("base")));
    assert_same!(|log| by_value_still(log, log.tracked("value")));
}
