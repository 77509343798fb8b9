//! Runtimes that rest: what they do not do meanwhile, what can be taken out of them, and how they go on.

mod support;

use insideout::prelude::*;
use insideout::{Builder, EndError, NotFrozen, Status, thread_name};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Alive, Counter, once, receive, turns, until};

/// A call that takes turns for ever, holding `held`.
fn forever(held: Alive) -> Thunk<'static, ()> {
    turns(move || {
        let _held = &held;
        None
    })
}

fn rests(runtime: &Runtime) -> bool {
    runtime.wait(Status::FROZEN)
}

/// Whom the last leg has woken waits for the thaw.
#[test]
fn a_leg_that_freezes_its_own_runtime_is_the_last() {
    #[cps]
    fn waits(bell: Receiver<()>, ran: Counter) {
        recv!(bell).unwrap();
        ran.add(1);
    }
    #[cps]
    fn rings(bell: Sender<()>, runtime: Runtime) {
        send!(bell, ()).unwrap();
        runtime.freeze();
    }
    let (runtime, ran) = (Runtime::new(), Counter::default());
    let (bell, rung) = Mailbox::bounded(1).split();
    let waiting = runtime.spawn(thunk!(waits(rung, ran.clone())));
    until(|| format!("{bell:?}").contains("receiving: 1"));
    runtime
        .spawn_detached(thunk!(rings(bell, runtime.clone())))
        .unwrap();
    assert!(rests(&runtime));
    assert_eq!(ran.get(), 0);
    runtime.thaw();
    waiting.join().unwrap();
    assert_eq!(ran.get(), 1);
}

#[test]
fn a_frozen_runtime_begins_no_leg() {
    let runtime = Builder::new().frozen().start().unwrap();
    assert!(rests(&runtime));
    let ran = Counter::default();
    let handles = [1, 2, 3].map(|n| {
        let ran = ran.clone();
        runtime.spawn(once(move || ran.add(n)))
    });
    assert!(!runtime.wait_deadline(Status::RUNNING, Instant::now() + Duration::from_millis(2)));
    assert_eq!(ran.get(), 0);
    runtime.thaw();
    handles
        .into_iter()
        .for_each(|handle| handle.join().unwrap());
    assert_eq!(ran.get(), 6);
    // Also one that has something to do, and one that sleeps.
    for sleeps in [false, true] {
        let legs = Counter::default();
        let count = legs.clone();
        let busy = turns(move || {
            count.add(1);
            sleeps.then_some(())
        });
        runtime.spawn_detached(busy).unwrap();
        until(|| legs.get() > 0);
        runtime.freeze();
        assert!(rests(&runtime));
        let before = legs.get();
        assert_eq!(runtime.eject().unwrap().is_some(), !sleeps);
        assert_eq!(legs.get(), before);
        runtime.thaw();
    }
    assert!(runtime.wait(Status::RUNNING));
    assert_eq!(runtime.eject().unwrap_err(), NotFrozen);
}

#[test]
fn a_frozen_runtime_can_be_halted_shut_down_and_frozen_again() {
    let alive = Alive::default();
    let frozen = || {
        Builder::new()
            .frozen()
            .spawn(forever(alive.clone()))
            .unwrap()
    };
    let halted = frozen();
    assert!(rests(&halted));
    halted.halt();
    assert!(matches!(halted.join(), Err(EndError::Cancelled)));
    assert_eq!(alive.others(), 0);

    let thawed = frozen();
    for _ in 0..100 {
        thawed.thaw();
        thawed.freeze();
        assert!(rests(&thawed));
    }
    drop(thawed.eject().unwrap().unwrap());
    assert_eq!(alive.others(), 0);
    thawed.thaw();
    thawed.join().unwrap();

    let down = Builder::new().frozen().start().unwrap();
    down.shutdown();
    assert!(rests(&down));
    down.thaw();
    down.join().unwrap();
}

#[test]
fn what_is_ejected_runs_elsewhere_in_its_order() {
    let from = Builder::new().frozen().start().unwrap();
    assert!(rests(&from));
    let names = Arc::new(Mutex::new(Vec::new()));
    let handles = [1, 2, 3].map(|n| {
        let names = names.clone();
        from.spawn(once(move || names.lock().unwrap().push((n, thread_name()))))
    });
    let to = Builder::new().name("elsewhere").start().unwrap();
    while let Some(continuation) = from.eject().unwrap() {
        to.spawn_detached(continuation).unwrap();
    }
    from.halt();
    handles
        .into_iter()
        .for_each(|handle| handle.join().unwrap());
    let expected = [1, 2, 3].map(|n| (n, "elsewhere".to_string()));
    assert_eq!(*names.lock().unwrap(), expected);
}

#[test]
fn what_wakes_on_a_frozen_runtime_can_be_ejected() {
    let mailbox = Mailbox::bounded(1);
    let runtime = Runtime::new();
    let handle = runtime.spawn(receive(mailbox.receiver(), |()| ()));
    until(|| format!("{mailbox:?}").contains("receiving: 1"));
    runtime.freeze();
    assert!(rests(&runtime));
    assert!(runtime.eject().unwrap().is_none());
    mailbox.send(()).unwrap();
    let woken = runtime.eject().unwrap().unwrap();
    mailbox.close();
    woken.run();
    assert_eq!(handle.join().unwrap(), 1);
}

#[test]
fn a_frozen_runtime_thaws_when_its_last_handle_is_dropped() {
    let counter = Counter::default();
    let runtime = Builder::new().frozen().start().unwrap();
    let other = runtime.clone();
    let count = counter.clone();
    drop(runtime.spawn(once(move || count.add(1))));
    assert!(rests(&runtime));
    drop(runtime);
    assert!(rests(&other));
    assert_eq!(counter.get(), 0);
    drop(other);
    until(|| counter.get() == 1);
}
