//! Runtimes: what one can tell them, what they say of themselves, and how they end.

mod support;

use insideout::prelude::*;
use insideout::{Builder, EndError, NotFrozen, PanicPolicy, Scheduling, Status, thread_name};
use std::io::{ErrorKind, PipeReader, Read, pipe};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Alive, Counter, asked_until, once, receive, travel, turns, until};

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

/// Reads until it is interrupted; returns how often.
fn interruptions(mut blocked: PipeReader, started: Counter, upto: usize) -> usize {
    let mut interrupted = 0;
    while interrupted < upto {
        started.add(1);
        let read = blocked.read(&mut [0]);
        assert_eq!(read.unwrap_err().kind(), ErrorKind::Interrupted);
        interrupted += 1;
    }
    interrupted
}

/// A line of what the system says of the calling thread.
fn system_says(key: &str) -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.expect("a key that exists").trim().to_string()
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
fn an_interrupt_ends_a_system_call() {
    let (blocked, _writer) = pipe().unwrap();
    let (started, runtime) = (Counter::default(), Runtime::new());
    let count = started.clone();
    let handle = runtime.spawn(once(move || interruptions(blocked, count, 3)));
    asked_until(|| runtime.interrupt().unwrap(), || handle.is_finished());
    assert_eq!(handle.join().unwrap(), 3);
    // One that sleeps is not disturbed.
    runtime.interrupt().unwrap();
    assert_eq!(runtime.spawn(once(|| 1)).join().unwrap(), 1);
    runtime.halt();
    assert!(runtime.wait(Status::DEAD));
    assert_eq!(
        runtime.interrupt().unwrap_err().raw_os_error(),
        Some(libc::ESRCH)
    );
    assert_eq!(
        runtime.signal(0).unwrap_err().raw_os_error(),
        Some(libc::ESRCH)
    );
    assert!(runtime.pin_to_cpu(0).is_err());
}

#[test]
fn a_cancelled_runtime_leaves_its_system_call_and_ends() {
    let (blocked, _writer) = pipe().unwrap();
    let (started, alive) = (Counter::default(), Alive::default());
    let (count, held) = (started.clone(), alive.clone());
    let runtime = Builder::new()
        .spawn(once(move || {
            let _held = held;
            interruptions(blocked, count, 1)
        }))
        .unwrap();
    until(|| started.get() == 1);
    asked_until(
        || runtime.cancel(),
        || runtime.status().contains(Status::DEAD),
    );
    // The leg was the last.
    assert_eq!(alive.others(), 0);
    assert!(matches!(runtime.join(), Err(EndError::Cancelled)));
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
fn a_thread_is_made_as_it_was_asked_for() {
    let runtime = Builder::new()
        .name("a name of many letters")
        .stack_size(64 << 20)
        .cpus([0])
        .mask([libc::SIGUSR1, libc::SIGRTMAX()])
        .start()
        .unwrap();
    assert_eq!(runtime.name(), "a name of many ");
    let says = runtime.spawn(once(|| {
        let deep = std::hint::black_box([1_u8; 10 << 20]);
        let size = deep.iter().map(|byte| usize::from(*byte)).sum::<usize>();
        let says = ["Name:", "Cpus_allowed_list:", "SigBlk:"].map(system_says);
        (size, says)
    }));
    let (size, [name, cpus, blocked]) = says.join().unwrap();
    assert_eq!(size, 10 << 20);
    assert_eq!(name, "a name of many");
    assert_eq!(cpus, "0");
    let blocked = u64::from_str_radix(&blocked, 16).unwrap();
    assert_ne!(blocked & 1 << (libc::SIGUSR1 - 1), 0);
    // Whatever is masked, it can be interrupted.
    let (pipe, _writer) = pipe().unwrap();
    let handle = runtime.spawn(once(move || interruptions(pipe, Counter::default(), 1)));
    asked_until(|| runtime.interrupt().unwrap(), || handle.is_finished());
    assert_eq!(handle.join().unwrap(), 1);
}

#[test]
fn a_thread_that_cannot_be_made_so_is_an_error() {
    let alive = Alive::default();
    let impossible = [
        Builder::new().stack_size(1),
        Builder::new().cpus([1 << 20]),
        Builder::new().cpus([libc::CPU_SETSIZE as usize - 1]),
        Builder::new().mask([-1]),
        Builder::new().scheduling(Scheduling::Fifo(200)),
    ];
    for builder in impossible {
        assert!(
            builder.clone().spawn(forever(alive.clone())).is_err(),
            "{builder:?}"
        );
        assert!(builder.pool(2).is_err());
    }
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_policy_is_that_of_the_thread_or_not_permitted() {
    let policy = || {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        fields.split(' ').nth(38).unwrap().parse::<i32>().unwrap()
    };
    let builder = |scheduling| Builder::new().scheduling(scheduling).start();
    let other = builder(Scheduling::Other).unwrap();
    assert_eq!(other.spawn(once(policy)).join().unwrap(), libc::SCHED_OTHER);
    match builder(Scheduling::RoundRobin(1)) {
        Ok(urgent) => assert_eq!(urgent.spawn(once(policy)).join().unwrap(), libc::SCHED_RR),
        Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied),
    }
}

#[test]
fn a_running_thread_can_be_pinned() {
    let runtime = Runtime::new();
    runtime.pin_to_cpu(0).unwrap();
    let cpus = runtime.spawn(once(|| system_says("Cpus_allowed_list:")));
    assert_eq!(cpus.join().unwrap(), "0");
    assert!(runtime.pin_to_cpu(1 << 20).is_err());
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
