//! Pools: more workers and fewer, freezing, halting, interrupting; and all of it at once, at random.
//!
//! `STRESS=n` makes the random part n times as long.

mod support;

use insideout::prelude::*;
use insideout::{Builder, EndError, PanicPolicy, Status, thread_name};
use std::collections::HashSet;
use std::io::{ErrorKind, Read, pipe};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use support::{Alive, Counter, Random, asked_until, join, once, receive, send, turns, until};

fn forever(held: &Alive) -> Thunk<'static, ()> {
    let held = held.clone();
    turns(move || {
        let _held = &held;
        None
    })
}

/// Halts a pool before it is dropped, which waits for what takes turns for ever.
struct Halts<'a>(&'a Pool);

impl Drop for Halts<'_> {
    fn drop(&mut self) {
        self.0.halt();
    }
}

fn names(pool: &Pool) -> Vec<String> {
    pool.iter()
        .map(|worker| worker.name().to_string())
        .collect()
}

#[test]
fn a_pool_grows_and_shrinks() {
    let pool = Builder::new().name("size").pool(1).unwrap();
    pool.grow(2).unwrap();
    assert_eq!(names(&pool), ["size-0", "size-1", "size-2"]);
    let left = pool.drain().unwrap();
    left.join().unwrap();
    assert_eq!(left.name(), "size-2");
    assert_eq!(pool.workers(), 2);
    assert_eq!(pool.shrink(5), 2);
    until(|| pool.workers() == 0);
    assert!(pool.drain().is_none());
    // What is queued waits for a worker.
    let handle = pool.spawn(once(thread_name));
    assert_eq!(pool.queued(), 1);
    pool.grow(1).unwrap();
    assert_eq!(handle.join().unwrap(), "size-3");
}

