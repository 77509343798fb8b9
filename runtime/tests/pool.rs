//! Pools: turns, joining, what becomes of continuations when a pool ends, panics, migrations.

mod support;

use insideout::prelude::*;
use insideout::{Dispatcher, thread_name};
use std::sync::{Arc, Mutex};
use support::{Alive, Counter, join, once, receive, send, travel, turns, until};

fn panic_message(error: JoinError) -> String {
    error.message().expect("a panic with a message").to_string()
}

#[test]
fn a_spawned_call_is_joined_by_threads_and_by_continuations() {
    let pool = Pool::new(2);
    let handle = pool.spawn(once(|| 21));
    assert_eq!(handle.join().unwrap(), 21);

    let gate = Mailbox::<()>::bounded(1);
    let slow = pool.spawn(receive(gate.receiver(), |()| {}));
    let joiner = pool.spawn(join(slow));
    assert!(!joiner.is_finished());
    gate.send(()).unwrap();
    gate.close();
    assert_eq!(joiner.join().unwrap().unwrap(), 1);
}

#[test]
fn a_panic_reaches_whoever_joins() {
    let pool = Pool::new(1);
    let failing = || once(|| -> u8 { panic!("for a reason") });
    let error = pool.spawn(failing()).join().unwrap_err();
    assert_eq!(panic_message(error), "for a reason");
    let inner = pool.spawn(failing());
    let error = pool.spawn(join(inner)).join().unwrap().unwrap_err();
    assert_eq!(panic_message(error), "for a reason");
    assert_eq!(pool.panics(), 0);
    assert!(pool.join().is_ok());
}

#[test]
fn a_detached_panic_is_counted_kept_and_survived() {
    let pool = Pool::new(1);
    for n in 0..3 {
        pool.spawn_detached(once(move || panic!("number {n}")))
            .unwrap();
    }
    assert_eq!(pool.spawn(once(thread_name)).join().unwrap(), "pool-0");
    assert_eq!(pool.panics(), 3);
    let first = pool.join().unwrap_err();
    assert_eq!(first.downcast_ref(), Some(&"number 0".to_string()));
}

#[test]
fn a_dropped_handle_lets_the_call_go_on() {
    let pool = Pool::new(1);
    let counter = Counter::default();
    let other = counter.clone();
    drop(pool.spawn(once(move || other.add(1))));
    drop(pool);
    assert_eq!(counter.get(), 1);
}

#[test]
fn a_dropped_pool_runs_what_is_queued_and_what_that_wakes() {
    for workers in 1..4 {
        let pool = Pool::new(workers);
        let (sender, receiver) = Mailbox::bounded(1).split();
        let sum = Counter::default();
        let add = sum.clone();
        pool.spawn_detached(receive(receiver, move |n| add.add(n)))
            .unwrap();
        pool.spawn_detached(send(sender, 1..=1000)).unwrap();
        drop(pool);
        assert_eq!(sum.get(), 500_500);
    }
}

#[test]
fn what_waits_for_others_when_its_pool_ends_is_cancelled() {
    let (sender, receiver) = Mailbox::<()>::bounded(1).split();
    let alive = Alive::default();
    let guard = alive.clone();
    let pool = Pool::new(2);
    let handle = pool.spawn(receive(receiver, move |()| drop(guard.clone())));
    let joiner = pool.spawn(join(handle));
    pool.join().unwrap();
    assert!(!joiner.is_finished());
    assert_eq!(alive.others(), 1);
    // The message wakes it; its home refuses, so it is dropped, and with it the last receiver.
    sender.send(()).unwrap();
    assert_eq!(alive.others(), 0);
    assert!(sender.is_closed());
    assert!(matches!(joiner.join(), Err(JoinError::Cancelled)));
}

