//! Skynet: a tree of tasks, ten under each, a million leaves. Each leaf has a number, and the tree adds
//! them up.

use crate::measure::{Cost, time};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::peers::{Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;
use rayon::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

const LEAVES: usize = 1_000_000;

/// As many as may can have stacks for.
const FEWER_LEAVES: usize = 10_000;

const BRANCHES: u64 = 10;

pub(crate) fn workloads() -> Vec<Workload> {
    let one = Workload::new("skynet-1", "a tree of tasks, 1 worker", "leaf");
    let two = Workload::new("skynet-2", "a tree of tasks, 2 workers", "leaf");
    vec![
        one.decides(Decides::Cpu)
            .with(OURS, LEAVES, ours::<1>)
            .with("tokio current-thread", LEAVES, futures::<CurrentThread, 1>)
            .with("async-executor", LEAVES, futures::<AsyncExecutor, 1>)
            .with("may", FEWER_LEAVES, coroutines::<1>)
            .with("rayon", LEAVES, rayon::<1>)
            .goal(Goal::Against("tokio current-thread", 4.0)),
        two.with(OURS, LEAVES, ours::<2>)
            .with("tokio current-thread", LEAVES, futures::<CurrentThread, 1>)
            .with("tokio multi-thread", LEAVES, futures::<MultiThread, 2>)
            .with("async-executor", LEAVES, futures::<AsyncExecutor, 2>)
            .with("may", FEWER_LEAVES, coroutines::<2>)
            .with("rayon", LEAVES, rayon::<2>)
            .goal(Goal::Against("tokio current-thread", 4.0)),
    ]
}

/// The numbers that the leaves under each child begin with, and how many leaves those have.
fn children(first: u64, leaves: u64) -> impl Iterator<Item = (u64, u64)> {
    let upto = move |branch| leaves * branch / BRANCHES;
    let child = move |branch| (first + upto(branch), upto(branch + 1) - upto(branch));
    (0..BRANCHES).map(child).filter(|(_, leaves)| *leaves > 0)
}

fn expected(leaves: usize) -> u64 {
    let leaves = leaves as u64;
    leaves * (leaves - 1) / 2
}

#[cps]
fn node(pool: Arc<Pool>, first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let mut handles = Vec::with_capacity(BRANCHES as usize);
    for (first, leaves) in children(first, leaves) {
        handles.push(pool.spawn(thunk!(node(pool.clone(), first, leaves))));
    }
    let mut sum = 0;
    for handle in handles {
        sum += join!(handle).expect("a node adds numbers");
    }
    sum
}

fn ours<const WORKERS: usize>(leaves: usize) -> Cost {
    let pool = Arc::new(Pool::new(WORKERS));
    time(leaves, || {
        let root = pool.spawn(thunk!(node(pool.clone(), 0, leaves as u64)));
        assert_eq!(root.join().expect("it adds numbers"), expected(leaves));
    })
}

/// A future that contains itself has to be boxed; a leaf does not.
fn future<E: Executor>(first: u64, leaves: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        let spawn = |(first, leaves)| match leaves {
            1 => E::spawn(async move { first }),
            _ => E::spawn(future::<E>(first, leaves)),
        };
        let mut handles = Vec::with_capacity(BRANCHES as usize);
        handles.extend(children(first, leaves).map(spawn));
        let mut sum = 0;
        for handle in handles {
            sum += handle.await;
        }
        sum
    })
}

fn futures<E: Executor, const WORKERS: usize>(leaves: usize) -> Cost {
    let executor = E::start(WORKERS);
    time(leaves, || {
        let sum = executor.run(future::<E>(0, leaves as u64));
        assert_eq!(sum, expected(leaves));
    })
}

fn coroutine(first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let spawn = |(first, leaves)| may::spawn(move || coroutine(first, leaves));
    let mut handles = Vec::with_capacity(BRANCHES as usize);
    handles.extend(children(first, leaves).map(spawn));
    let sums = handles
        .into_iter()
        .map(|handle| handle.join().expect("it adds numbers"));
    sums.sum()
}

fn coroutines<const WORKERS: usize>(leaves: usize) -> Cost {
    may::start(WORKERS);
    time(leaves, || {
        let sum = may::run(move || coroutine(0, leaves as u64));
        assert_eq!(sum, expected(leaves));
    })
}

/// Fork and join, which is what rayon is for: nothing is suspended, a worker that waits runs others.
fn forked(first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let children: Vec<_> = children(first, leaves).collect();
    let child = children.into_par_iter().with_max_len(1);
    child.map(|(first, leaves)| forked(first, leaves)).sum()
}

fn rayon<const WORKERS: usize>(leaves: usize) -> Cost {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(WORKERS);
    let pool = builder.build().expect("the threads are to be had");
    time(leaves, || {
        let sum = pool.install(|| forked(0, leaves as u64));
        assert_eq!(sum, expected(leaves));
    })
}
