//! Messages through a channel: between threads, and between tasks on 2 workers.

use crate::measure::{Cost, time};
use crate::peers::Executor;
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::channel::{
    AsyncChannel, AsyncChannelCrate, Channel, Crossbeam, Flume, Insideout, Kanal, ManyReceivers,
    Std, Tokio, TokioUnbounded, mailbox,
};
use crate::peers::tokio::MultiThread;
use crate::workload::{Goal, OURS, Workload};
use insideout::prelude::*;
use std::thread;

const MESSAGES: usize = 2_000_000;
const ROOM: usize = 1024;
/// Stands for any room, where a constant is needed.
const ANY: usize = usize::MAX;

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        threads::<ROOM>("threads-1x1-bounded", "1 thread sends to 1, bounded(1024)"),
        threads::<ANY>("threads-1x1-unbounded", "1 thread sends to 1, unbounded"),
        many_threads::<ROOM>("threads-4x4-bounded", "4 threads send to 4, bounded(1024)"),
        many_threads::<ANY>("threads-4x4-unbounded", "4 threads send to 4, unbounded"),
        tasks::<ROOM, Tokio>(
            "tasks-1x1-bounded",
            "1 task sends to 1 on 2 workers, bounded(1024)",
        ),
        tasks::<ANY, TokioUnbounded>(
            "tasks-1x1-unbounded",
            "1 task sends to 1 on 2 workers, unbounded",
        ),
        many_tasks::<ROOM, Tokio>(
            "tasks-4x4-bounded",
            "4 tasks send to 4 on 2 workers, bounded(1024)",
        ),
        many_tasks::<ANY, TokioUnbounded>(
            "tasks-4x4-unbounded",
            "4 tasks send to 4 on 2 workers, unbounded",
        ),
    ]
}

fn threads<const CAPACITY: usize>(name: &'static str, about: &'static str) -> Workload {
    Workload::new(name, about, "message")
        .with(OURS, MESSAGES, between_threads::<Insideout, 1, CAPACITY>)
        .with(
            "crossbeam-channel",
            MESSAGES,
            between_threads::<Crossbeam, 1, CAPACITY>,
        )
        .with("std mpsc", MESSAGES, one_receiver::<Std, 1, CAPACITY>)
        .with("kanal", MESSAGES, between_threads::<Kanal, 1, CAPACITY>)
        .with("flume", MESSAGES, between_threads::<Flume, 1, CAPACITY>)
        .with(
            "async-channel",
            MESSAGES,
            between_threads::<AsyncChannelCrate, 1, CAPACITY>,
        )
        .goal(Goal::Fastest(1.0))
}

/// `std`'s channel has one receiver, which has less to do than four; it stands here to be compared
/// with, as the goal asks.
fn many_threads<const CAPACITY: usize>(name: &'static str, about: &'static str) -> Workload {
    Workload::new(name, about, "message")
        .with(OURS, MESSAGES, between_threads::<Insideout, 4, CAPACITY>)
        .with(
            "crossbeam-channel",
            MESSAGES,
            between_threads::<Crossbeam, 4, CAPACITY>,
        )
        .with("std mpsc 4x1", MESSAGES, one_receiver::<Std, 4, CAPACITY>)
        .with("kanal", MESSAGES, between_threads::<Kanal, 4, CAPACITY>)
        .with("flume", MESSAGES, between_threads::<Flume, 4, CAPACITY>)
        .with(
            "async-channel",
            MESSAGES,
            between_threads::<AsyncChannelCrate, 4, CAPACITY>,
        )
        .goal(Goal::Fastest(1.0))
}

fn tasks<const CAPACITY: usize, T: AsyncChannel>(
    name: &'static str,
    about: &'static str,
) -> Workload {
    Workload::new(name, about, "message")
        .with(OURS, MESSAGES, continuations::<1, CAPACITY>)
        .with(
            "tokio mpsc",
            MESSAGES,
            futures_one_receiver::<MultiThread, T, 1, CAPACITY>,
        )
        .with(
            "kanal on tokio",
            MESSAGES,
            futures_one_receiver::<MultiThread, Kanal, 1, CAPACITY>,
        )
        .with(
            "flume on tokio",
            MESSAGES,
            futures_one_receiver::<MultiThread, Flume, 1, CAPACITY>,
        )
        .with(
            "async-channel on async-executor",
            MESSAGES,
            futures_one_receiver::<AsyncExecutor, AsyncChannelCrate, 1, CAPACITY>,
        )
        .goal(Goal::Against("tokio mpsc", 2.0))
        .goal(Goal::Against("kanal on tokio", 1.0))
}

