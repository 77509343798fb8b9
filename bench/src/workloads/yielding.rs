//! Letting others run: one task alone, and a thousand in turn.

use crate::measure::{Cost, time};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::peers::{Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use futures_lite::future::{block_on, yield_now};
use insideout::prelude::*;

const YIELDS: usize = 10_000_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let alone = Workload::new("yield-1", "one task lets others run, 1 worker", "yield");
    let many = Workload::new(
        "yield-1000",
        "1,000 tasks let each other run, 1 worker",
        "yield",
    );
    vec![
        alone
            .decides(Decides::Cpu)
            .with(OURS, YIELDS, ours::<1>)
            .with("smol block_on", YIELDS, bare)
            .with("async-executor", YIELDS, futures::<AsyncExecutor, 1>)
            .with(
                "tokio current-thread",
                YIELDS / 4,
                futures::<CurrentThread, 1>,
            )
            .with("tokio multi-thread", YIELDS / 4, futures::<MultiThread, 1>)
            .with("may", YIELDS, coroutines::<1>)
            .goal(Goal::Fastest(3.0)),
        many.decides(Decides::Cpu)
            .with(OURS, YIELDS, ours::<1000>)
            .with("async-executor", YIELDS, futures::<AsyncExecutor, 1000>)
            .with(
                "tokio current-thread",
                YIELDS,
                futures::<CurrentThread, 1000>,
            )
            .with("tokio multi-thread", YIELDS, futures::<MultiThread, 1000>)
            .with("may", YIELDS, coroutines::<1000>)
            .goal(Goal::Fastest(2.0)),
    ]
}

#[cps]
fn yields(times: usize) {
    for _ in 0..times {
        coop!();
    }
}

fn ours<const TASKS: usize>(times: usize) -> Cost {
    let pool = Pool::new(1);
    time(times, || {
        for _ in 0..TASKS {
            let task = thunk!(yields(times / TASKS));
            pool.spawn_detached(task).expect("the pool is open");
        }
        pool.join().expect("tasks do not panic");
    })
}

/// On the thread itself, without an executor.
fn bare(times: usize) -> Cost {
    time(times, || {
        block_on(async {
            for _ in 0..times {
                yield_now().await;
            }
        });
    })
}

fn futures<E: Executor, const TASKS: usize>(times: usize) -> Cost {
    let executor = E::start(1);
    time(times, || {
        executor.run(async move {
            let task = |_| {
                E::spawn(async move {
                    for _ in 0..times / TASKS {
                        E::yield_now().await;
                    }
                })
            };
            for task in (0..TASKS).map(task).collect::<Vec<_>>() {
                task.await;
            }
        })
    })
}

fn coroutines<const TASKS: usize>(times: usize) -> Cost {
    may::start(1);
    time(times, || {
        let task = |_| {
            may::spawn(move || {
                for _ in 0..times / TASKS {
                    ::may::coroutine::yield_now();
                }
            })
        };
        for task in (0..TASKS).map(task).collect::<Vec<_>>() {
            task.join().expect("coroutines do not panic");
        }
    })
}
