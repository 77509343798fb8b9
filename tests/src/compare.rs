//! Running a case in every way there is and comparing what could be observed.
//!
//! The blocking half says what is right. The moved half must do the same when it is called plainly, when its
//! thunk is run, and when each leg runs on a thread of its own; and when it is dropped at any suspension it
//! must end its values in the order in which unwinding from that point ends them. Whatever happens, each
//! value ends exactly once.

use std::any::Any;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;

use insideout::{Continuation, Outcome, Receive, Thunk};

use crate::{Log, plain};

/// Runs longer than this are not stopped at each of their suspensions, only at so many of the first.
const STOPS: usize = 200;

/// What could be observed of one run.
#[derive(Debug, PartialEq)]
pub struct Observation {
    outcome: String,
    events: Vec<String>,
}

/// Runs `case` with a new log and notes how it ended, then the end of its value; asserts that nothing leaked.
///
/// # Panics
///
/// If a tracked value is alive after the run.
pub fn observe<T: Debug>(case: impl FnOnce(&'static Log) -> T) -> Observation {
    observe_outcome(|log| match catch_unwind(AssertUnwindSafe(|| case(log))) {
        Ok(value) => Outcome::Returned(value),
        Err(payload) => Outcome::Panicked(payload),
    })
}

fn observe_outcome<T: Debug>(case: impl FnOnce(&'static Log) -> Outcome<T>) -> Observation {
    let log = Log::forever();
    let outcome = case(log);
    log.note("end");
    let described = match &outcome {
        Outcome::Returned(value) => format!("returned {value:?}"),
        Outcome::Panicked(payload) => format!("panicked {:?}", message(payload.as_ref())),
        Outcome::Dropped => "dropped".to_owned(),
    };
    drop(outcome);
    assert_eq!(
        log.alive(),
        0,
        "values are alive after the run: {:#?}",
        log.events()
    );
    Observation {
        outcome: described,
        events: log.events(),
    }
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no text)")
}

/// Asserts that a case's halves cannot be told apart, however far they come.
///
/// `plain` is the blocking half, `called` a plain call of the moved half, `thunk` its thunk.
///
/// # Panics
///
/// If any run of the moved half can be told from the blocking half's.
pub fn compare<P: Debug, T: Debug + Send + 'static>(
    plain: impl Fn(&'static Log) -> P,
    called: impl Fn(&'static Log) -> T,
    thunk: impl Fn(&'static Log) -> Thunk<'static, T>,
) {
    let (suspensions, legs) = compare_whole(&plain, called, &thunk);
    for passed in 0..suspensions.min(STOPS) {
        let expected = observe_outcome(|log| {
            plain::stopped(passed, || plain(log));
            Outcome::<P>::Dropped
        });
        let dropped =
            observe_outcome(|log| heard(thunk(log), |first| drop(coops(first, passed + 1))));
        same(
            &format!("dropped at suspension {passed}"),
            &dropped,
            &expected,
        );
    }
    for count in 0..legs.min(STOPS) {
        let dropped = observe_outcome(|log| heard(thunk(log), |first| drop(bounces(first, count))));
        assert_eq!(dropped.outcome, "dropped", "dropped after {count} legs");
    }
    observe(|log| drop(thunk(log)));
}

/// Compares runs to the end only; returns how often the blocking half came to a `coop!`, and the
/// moved half's legs.
///
/// # Panics
///
/// If any run of the moved half can be told from the blocking half's.
pub fn compare_whole<P: Debug, T: Debug + Send + 'static>(
    plain: impl Fn(&'static Log) -> P,
    called: impl Fn(&'static Log) -> T,
    thunk: impl Fn(&'static Log) -> Thunk<'static, T>,
) -> (usize, usize) {
    let (expected, suspensions) = plain::counted(|| observe(plain));
    same("called plainly", &observe(called), &expected);
    same(
        "run as a thunk",
        &observe(|log| thunk(log).run()),
        &expected,
    );
    let mut legs = 0;
    let bounced = observe_outcome(|log| heard(thunk(log), |first| legs = bounce_abroad(first)));
    same("with each leg on a thread of its own", &bounced, &expected);
    (suspensions, legs)
}

fn same(how: &str, found: &Observation, expected: &Observation) {
    assert_eq!(
        found, expected,
        "{how}: left is the #[cps] function, right the same function blocking"
    );
}

/// Starts `thunk`, lets `drive` do with it what it likes, and returns what its receiver heard.
fn heard<T: Send + 'static>(
    thunk: Thunk<'static, T>,
    drive: impl FnOnce(Continuation),
) -> Outcome<T> {
    let ear = Ear(Arc::default());
    drive(thunk.start_with(ear.clone()));
    let outcome = ear.0.lock().unwrap().take();
    outcome.expect("the receiver hears an outcome")
}

/// Hears one outcome.
struct Ear<T>(Arc<Mutex<Option<Outcome<T>>>>);

impl<T> Clone for Ear<T> {
    fn clone(&self) -> Self {
        Ear(Arc::clone(&self.0))
    }
}

impl<T: Send> Receive<T> for Ear<T> {
    fn receive(self, outcome: Outcome<T>) {
        let before = self.0.lock().unwrap().replace(outcome);
        assert!(before.is_none(), "the receiver hears one outcome");
    }
}

/// Runs each leg on a new thread; returns how many there were.
fn bounce_abroad(first: Continuation) -> usize {
    let mut next = Some(first);
    let mut legs = 0;
    while let Some(continuation) = next {
        next = thread::spawn(|| continuation.bounce())
            .join()
            .expect("a leg's panic goes to the receiver");
        legs += 1;
    }
    legs
}

fn bounces(first: Continuation, count: usize) -> Continuation {
    (0..count).fold(first, |next, _| {
        next.bounce().expect("as many legs as before")
    })
}

fn coops(first: Continuation, count: usize) -> Continuation {
    (0..count).fold(first, |next, _| {
        next.trampoline()
            .expect("as many suspensions as in the blocking half")
    })
}
