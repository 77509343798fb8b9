//! What a crate without std gets of the macros.

use continuations::{suspend, thunk};
use core_alone::{Turns, triangles};
use std::sync::{Arc, Mutex};

#[test]
fn a_plain_call_runs_to_the_end() {
    assert_eq!(triangles(4), [1, 3, 6, 10]);
}

#[test]
fn continuations_take_turns() {
    #[continuations::cps]
    fn note(log: Arc<Mutex<Vec<String>>>, name: &'static str) {
        for turn in 0..2 {
            log.lock().unwrap().push(format!("{name}{turn}"));
            continuations::coop!();
        }
    }
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut turns = Turns::default();
    for name in ["a", "b"] {
        turns.add(thunk!(note(log.clone(), name)).into_continuation());
    }
    turns.run();
    assert_eq!(*log.lock().unwrap(), ["a0", "b0", "a1", "b1"]);
}

#[test]
fn what_is_given_away_can_be_resumed() {
    #[continuations::cps]
    fn waits(place: Arc<Mutex<Option<continuations::Continuation>>>, log: Arc<Mutex<Vec<u32>>>) {
        log.lock().unwrap().push(1);
        suspend!(|continuation| {
            *place.lock().unwrap() = Some(continuation);
            None
        });
        log.lock().unwrap().push(2);
    }
    let (place, log) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(Vec::new())));
    thunk!(waits(place.clone(), log.clone()))
        .into_continuation()
        .run();
    assert_eq!(*log.lock().unwrap(), [1]);
    let waiting = place.lock().unwrap().take().expect("it was given away");
    waiting.run();
    assert_eq!(*log.lock().unwrap(), [1, 2]);
}
