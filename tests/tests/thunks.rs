//! Thunks and continuations by hand: lazy, driven leg by leg, dropped at any time, called as values.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use behaviour::{Log, Tracked};
use insideout::prelude::*;
use insideout::{Outcome, Receive};

#[cps]
fn steps(log: &Log, count: u32) -> u32 {
    for n in 0..count {
        log.note(n);
        coop!();
    }
    count
}

#[cps]
fn holds(log: &Log, first: Tracked, _: Tracked, (third, fourth): (Tracked, Tracked)) {
    let _local = log.tracked("local");
    coop!();
    first.touch();
    third.touch();
    fourth.touch();
}

#[cps]
fn outer(log: &Log, name: Tracked) -> usize {
    let local = log.tracked("outer local");
    let n = call!(inner(log, log.tracked("inner parameter")));
    n + local.name().len() + name.name().len()
}

#[cps]
fn inner(log: &Log, parameter: Tracked) -> usize {
    let _local = log.tracked("inner local");
    coop!();
    parameter.name().len()
}

struct Tell(mpsc::Sender<String>);

impl<T: std::fmt::Debug> Receive<T> for Tell {
    fn receive(self, outcome: Outcome<T>) {
        let heard = match outcome {
            Outcome::Returned(value) => format!("returned {value:?}"),
            Outcome::Panicked(_) => "panicked".to_owned(),
            Outcome::Dropped => "dropped".to_owned(),
        };
        self.0.send(heard).unwrap();
    }
}

fn parameters(log: &Log) -> (Tracked, Tracked, (Tracked, Tracked)) {
    (
        log.tracked("1"),
        log.tracked("2"),
        (log.tracked("3"), log.tracked("4")),
    )
}

#[test]
fn a_thunk_evaluates_its_arguments_and_nothing_else() {
    let log = Log::forever();
    let thunk = thunk!(steps(log, log.value("argument", 2)));
    assert_eq!(log.events(), ["argument"]);
    assert_eq!(thunk.run(), 2);
    assert_eq!(log.events(), ["argument", "0", "1"]);
}

#[test]
fn an_unrun_thunk_drops_its_arguments_last_first() {
    let log = Log::forever();
    let (a, b, c) = parameters(log);
    let thunk = thunk!(holds(log, a, b, c));
    log.note("made");
    drop(thunk);
    assert_eq!(
        log.events(),
        ["made", "drop 3", "drop 4", "drop 2", "drop 1"]
    );
}

#[test]
fn a_suspended_continuation_drops_its_frame_last_first() {
    let log = Log::forever();
    let (a, b, c) = parameters(log);
    let suspended = thunk!(holds(log, a, b, c))
        .into_continuation()
        .trampoline()
        .unwrap();
    log.note("suspended");
    drop(suspended);
    assert_eq!(
        log.events(),
        [
            "suspended",
            "drop local",
            "drop 4",
            "drop 3",
            "drop 2",
            "drop 1"
        ]
    );
}

#[test]
fn a_chain_is_dropped_innermost_first() {
    let log = Log::forever();
    let (sender, heard) = mpsc::channel();
    let first = thunk!(outer(log, log.tracked("outer parameter"))).start_with(Tell(sender));
    drop(first.trampoline().unwrap());
    let expected = [
        "inner local",
        "inner parameter",
        "outer local",
        "outer parameter",
    ];
    assert_eq!(log.events(), expected.map(|name| format!("drop {name}")));
    assert_eq!(heard.recv().unwrap(), "dropped");
}

#[test]
fn each_bounce_is_one_leg() {
    let log = Log::forever();
    let (sender, heard) = mpsc::channel();
    let mut next = Some(thunk!(outer(log, log.tracked("p"))).start_with(Tell(sender)));
    let mut legs = 0;
    while let Some(continuation) = next {
        assert!(
            heard.try_recv().is_err(),
            "it is not over after {legs} legs"
        );
        next = continuation.bounce();
        legs += 1;
    }
    // Up to the call; the callee up to its coop!; the callee to its end; the rest.
    assert_eq!(legs, 4);
    assert_eq!(heard.recv().unwrap(), "returned 27");
}

