//! Calls with a limit: what a limit ends is dropped between two legs, wherever it was suspended, and what it
//! does not end goes on as without it.
#![cfg(feature = "std")]

mod common;

use common::{Local, Log, panics};
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::expansion::Context;
use cps_core::{Continuation, Limit, Thunk, call, coop, cps, suspend, thunk};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
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

/// Never over; counts how often it is asked.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl Limit for Asked {
    type Over = ();

    fn check(&self) -> Option<()> {
        self.0.fetch_add(1, SeqCst);
        None
    }
}

#[cps]
fn nested(given: Given, depth: usize, asked: Asked) -> usize {
    if depth == 0 {
        return call!(waits(given, "innermost", Log::default())) as usize;
    }
    call!(limited_nest(given, depth - 1, asked)).unwrap() + 1
}

#[allow(non_camel_case_types)]
struct limited_nest;

impl limited_nest {
    fn thunk(given: Given, depth: usize, asked: Asked) -> Thunk<'static, Result<usize, ()>> {
        thunk!(nested(given, depth, asked.clone())).limited(asked)
    }
}

/// How often limits are asked, each around the next, before what is innermost waits, and after.
fn asked(depth: usize) -> (usize, usize) {
    let (asked, (given, waiting)) = (Asked::default(), channel());
    let (told, outcome) = channel();
    let call = thunk!(nested(given, depth, asked.clone()));
    call.start_with(move |ended| told.send(ended).unwrap())
        .run();
    let before = asked.0.swap(0, SeqCst);
    waiting.recv().unwrap().run();
    let returned = outcome.recv().unwrap();
    assert!(matches!(returned, cps_core::Outcome::Returned(value) if value == depth + 7));
    (before, asked.0.load(SeqCst))
}

#[test]
fn limits_within_limits_are_asked_in_proportion_to_their_number() {
    for depth in [1, 2, 100, 3000] {
        let (before, after) = asked(depth);
        assert!(
            depth <= before && before <= 4 * depth,
            "{before} of {depth}"
        );
        assert!(depth <= after && after <= 2 * depth, "{after} of {depth}");
    }
}

/// A call in a call is asked before each leg, also where no leg is suspended.
#[test]
fn what_only_calls_is_ended_under_several_limits() {
    #[cps]
    fn step(count: &mut u32) {
        *count += 1;
    }

    #[cps]
    fn endless(switch: Switch) -> u32 {
        let mut count = 0;
        loop {
            call!(step(&mut count));
            if count == 100 {
                switch.flip();
            }
            assert!(count < 200, "nobody asks");
        }
    }

    let (never, switch) = (Asked::default(), Switch::default());
    let inner = thunk!(endless(switch.clone())).limited(never.clone());
    let call = inner.limited(switch).limited(never);
    assert_eq!(call.run(), Ok(Err("over")));
}
