//! Queueing and running tasks that do nothing: from an ordinary thread, and from a running task.
//!
//! A sample ends when all have run: known from the pool, the scope or the runtime itself where it
//! says so, else counted by the tasks.

use crate::measure::{Cost, time, until};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::boxed::Threads;
use crate::peers::tokio::{CurrentThread, MultiThread, Tokio};
use crate::peers::{Countdown, Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::Dispatcher;
use insideout::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

const TASKS: usize = 2_000_000;

/// may's stacks are two mappings each, of which Linux gives a process 65,530.
const COROUTINES: usize = 20_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let one = Workload::new(
        "queue-1",
        "an ordinary thread queues empty tasks, 1 worker runs them",
        "task",
    );
    let two = Workload::new(
        "queue-2",
        "an ordinary thread queues empty tasks, 2 workers run them",
        "task",
    );
    let spawn_one = Workload::new(
        "spawn-1",
        "a running task queues empty tasks, 1 worker runs them",
        "task",
    );
    let spawn_two = Workload::new(
        "spawn-2",
        "a running task queues empty tasks, 2 workers run them",
        "task",
    );
    vec![
        one.with(OURS, TASKS, ours::<1>)
            .with("boxed closures in SegQueue", TASKS, boxed::<1>)
            .with("rayon", TASKS, rayon::<1>)
            .with("tokio current-thread", TASKS, tokio::<CurrentThread, 1>)
            .with("tokio multi-thread", TASKS, tokio::<MultiThread, 1>)
            .with("async-executor", TASKS, async_executor::<1>)
            .with("may", COROUTINES, coroutines::<1>)
            .goal(Goal::Against("boxed closures in SegQueue", 1.2))
            .goal(Goal::Against("tokio multi-thread", 6.0)),
        two.with(OURS, TASKS, ours::<2>)
            .with("insideout with 1 worker", TASKS, ours::<1>)
            .with("boxed closures in SegQueue", TASKS, boxed::<2>)
            .with("rayon", TASKS, rayon::<2>)
            .with("tokio multi-thread", TASKS, tokio::<MultiThread, 2>)
            .with("async-executor", TASKS, async_executor::<2>)
            .with("may", COROUTINES, coroutines::<2>)
            .goal(Goal::Fastest(1.0))
            .goal(Goal::Against("insideout with 1 worker", 0.9)),
        spawn_one
            .decides(Decides::Cpu)
            .with(OURS, TASKS, ours_inside::<1>)
            .with("boxed closures in SegQueue", TASKS, boxed_inside::<1>)
            .with("rayon", TASKS, rayon_inside::<1>)
            .with(
                "tokio current-thread",
                TASKS,
                tokio_inside::<CurrentThread, 1>,
            )
            .with("tokio multi-thread", TASKS, tokio_inside::<MultiThread, 1>)
            .with("async-executor", TASKS, async_executor_inside::<1>)
            .with("may", COROUTINES, coroutines_inside::<1>)
            .goal(Goal::Against("rayon", 1.5)),
        spawn_two
            .with(OURS, TASKS, ours_inside::<2>)
            .with("insideout with 1 worker", TASKS, ours_inside::<1>)
            .with("boxed closures in SegQueue", TASKS, boxed_inside::<2>)
            .with("rayon", TASKS, rayon_inside::<2>)
            .with("tokio multi-thread", TASKS, tokio_inside::<MultiThread, 2>)
            .with("async-executor", TASKS, async_executor_inside::<2>)
            .with("may", COROUTINES, coroutines_inside::<2>)
            .goal(Goal::Fastest(1.0))
            .goal(Goal::Against("insideout with 1 worker", 0.9)),
    ]
}

#[cps]
fn empty() {}

#[cps]
fn queue(tasks: usize) {
    let home = insideout::here();
    for _ in 0..tasks {
        let task = thunk!(empty()).into_continuation();
        home.dispatch(task).expect("the pool is open");
    }
}