#[test]
fn a_trampoline_runs_until_the_next_coop() {
    let log = Log::forever();
    let first = thunk!(steps(log, 2)).into_continuation();
    let second = first.trampoline().unwrap();
    assert_eq!(log.events(), ["0"]);
    let third = second.trampoline().unwrap();
    assert_eq!(log.events(), ["0", "1"]);
    assert!(third.trampoline().is_none());
}

#[test]
fn run_goes_on_at_each_coop() {
    let log = Log::forever();
    thunk!(steps(log, 3)).into_continuation().run();
    assert_eq!(log.events(), ["0", "1", "2"]);
}

#[cps]
fn calls_values(log: &Log) -> u32 {
    let first = thunk!(steps(log, 1));
    log.note("made the first");
    let n = call!(first);
    let mut more = vec![thunk!(steps(log, 2)), thunk!(steps(log, 0))];
    let mut sum = n;
    while let Some(next) = more.pop() {
        sum += call!(next) * 10;
        log.note(sum);
    }
    let last = made(log);
    sum + call!(last)
}

fn made(log: &Log) -> Thunk<'_, u32> {
    thunk!(steps(log, 3))
}

mod made {
    use super::*;

    #[cps]
    pub(super) fn indirectly(log: &Log, thunk: Thunk<'static, u32>) -> u32 {
        log.note("takes a thunk");
        call!(thunk)
    }
}

#[test]
fn thunks_are_values() {
    let log = Log::forever();
    assert_eq!(
        thunk!(made::indirectly(log, thunk!(steps(log, 1)))).run(),
        1
    );
    assert_eq!(log.events(), ["takes a thunk", "0"]);
}

#[test]
fn call_takes_a_thunk_that_is_a_value() {
    let log = Log::forever();
    assert_eq!(calls_values(log), 24);
    assert_eq!(
        log.events(),
        ["made the first", "0", "1", "0", "1", "21", "0", "1", "2"]
    );
}

#[test]
fn many_continuations_interleave_on_one_thread() {
    #[cps]
    fn worker(log: &Log, name: char) {
        for turn in 0..2 {
            log.note(format!("{name}{turn}"));
            coop!();
        }
    }
    let log = Log::forever();
    let mut queue: std::collections::VecDeque<Continuation> = ['a', 'b', 'c']
        .map(|name| thunk!(worker(log, name)).into_continuation())
        .into();
    while let Some(next) = queue.pop_front() {
        queue.extend(next.trampoline());
    }
    assert_eq!(log.events(), ["a0", "b0", "c0", "a1", "b1", "c1"]);
}

#[test]
fn a_detached_panic_comes_out_of_the_trampoline() {
    #[cps]
    fn fails(log: &Log) {
        let _guard = log.tracked("guard");
        coop!();
        behaviour::fail("on purpose");
    }
    let log = Log::forever();
    let suspended = thunk!(fails(log)).into_continuation().trampoline().unwrap();
    let payload = catch_unwind(AssertUnwindSafe(|| suspended.trampoline())).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "on purpose");
    assert_eq!(log.events(), ["drop guard"]);
}

#[test]
fn sizes_and_auto_traits() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Continuation>();
    send::<Thunk<'_, String>>();
    send::<Pool>();
    sync::<Pool>();
    send::<Mailbox<Continuation>>();
    sync::<Mailbox<Continuation>>();
    send::<JoinHandle<String>>();
    assert_eq!(size_of::<Option<Continuation>>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Thunk<'_, String>>>(), size_of::<usize>());
}

#[test]
fn a_thunk_is_covariant() {
    fn shorter<'a>(thunk: Thunk<'static, u32>, _: &'a Log) -> Thunk<'a, u32> {
        thunk
    }
    let log = Log::default();
    assert_eq!(shorter(thunk!(steps(Log::forever(), 1)), &log).run(), 1);
}
