//! Sleepers: many at once, each for another while.

use crate::measure::{bytes, time};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::peers::{Countdown, Executor};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;
use std::time::Duration;

const MILLION: usize = 1_000_000;

static SLEEPERS: Countdown = Countdown::new();

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        Workload::new(
            "timers",
            "sleepers, for 0 to 2 seconds each, started at once",
            "sleeper",
        )
        .decides(Decides::Cpu)
        .with(OURS, MILLION, |n| time(n, || ours(n, spread, wait)))
        .with("tokio current-thread", MILLION, |n| {
            time(n, || tokio::<CurrentThread>(n, spread, wait))
        })
        .with("tokio multi-thread", MILLION, |n| {
            time(n, || tokio::<MultiThread>(n, spread, wait))
        })
        .with("smol", MILLION, |n| time(n, || smol(n, spread, wait)))
        .goal(Goal::Against("tokio current-thread", 2.0)),
        Workload::new("bytes-timers", "sleepers that sleep for long", "sleeper")
            .decides(Decides::Bytes)
            .with(OURS, MILLION, |n| bytes(n, || ours(n, long, settle)))
            .with("tokio current-thread", MILLION, |n| {
                bytes(n, || tokio::<CurrentThread>(n, long, settle))
            })
            .with("smol", MILLION, |n| bytes(n, || smol(n, long, settle)))
            .goal(Goal::AtMost(128.0)),
    ]
}

/// In no order.
fn spread(number: usize) -> Duration {
    Duration::from_micros(number as u64 * 7_919 % 2_000_000)
}

fn long(number: usize) -> Duration {
    Duration::from_secs(3_600) + spread(number)
}

/// Looks seldom, since looking is the process's time too.
fn wait() {
    while !SLEEPERS.is_over() {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Lets all go to sleep.
fn settle() {
    std::thread::sleep(Duration::from_secs(2));
}

#[cps]
fn sleep(duration: Duration) {
    sleep!(duration);
    SLEEPERS.count();
}

#[cps]
fn start(count: usize, duration: fn(usize) -> Duration) {
    for number in 0..count {
        spawn_detached(thunk!(sleep(duration(number)))).ok();
        if number % 256 == 0 {
            coop!();
        }
    }
}

fn ours(count: usize, duration: fn(usize) -> Duration, end: fn()) -> Pool {
    SLEEPERS.set(count);
    let pool = Pool::new(1);
    pool.spawn_detached(thunk!(start(count, duration))).ok();
    end();
    pool
}

/// Another executor's tasks, which sleep by its `asleep`.
fn others<E: Executor, F: Future<Output: Send> + Send + 'static>(
    count: usize,
    duration: fn(usize) -> Duration,
    end: fn(),
    asleep: fn(Duration) -> F,
) -> E {
    SLEEPERS.set(count);
    let executor = E::start(1);
    let inside = executor.clone();
    executor.spawn_detached(async move {
        for number in 0..count {
            inside.spawn_detached(async move {
                asleep(duration(number)).await;
                SLEEPERS.count();
            });
            if number % 256 == 0 {
                E::yield_now().await;
            }
        }
    });
    end();
    executor
}

fn tokio<E: Executor>(count: usize, duration: fn(usize) -> Duration, end: fn()) -> E {
    others(count, duration, end, tokio::time::sleep)
}

fn smol(count: usize, duration: fn(usize) -> Duration, end: fn()) -> AsyncExecutor {
    others(count, duration, end, async_io::Timer::after)
}
