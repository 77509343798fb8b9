//! A continuation that waits at what its frame holds.
#![cfg(feature = "std")]

mod common;

use common::Log;
use cps_core::expansion::{Context, WaitAt};
use cps_core::{Continuation, Limit, Thunk};
use std::sync::{Arc, Mutex};

/// A place that keeps a continuation, and says what it is asked.
#[derive(Clone)]
struct Place {
    log: Log,
    kept: Arc<Mutex<Option<Continuation>>>,
}

/// Leaves the continuation there, or comes back with it.
struct Leave(bool);

impl WaitAt<Place> for Leave {
    unsafe fn wait_at(self, at: *const Place, continuation: Continuation) -> Option<Continuation> {
        // SAFETY: alive by contract, while the continuation is here.
        let kept = unsafe { &*at }.kept.clone();
        // SAFETY: as above.
        unsafe { &*at }.log.say("waits");
        if !self.0 {
            return Some(continuation);
        }
        // From here on the place may be gone.
        kept.lock().unwrap().replace(continuation);
        None
    }
}

enum Frame {
    Start {
        place: Place,
        leave: bool,
        finds: bool,
    },
    Waits {
        place: Place,
        finds: bool,
    },
}

fn waits(place: Place, leave: bool, finds: bool) -> Thunk<'static, ()> {
    let start = Frame::Start {
        place,
        leave,
        finds,
    };
    Thunk::new(start, |mut cx: Context<Frame, ()>| match cx.take() {
        Frame::Start {
            place,
            leave,
            finds,
        } => cx.suspend_at(
            Frame::Waits { place, finds },
            Leave(leave),
            |frame| match frame {
                Frame::Waits { place, finds: true } => Some(place),
                _ => None,
            },
        ),
        Frame::Waits { place, .. } => {
            place.log.say("goes on");
            cx.done(())
        }
    })
}

fn place(log: &Log) -> Place {
    Place {
        log: log.clone(),
        kept: Arc::default(),
    }
}

struct Never;

impl Limit for Never {
    type Over = ();

    fn check(&self) -> Option<()> {
        None
    }
}

#[test]
fn what_the_frame_holds_keeps_the_continuation() {
    let log = Log::default();
    let place = place(&log);
    let started = waits(place.clone(), true, true).into_continuation();
    assert!(started.trampoline().is_none());
    assert_eq!(log.take(), ["waits"]);
    let kept = place.kept.lock().unwrap().take();
    kept.expect("it waits there").run();
    assert_eq!(log.take(), ["goes on"]);
}

#[test]
fn it_is_found_under_limits_too() {
    let log = Log::default();
    let place = place(&log);
    let limited = waits(place.clone(), true, true)
        .limited(Never)
        .limited(Never);
    assert!(limited.into_continuation().trampoline().is_none());
    assert_eq!(log.take(), ["waits"]);
    let kept = place.kept.lock().unwrap().take();
    kept.expect("it waits there").run();
    assert_eq!(log.take(), ["goes on"]);
}

#[test]
fn what_comes_back_goes_on_at_once() {
    let log = Log::default();
    waits(place(&log), false, true).run();
    assert_eq!(log.take(), ["waits", "goes on"]);
}

#[test]
fn where_nothing_is_found_it_goes_on_at_once() {
    let log = Log::default();
    waits(place(&log), true, false).run();
    assert_eq!(log.take(), ["goes on"]);
}

/// The place is in the frame alone, and gone when who has taken the continuation has dropped it.
#[test]
fn it_is_dropped_with_the_frame() {
    let log = Log::default();
    let place = place(&log);
    let kept = place.kept.clone();
    let started = waits(place, true, true).into_continuation();
    assert!(started.trampoline().is_none());
    let waiting = kept.lock().unwrap().take();
    assert_eq!(Arc::strong_count(&kept), 2);
    drop(waiting);
    assert_eq!(Arc::strong_count(&kept), 1);
}
