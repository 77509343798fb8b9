//! What a dispatcher is asked between the legs of the continuation that it gives a turn.
#![cfg(feature = "std")]

use cps_core::dispatch::Watch;
use cps_core::{Continuation, call, coop, cps, suspend, thunk};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn note(&self, what: char) {
        self.0.lock().unwrap().push(what);
    }

    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Goes on as often as it says, and each time at so many glances more.
struct Looks {
    log: Log,
    times: u32,
    glances: u32,
}

impl Watch for Looks {
    fn stops(&mut self) -> bool {
        self.log.note('s');
        false
    }

    fn goes_on(&mut self) -> bool {
        self.log.note('?');
        self.times -= 1;
        self.times > 0
    }

    fn alone(&self) -> impl FnMut() -> bool {
        let mut left = self.glances;
        move || {
            self.log.note('.');
            left -= 1;
            left > 0
        }
    }
}

#[cps]
fn endless(log: Log) {
    loop {
        log.note('L');
        coop!();
    }
}

#[cps]
fn calls(log: Log) {
    log.note('c');
    coop!();
    call!(rests(log.clone()));
    coop!();
    log.note('e');
}

#[cps]
fn rests(log: Log) {
    log.note('r');
    coop!();
    log.note('R');
}

#[test]
fn after_a_look_there_are_glances_until_one_says_no() {
    let log = Log::default();
    let mut looks = Looks {
        log: log.clone(),
        times: 3,
        glances: 2,
    };
    let continuation = thunk!(endless(log.clone())).into_continuation();
    let back = continuation.turn(&mut looks).unwrap();
    assert!(back.is_some());
    assert_eq!(log.take().trim_start_matches('s'), "L?L.L.?L.L.?");
    looks.times = 1;
    assert!(back.unwrap().turn(&mut looks).unwrap().is_some());
    assert_eq!(log.take(), "L?");
}

#[test]
fn a_leg_that_ends_otherwise_ends_the_glances() {
    let log = Log::default();
    let mut looks = Looks {
        log: log.clone(),
        times: 100,
        glances: 100,
    };
    let continuation = thunk!(calls(log.clone())).into_continuation();
    assert!(continuation.turn(&mut looks).unwrap().is_none());
    assert_eq!(log.take(), "c?sr?Rs?es");
}

/// Says no more than a watch must.
struct Plain(u32);

impl Watch for Plain {
    fn stops(&mut self) -> bool {
        false
    }

    fn goes_on(&mut self) -> bool {
        self.0 -= 1;
        self.0 > 0
    }
}

#[test]
fn who_does_not_glance_looks_at_each_coop() {
    let log = Log::default();
    let continuation = thunk!(endless(log.clone())).into_continuation();
    assert!(continuation.turn(&mut Plain(5)).unwrap().is_some());
    assert_eq!(log.take(), "LLLLL");
}

/// Has others take over what is left of the turn.
struct Line(std::vec::IntoIter<Continuation>);

impl Watch for Line {
    fn stops(&mut self) -> bool {
        false
    }

    fn goes_on(&mut self) -> bool {
        false
    }

    fn next(&mut self) -> Option<Continuation> {
        self.0.next()
    }
}

#[cps]
fn finishes(log: Log, what: char) {
    log.note(what);
}

#[cps]
fn is_given_away(log: Log, what: char) {
    log.note(what);
    suspend!(|continuation| {
        drop(continuation);
        None
    });
}

#[cps]
fn panics(log: Log) {
    log.note('!');
    panic!("with nobody to hear of it");
}

/// Who is given away or finished is followed by the next; who lets others run ends the turn, and who panics.
#[test]
fn the_next_takes_over_what_is_left_of_a_turn() {
    let log = Log::default();
    let first = || thunk!(finishes(log.clone(), '1')).into_continuation();
    let line = |others: Vec<_>| Line(others.into_iter());

    let mut watch = line(vec![
        thunk!(is_given_away(log.clone(), '2')).into_continuation(),
        thunk!(finishes(log.clone(), '3')).into_continuation(),
    ]);
    assert!(first().turn(&mut watch).unwrap().is_none());
    assert_eq!(log.take(), "123");

    let mut watch = line(vec![
        thunk!(endless(log.clone())).into_continuation(),
        thunk!(finishes(log.clone(), '3')).into_continuation(),
    ]);
    let suspended = first().turn(&mut watch).unwrap().unwrap();
    assert_eq!(suspended.calls().next().unwrap().function(), "endless");
    assert_eq!(log.take(), "1L");
    assert_eq!(watch.0.len(), 1);

    let mut watch = line(vec![
        thunk!(panics(log.clone())).into_continuation(),
        thunk!(finishes(log.clone(), '3')).into_continuation(),
    ]);
    let panic = first().turn(&mut watch).unwrap_err();
    assert_eq!(
        *panic.downcast::<&str>().unwrap(),
        "with nobody to hear of it"
    );
    assert_eq!(log.take(), "1!");
    assert_eq!(watch.0.len(), 1);
}
