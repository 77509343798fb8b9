//! There and back between two threads, which pause before they sleep or do not.
//!
//! Where the kernel may put the threads anywhere, it decides most; and on two processors a message may come
//! before the thread that waits for it has gone to sleep: the fewer sleeps a round has, the less it costs. So
//! two rows leave less to that: on one processor each message is a switch of threads, and where each thread
//! has a processor of its own the time is that of a sleep, however many there were.

use crate::measure::{Clock, Cost};
use crate::peers::channel::{AsyncChannelCrate, Channel, Crossbeam, Flume, Insideout, Kanal, Std};
use crate::workload::{Goal, OURS, Workload};
use rustix::thread::{CpuSet, futex, sched_getaffinity, sched_setaffinity};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

const ROUNDS: usize = 50_000;

pub(super) fn workloads() -> Vec<Workload> {
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
    let together = Workload::new(
        "pingpong-together",
        "the same on one processor, where each message is a switch of threads",
        "round",
    );
    let apart = Workload::new(
        "pingpong-apart",
        "the same with a processor for each thread: what a sleep takes",
        "sleep",
    );
    vec![
        threads
            .with(OURS, ROUNDS, channels::<Insideout, Anywhere>)
            .with("futex", ROUNDS, futexes::<Anywhere>)
            .with("crossbeam-channel", ROUNDS, channels::<Crossbeam, Anywhere>)
            .with("std mpsc", ROUNDS, channels::<Std, Anywhere>)
            .with("kanal", ROUNDS, channels::<Kanal, Anywhere>)
            .with("flume", ROUNDS, channels::<Flume, Anywhere>)
            .with(
                "async-channel",
                ROUNDS,
                channels::<AsyncChannelCrate, Anywhere>,
            )
            .goal(AGAINST_THE_FLOOR),
        without_pauses::<Anywhere>(asleep),
        without_pauses::<Together>(together),
        without_pauses::<Apart>(apart),
    ]
}

const AGAINST_THE_FLOOR: Goal = Goal::Against("futex", 0.95);

/// Adds those who sleep as soon as they have to wait. In many samples, since each stays for long as the
/// kernel has put its threads.
fn without_pauses<P: Place>(workload: Workload) -> Workload {
    workload
        .in_parts(5)
        .with(OURS, ROUNDS, ours_without_pauses::<P>)
        .with("futex", ROUNDS, futexes::<P>)
        .with("flume", ROUNDS, channels::<Flume, P>)
        .with("async-channel", ROUNDS, channels::<AsyncChannelCrate, P>)
        .goal(AGAINST_THE_FLOOR)
}

/// Where the two threads run, and what is counted there.
trait Place {
    /// Binds the calling thread, which is one of the two.
    fn bind(_thread: usize) {}

    fn operations(rounds: usize, _sleeps: usize) -> usize {
        rounds
    }
}

enum Anywhere {}

impl Place for Anywhere {}

enum Together {}

impl Place for Together {
    fn bind(_thread: usize) {
        bind_to(0);
    }
}

enum Apart {}

impl Place for Apart {
    fn bind(thread: usize) {
        bind_to(thread);
    }

    fn operations(_rounds: usize, sleeps: usize) -> usize {
        sleeps
    }
}

/// To one of the processors that the process may use, the last of them first.
fn bind_to(thread: usize) {
    let allowed = sched_getaffinity(None).expect("the kernel tells");
    let mut processors = (0..CpuSet::MAX_CPU)
        .rev()
        .filter(|cpu| allowed.is_set(*cpu));
    let mut only = CpuSet::new();
    only.set(processors.nth(thread).expect("there are so many"));
    sched_setaffinity(None, &only).expect("it is allowed");
}

/// How often the calling thread has left its processor to wait.
fn sleeps() -> usize {
    let status = fs::read_to_string("/proc/thread-self/status").expect("Linux has it");
    let mut lines = status.lines();
    let count = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count
        .and_then(|n| n.trim().parse().ok())
        .expect("Linux counts them")
}

/// Plays the two sides, each in a thread of its own.
fn play<P: Place>(
    rounds: usize,
    one: impl FnOnce() + Send + 'static,
    other: impl FnOnce() + Send + 'static,
) -> Cost {
    let other = thread::spawn(move || {
        P::bind(1);
        other();
        sleeps()
    });
    let one = thread::spawn(move || {
        P::bind(0);
        let (clock, before) = (Clock::start(), sleeps());
        one();
        let theirs = other.join().expect("it answers");
        clock.stop(P::operations(rounds, sleeps() - before + theirs))
    });
    one.join().expect("it is answered")
}

fn ours_without_pauses<P: Place>(rounds: usize) -> Cost {
    insideout::looks_before_sleep(0);
    channels::<Insideout, P>(rounds)
}

fn channels<C: Channel, P: Place>(rounds: usize) -> Cost {
    let (ping, pings) = C::new(Some(1));
    let (pong, pongs) = C::new(Some(1));
    let one = move || {
        for round in 0..rounds {
            C::send(&ping, round);
            assert_eq!(C::recv(&pongs), Some(round));
        }
    };
    play::<P>(rounds, one, move || {
        while let Some(message) = C::recv(&pings) {
            C::send(&pong, message);
        }
    })
}

/// The floor: one word, and whoever's turn it is not sleeps.
fn futexes<P: Place>(rounds: usize) -> Cost {
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
    let one = move || pass(&turn, 0, rounds);
    play::<P>(rounds, one, move || pass(&theirs, 1, rounds))
}
