//! There and back between two tasks on one worker.

use crate::measure::{Cost, time};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::channel::{AsyncChannel, AsyncChannelCrate, Flume, Kanal, Tokio};
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::peers::{Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;

const ROUNDS: usize = 1_000_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let tasks = Workload::new(
        "pingpong-tasks",
        "a message to another task and back, 1 worker, bounded(1)",
        "round",
    );
    vec![
        tasks
            .decides(Decides::Cpu)
            .with(OURS, ROUNDS, continuations)
            .with(
                "tokio current-thread, oneshot",
                ROUNDS,
                oneshots::<CurrentThread>,
            )
            .with(
                "tokio multi-thread, oneshot",
                ROUNDS,
                oneshots::<MultiThread>,
            )
            .with(
                "tokio current-thread, mpsc",
                ROUNDS,
                futures::<CurrentThread, Tokio>,
            )
            .with("kanal on tokio", ROUNDS, futures::<CurrentThread, Kanal>)
            .with("flume on tokio", ROUNDS, futures::<CurrentThread, Flume>)
            .with(
                "async-channel on async-executor",
                ROUNDS,
                futures::<AsyncExecutor, AsyncChannelCrate>,
            )
            .with("may mpsc", ROUNDS, coroutines)
            .goal(Goal::Against("tokio current-thread, oneshot", 2.0)),
    ]
}

#[cps]
fn serve(pings: Receiver<usize>, pong: Sender<usize>) {
    while let Ok(message) = recv!(pings) {
        send!(pong, message).expect("there are receivers");
    }
}

#[cps]
fn play(ping: Sender<usize>, pongs: Receiver<usize>, rounds: usize) {
    for round in 0..rounds {
        send!(ping, round).expect("there are receivers");
        assert_eq!(recv!(pongs), Ok(round));
    }
}

fn continuations(rounds: usize) -> Cost {
    let pool = Pool::new(1);
    let (ping, pings) = Mailbox::bounded(1).split();
    let (pong, pongs) = Mailbox::bounded(1).split();
    time(rounds, || {
        pool.spawn_detached(thunk!(serve(pings, pong)))
            .expect("the pool is open");
        let player = pool.spawn(thunk!(play(ping, pongs, rounds)));
        player.join().expect("it plays");
    })
}

fn futures<E: Executor, C: AsyncChannel>(rounds: usize) -> Cost {
    let executor = E::start(1);
    let (ping, mut pings) = C::new(Some(1));
    let (pong, mut pongs) = C::new(Some(1));
    time(rounds, || {
        executor.spawn_detached(async move {
            while let Some(message) = C::recv(&mut pings).await {
                C::send(&pong, message).await;
            }
        });
        executor.run(async move {
            for round in 0..rounds {
                C::send(&ping, round).await;
                assert_eq!(C::recv(&mut pongs).await, Some(round));
            }
        });
    })
}

/// Each round sends a oneshot to answer to, as tokio's documentation shows it.
fn oneshots<E: Executor>(rounds: usize) -> Cost {
    use tokio::sync::{mpsc, oneshot};

    let executor = E::start(1);
    let (ping, mut pings) = mpsc::channel::<(usize, oneshot::Sender<usize>)>(1);
    time(rounds, || {
        executor.spawn_detached(async move {
            while let Some((message, pong)) = pings.recv().await {
                pong.send(message).expect("somebody waits");
            }
        });
        executor.run(async move {
            for round in 0..rounds {
                let (pong, answer) = oneshot::channel();
                ping.send((round, pong)).await.expect("there is a receiver");
                assert_eq!(answer.await, Ok(round));
            }
        });
    })
}

fn coroutines(rounds: usize) -> Cost {
    use ::may::sync::mpsc;

    may::start(1);
    let (ping, pings) = mpsc::channel::<usize>();
    let (pong, pongs) = mpsc::channel::<usize>();
    time(rounds, || {
        may::spawn(move || {
            while let Ok(message) = pings.recv() {
                pong.send(message).expect("there is a receiver");
            }
        });
        may::run(move || {
            for round in 0..rounds {
                ping.send(round).expect("there is a receiver");
                assert_eq!(pongs.recv(), Ok(round));
            }
        });
    })
}
