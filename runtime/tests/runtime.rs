//! Runtimes: what one can tell them, what they say of themselves, and how they end.

mod support;

use insideout::prelude::*;
use insideout::{Builder, EndError, NotFrozen, PanicPolicy, Scheduling, Status, thread_name};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Alive, Counter, once, receive, travel, turns, until};

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

#[cps]
fn nothing() {}

#[cps]
fn calls_forever(started: Counter, held: Alive) {
    loop {
        started.add(1);
        call!(nothing());
        let _ = &held;
    }
}

#[test]
fn handles_can_be_shared() {
    fn shared<T: Send + Sync + std::fmt::Debug>() {}
    shared::<Runtime>();
    shared::<Builder>();
    shared::<Status>();
    shared::<PanicPolicy>();
    shared::<Scheduling>();
    shared::<NotFrozen>();
    fn sent<T: Send + std::error::Error>() {}
    sent::<EndError>();
}

#[test]
fn a_runtime_for_a_call_ends_with_it() {
    let gate = Mailbox::<()>::bounded(1);
    let alive = Alive::default();
    let held = alive.clone();
    let call = receive(gate.receiver(), move |()| drop(held.clone()));
    let runtime = Builder::new().spawn(call).unwrap();
    assert!(matches!(
        runtime.join_timeout(Duration::from_millis(2)),
        Err(EndError::Timeout)
    ));
    gate.send(()).unwrap();
    gate.close();
    runtime.join().unwrap();
    assert_eq!(runtime.status(), Status::DEAD);
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_panic_is_kept_and_each_who_joins_hears_of_it() {
    let runtime = Builder::new()
        .spawn(once(|| panic!("number {}", 7)))
        .unwrap();
    let others: Vec<_> = (0..4)
        .map(|_| {
            let runtime = runtime.clone();
            std::thread::spawn(move || runtime.join())
        })
        .collect();
    for other in others {
        assert_eq!(
            other.join().unwrap().unwrap_err().message(),
            Some("number 7")
        );
    }
    assert!(runtime.status().contains(Status::HALTED | Status::DEAD));
    assert_eq!(runtime.join().unwrap_err().message(), Some("number 7"));
}

#[test]
fn what_a_panic_carried_goes_to_the_first_who_joins() {
    let runtime = Builder::new()
        .spawn(once(|| std::panic::panic_any(7_u8)))
        .unwrap();
    let EndError::Panicked(panic) = runtime.join().unwrap_err() else {
        panic!("a panic is what it ended with");
    };
    assert_eq!(panic.downcast_ref(), Some(&7_u8));
    let again = runtime.join().unwrap_err();
    assert!(matches!(&again, EndError::Panicked(_)) && again.message().is_none());
}

#[test]
fn a_panic_that_somebody_hears_of_is_survived_and_a_policy_can_be_asked_for() {
    let runtime = Runtime::new();
    let handle = runtime.spawn(once(|| panic!("heard")));
    assert_eq!(handle.join().unwrap_err().message(), Some("heard"));
    assert_eq!(runtime.spawn(once(|| 1)).join().unwrap(), 1);

    let keeps = Builder::new().panics(PanicPolicy::Keep).start().unwrap();
    keeps.spawn_detached(once(|| panic!("kept"))).unwrap();
    assert_eq!(keeps.spawn(once(|| 1)).join().unwrap(), 1);
    keeps.shutdown();
    assert_eq!(keeps.join().unwrap_err().message(), Some("kept"));
}

#[test]
fn a_halt_drops_what_is_queued_and_what_is_in_hand() {
    let alive = Alive::default();
    let runtime = Runtime::new();
    let handles = [(); 5].map(|()| runtime.spawn(forever(alive.clone())));
    runtime.halt();
    assert!(matches!(runtime.join(), Err(EndError::Cancelled)));
    assert_eq!(alive.others(), 0);
    for handle in handles {
        assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    }
    let late = runtime.spawn(forever(alive.clone()));
    assert!(matches!(late.join(), Err(JoinError::Cancelled)));
    let back = runtime.spawn_detached(forever(alive.clone())).unwrap_err();
    assert_eq!(alive.others(), 1);
    drop(back);
}

#[test]
fn a_halt_comes_between_two_legs_of_a_chain_of_calls() {
    let (started, alive) = (Counter::default(), Alive::default());
    let runtime = Runtime::new();
    let endless = thunk!(calls_forever(started.clone(), alive.clone()));
    let handle = runtime.spawn(endless);
    until(|| started.get() > 100);
    runtime.freeze();
    assert!(rests(&runtime));
    let before = started.get();
    let endless = runtime.eject().unwrap().unwrap();
    assert_eq!(started.get(), before);
    runtime.spawn_detached(endless).unwrap();
    runtime.thaw();
    until(|| started.get() > before);
    runtime.halt();
    assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_halt_from_a_leg_of_its_own_comes_after_the_leg() {
    let alive = Alive::default();
    let runtime = Runtime::new();
    let (own, held, mut n) = (runtime.clone(), alive.clone(), 0);
    let legs = Counter::default();
    let count = legs.clone();
    let handle = runtime.spawn(turns(move || {
        let _held = &held;
        own.halt();
        count.add(1);
        n += 1;
        (n == 2).then_some(())
    }));
    assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    assert_eq!((legs.get(), alive.others()), (1, 0));
}

#[test]
fn a_freeze_from_a_leg_of_its_own_comes_after_the_leg() {
    for last in 1..100 {
        let (legs, runtime) = (Counter::default(), Runtime::new());
        let (own, count) = (runtime.clone(), legs.clone());
        let endless = turns(move || -> Option<()> {
            count.add(1);
            if count.get() == last {
                own.freeze();
            }
            None
        });
        runtime.spawn_detached(endless).unwrap();
        assert!(rests(&runtime));
        assert_eq!(legs.get(), last);
        runtime.halt();
    }
}

#[test]
fn no_one_joins_or_waits_for_itself() {
    let runtime = Runtime::new();
    let own = runtime.clone();
    let errors = runtime.spawn(once(move || {
        assert!(!own.wait(Status::DEAD) && !own.wait(Status::FROZEN));
        assert!(own.wait(Status::RUNNING));
        let timed = own.join_timeout(Duration::MAX);
        [own.join().unwrap_err(), timed.unwrap_err()]
    }));
    for error in errors.join().unwrap() {
        assert!(matches!(error, EndError::Itself));
    }
    assert!(matches!(
        runtime.join_deadline(Instant::now()),
        Err(EndError::Timeout)
    ));
}

#[test]
fn a_link_carries_halts_and_panics_and_nothing_else() {
    let runtimes = [(); 5].map(|()| Runtime::new());
    let [one, two, three, unlinked, ended] = &runtimes;
    // A cycle, one that left it, and one that comes to its end.
    one.link(two);
    two.link(three);
    three.link(one);
    one.link(one);
    unlinked.link(one);
    assert!(unlinked.status().contains(Status::LINKED));
    unlinked.unlink(one);
    assert!(!unlinked.status().contains(Status::LINKED));
    ended.link(one);
    ended.shutdown();
    ended.join().unwrap();
    assert!(!one.status().contains(Status::HALTED));
    three.spawn_detached(once(|| panic!("spreads"))).unwrap();
    assert_eq!(three.join().unwrap_err().message(), Some("spreads"));
    assert!(matches!(one.join(), Err(EndError::Cancelled)));
    assert!(matches!(two.join(), Err(EndError::Cancelled)));
    assert_eq!(unlinked.spawn(once(|| 1)).join().unwrap(), 1);
    // Who links to one that was halted is halted at once; to one that ended otherwise, is not.
    unlinked.link(ended);
    assert!(!unlinked.status().contains(Status::LINKED));
    unlinked.link(one);
    assert!(matches!(unlinked.join(), Err(EndError::Cancelled)));
}

#[test]
fn a_long_chain_of_links_is_halted_as_a_whole() {
    let first = Runtime::new();
    let mut all = vec![first.clone()];
    for _ in 0..60 {
        let next = all.last().unwrap().spawn_link(forever(Alive::default()));
        all.push(next.unwrap());
    }
    first.halt();
    for runtime in all {
        assert!(matches!(runtime.join(), Err(EndError::Cancelled)));
    }
}

#[test]
fn a_runtime_without_handles_goes_on_until_nothing_can_reach_it() {
    let mailbox = Mailbox::bounded(1);
    let (alive, names) = (Alive::default(), Arc::new(Mutex::new(Vec::new())));
    let runtime = Builder::new().name("detached").start().unwrap();
    let home = runtime.home();
    let (held, log) = (alive.clone(), names.clone());
    runtime
        .spawn_detached(receive(mailbox.receiver(), move |()| {
            let _held = &held;
            log.lock().unwrap().push(thread_name());
        }))
        .unwrap();
    drop(runtime);
    mailbox.send(()).unwrap();
    until(|| names.lock().unwrap().len() == 1);
    // Only what waits for the mailbox can reach it now.
    drop(home);
    mailbox.send(()).unwrap();
    until(|| names.lock().unwrap().len() == 2);
    mailbox.close();
    until(|| alive.others() == 0);
    assert_eq!(*names.lock().unwrap(), ["detached", "detached"]);
}

#[test]
fn a_runtime_shut_down_runs_what_is_queued_and_cancels_what_waits_for_others() {
    let mailbox = Mailbox::<()>::bounded(1);
    let runtime = Builder::new().frozen().start().unwrap();
    let waits = runtime.spawn(receive(mailbox.receiver(), |()| ()));
    let runs = runtime.spawn(once(|| 1));
    runtime.shutdown();
    runtime.thaw();
    assert_eq!(runs.join().unwrap(), 1);
    runtime.join().unwrap();
    mailbox.send(()).unwrap();
    assert!(matches!(waits.join(), Err(JoinError::Cancelled)));
}

#[test]
fn a_runtime_is_a_place_to_migrate_to_and_a_builder_is_a_new_one_each_time() {
    let names = Arc::new(Mutex::new(Vec::new()));
    let here = Builder::new().name("here").start().unwrap();
    let log = names.clone();
    let log = move |taken| names_push(&log, taken);
    fn names_push(names: &Mutex<Vec<(String, bool)>>, taken: bool) {
        names.lock().unwrap().push((thread_name(), taken));
    }
    let gone = Runtime::new();
    gone.halt();
    let novel = Builder::new().name("novel");
    let never = Builder::new().stack_size(1);
    let places: Vec<Box<dyn Destination + Send>> = vec![
        Box::new(novel.clone()),
        Box::new(gone),
        Box::new(here.clone()),
        Box::new(never),
        Box::new(novel),
    ];
    here.spawn(travel(places, log)).join().unwrap();
    let expected = [
        ("novel", true),
        ("novel", false),
        ("here", true),
        ("here", false),
        ("novel", true),
    ];
    let expected = expected.map(|(name, taken)| (name.to_string(), taken));
    assert_eq!(*names.lock().unwrap(), expected);
}
