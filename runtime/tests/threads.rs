//! No thread outlives what it was made for: the process has in the end as many as before.

mod support;

use insideout::prelude::*;
use insideout::{Builder, Status};
use std::fs::read_dir;
use support::{Alive, once, receive, turns};

fn threads() -> usize {
    read_dir("/proc/self/task").unwrap().count()
}

/// How many bytes of memory are mapped: stacks that were not freed would show.
fn mapped() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').next().unwrap().parse::<usize>().unwrap() * 4096
}

/// Waits until `condition` holds, which it does in the end, or the test never ends.
fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

fn forever(held: Alive) -> Thunk<'static, ()> {
    turns(move || {
        let _held = &held;
        None
    })
}

/// Every way of making threads and of ending them.
fn round(alive: &Alive) {
    let runtime = Builder::new().spawn(forever(alive.clone())).unwrap();
    runtime.halt();
    // Nobody joins.
    drop(runtime);

    let joined = Builder::new().spawn(once(|| ())).unwrap();
    joined.join().unwrap();

    let frozen = Builder::new().frozen().start().unwrap();
    drop(frozen.spawn(once(|| ())));
    drop(frozen);

    let panics = Runtime::new();
    let linked = panics.spawn_link(forever(alive.clone())).unwrap();
    panics
        .spawn_detached(once(|| std::panic::resume_unwind(Box::new(()))))
        .unwrap();
    assert!(linked.wait(Status::DEAD));

    let mailbox = Mailbox::<()>::bounded(1);
    let waits = Runtime::new();
    let held = alive.clone();
    drop(waits.spawn(receive(mailbox.receiver(), move |()| drop(held.clone()))));
    drop(waits);

    let novel = Destination::home(&Builder::new());
    let trip = thunk!(trip(novel)).run();
    assert_eq!(trip, "runtime");

    let pool = Pool::new(2);
    pool.grow(1).unwrap();
    drop(pool.drain());
    let handle = pool.spawn(forever(alive.clone()));
    pool.halt();
    drop(pool);
    drop(handle);
}

#[cps]
fn trip(there: Home) -> String {
    let home = insideout::here();
    migrate!(there).unwrap();
    let name = insideout::thread_name();
    migrate!(home).unwrap();
    name
}

#[test]
fn all_threads_end_and_their_stacks_are_freed() {
    // SAFETY: no thread allocates yet but the test's own, and an option is all that is set. One arena for
    // all: each takes 64 MiB of addresses, and how many there are depends on chance.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    let alive = Alive::default();
    let before = threads();
    for _ in 0..10 {
        round(&alive);
    }
    until(|| threads() == before);
    until(|| alive.others() == 0);
    // The system's cache of stacks is filled by now.
    let settled = mapped();
    for _ in 0..60 {
        round(&alive);
        until(|| threads() == before);
    }
    until(|| alive.others() == 0);
    // Each round makes a dozen threads with 8 MiB of stack each.
    let grown = mapped().saturating_sub(settled);
    assert!(grown < 100 << 20, "{grown} bytes more are mapped");
}
