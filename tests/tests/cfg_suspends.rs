//! What stands in some configurations only and suspends, or decides what a suspension finds.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(
    clippy::non_minimal_cfg,
    clippy::needless_return,
    clippy::let_and_return,
    unreachable_code
)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Clone, Copy, Debug)]
enum Event {
    One,
    #[cfg(any())]
    Away(Missing),
    Other(u32),
}

#[derive(Debug)]
struct Made {
    #[cfg(any())]
    away: Missing,
    n: u32,
}

#[both]
mod cases {
    #[cps]
    fn number(log: &Log, n: u32) -> u32 {
        log.note(n);
        coop!();
        n
    }

    /// Nothing in an arm that is not there has a type.
    #[cps]
    fn arms(log: &Log, events: Vec<Event>) -> u32 {
        let mut sum = 0;
        for event in events {
            let held = log.tracked("held");
            sum += match event {
                #[cfg(any())]
                Event::Away(missing) => {
                    let made = missing.make();
                    coop!();
                    let n = made.take();
                    coop!();
                    call!(number(log, n))
                }
                Event::One => 1,
                #[cfg(all())]
                Event::Other(n) if n > 2 => {
                    coop!();
                    call!(number(log, n))
                }
                Event::Other(n) => n,
            };
            held.touch();
        }
        sum
    }

    #[cps]
    fn statements(log: &Log, mut n: u32) -> u32 {
        #[cfg(any())]
        coop!();
        #[cfg(all())]
        coop!();
        #[cfg(any())]
        {
            n += missing;
            coop!();
        }
        #[cfg(not(any()))]
        {
            n += call!(number(log, n));
        }
        #[cfg(all())]
        if n > 0 {
            coop!();
            log.note("in if");
        }
        #[cfg(any())]
        let n = call!(missing(n));
        #[cfg(all())]
        let n = call!(number(log, n + 1));
        let made = Made {
            #[cfg(any())]
            away: call!(missing()),
            #[cfg(all())]
            n: call!(number(log, n)),
        };
        made.n
    }

    /// The name means what is outside.
    #[cps]
    fn outside(log: &Log, yes: bool) -> u32 {
        let mut n = 1;
        {
            #[cfg(any())]
            let n = 2;
            coop!();
            log.note(n);
            n += 1;
            coop!();
        }
        if yes {
            #[cfg(all())]
            let n = 5;
            coop!();
            log.note(n);
        }
        n
    }

    /// Both are there: the second hides the first, which lives on.
    #[cps]
    fn both_of_a_name(log: &Log) {
        #[cfg(all())]
        let guard = log.tracked("first");
        #[cfg(not(any()))]
        let guard = log.tracked(format!("{} and second", guard.name()));
        coop!();
        guard.touch();
    }

    /// None of them is there.
    #[cps]
    fn several_takers(log: &Log, a: Tracked, pair: (Tracked, Tracked)) {
        #[cfg(any())]
        drop(a);
        if log.alive() > 0 {
            #[cfg(any())]
            drop(a);
            coop!();
        }
        #[cfg(any())]
        drop(pair.0);
        #[cfg(any())]
        let _later = move || pair.1.touch();
        coop!();
        log.note("behind");
        coop!();
        a.touch();
        pair.0.touch();
    }

    /// A part is taken where it is there.
    #[cps]
    fn a_part(log: &Log, pair: (Tracked, Tracked)) {
        #[cfg(any())]
        drop(pair.0);
        #[cfg(all())]
        drop(pair.1);
        coop!();
        log.note("behind");
        pair.0.touch();
    }

    #[cps]
    fn value(log: &Log, n: u32) -> u32 {
        coop!();
        log.note(n);
        #[cfg(all())]
        {
            n
        }
        #[cfg(not(all()))]
        {
            call!(missing(n))
        }
    }

    #[cps]
    fn leaves_nowhere(log: &Log, a: Tracked) -> usize {
        #[cfg(any())]
        return drop(a);
        coop!();
        #[cfg(any())]
        loop {}
        log.note("behind");
        a.name().len()
    }

    #[cps]
    fn elements(log: &Log, #[cfg(any())] away: Missing, n: u32) -> Vec<u32> {
        coop!();
        let add = |#[cfg(any())] missing: Missing, m: u32| {
            #[cfg(any())]
            missing.m();
            n + m
        };
        let same = |#[cfg(any())] missing, m| m;
        let two = [
            #[cfg(any())]
            missing,
            add(
                #[cfg(any())]
                away,
                2,
            ),
        ];
        let one = call!(number(
            log,
            #[cfg(any())]
            away,
            {
                #[cfg(any())]
                let n = missing;
                n
            }
        ));
        let list = vec![one, two[0], {
            #[cfg(any())]
            coop!();
            #[cfg(all())]
            coop!();
            3
        }];
        coop!();
        log.note(same(n));
        list
    }

    pub(super) struct Counter(pub(super) u32);

    #[cps]
    impl Counter {
        #[cps]
        pub(super) fn count(&mut self, log: &Log) -> u32 {
            #[cfg(any())]
            call!(self.missing(log));
            coop!();
            #[cfg(all())]
            call!(self.more(log, 1));
            self.0
        }

        #[cps]
        fn more(&mut self, log: &Log, #[cfg(any())] away: Missing, by: u32) {
            #[cfg(not(all()))]
            coop!();
            #[cfg(all())]
            log.note("more");
            coop!();
            self.0 += by;
        }

        #[cfg(any())]
        #[cps]
        fn missing(&self, log: &Log) {
            coop!();
        }
    }

    #[cps]
    pub(super) trait Counts {
        #[cps]
        fn counted(&self, log: &Log, #[cfg(any())] away: Missing) -> u32;

        #[cps]
        fn twice(&self, log: &Log) -> u32 {
            #[cfg(any())]
            coop!();
            let n = call!(self.counted(log));
            #[cfg(all())]
            let n = 2 * n;
            coop!();
            n
        }
    }

    #[cps]
    impl Counts for Counter {
        #[cps]
        fn counted(&self, log: &Log) -> u32 {
            #[cfg(any())]
            return missing;
            #[cfg(all())]
            coop!();
            log.note("counted");
            self.0
        }
    }

    #[cps]
    fn methods(log: &Log) -> u32 {
        let mut counter = Counter(3);
        let n = call!(counter.count(log));
        n + call!(counter.twice(log))
    }
}

#[test]
fn arms_that_are_not_there_have_no_states() {
    let events = || vec![Event::One, Event::Other(2), Event::Other(3)];
    assert_same!(|log| arms(log, events()));
    assert_same!(|log| arms(log, vec![]));
}

#[test]
fn statements_suspend_where_they_are_there() {
    assert_same!(|log| statements(log, 3));
    assert_same!(|log| value(log, 4));
    assert_same!(|log| elements(log, 5));
    assert_same!(|log| leaves_nowhere(log, log.tracked("a")));
}

#[test]
fn names_mean_what_is_there() {
    assert_same!(|log| outside(log, true));
    assert_same!(|log| outside(log, false));
    assert_same!(|log| both_of_a_name(log));
}

#[test]
fn what_is_not_there_takes_nothing() {
    let pair = |log: &Log| (log.tracked("x"), log.tracked("y"));
    assert_same!(|log| several_takers(log, log.tracked("a"), pair(log)));
    assert_same!(|log| a_part(log, pair(log)));
}

#[test]
fn methods_are_asked_about_by_their_block() {
    assert_same!(|log| methods(log));
}