/// tokio's channel has one receiver too.
fn many_tasks<const CAPACITY: usize, T: AsyncChannel>(
    name: &'static str,
    about: &'static str,
) -> Workload {
    Workload::new(name, about, "message")
        .with(OURS, MESSAGES, continuations::<4, CAPACITY>)
        .with(
            "tokio mpsc 4x1",
            MESSAGES,
            futures_one_receiver::<MultiThread, T, 4, CAPACITY>,
        )
        .with(
            "kanal on tokio",
            MESSAGES,
            futures::<MultiThread, Kanal, 4, CAPACITY>,
        )
        .with(
            "flume on tokio",
            MESSAGES,
            futures::<MultiThread, Flume, 4, CAPACITY>,
        )
        .with(
            "async-channel on async-executor",
            MESSAGES,
            futures::<AsyncExecutor, AsyncChannelCrate, 4, CAPACITY>,
        )
        .goal(Goal::Against("tokio mpsc 4x1", 2.0))
        .goal(Goal::Against("kanal on tokio", 1.0))
}

fn capacity(capacity: usize) -> Option<usize> {
    (capacity != ANY).then_some(capacity)
}

fn between_threads<C: ManyReceivers, const ENDS: usize, const CAPACITY: usize>(
    messages: usize,
) -> Cost {
    let (sender, receiver) = C::new(capacity(CAPACITY));
    let receivers = vec![receiver; ENDS];
    transmit::<C>(messages, vec![sender; ENDS], receivers)
}

fn one_receiver<C: Channel, const SENDERS: usize, const CAPACITY: usize>(messages: usize) -> Cost {
    let (sender, receiver) = C::new(capacity(CAPACITY));
    transmit::<C>(messages, vec![sender; SENDERS], vec![receiver])
}

fn transmit<C: Channel>(
    messages: usize,
    senders: Vec<C::Sender>,
    receivers: Vec<C::Receiver>,
) -> Cost {
    let each = messages / senders.len();
    time(messages, || {
        let receive =
            |receiver| thread::spawn(move || std::iter::from_fn(|| C::recv(&receiver)).count());
        let receivers: Vec<_> = receivers.into_iter().map(receive).collect();
        for sender in senders {
            thread::spawn(move || (0..each).for_each(|message| C::send(&sender, message)));
        }
        let received = receivers
            .into_iter()
            .map(|thread| thread.join().expect("it counts"));
        received.sum::<usize>()
    })
}

#[cps]
fn send(sender: Sender<usize>, messages: usize) {
    for message in 0..messages {
        send!(sender, message).expect("there are receivers");
    }
}

#[cps]
fn receive(receiver: Receiver<usize>) -> usize {
    let mut count = 0;
    while let Ok(_) = recv!(receiver) {
        count += 1;
    }
    count
}

fn continuations<const ENDS: usize, const CAPACITY: usize>(messages: usize) -> Cost {
    let pool = Pool::new(2);
    let (sender, receiver) = mailbox(capacity(CAPACITY)).split();
    time(messages, || {
        let receive = |_| pool.spawn(thunk!(receive(receiver.clone())));
        let receivers: Vec<_> = (0..ENDS).map(receive).collect();
        for _ in 0..ENDS {
            let task = thunk!(send(sender.clone(), messages / ENDS));
            pool.spawn_detached(task).expect("the pool is open");
        }
        drop((sender, receiver));
        let received = receivers
            .into_iter()
            .map(|task| task.join().expect("it counts"));
        received.sum::<usize>()
    })
}

fn futures<
    E: Executor,
    C: AsyncChannel<Receiver: Clone>,
    const ENDS: usize,
    const CAPACITY: usize,
>(
    messages: usize,
) -> Cost {
    let (sender, receiver) = C::new(capacity(CAPACITY));
    transmit_in_tasks::<E, C>(messages, vec![sender; ENDS], vec![receiver; ENDS])
}

fn futures_one_receiver<
    E: Executor,
    C: AsyncChannel,
    const SENDERS: usize,
    const CAPACITY: usize,
>(
    messages: usize,
) -> Cost {
    let (sender, receiver) = C::new(capacity(CAPACITY));
    transmit_in_tasks::<E, C>(messages, vec![sender; SENDERS], vec![receiver])
}

fn transmit_in_tasks<E: Executor, C: AsyncChannel>(
    messages: usize,
    senders: Vec<C::Sender>,
    receivers: Vec<C::Receiver>,
) -> Cost {
    let executor = E::start(2);
    let each = messages / senders.len();
    time(messages, || {
        executor.run(async move {
            let receive = |mut receiver| {
                E::spawn(async move {
                    let mut count = 0;
                    while C::recv(&mut receiver).await.is_some() {
                        count += 1;
                    }
                    count
                })
            };
            let receivers: Vec<_> = receivers.into_iter().map(receive).collect();
            let send = |sender| {
                E::spawn(async move {
                    for message in 0..each {
                        C::send(&sender, message).await;
                    }
                })
            };
            // Kept until the end: dropping async-executor's tasks would cancel them.
            let senders: Vec<_> = senders.into_iter().map(send).collect();
            let mut received = 0;
            for receiver in receivers {
                received += receiver.await;
            }
            drop(senders);
            received
        })
    })
}
