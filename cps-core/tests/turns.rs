//! What a dispatcher is asked between the legs of the continuation that it gives a turn.
#![cfg(feature = "std")]

use cps_core::dispatch::Watch;
use cps_core::{call, coop, cps, thunk};
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
