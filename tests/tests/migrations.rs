//! `migrate!`: where code runs is where it was told to go, and a plain call waits wherever it went.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::thread;

use behaviour::Log;
use insideout::prelude::*;
use insideout::thread_name;

#[cps]
fn tour(log: &Log, first: &Pool, second: &Pool) -> Result<(), Closed> {
    let _guard = log.tracked("guard");
    migrate!(first)?;
    log.note(thread_name());
    migrate!(second)?;
    log.note(thread_name());
    coop!();
    log.note(thread_name());
    migrate!(first)?;
    log.note(thread_name());
    Ok(())
}

#[test]
fn it_runs_where_it_migrated() {
    let log = Log::forever();
    let (first, second) = (Pool::named("first", 1), Pool::named("second", 1));
    tour(log, &first, &second).unwrap();
    assert_eq!(
        log.events(),
        ["first-0", "second-0", "second-0", "first-0", "drop guard"]
    );
}

#[test]
fn on_pools_it_is_the_same() {
    #[cps]
    fn visit(there: Home, back: Home) -> [String; 3] {
        let before = thread_name();
        migrate!(there).unwrap();
        let away = thread_name();
        migrate!(back).unwrap();
        [before, away, thread_name()]
    }
    let (first, second) = (Pool::named("first", 1), Pool::named("second", 1));
    let trip = first
        .spawn(thunk!(visit(second.home(), first.home())))
        .join()
        .unwrap();
    assert_eq!(trip, ["first-0", "second-0", "first-0"]);
}

#[cps]
fn work_on(pool: &Pool, log: &Log, n: u64) -> u64 {
    migrate!(pool).unwrap();
    log.note(thread_name());
    n * 2
}

#[cps]
fn calls_what_migrates(pool: &Pool, log: &Log) -> (u64, String) {
    let mut sum = 0;
    for n in 0..3 {
        sum += call!(work_on(pool, log, n));
    }
    (sum, thread_name())
}

#[test]
fn a_callee_takes_its_caller_along() {
    let log = Log::forever();
    let pool = Pool::named("away", 1);
    assert_eq!(calls_what_migrates(&pool, log), (6, "away-0".to_owned()));
    assert_eq!(log.events(), ["away-0"; 3]);
}

#[test]
fn a_plain_call_waits_with_its_borrows() {
    #[cps]
    fn sum_on(pool: &Pool, numbers: &[u64], total: &mut u64) -> String {
        migrate!(pool).unwrap();
        for n in numbers {
            *total += n;
            coop!();
        }
        thread_name()
    }
    let pool = Pool::named("away", 2);
    let numbers: Vec<u64> = (0..1000).collect();
    let mut total = 0;
    let name = sum_on(&pool, &numbers, &mut total);
    assert!(name.starts_with("away-"), "{name}");
    assert_eq!(total, 499_500);
}

#[test]
fn a_panic_elsewhere_comes_back_to_the_plain_call() {
    #[cps]
    fn fails_on(pool: &Pool, log: &Log) {
        let _guard = log.tracked("guard");
        migrate!(pool).unwrap();
        behaviour::fail(thread_name());
    }
    let log = Log::forever();
    let pool = Pool::named("away", 1);
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fails_on(&pool, log)))
        .unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "away-0");
    assert_eq!(log.events(), ["drop guard"]);
    assert_eq!(pool.panics(), 0);
}

#[test]
fn a_closed_destination_refuses_and_it_goes_on_where_it_was() {
    #[cps]
    fn tries(there: Home) -> (Result<(), Closed>, String) {
        let moved = migrate!(there);
        (moved, thread_name())
    }
    let closed = Pool::named("closed", 1);
    let home = closed.home();
    closed.join().unwrap();
    let here = Pool::named("here", 1);
    let (moved, name) = here.spawn(thunk!(tries(home))).join().unwrap();
    assert_eq!(moved, Err(Closed(())));
    assert_eq!(name, "here-0");
}

#[test]
fn a_mailbox_is_a_destination() {
    #[cps]
    fn hops(log: &Log, mailbox: Sender<Continuation>, count: u32) -> u32 {
        for n in 0..count {
            migrate!(mailbox).unwrap();
            log.note(n);
        }
        count
    }
    let log = Log::forever();
    let (sender, receiver) = Mailbox::<Continuation>::unbounded().split();
    let driver = thread::spawn(move || {
        let mut driven = 0;
        while let Ok(continuation) = receiver.recv() {
            driven += 1;
            continuation.run();
        }
        driven
    });
    assert_eq!(hops(log, sender, 3), 3);
    assert_eq!(driver.join().unwrap(), 3);
    assert_eq!(log.events(), ["0", "1", "2"]);
}

#[test]
fn a_thousand_continuations_visit_three_pools() {
    #[cps]
    fn visit(pools: [Home; 3], rounds: usize) -> usize {
        let mut visited = 0;
        for _ in 0..rounds {
            for pool in pools.iter().cloned().collect::<Vec<_>>() {
                migrate!(pool).unwrap();
                visited += 1;
            }
        }
        visited
    }
    let pools = ["a", "b", "c"].map(|name| Pool::named(name, 2));
    let handles: Vec<_> = (0..1000)
        .map(|_| pools[0].spawn(thunk!(visit([0, 1, 2].map(|n| pools[n].home()), 3))))
        .collect();
    let visited: usize = handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .sum();
    assert_eq!(visited, 9000);
}
