//! Calls that are given up when their time is over.
//!
//! A call under a [`timeout`] has a limit, which is asked before each of its legs. While it is
//! suspended nobody asks; so whoever suspends a continuation that has such limits does not leave the
//! continuation itself where it waits, but a [claim](crate::claim), and leaves that with an alarm as
//! well, as `select!` does. Either the place takes the claim or the alarm does, and the continuation is
//! resumed once.
//!
//! *Nothing is lost.* If the place took the claim, its wake-up was meant for this call, which gets a
//! leg for it, whatever the time is. If the alarm did, the place turns to whoever waits behind. The
//! next check takes the claim away from wherever it is left.

use crate::claim::{Claim, Place};
use crate::event_queue::alarm;
use crate::note;
use crate::parker::Why;
use crate::select::{Selecting, enter};
use crate::sync::{Arc as Shared, Mutex, lock};
use cps_core::dispatch::{self, Home};
use cps_core::{Continuation, Limit, Thunk};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A call was not finished in time, and was given up.
///
/// ```
/// assert_eq!(insideout::TimedOut.to_string(), "the time is over");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is over")
    }
}

impl Error for TimedOut {}

impl From<TimedOut> for std::io::Error {
    fn from(error: TimedOut) -> Self {
        std::io::Error::new(std::io::ErrorKind::TimedOut, error)
    }
}

/// The call, given up if it has not returned when `duration` is over, counted from now. In a `#[cps]`
/// function, `timeout!(duration, f(x))` makes and calls it.
///
/// Giving up drops the callee and all that it has called, wherever that waits. What is queued to be run
/// is dropped when it has its turn, and what runs at the end of its leg. What `suspend!` gives away
/// under a timeout stands for nothing when the time is over: who runs it then runs nothing. The first
/// leg always runs; so a callee that neither waits nor calls returns whatever the duration.
///
/// Where timeouts lie within timeouts, each is asked before each leg of the innermost call that follows a
/// suspension, and now and then before one that is called.
///
/// ```
/// use insideout::prelude::*;
/// use insideout::{TimedOut, timeout};
/// use std::time::Duration;
///
/// #[cps]
/// fn ask(questions: Sender<u32>, answers: &Receiver<u32>) -> Option<u32> {
///     send!(questions, 42).ok()?;
///     recv!(answers).ok()
/// }
///
/// #[cps]
/// fn ask_once(questions: Sender<u32>, answers: Receiver<u32>) -> Result<Option<u32>, TimedOut> {
///     timeout!(Duration::from_millis(5), ask(questions, &answers))
/// }
///
/// let (questions, answers) = (Mailbox::unbounded(), Mailbox::unbounded());
/// assert_eq!(ask_once(questions.sender(), answers.receiver()), Err(TimedOut));
/// answers.send(7).unwrap();
/// assert_eq!(ask_once(questions.sender(), answers.receiver()), Ok(Some(7)));
///
/// let pool = Pool::new(1);
/// let never = timeout(Duration::ZERO, recv(Mailbox::<()>::unbounded().split()));
/// assert_eq!(pool.spawn(never).join().unwrap(), Err(TimedOut));
///
/// fn recv(ends: (Sender<()>, Receiver<()>)) -> Thunk<'static, ()> {
///     #[cps]
///     fn wait(ends: (Sender<()>, Receiver<()>)) {
///         recv!(ends.1).ok();
///     }
///     thunk!(wait(ends))
/// }
/// ```
pub fn timeout<'a, T: Send + 'a>(
    duration: Duration,
    call: Thunk<'a, T>,
) -> Thunk<'a, Result<T, TimedOut>> {
    call.limited(Deadline::new(Instant::now().checked_add(duration)))
}

/// As [`timeout`], at a given time.
///
/// ```
/// use insideout::prelude::*;
/// use insideout::{TimedOut, timeout_at};
/// use std::time::Instant;
///
/// #[cps]
/// fn endless() {
///     loop {
///         coop!();
///     }
/// }
///
/// assert_eq!(timeout_at(Instant::now(), thunk!(endless())).run(), Err(TimedOut));
/// ```
pub fn timeout_at<'a, T: Send + 'a>(
    deadline: Instant,
    call: Thunk<'a, T>,
) -> Thunk<'a, Result<T, TimedOut>> {
    call.limited(Deadline::new(Some(deadline)))
}

