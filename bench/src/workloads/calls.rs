//! A chain of calls: fib, where every call is a suspension point and none suspends, and where every
//! call does.

use crate::measure::{Cost, time};
use crate::workload::{Decides, Goal, OURS, Workload};
use futures_lite::future::{block_on, yield_now};
use insideout::prelude::*;
use std::pin::Pin;

const CALLS: usize = 4_000_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let never = Workload::new("fib", "recursive fib, no call suspends", "call");
    let always = Workload::new(
        "fib-yield",
        "recursive fib, every call lets others run",
        "call",
    );
    vec![
        never
            .decides(Decides::Cpu)
            .with(OURS, CALLS, ours)
            .with("Box<dyn Future>", CALLS, boxed)
            .goal(Goal::Against("Box<dyn Future>", 1.0)),
        always
            .decides(Decides::Cpu)
            .with(OURS, CALLS / 4, ours_yielding)
            .with("Box<dyn Future>", CALLS / 4, boxed_yielding)
            .goal(Goal::Against("Box<dyn Future>", 4.0)),
    ]
}

#[cps]
fn fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    call!(fib(n - 1)) + call!(fib(n - 2))
}

#[cps]
fn fib_yielding(n: u64) -> u64 {
    coop!();
    if n < 2 {
        return n;
    }
    call!(fib_yielding(n - 1)) + call!(fib_yielding(n - 2))
}

type Boxed = Pin<Box<dyn Future<Output = u64> + Send>>;

fn boxed_fib(n: u64) -> Boxed {
    Box::pin(async move {
        if n < 2 {
            return n;
        }
        boxed_fib(n - 1).await + boxed_fib(n - 2).await
    })
}

fn boxed_fib_yielding(n: u64) -> Boxed {
    Box::pin(async move {
        yield_now().await;
        if n < 2 {
            return n;
        }
        boxed_fib_yielding(n - 1).await + boxed_fib_yielding(n - 2).await
    })
}

/// The `n` whose fib takes about so many calls, and how many it takes.
fn about(calls: usize) -> (u64, usize) {
    let (mut n, mut this, mut next) = (0, 1, 1);
    while next < calls {
        (n, this, next) = (n + 1, next, this + next + 1);
    }
    (n, this)
}

fn ours(calls: usize) -> Cost {
    let (n, calls) = about(calls);
    time(calls, || fib(n))
}

fn boxed(calls: usize) -> Cost {
    let (n, calls) = about(calls);
    time(calls, || block_on(boxed_fib(n)))
}

fn ours_yielding(calls: usize) -> Cost {
    let (n, calls) = about(calls);
    time(calls, || fib_yielding(n))
}

fn boxed_yielding(calls: usize) -> Cost {
    let (n, calls) = about(calls);
    time(calls, || block_on(boxed_fib_yielding(n)))
}