#[test]
fn a_refused_wake_up_goes_to_the_next() {
    let mailbox = Mailbox::bounded(1);
    let gone = Pool::new(1);
    let lost = gone.spawn(receive(mailbox.receiver(), |_: u8| {}));
    gone.join().unwrap();
    let pool = Pool::new(1);
    let kept = pool.spawn(receive(mailbox.receiver(), |_| {}));
    until(|| format!("{mailbox:?}").contains("receiving: 2"));
    mailbox.send(1).unwrap();
    until(|| mailbox.is_empty());
    mailbox.close();
    assert!(matches!(lost.join(), Err(JoinError::Cancelled)));
    assert_eq!(kept.join().unwrap(), 1);
}

#[test]
fn a_closed_pool_hands_back_and_cancels() {
    let pool = Pool::new(1);
    let home = pool.home();
    pool.shutdown();
    until(|| pool.is_closed());
    let counter = Counter::default();
    let other = counter.clone();
    let back = pool.spawn_detached(once(move || other.add(1))).unwrap_err();
    back.run();
    assert_eq!(counter.get(), 1);
    assert!(matches!(
        pool.spawn(once(|| 1)).join(),
        Err(JoinError::Cancelled)
    ));
    let other = counter.clone();
    let back = home.dispatch(once(move || other.add(1)).into_continuation());
    drop(back.unwrap_err());
    assert_eq!(counter.get(), 1);
}

#[test]
fn a_pool_dropped_by_its_own_worker_ends() {
    let pool = Pool::named("own", 2);
    let home = pool.home();
    let names = Arc::new(Mutex::new(Vec::new()));
    let log = names.clone();
    let (sender, receiver) = Mailbox::bounded(1).split();
    let handle = pool.spawn(receive(receiver, move |pool: Pool| {
        drop(pool);
        log.lock().unwrap().push(thread_name());
    }));
    sender.send(pool).unwrap();
    let closed = || home.dispatch(once(|| ()).into_continuation()).is_err();
    until(closed);
    assert!(names.lock().unwrap()[0].starts_with("own-"));
    drop(sender);
    assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
}

#[test]
fn coop_lets_others_have_their_turns() {
    let pool = Pool::new(1);
    let stop = Counter::default();
    let (seen, log) = (stop.clone(), Arc::new(Mutex::new(String::new())));
    let forever = pool.spawn(turns(move || (seen.get() == 1).then_some("stopped")));
    let started = Counter::default();
    let handles = ['a', 'b', 'c'].map(|name| {
        let (log, started, mut n) = (log.clone(), started.clone(), 0);
        pool.spawn(turns(move || {
            if n == 0 {
                started.add(1);
            }
            if started.get() < 3 {
                return None;
            }
            log.lock().unwrap().push(name);
            n += 1;
            (n == 4).then_some(())
        }))
    });
    for handle in handles {
        handle.join().unwrap();
    }
    stop.add(1);
    assert_eq!(forever.join().unwrap(), "stopped");
    // Whoever came last started the others' counting; from then on they take turns.
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 12);
    let turns: Vec<char> = log.chars().collect();
    for window in turns.windows(3) {
        assert!(window[0] != window[1] && window[1] != window[2], "{log}");
    }
}

#[test]
fn a_woken_continuation_resumes_where_it_was_suspended() {
    let pools = [Pool::named("left", 1), Pool::named("right", 1)];
    let mailbox = Mailbox::bounded(1);
    let names = Arc::new(Mutex::new(Vec::new()));
    let log = names.clone();
    let handle = pools[0].spawn(receive(mailbox.receiver(), move |()| {
        log.lock().unwrap().push(thread_name());
    }));
    for _ in 0..3 {
        until(|| format!("{mailbox:?}").contains("receiving: 1"));
        pools[1]
            .spawn(send(mailbox.sender(), [()].into_iter()))
            .join()
            .unwrap();
        until(|| mailbox.is_empty());
    }
    mailbox.close();
    assert_eq!(handle.join().unwrap(), 3);
    assert_eq!(*names.lock().unwrap(), ["left-0"; 3]);
}

