//! Calls with a limit: what a limit ends is dropped between two legs, wherever it was suspended, and what it does not end goes on as without it.
#![cfg(feature = "std")]

mod common;

use common::{Local, Log, panics};
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::expansion::Context;
use cps_core::{Continuation, Limit, Thunk, call, coop, cps, suspend, thunk};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Over when somebody says so.
#[derive(Clone, Default)]
struct Switch(Arc<AtomicBool>);

impl Switch {
    fn flip(&self) {
        self.0.store(true, SeqCst);
    }
}

impl Limit for Switch {
    type Over = &'static str;

    fn check(&self) -> Option<&'static str> {
        self.0.load(SeqCst).then_some("over")
    }
}

type Given = Sender<Continuation>;

#[cps]
fn waits(given: Given, name: &'static str, log: Log) -> u32 {
    let _tracked = log.local(name);
    suspend!(move |continuation| given.send(continuation).err().map(|refused| refused.0));
    log.say("resumed");
    7
}

#[cps]
fn fills(given: Given, log: Log, into: &mut Vec<u32>) -> u32 {
    let _outer = log.local("outer");
    into.push(1);
    let value = call!(waits(given, "inner", log));
    into.push(value);
    value
}

#[cps]
fn caller(given: Given, log: Log, switch: Switch) -> (Result<u32, &'static str>, Vec<u32>) {
    let mut numbers = Vec::new();
    let result = call!(limited_fill(given, log.clone(), &mut numbers, switch));
    log.say("returned");
    (result, numbers)
}

/// What a `#[cps]` function has beside it, written by hand.
#[allow(non_camel_case_types)]
struct limited_fill;

impl limited_fill {
    fn thunk<'a>(
        given: Given,
        log: Log,
        into: &'a mut Vec<u32>,
        switch: Switch,
    ) -> Thunk<'a, Result<u32, &'static str>> {
        thunk!(fills(given, log, into)).limited(switch)
    }
}

