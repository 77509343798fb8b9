//! Statements that are there in some configurations only: what they take, where they lead, and
//! what they yield.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(
    clippy::non_minimal_cfg,
    clippy::needless_return,
    clippy::never_loop,
    unreachable_code,
    unused_variables
)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn taken_where_it_is_there(log: &Log, a: Tracked, b: Tracked) {
        #[cfg(any())]
        drop(a);
        #[cfg(all())]
        drop(b);
        coop!();
        log.note("behind");
        coop!();
    }

    /// A statement may take one local and begin another.
    #[cps]
    fn assigned_where_it_is_there(log: &Log, a: Tracked, b: Tracked, c: Tracked) -> usize {
        let length;
        #[cfg(all())]
        {
            length = a.name().len();
            drop(b);
        }
        #[cfg(not(all()))]
        {
            length = b.name().len();
            drop(a);
            vec![c].clear();
        }
        coop!();
        log.note(length);
        length
    }

    #[cps]
    fn taken_by_a_let(log: &Log, a: Tracked, b: Tracked) {
        {
            #[cfg(any())]
            let _away = vec![a];
            #[cfg(all())]
            let here: Box<dyn std::any::Any + Send> = Box::new(b);
            coop!();
            log.note("inside");
            #[cfg(all())]
            log.note(here.is::<Tracked>());
            coop!();
        }
        log.note("behind");
        coop!();
    }

    #[cps]
    fn taken_by_one_of_several(log: &Log, a: Tracked) {
        #[cfg(any())]
        drop(a);
        #[cfg(any())]
        let _away = vec![a];
        #[cfg(all())]
        let _kept = a;
        coop!();
        log.note("behind");
    }

    #[cps]
    fn taken_in_a_loop(log: &Log, names: Vec<Tracked>) {
        for (at, name) in names.into_iter().enumerate() {
            let other = log.tracked("other");
            #[cfg(any())]
            drop(name);
            if at > 0 {
                #[cfg(all())]
                drop(other);
                #[cfg(any())]
                continue;
            }
            coop!();
            log.note(at);
        }
    }

    #[cps]
    fn left(log: &Log, a: Tracked, yes: bool) -> usize {
        #[cfg(any())]
        return 1;
        #[cfg(any())]
        loop {}
        coop!();
        log.note("behind");
        loop {
            #[cfg(any())]
            break;
            coop!();
            #[cfg(all())]
            if yes {
                break;
            }
            #[cfg(all())]
            return a.name().len();
        }
        coop!();
        #[cfg(any())]
        panic!("it is not there");
        log.note("at the end");
        coop!();
        #[cfg(all())]
        return 2;
        #[cfg(not(all()))]
        {
            drop(a);
            3
        }
    }

    #[cps]
    fn at_the_end(log: &Log, a: Tracked, b: Tracked) -> Box<dyn std::fmt::Debug + Send> {
        coop!();
        let chosen = {
            #[cfg(all())]
            {
                log.note("here");
                a
            }
            #[cfg(not(all()))]
            {
                b
            }
        };
        coop!();
        let length = {
            coop!();
            #[cfg(any())]
            {
                drop(chosen);
                1
            }
            #[cfg(not(any()))]
            {
                chosen.name().len()
            }
        };
        coop!();
        #[cfg(any())]
        {
            Box::new("away")
        }
        #[cfg(not(any()))]
        {
            Box::new(length)
        }
    }

    /// Both are there, and the last has the value.
    #[cps]
    fn one_behind_the_other(log: &Log, a: Tracked, b: Tracked) {
        coop!();
        if !a.name().is_empty() {
            #[cfg(all())]
            {
                drop(a);
            }
            #[cfg(any())]
            {
                drop(b);
            }
            #[cfg(all())]
            {
                log.note("last");
            }
        }
        coop!();
        log.note("behind");
        coop!();
    }
}

#[test]
fn what_is_not_there_takes_nothing() {
    assert_same!(|log| taken_where_it_is_there(log, log.tracked("a"), log.tracked("b")));
    assert_same!(|log| assigned_where_it_is_there(
        log,
        log.tracked("a"),
        log.tracked("bb"),
        log.tracked("c")
    ));
    assert_same!(|log| taken_by_a_let(log, log.tracked("a"), log.tracked("b")));
    assert_same!(|log| taken_by_one_of_several(log, log.tracked("a")));
    assert_same!(|log| taken_in_a_loop(log, vec![log.tracked("a"), log.tracked("b")]));
}

#[test]
fn what_is_not_there_leads_nowhere() {
    assert_same!(|log| left(log, log.tracked("a"), true));
    assert_same!(|log| left(log, log.tracked("a"), false));
}

#[test]
fn what_is_there_is_the_value() {
    assert_same!(|log| at_the_end(log, log.tracked("a"), log.tracked("bb")));
    assert_same!(|log| one_behind_the_other(log, log.tracked("a"), log.tracked("b")));
}