#[test]
fn a_continuation_migrates_and_a_closed_place_refuses() {
    let pools = ["one", "two", "three"].map(|name| Pool::named(name, 1));
    let gone = Pool::named("gone", 1).home();
    let mut places: Vec<_> = pools.iter().map(Pool::home).collect();
    places.insert(2, gone);
    let log = Arc::new(Mutex::new(Vec::new()));
    let there = log.clone();
    let trip = travel(places, move |taken| {
        there.lock().unwrap().push((thread_name(), taken));
    });
    pools[2].spawn(trip).join().unwrap();
    let expected = [
        ("one-0", true),
        ("two-0", true),
        ("two-0", false),
        ("three-0", true),
    ];
    assert_eq!(
        *log.lock().unwrap(),
        expected.map(|(name, taken)| (name.to_string(), taken))
    );
}

#[test]
fn a_mailbox_of_continuations_is_a_place_and_a_full_one_is_waited_for() {
    let pool = Pool::new(1);
    let mailbox = Mailbox::bounded(2);
    let handles: Vec<_> = (0..5)
        .map(|_| pool.spawn(travel(vec![mailbox.clone()], |taken| assert!(taken))))
        .collect();
    // The one worker was not blocked by those for whom there was no room.
    pool.spawn(once(|| ())).join().unwrap();
    assert_eq!(mailbox.len(), 2);
    for _ in 0..3 {
        mailbox.recv().unwrap().run();
    }
    let (sender, receiver) = mailbox.split();
    assert_eq!(receiver.len(), 2);
    drop(receiver);
    let ended: Vec<_> = handles
        .into_iter()
        .map(|handle| handle.join().is_ok())
        .collect();
    assert_eq!(ended, [true, true, true, false, false]);
    let refused = Counter::default();
    let count = refused.clone();
    let trip = travel(vec![sender], move |taken| count.add(usize::from(!taken)));
    pool.spawn(trip).join().unwrap();
    assert_eq!(refused.get(), 1);
}

#[test]
fn migrants_that_wait_for_room_end_at_home_when_the_mailbox_closes() {
    let pool = Pool::new(1);
    let mailbox = Mailbox::bounded(1);
    let handles = [(); 3].map(|()| pool.spawn(travel(vec![mailbox.sender()], |_| {})));
    pool.spawn(once(|| ())).join().unwrap();
    mailbox.close();
    mailbox.recv().unwrap().run();
    let ended = handles.map(|handle| handle.join().is_ok());
    assert_eq!(ended, [true; 3]);
}

#[test]
fn a_plain_call_waits_for_a_continuation_that_went_away() {
    let pool = Pool::named("away", 1);
    let log = Arc::new(Mutex::new(Vec::new()));
    let there = log.clone();
    travel(vec![pool.home()], move |_| {
        there.lock().unwrap().push(thread_name());
    })
    .run();
    assert_eq!(*log.lock().unwrap(), ["away-0"]);
}

#[test]
fn a_plain_call_in_a_leg_blocks_its_worker_only() {
    let pool = Pool::new(2);
    let mailbox = Mailbox::bounded(1);
    let inbox = mailbox.receiver();
    let handle = pool.spawn(once(move || receive(inbox, |()| {}).run()));
    pool.spawn(send(mailbox.sender(), [(), ()].into_iter()))
        .join()
        .unwrap();
    drop(mailbox);
    assert_eq!(handle.join().unwrap(), 2);
}

#[test]
fn many_workers_share_many_continuations() {
    let pool = Pool::new(4);
    let count = Counter::default();
    for _ in 0..100_000 {
        let count = count.clone();
        pool.spawn_detached(once(move || count.add(1))).unwrap();
    }
    pool.join().unwrap();
    assert_eq!(count.get(), 100_000);
}

#[test]
fn no_workers_is_an_error() {
    let error = Pool::try_new("none", 0).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn long_names_are_cut() {
    let pool = Pool::named("a name of many letters", 1);
    assert_eq!(
        pool.spawn(once(thread_name)).join().unwrap(),
        "a name of many "
    );
}
