//! Changing the pool: `migrate!` back and forth between two of one thread each.
//!
//! Others have no such thing: the nearest is a task on another runtime that one awaits. The floor is
//! what the two threads need to wake each other.

use crate::measure::{Cost, time};
use crate::workload::{Goal, OURS, Workload};
use insideout::prelude::*;
use rustix::thread::futex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::runtime::{Builder, Handle};

const HOPS: usize = 100_000;
const CROWDED_HOPS: usize = 2_000_000;

/// Nanoseconds: a fifth of what the ancestor needs at its best, 45,000 hops a second.
const FIFTH_OF_ANCESTOR: f64 = 1e9 / 45_000.0 / 5.0;

pub(crate) fn workloads() -> Vec<Workload> {
    let alone = Workload::new("migrate-1", "one continuation between two pools", "hop");
    let crowd = Workload::new(
        "migrate-1000",
        "1,000 continuations between two pools",
        "hop",
    );
    vec![
        alone
            .with(OURS, HOPS, ours::<1>)
            .with("futex wake", HOPS, futexes)
            .with("tokio spawn and await", HOPS, tokio::<1>)
            .goal(Goal::Against("futex wake", 1.0 / 1.1)),
        crowd
            .with(OURS, CROWDED_HOPS, ours::<1000>)
            .with("tokio spawn and await", CROWDED_HOPS / 4, tokio::<1000>)
            .goal(Goal::AtMost(FIFTH_OF_ANCESTOR)),
    ]
}

#[cps]
fn hop(there: Home, back: Home, times: usize) {
    for _ in 0..times {
        migrate!(there).expect("the pool is open");
        migrate!(back).expect("the pool is open");
    }
}

fn ours<const CROWD: usize>(hops: usize) -> Cost {
    let pools = [Pool::new(1), Pool::new(1)];
    let [there, back] = pools.each_ref().map(Pool::home);
    time(hops, || {
        let hoppers = (0..CROWD).map(|_| {
            let hopper = thunk!(hop(there.clone(), back.clone(), hops / CROWD / 2));
            pools[1].spawn(hopper)
        });
        for hopper in hoppers.collect::<Vec<_>>() {
            hopper.join().expect("it hops");
        }
    })
}

/// Two threads wake each other in turn; each wake counts.
fn futexes(wakes: usize) -> Cost {
    fn pass(turn: &AtomicU32, mine: u32, times: usize) {
        for _ in 0..times {
            while turn.load(Ordering::Acquire) != mine {
                // It returns at once, with an error, when the word has changed.
                futex::wait(turn, futex::Flags::PRIVATE, 1 - mine, None).ok();
            }
            turn.store(1 - mine, Ordering::Release);
            futex::wake(turn, futex::Flags::PRIVATE, 1).expect("the word is there");
        }
    }
    let turn = Arc::new(AtomicU32::new(0));
    let theirs = turn.clone();
    let other = std::thread::spawn(move || pass(&theirs, 1, wakes / 2));
    time(wakes, || {
        pass(&turn, 0, wakes / 2);
        other.join().expect("it wakes");
    })
}

fn tokio<const CROWD: usize>(hops: usize) -> Cost {
    fn runtime() -> Handle {
        let runtime = Builder::new_current_thread()
            .build()
            .expect("the thread is to be had");
        let handle = runtime.handle().clone();
        std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
        handle
    }
    let [there, back] = [runtime(), runtime()];
    time(hops, || {
        let hoppers = (0..CROWD).map(|_| {
            let there = there.clone();
            back.spawn(async move {
                for _ in 0..hops / CROWD / 2 {
                    there.spawn(async {}).await.expect("it ends");
                }
            })
        });
        let hoppers: Vec<_> = hoppers.collect();
        futures_lite::future::block_on(async {
            for hopper in hoppers {
                hopper.await.expect("it hops");
            }
        });
    })
}