/// The limit of a call. Without a time it has none.
struct Deadline {
    at: Option<Instant>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether the first leg has begun.
    begun: bool,
    wait: Option<Arc<Wait>>,
}

/// A wait that is under way, or has just ended.
struct Wait {
    selecting: Selecting,
    /// The name of the alarm.
    alarm: Option<usize>,
}

impl Deadline {
    fn new(at: Option<Instant>) -> Self {
        Deadline {
            at,
            state: Mutex::default(),
        }
    }
}

impl Limit for Deadline {
    type Over = TimedOut;

    fn check(&self) -> Option<TimedOut> {
        let mut state = lock(&self.state);
        let (wait, begun) = (state.wait.take(), std::mem::replace(&mut state.begun, true));
        drop(state);
        let owed = wait.is_some_and(|wait| wait.owes_a_leg());
        let over = || self.at.is_some_and(|at| Instant::now() >= at);
        (begun && !owed && over()).then_some(TimedOut)
    }
}

impl Wait {
    /// Whether what was waited for has ended the wait, and not the alarm.
    fn owes_a_leg(&self) -> bool {
        match self.selecting.taker() {
            Some((name, why)) if Some(name) != self.alarm => {
                if why == Why::Interrupted {
                    note::leave(name);
                }
                true
            }
            _ => false,
        }
    }
}

fn deadlines(continuation: &Continuation) -> impl Iterator<Item = &Deadline> {
    let limits = continuation.limits();
    limits.filter_map(|limit| limit.downcast_ref::<Deadline>())
}

/// Whether it is under a timeout.
#[inline]
pub(crate) fn has_deadline(continuation: &Continuation) -> bool {
    deadlines(continuation).next().is_some()
}

/// Leaves a continuation where it waits; under a timeout, with a claim at `place`, if there is one. It
/// comes back if it has nothing to wait for.
#[inline]
pub(crate) fn suspend(
    continuation: Continuation,
    simply: impl FnOnce(Continuation, Home) -> Option<Continuation>,
    place: impl FnOnce() -> Option<Arc<dyn Place>>,
) -> Option<Continuation> {
    if !has_deadline(&continuation) {
        return simply(continuation, dispatch::here());
    }
    let claim = Claim::of_continuation();
    let places = place().into_iter().collect();
    let ready = with_alarm(&continuation, &claim, places);
    give(continuation, &claim, ready)
}

/// Leaves a continuation with a claim at places from which somebody else will take the claim away;
/// under a timeout, also with an alarm.
pub(crate) fn settle(
    continuation: Continuation,
    claim: &Shared<Claim>,
    places: &[Arc<dyn Place>],
) -> Option<Continuation> {
    let over = has_deadline(&continuation) && with_alarm(&continuation, claim, Vec::new());
    let ready = over || enter(claim, places);
    give(continuation, claim, ready)
}

fn give(continuation: Continuation, claim: &Claim, ready: bool) -> Option<Continuation> {
    if ready {
        return Some(continuation);
    }
    claim.settle(continuation, dispatch::here())
}

/// Leaves the claim at places, and with an alarm for the first of the continuation's deadlines, all of
/// which know of the wait then. True if one of them has something already.
fn with_alarm(
    continuation: &Continuation,
    claim: &Shared<Claim>,
    mut places: Vec<Arc<dyn Place>>,
) -> bool {
    let first = deadlines(continuation).filter_map(|limit| limit.at).min();
    let alarm = first.map(alarm);
    let name = alarm.as_ref().map(|alarm| alarm.name());
    places.extend(alarm);
    let wait = Arc::new(Wait {
        selecting: Selecting::new(claim.clone(), places),
        alarm: name,
    });
    for limit in deadlines(continuation) {
        lock(&limit.state).wait = Some(wait.clone());
    }
    // From now on it is the limits' alone, so that it has ended when they have checked.
    wait.selecting.enter()
}