#[test]
fn a_drained_worker_leaves_what_it_had_to_the_others() {
    let pool = Pool::new(3);
    let (alive, running) = (Alive::default(), Counter::default());
    let handles: Vec<_> = (0..20)
        .map(|_| {
            let (held, running, mut n) = (alive.clone(), running.clone(), 0);
            pool.spawn(turns(move || {
                let _held = &held;
                running.add(1);
                n += 1;
                (n == 500).then_some(())
            }))
        })
        .collect();
    until(|| running.get() > 50);
    pool.iter().next().unwrap().halt();
    assert_eq!(pool.shrink(1), 1);
    for handle in handles {
        handle.join().unwrap();
    }
    assert_eq!(running.get(), 20 * 500);
    until(|| pool.workers() == 1);
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_pool_that_ends_without_workers_cancels_what_is_queued() {
    for shut_down_first in [false, true] {
        let alive = Alive::default();
        let pool = Pool::new(1);
        pool.drain().unwrap().join().unwrap();
        let handle = pool.spawn(forever(&alive));
        if shut_down_first {
            pool.shutdown();
            assert!(pool.is_closed() && pool.grow(1).is_err());
        }
        drop(pool);
        assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
        assert_eq!(alive.others(), 0);
    }
}

#[test]
fn a_frozen_pool_begins_no_leg_on_any_worker() {
    let pool = Pool::new(2);
    let _halts = Halts(&pool);
    let legs = Counter::default();
    for _ in 0..5 {
        let legs = legs.clone();
        let count = turns(move || {
            legs.add(1);
            None::<()>
        });
        pool.spawn_detached(count).unwrap();
    }
    for _ in 0..20 {
        let before = legs.get();
        until(|| legs.get() > before + 100);
        pool.freeze();
        pool.grow(1).unwrap();
        assert!(pool.iter().all(|worker| worker.wait(Status::FROZEN)));
        let before = legs.get();
        pool.drain().unwrap().join().unwrap();
        assert_eq!(legs.get(), before);
        pool.thaw();
    }
}

#[test]
fn a_halted_pool_drops_what_is_queued_and_refuses() {
    let alive = Alive::default();
    let pool = Pool::new(2);
    let handles = pool.spawn_many((0..100).map(|_| forever(&alive)));
    pool.halt();
    assert!(pool.is_closed());
    for handle in handles {
        assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    }
    assert!(pool.spawn_detached(once(|| ())).is_err());
    assert!(pool.grow(1).is_err());
    pool.join().unwrap();
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_panic_halts_a_pool_that_is_told_so() {
    let alive = Alive::default();
    let pool = Builder::new().panics(PanicPolicy::Halt).pool(2).unwrap();
    let handle = pool.spawn(forever(&alive));
    pool.spawn_detached(once(|| panic!("all halts"))).unwrap();
    assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    let panic = pool.join().unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"all halts"));
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_pool_is_interrupted_and_cancelled() {
    let pool = Pool::new(2);
    let reading = Counter::default();
    let (pipes, _writers): (Vec<_>, Vec<_>) = [(); 2].map(|()| pipe().unwrap()).into_iter().unzip();
    let handles = pool.spawn_many(pipes.into_iter().map(|mut pipe| {
        let reading = reading.clone();
        once(move || {
            reading.add(1);
            pipe.read(&mut [0]).unwrap_err().kind()
        })
    }));
    until(|| reading.get() == 2);
    asked_until(
        || pool.interrupt(),
        || handles.iter().all(JoinHandle::is_finished),
    );
    for handle in handles {
        assert_eq!(handle.join().unwrap(), ErrorKind::Interrupted);
    }
    let alive = Alive::default();
    let (mut pipe, _writer) = pipe().unwrap();
    let (held, started) = (alive.clone(), reading.clone());
    let blocked = pool.spawn(once(move || {
        let _held = held;
        started.add(1);
        drop(pipe.read(&mut [0]));
    }));
    until(|| reading.get() == 3);
    let queued = pool.spawn_many((0..9).map(|_| forever(&alive)));
    asked_until(|| pool.cancel(), || blocked.is_finished());
    blocked.join().unwrap();
    for handle in queued {
        assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    }
    pool.join().unwrap();
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_shutdown_has_a_deadline() {
    let alive = Alive::default();
    let pool = Pool::new(2);
    let handle = pool.spawn(forever(&alive));
    let ended = pool.shutdown_timeout(Duration::from_millis(2));
    assert!(matches!(ended, Err(EndError::Timeout)));
    assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    pool.shutdown_timeout(Duration::MAX).unwrap();

    let pool = Pool::new(1);
    pool.spawn_detached(once(|| panic!("kept"))).unwrap();
    let deadline = Instant::now() + Duration::from_secs(600);
    let ended = pool.shutdown_deadline(deadline);
    assert_eq!(ended.unwrap_err().message(), Some("kept"));

    let pool = Arc::new(Pool::new(1));
    let own = pool.clone();
    let asked = pool.spawn(once(move || own.shutdown_timeout(Duration::MAX)));
    assert!(matches!(asked.join().unwrap(), Err(EndError::Itself)));
}

#[test]
fn a_frozen_pool_that_is_dropped_runs_what_is_queued() {
    let ran = Counter::default();
    let pool = Builder::new().frozen().pool(2).unwrap();
    for _ in 0..10 {
        let ran = ran.clone();
        pool.spawn_detached(once(move || ran.add(1))).unwrap();
    }
    assert!(pool.iter().all(|worker| worker.wait(Status::FROZEN)));
    assert_eq!(ran.get(), 0);
    drop(pool);
    assert_eq!(ran.get(), 10);
}

/// One worker is blocked; what is queued goes to the other, whichever of the two was woken for it.
#[test]
fn what_is_queued_does_not_wait_for_a_worker_that_is_blocked() {
    let pool = Arc::new(Pool::new(2));
    for _ in 0..300 {
        let gate = Mailbox::<()>::bounded(1);
        let (inbox, own) = (gate.receiver(), pool.clone());
        let blocked = pool.spawn(once(move || {
            // Queued by the worker that is then blocked until this has run.
            let opener = own.spawn(send(gate.sender(), std::iter::once(())));
            inbox.recv().unwrap();
            opener
        }));
        let opener = blocked.join().unwrap();
        assert_eq!(opener.join().unwrap(), 1);
    }
}

/// The same for one that has called `coop!` and stands behind the one that blocks.
#[test]
fn what_lets_others_run_does_not_wait_for_them() {
    let pool = Pool::new(2);
    for _ in 0..300 {
        let gate = Mailbox::<()>::bounded(1);
        let (inbox, outbox, mut turn) = (gate.receiver(), gate.sender(), 0);
        let opener = pool.spawn(turns(move || {
            turn += 1;
            (turn == 3).then(|| outbox.send(()).unwrap())
        }));
        let blocked = pool.spawn(once(move || inbox.recv().unwrap()));
        blocked.join().unwrap();
        opener.join().unwrap();
    }
}

#[test]
fn workers_are_pinned_each_by_itself() {
    let pool = Builder::new().pin_each([0]).pool(2).unwrap();
    let affinity = || {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("Cpus_allowed_list"));
        line.unwrap().split_whitespace().last().unwrap().to_string()
    };
    for worker in pool.iter() {
        worker.pin_to_cpu(0).unwrap();
    }
    for handle in pool.spawn_many((0..8).map(|_| once(affinity))) {
        assert_eq!(handle.join().unwrap(), "0");
    }
}

#[test]
fn many_steer_one_pool() {
    let pool = Pool::new(2);
    let count = Counter::default();
    let seen = thread::scope(|scope| {
        for n in 0..4 {
            let (pool, count) = (&pool, &count);
            scope.spawn(move || {
                for _ in 0..50 {
                    match n {
                        0 => pool.freeze(),
                        1 => pool.grow(1).unwrap(),
                        2 => drop(pool.drain()),
                        _ => {}
                    }
                    let count = count.clone();
                    pool.spawn_detached(once(move || count.add(1))).unwrap();
                    pool.thaw();
                }
            });
        }
        names(&pool)
    });
    // Maybe none: all may have been told to leave by then. But nobody twice.
    let different: HashSet<&String> = seen.iter().collect();
    assert_eq!(different.len(), seen.len());
    pool.grow(1).unwrap();
    pool.join().unwrap();
    assert_eq!(count.get(), 200);
}

/// Runtimes and a pool, steered at random from several threads while continuations migrate between them, wait
/// for messages, spawn and panic. In the end every frame was dropped, and every handle says how it ended.
fn mayhem(seed: u64) {
    let mut random = Random::new(seed);
    let frames = Alive::default();
    let runtimes: Vec<Runtime> = (0..4)
        .map(|_| match random.below(3) {
            0 => Builder::new().frozen().start().unwrap(),
            _ => Runtime::new(),
        })
        .collect();
    let pool = Arc::new(Pool::new(2));
    let (sender, receiver) = Mailbox::bounded(1 + random.below(4) as usize).split();
    let handles: Vec<_> = (0..24)
        .map(|n| {
            let mut places: Vec<Home> = runtimes.iter().map(Runtime::home).collect();
            places.push(pool.home());
            places.rotate_left(n % 5);
            let frame = frames.clone();
            let call = match random.below(5) {
                0 => receive(receiver.clone(), move |_: u64| drop(frame.clone())),
                1 => send(
                    sender.clone(),
                    (0..random.below(200)).inspect(move |_| drop(frame.clone())),
                ),
                2 => wanders(places.clone(), frame, random.below(300)),
                3 => panics(frame, random.below(40)),
                _ => {
                    let inner = pool.spawn(wanders(places.clone(), frame.clone(), 20));
                    let joiner = pool.spawn(join(inner));
                    ends(joiner, frame)
                }
            };
            let place = random.below(5) as usize;
            match runtimes.get(place) {
                Some(runtime) => runtime.spawn(call),
                None => pool.spawn(call),
            }
        })
        .collect();
    drop((sender, receiver));
    thread::scope(|scope| {
        for n in 0..3 {
            let (runtimes, pool, mut random) = (&runtimes, &pool, Random::new(seed * 3 + n));
            scope.spawn(move || {
                for _ in 0..60 {
                    steer(runtimes, pool, &mut random);
                }
            });
        }
    });
    // Whoever is left is let go on to its end.
    for runtime in &runtimes {
        runtime.thaw();
    }
    pool.thaw();
    let _ = pool.grow(1);
    for runtime in &runtimes {
        runtime.halt();
        drop(runtime.join());
    }
    pool.halt();
    drop(
        Arc::into_inner(pool)
            .expect("the pool is nobody's else")
            .join(),
    );
    drop(runtimes);
    for handle in handles {
        drop(handle.join());
    }
    assert_eq!(frames.others(), 0, "seed {seed}");
}

fn steer(runtimes: &[Runtime], pool: &Pool, random: &mut Random) {
    let one = &runtimes[random.below(4) as usize];
    let other = &runtimes[random.below(4) as usize];
    match random.below(40) {
        0..6 => one.freeze(),
        6..14 => one.thaw(),
        14 => one.halt(),
        15..18 => one.link(other),
        18..20 => one.unlink(other),
        20..26 => {
            one.freeze();
            if one.wait_deadline(Status::FROZEN, Instant::now() + Duration::from_millis(1)) {
                // A few, since it may be another name of the same.
                for continuation in (0..8).map_while(|_| one.eject().ok().flatten()) {
                    drop(other.spawn_detached(continuation));
                }
            }
            one.thaw();
        }
        26..29 => drop(one.interrupt()),
        29..31 => pool.freeze(),
        31..34 => pool.thaw(),
        34 => drop(pool.grow(1)),
        35 => drop(pool.drain()),
        36 => pool.interrupt(),
        37 => drop(pool.iter().next().map(|worker| worker.freeze())),
        38 => drop(pool.iter().last().map(|worker| worker.thaw())),
        _ => thread::yield_now(),
    }
}

/// Migrates from place to place, so many times.
fn wanders(places: Vec<Home>, frame: Alive, hops: u64) -> Thunk<'static, usize> {
    thunk!(wander(places, frame, hops))
}

