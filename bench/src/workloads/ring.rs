//! The thread ring: 503 tasks in a ring, each with a channel to the next, and a token that goes round.

use crate::measure::{Cost, time};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::channel::{AsyncChannel, AsyncChannelCrate, Kanal, Tokio};
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::peers::{Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;

const MEMBERS: usize = 503;
const PASSES: usize = 2_000_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let ring = Workload::new(
        "ring",
        "a token round 503 tasks, 1 worker, bounded(1)",
        "pass",
    );
    let workload = ring
        .decides(Decides::Cpu)
        .with(OURS, PASSES, ours)
        .with(
            "tokio current-thread",
            PASSES,
            futures::<CurrentThread, Tokio>,
        )
        .with("tokio multi-thread", PASSES, futures::<MultiThread, Tokio>)
        .with("kanal on tokio", PASSES, futures::<CurrentThread, Kanal>)
        .with(
            "async-channel on async-executor",
            PASSES,
            futures::<AsyncExecutor, AsyncChannelCrate>,
        )
        .with("may mpsc", PASSES, coroutines)
        .goal(Goal::Fastest(2.0));
    vec![workload]
}

/// Passes the token on, until somebody has it at zero; then all ends leave one after the other.
#[cps]
fn member(inbox: Receiver<usize>, next: Sender<usize>) {
    while let Ok(token) = recv!(inbox) {
        if token == 0 || send!(next, token - 1).is_err() {
            break;
        }
    }
}

fn ours(passes: usize) -> Cost {
    let pool = Pool::new(1);
    let (senders, mut receivers): (Vec<_>, Vec<_>) =
        (0..MEMBERS).map(|_| Mailbox::bounded(1).split()).unzip();
    let first = senders[0].clone();
    receivers.rotate_right(1);
    time(passes, || {
        for (next, inbox) in senders.into_iter().zip(receivers) {
            pool.spawn_detached(thunk!(member(inbox, next)))
                .expect("the pool is open");
        }
        first.send(passes).expect("there are receivers");
        drop(first);
        pool.join().expect("members do not panic");
    })
}

fn futures<E: Executor, C: AsyncChannel>(passes: usize) -> Cost {
    let executor = E::start(1);
    let (senders, mut receivers): (Vec<_>, Vec<_>) = (0..MEMBERS).map(|_| C::new(Some(1))).unzip();
    let first = senders[0].clone();
    receivers.rotate_right(1);
    let (done, end) = std::sync::mpsc::channel();
    time(passes, || {
        for (next, mut inbox) in senders.into_iter().zip(receivers) {
            let done = done.clone();
            executor.spawn_detached(async move {
                while let Some(token) = C::recv(&mut inbox).await {
                    if token == 0 {
                        done.send(()).expect("the end is awaited");
                        break;
                    }
                    C::send(&next, token - 1).await;
                }
            });
        }
        executor.run(async move { C::send(&first, passes).await });
        end.recv().expect("somebody has the token at zero");
    })
}

fn coroutines(passes: usize) -> Cost {
    use ::may::sync::mpsc;

    may::start(1);
    let (senders, mut receivers): (Vec<_>, Vec<_>) =
        (0..MEMBERS).map(|_| mpsc::channel::<usize>()).unzip();
    let first = senders[0].clone();
    receivers.rotate_right(1);
    let (done, end) = std::sync::mpsc::channel();
    time(passes, || {
        for (next, inbox) in senders.into_iter().zip(receivers) {
            let done = done.clone();
            may::spawn(move || {
                while let Ok(token) = inbox.recv() {
                    if token == 0 {
                        done.send(()).expect("the end is awaited");
                        break;
                    }
                    if next.send(token - 1).is_err() {
                        break;
                    }
                }
            });
        }
        first.send(passes).expect("there are receivers");
        end.recv().expect("somebody has the token at zero");
    })
}