fn ours<const WORKERS: usize>(tasks: usize) -> Cost {
    let pool = Pool::new(WORKERS);
    time(tasks, || {
        for _ in 0..tasks {
            let task = thunk!(empty());
            pool.spawn_detached(task).expect("the pool is open");
        }
        pool.join().expect("tasks do not panic");
    })
}

fn ours_inside<const WORKERS: usize>(tasks: usize) -> Cost {
    let pool = Pool::new(WORKERS);
    time(tasks, || {
        let root = thunk!(queue(tasks));
        pool.spawn_detached(root).expect("the pool is open");
        pool.join().expect("tasks do not panic");
    })
}

fn boxed<const WORKERS: usize>(tasks: usize) -> Cost {
    let threads = Threads::start(WORKERS);
    time(tasks, || {
        let queue = threads.queue();
        (0..tasks).for_each(|task| queue.push_empty(task));
        threads.join();
    })
}

fn boxed_inside<const WORKERS: usize>(tasks: usize) -> Cost {
    static DONE: AtomicBool = AtomicBool::new(false);
    DONE.store(false, Ordering::SeqCst);
    let threads = Threads::start(WORKERS);
    time(tasks, || {
        threads.queue().push(Box::new(move |queue| {
            (0..tasks).for_each(|task| queue.push_empty(task));
            DONE.store(true, Ordering::SeqCst);
        }));
        until(|| DONE.load(Ordering::SeqCst));
        threads.join();
    })
}

fn rayon_pool(workers: usize) -> rayon::ThreadPool {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(workers);
    builder.build().expect("the threads are to be had")
}

fn rayon<const WORKERS: usize>(tasks: usize) -> Cost {
    let pool = rayon_pool(WORKERS);
    time(tasks, || {
        pool.in_place_scope(|scope| (0..tasks).for_each(|_| scope.spawn(|_| ())));
    })
}

fn rayon_inside<const WORKERS: usize>(tasks: usize) -> Cost {
    let pool = rayon_pool(WORKERS);
    time(tasks, || {
        pool.scope(|scope| (0..tasks).for_each(|_| scope.spawn(|_| ())));
    })
}

fn tokio<E: Tokio, const WORKERS: usize>(tasks: usize) -> Cost {
    let executor = E::start(WORKERS);
    time(tasks, || {
        (0..tasks).for_each(|_| executor.spawn_detached(async {}));
        until(|| executor.is_idle());
    })
}

fn tokio_inside<E: Tokio, const WORKERS: usize>(tasks: usize) -> Cost {
    let executor = E::start(WORKERS);
    time(tasks, || {
        executor.spawn_detached(async move {
            (0..tasks).for_each(|_| drop(E::spawn(async {})));
        });
        until(|| executor.is_idle());
    })
}

static LEFT: Countdown = Countdown::new();

fn async_executor<const WORKERS: usize>(tasks: usize) -> Cost {
    let executor = AsyncExecutor::start(WORKERS);
    LEFT.set(tasks);
    time(tasks, || {
        (0..tasks).for_each(|_| executor.spawn_detached(async { LEFT.count() }));
        until(|| LEFT.is_over());
    })
}

fn async_executor_inside<const WORKERS: usize>(tasks: usize) -> Cost {
    let executor = AsyncExecutor::start(WORKERS);
    LEFT.set(tasks);
    time(tasks, || {
        let inside = executor.clone();
        executor.spawn_detached(async move {
            (0..tasks).for_each(|_| inside.spawn_detached(async { LEFT.count() }));
        });
        until(|| LEFT.is_over());
    })
}

fn coroutines<const WORKERS: usize>(tasks: usize) -> Cost {
    may::start(WORKERS);
    LEFT.set(tasks);
    time(tasks, || {
        (0..tasks).for_each(|_| drop(may::spawn(|| LEFT.count())));
        until(|| LEFT.is_over());
    })
}

fn coroutines_inside<const WORKERS: usize>(tasks: usize) -> Cost {
    may::start(WORKERS);
    LEFT.set(tasks);
    time(tasks, || {
        may::spawn(move || (0..tasks).for_each(|_| drop(may::spawn(|| LEFT.count()))));
        until(|| LEFT.is_over());
    })
}
