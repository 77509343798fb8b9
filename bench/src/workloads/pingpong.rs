//! There and back: between two threads, and between two tasks on one worker.

use crate::measure::{Cost, time};
use crate::peers::async_executor::AsyncExecutor;
use crate::peers::channel::{
    AsyncChannel, AsyncChannelCrate, Channel, Crossbeam, Flume, Insideout, Kanal, Std, Tokio,
};
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::peers::{Executor, may};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;
use rustix::thread::futex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

const ROUNDS: usize = 50_000;
const TASK_ROUNDS: usize = 1_000_000;

pub(crate) fn workloads() -> Vec<Workload> {
    let threads = Workload::new(
        "pingpong-threads",
        "a message to another thread and back, bounded(1)",
        "round",
    );
    let asleep = Workload::new(
        "pingpong-asleep",
        "the same between threads that do not pause before they sleep",
        "round",
    );
    let tasks = Workload::new(
        "pingpong-tasks",
        "a message to another task and back, 1 worker, bounded(1)",
        "round",
    );
    vec![
        threads
            .with(OURS, ROUNDS, between_threads::<Insideout>)
            .with("futex", ROUNDS, futexes)
            .with("crossbeam-channel", ROUNDS, between_threads::<Crossbeam>)
            .with("std mpsc", ROUNDS, between_threads::<Std>)
            .with("kanal", ROUNDS, between_threads::<Kanal>)
            .with("flume", ROUNDS, between_threads::<Flume>)
            .with(
                "async-channel",
                ROUNDS,
                between_threads::<AsyncChannelCrate>,
            )
            .goal(Goal::Against("futex", 0.95)),
        asleep
            .with(OURS, ROUNDS, without_pauses)
            .with("futex", ROUNDS, futexes)
            .with("flume", ROUNDS, between_threads::<Flume>)
            .with(
                "async-channel",
                ROUNDS,
                between_threads::<AsyncChannelCrate>,
            )
            .goal(Goal::Against("futex", 0.95)),
        tasks
            .decides(Decides::Cpu)
            .with(OURS, TASK_ROUNDS, continuations)
            .with(
                "tokio current-thread, oneshot",
                TASK_ROUNDS,
                oneshots::<CurrentThread>,
            )
            .with(
                "tokio multi-thread, oneshot",
                TASK_ROUNDS,
                oneshots::<MultiThread>,
            )
            .with(
                "tokio current-thread, mpsc",
                TASK_ROUNDS,
                futures::<CurrentThread, Tokio>,
            )
            .with(
                "kanal on tokio",
                TASK_ROUNDS,
                futures::<CurrentThread, Kanal>,
            )
            .with(
                "flume on tokio",
                TASK_ROUNDS,
                futures::<CurrentThread, Flume>,
            )
            .with(
                "async-channel on async-executor",
                TASK_ROUNDS,
                futures::<AsyncExecutor, AsyncChannelCrate>,
            )
            .with("may mpsc", TASK_ROUNDS, coroutines)
            .goal(Goal::Against("tokio current-thread, oneshot", 2.0)),
    ]
}

fn between_threads<C: Channel>(rounds: usize) -> Cost {
    let (ping, pings) = C::new(Some(1));
    let (pong, pongs) = C::new(Some(1));
    let other = thread::spawn(move || {
        while let Some(message) = C::recv(&pings) {
            C::send(&pong, message);
        }
    });
    let cost = time(rounds, || {
        for round in 0..rounds {
            C::send(&ping, round);
            assert_eq!(C::recv(&pongs), Some(round));
        }
    });
    drop(ping);
    other.join().expect("it answers");
    cost
}

/// Each thread sleeps as soon as it has to wait, as the floor's do, and those of the peers that have no pause.
fn without_pauses(rounds: usize) -> Cost {
    insideout::looks_before_sleep(0);
    between_threads::<Insideout>(rounds)
}

/// The floor: one word, and whoever's turn it is not sleeps.
fn futexes(rounds: usize) -> Cost {
    fn pass(turn: &AtomicU32, mine: u32, rounds: usize) {
        for _ in 0..rounds {
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
    let other = thread::spawn(move || pass(&theirs, 1, rounds));
    time(rounds, || {
        pass(&turn, 0, rounds);
        other.join().expect("it answers");
    })
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