type Outcome = Result<(Result<u32, &'static str>, Vec<u32>), ()>;

fn start(log: &Log, switch: &Switch) -> (Receiver<Continuation>, Receiver<Outcome>) {
    let (given, waiting) = channel();
    let (told, outcome) = channel();
    let call = thunk!(caller(given, log.clone(), switch.clone()));
    call.start_with(move |ended| {
        told.send(match ended {
            cps_core::Outcome::Returned(value) => Ok(value),
            _ => Err(()),
        })
        .unwrap();
    })
    .run();
    (waiting, outcome)
}

#[test]
fn what_is_not_ended_goes_on() {
    let (log, switch) = (Log::default(), Switch::default());
    let (waiting, outcome) = start(&log, &switch);
    waiting.recv().unwrap().run();
    assert_eq!(outcome.recv().unwrap(), Ok((Ok(7), vec![1, 7])));
    assert_eq!(
        log.take(),
        ["resumed", "drop inner", "drop outer", "returned"]
    );
}

#[test]
fn what_is_ended_is_dropped_and_its_caller_goes_on() {
    let (log, switch) = (Log::default(), Switch::default());
    let (waiting, outcome) = start(&log, &switch);
    switch.flip();
    assert_eq!(log.take(), [""; 0]);
    waiting.recv().unwrap().run();
    assert_eq!(outcome.recv().unwrap(), Ok((Err("over"), vec![1])));
    assert_eq!(log.take(), ["drop inner", "drop outer", "returned"]);
}

#[test]
fn a_suspended_chain_is_dropped_whole() {
    let (log, switch) = (Log::default(), Switch::default());
    let (waiting, outcome) = start(&log, &switch);
    drop(waiting);
    assert_eq!(outcome.recv().unwrap(), Err(()));
    assert_eq!(log.take(), ["drop inner", "drop outer"]);
}

#[test]
fn what_has_not_started_is_dropped() {
    let log = Log::default();
    let tracked = log.local("argument");
    #[cps]
    fn holds(_held: Local) {}
    let call = thunk!(holds(tracked));
    drop(call.limited(Switch::default()));
    assert_eq!(log.take(), ["drop argument"]);
    let over = Switch::default();
    over.flip();
    assert_eq!(
        thunk!(holds(log.local("other"))).limited(over).run(),
        Err("over")
    );
    assert_eq!(log.take(), ["drop other"]);
}

#[test]
fn a_panic_reaches_the_caller() {
    #[cps]
    fn fails(depth: u32) -> u32 {
        coop!();
        match depth {
            0 => panic!("in the callee"),
            _ => call!(fails(depth - 1)),
        }
    }
    for depth in 0..3 {
        let call = thunk!(fails(depth)).limited(Switch::default());
        assert_eq!(panics(|| call.run()), "in the callee");
        let call = thunk!(fails(depth))
            .limited(Switch::default())
            .limited(Switch::default());
        assert_eq!(panics(|| call.run()), "in the callee");
    }
}

/// Drops of what was ended may panic too: the rest is dropped nevertheless, and the caller hears of it.
#[test]
fn a_panic_in_a_drop_reaches_the_caller() {
    struct Fails;
    impl Drop for Fails {
        fn drop(&mut self) {
            panic!("in a drop");
        }
    }
    #[cps]
    fn inner(switch: Switch) {
        let _fails = Fails;
        switch.flip();
        coop!();
    }
    #[cps]
    fn outer(log: Log, switch: Switch) {
        let _outer = log.local("outer");
        call!(inner(switch));
    }
    let (log, switch) = (Log::default(), Switch::default());
    let call = thunk!(outer(log.clone(), switch.clone())).limited(switch);
    assert_eq!(panics(|| call.run()), "in a drop");
    assert_eq!(log.take(), ["drop outer"]);
}

#[test]
fn limits_may_stand_within_limits() {
    for ended in 0..3 {
        let (log, given) = (Log::default(), channel());
        let switches = [Switch::default(), Switch::default(), Switch::default()];
        #[cps]
        fn between(given: Given, log: Log, switch: Switch) -> Result<u32, &'static str> {
            let _between = log.local("between");
            let limited = thunk!(waits(given, "inner", log)).limited(switch);
            call!(limited)
        }
        let call = thunk!(between(given.0, log.clone(), switches[0].clone()));
        let call = call
            .limited(switches[1].clone())
            .limited(switches[2].clone());
        let (told, outcome) = channel();
        let start = call.start_with(move |outcome| told.send(outcome).unwrap());
        start.run();
        let waiting = given.1.recv().unwrap();
        assert_eq!(waiting.limits().count(), 3);
        let functions: Vec<_> = waiting.calls().map(|call| call.function()).collect();
        assert_eq!(functions, ["waits", "between"]);
        switches[ended].flip();
        waiting.run();
        let cps_core::Outcome::Returned(result) = outcome.recv().unwrap() else {
            panic!("it returns")
        };
        let expected = [Ok(Ok(Err("over"))), Ok(Err("over")), Err("over")];
        assert_eq!(result, expected[ended]);
        assert_eq!(log.take(), ["drop inner", "drop between"]);
    }
}

/// A refused migration is told to the call that wanted to migrate, though another cell was given away.
#[test]
fn a_refused_migration_is_told_to_who_migrates() {
    struct Closed;
    impl Dispatcher for Closed {
        fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
            Err(continuation)
        }
    }
    enum Frame {
        Start,
        Verdict(bool),
    }
    let migrates = Thunk::new(Frame::Start, |mut cx: Context<Frame, bool>| {
        match cx.take() {
            Frame::Start => cx.migrate(
                Frame::Verdict(true),
                |continuation, _| Home::new(Arc::new(Closed)).dispatch(continuation),
                |frame| *frame = Frame::Verdict(false),
            ),
            Frame::Verdict(verdict) => cx.done(verdict),
        }
    });
    assert_eq!(
        migrates
            .limited(Switch::default())
            .limited(Switch::default())
            .run(),
        Ok(Ok(false))
    );
}