#[cps]
fn wander(places: Vec<Home>, frame: Alive, hops: u64) -> usize {
    let mut arrived = 0;
    for hop in 0..hops as usize {
        let place = places[hop % places.len()].clone();
        if migrate!(place).is_ok() {
            arrived += 1;
        }
        call!(rests_once());
        let _ = &frame;
    }
    arrived
}

#[cps]
fn rests_once() {
    coop!();
}

fn panics(frame: Alive, after: u64) -> Thunk<'static, usize> {
    let mut n = 0;
    turns(move || {
        let _frame = &frame;
        n += 1;
        assert!(n < after, "mayhem");
        None
    })
}

/// Waits for a handle, by joining.
fn ends<T: Send + 'static>(
    handle: JoinHandle<Result<T, JoinError>>,
    frame: Alive,
) -> Thunk<'static, usize> {
    thunk!(end(handle, frame))
}

#[cps]
fn end<T: Send + 'static>(handle: JoinHandle<Result<T, JoinError>>, frame: Alive) -> usize {
    let ended = join!(handle);
    drop(frame);
    usize::from(ended.is_ok())
}

#[test]
fn mayhem_leaks_and_loses_nothing() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.to_string().contains("mayhem") {
            quiet(info);
        }
    }));
    let longer = std::env::var("STRESS").map_or(1, |n| n.parse().expect("STRESS is a number"));
    for seed in 0..200 * longer {
        mayhem(seed);
    }
}
