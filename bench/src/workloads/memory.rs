//! Bytes of resident memory: of a task that is queued, and of one that is suspended.

use crate::measure::{Cost, bytes, until};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::boxed::Threads;
use crate::peers::tokio::{CurrentThread, MultiThread, Tokio};
use crate::peers::{Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};

const MILLION: usize = 1_000_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let queued = Workload::new(
        "bytes-queued",
        "empty tasks in the queue of a worker",
        "task",
    );
    let suspended = Workload::new(
        "bytes-suspended",
        "tasks that wait for a message, all for the same",
        "task",
    );
    vec![
        queued
            .decides(Decides::Bytes)
            .with(OURS, 20 * MILLION, ours_queued)
            .with("boxed closures in SegQueue", 20 * MILLION, boxed_queued)
            .with("rayon", 20 * MILLION, rayon_queued)
            .with(
                "tokio current-thread",
                5 * MILLION,
                tokio_queued::<CurrentThread>,
            )
            .with(
                "tokio multi-thread",
                5 * MILLION,
                tokio_queued::<MultiThread>,
            )
            .with("async-executor", 5 * MILLION, async_executor_queued)
            .goal(Goal::AtMost(41.0)),
        suspended
            .decides(Decides::Bytes)
            .with(OURS, 4 * MILLION, ours_suspended)
            .with("tokio multi-thread, Notify", 4 * MILLION, notified)
            .with(
                "async-channel on tokio multi-thread",
                4 * MILLION,
                receiving::<MultiThread>,
            )
            .with(
                "async-channel on async-executor",
                4 * MILLION,
                receiving::<AsyncExecutor>,
            )
            .with("may mpmc", MILLION / 50, coroutines)
            .goal(Goal::AtMost(64.0)),
    ]
}

#[cps]
fn empty() {}

/// Keeps a worker's thread for itself.
#[cps]
fn block(gate: Receiver<()>, ready: mpsc::Sender<()>) {
    ready.send(()).expect("the sender of the gate waits");
    gate.recv().ok();
}

#[cps]
fn wait(inbox: Receiver<u64>) {
    recv!(inbox).ok();
}

fn ours_queued(tasks: usize) -> Cost {
    let pool = Pool::new(1);
    let (gate, inbox) = Mailbox::bounded(1).split();
    let (ready, blocked) = mpsc::channel();
    pool.spawn_detached(thunk!(block(inbox, ready)))
        .expect("the pool is open");
    blocked.recv().expect("the worker blocks");
    bytes(tasks, || {
        for _ in 0..tasks {
            pool.spawn_detached(thunk!(empty()))
                .expect("the pool is open");
        }
        (gate, pool)
    })
}

fn boxed_queued(tasks: usize) -> Cost {
    let threads = Threads::start(0);
    bytes(tasks, || {
        (0..tasks).for_each(|task| threads.queue().push_empty(task));
        threads
    })
}

fn rayon_queued(tasks: usize) -> Cost {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(1);
    let pool = builder.build().expect("the thread is to be had");
    let blocked = Arc::new(Barrier::new(2));
    let ready = blocked.clone();
    pool.spawn(move || {
        ready.wait();
        std::thread::park();
    });
    blocked.wait();
    bytes(tasks, || {
        (0..tasks).for_each(|_| pool.spawn(|| ()));
        pool
    })
}

fn tokio_queued<E: Tokio>(tasks: usize) -> Cost {
    queued(&E::start(1), tasks)
}

fn async_executor_queued(tasks: usize) -> Cost {
    queued(&AsyncExecutor::start(1), tasks)
}

fn queued<E: Executor>(executor: &E, tasks: usize) -> Cost {
    let blocked = Arc::new(Barrier::new(2));
    let ready = blocked.clone();
    executor.spawn_detached(async move {
        ready.wait();
        std::thread::park();
    });
    blocked.wait();
    bytes(tasks, || {
        (0..tasks).for_each(|_| executor.spawn_detached(async {}));
    })
}

fn ours_suspended(tasks: usize) -> Cost {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    bytes(tasks, || {
        for _ in 0..tasks {
            pool.spawn_detached(thunk!(wait(receiver.clone())))
                .expect("the pool is open");
        }
        // First come first served: when this has run, the others are suspended.
        pool.spawn(thunk!(empty())).join().expect("it ends");
        (sender, pool)
    })
}

/// How many tasks have come to where they wait.
static ARRIVED: AtomicUsize = AtomicUsize::new(0);

fn arrive() {
    ARRIVED.fetch_add(1, Ordering::AcqRel);
}

fn all_arrived(tasks: usize) {
    until(|| ARRIVED.load(Ordering::Acquire) == tasks);
}

fn notified(tasks: usize) -> Cost {
    let executor = MultiThread::start(1);
    let notify = Arc::new(tokio::sync::Notify::new());
    bytes(tasks, || {
        for _ in 0..tasks {
            let notify = notify.clone();
            executor.spawn_detached(async move {
                arrive();
                notify.notified().await;
            });
        }
        all_arrived(tasks);
    })
}

fn receiving<E: Executor>(tasks: usize) -> Cost {
    let executor = E::start(1);
    let (sender, receiver) = async_channel::bounded::<u64>(1);
    bytes(tasks, || {
        for _ in 0..tasks {
            let receiver = receiver.clone();
            executor.spawn_detached(async move {
                arrive();
                receiver.recv().await.ok();
            });
        }
        all_arrived(tasks);
        sender
    })
}

fn coroutines(tasks: usize) -> Cost {
    may::start(1);
    let (sender, receiver) = ::may::sync::mpmc::channel::<u64>();
    bytes(tasks, || {
        for _ in 0..tasks {
            let receiver = receiver.clone();
            may::spawn(move || {
                arrive();
                receiver.recv().ok();
            });
        }
        all_arrived(tasks);
        sender
    })
}
