//! Many threads and continuations at once: every message is received, handed back or dropped, exactly once.
//!
//! `STRESS=n` makes each test n times as long.

mod support;

use insideout::prelude::*;
use insideout::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::thread;
use std::time::Duration;
use support::{Alive, Random, receive, send};

fn longer() -> usize {
    std::env::var("STRESS").map_or(1, |n| n.parse().expect("STRESS is a number"))
}

/// Marks each number once.
#[derive(Clone)]
struct Ledger(Arc<Vec<AtomicU8>>);

impl Ledger {
    fn new(len: usize) -> Self {
        Ledger(Arc::new((0..len).map(|_| AtomicU8::new(0)).collect()))
    }

    fn mark(&self, n: usize) {
        assert_eq!(self.0[n].fetch_add(1, SeqCst), 0, "{n} came twice");
    }

    fn all_marked(&self) -> bool {
        self.0.iter().all(|mark| mark.load(SeqCst) == 1)
    }
}

/// Eight producers and eight consumers, half of each threads and half continuations on two pools.
fn eight_by_eight(mailbox: Mailbox<usize>, each: usize) {
    let ledger = Ledger::new(8 * each);
    let pools = [Pool::new(2), Pool::new(1)];
    let (sender, receiver) = mailbox.split();
    let mut threads = Vec::new();
    let mut handles = Vec::new();
    for n in 0..8 {
        let (sender, receiver, ledger) = (sender.clone(), receiver.clone(), ledger.clone());
        let messages = n * each..(n + 1) * each;
        if n % 2 == 0 {
            threads.push(thread::spawn(move || {
                receiver.iter().map(|n| ledger.mark(n)).count()
            }));
            threads.push(thread::spawn(move || {
                messages.for_each(|n| sender.send(n).unwrap());
                0
            }));
        } else {
            handles.push(pools[0].spawn(receive(receiver, move |n| ledger.mark(n))));
            pools[1].spawn_detached(send(sender, messages)).unwrap();
        }
    }
    drop((sender, receiver));
    let mut received: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    received += handles
        .into_iter()
        .map(|h| h.join().unwrap())
        .sum::<usize>();
    assert_eq!(received, 8 * each);
    assert!(ledger.all_marked());
}

#[test]
fn eight_by_eight_through_one_place() {
    eight_by_eight(Mailbox::bounded(1), 2_000 * longer());
}

#[test]
fn eight_by_eight_without_room() {
    eight_by_eight(Mailbox::bounded(0), 1_000 * longer());
}

#[test]
fn eight_by_eight_bounded() {
    eight_by_eight(Mailbox::bounded(7), 10_000 * longer());
}

#[test]
fn eight_by_eight_unbounded() {
    eight_by_eight(Mailbox::unbounded(), 20_000 * longer());
}

#[test]
fn a_million_messages_through_one_place_between_two_pools() {
    let pools = [Pool::new(1), Pool::new(1)];
    let (sender, receiver) = Mailbox::bounded(1).split();
    let mut next = 0;
    let received = pools[0].spawn(receive(receiver, move |n: usize| {
        assert_eq!(n, next);
        next += 1;
    }));
    let sent = pools[1].spawn(send(sender, 0..1_000_000));
    assert_eq!(sent.join().unwrap(), 1_000_000);
    assert_eq!(received.join().unwrap(), 1_000_000);
}

/// Marks its number when it is dropped.
struct Message(usize, Ledger);

impl Drop for Message {
    fn drop(&mut self) {
        self.1.mark(self.0);
    }
}

/// Threads and continuations on a mailbox that is closed, dropped, abandoned by its pool and panicked in at
/// random.
fn chaos(seed: u64) {
    const EACH: usize = 300;
    const ACTORS: usize = 6;
    let mut random = Random::new(seed);
    let ledger = Ledger::new(ACTORS * EACH);
    let frames = Alive::default();
    let mailbox = match random.below(5) {
        4 => Mailbox::bounded(0),
        0 => Mailbox::bounded(1),
        1 => Mailbox::bounded(3),
        2 => Mailbox::bounded(64),
        _ => Mailbox::unbounded(),
    };
    let mut pools: Vec<_> = (0..3).map(|n| Pool::new(1 + n % 2)).collect();
    let (sender, receiver) = mailbox.split();
    let mut threads = Vec::new();
    let mut handles = Vec::new();
    for actor in 0..ACTORS {
        let pool = &pools[random.below(3) as usize];
        let mine = ledger.clone();
        let unsent = Rest(actor * EACH..(actor + 1) * EACH, mine);
        let panics_at = (random.below(3) == 0).then(|| random.below(200) as usize);
        let frame = frames.clone();
        let each = move |message: Message| {
            let _frame = &frame;
            assert_ne!(Some(message.0 % EACH), panics_at, "chaos");
        };
        match random.below(4) {
            0 => handles.push(pool.spawn(send(sender.clone(), unsent))),
            1 => handles.push(pool.spawn(receive(receiver.clone(), each))),
            2 => threads.push(thread::spawn({
                let (sender, mut random) = (sender.clone(), random.clone());
                move || unsent.for_each(|message| send_somehow(&sender, message, &mut random))
            })),
            _ => threads.push(thread::spawn({
                let (receiver, mut random) = (receiver.clone(), random.clone());
                move || while receive_somehow(&receiver, &mut random, &each) {}
            })),
        }
    }
    for _ in 0..random.below(20) {
        match random.below(3) {
            0 => sender.interrupt(),
            1 => receiver.pause(),
            _ => receiver.resume(),
        }
        thread::yield_now();
    }
    receiver.resume();
    match random.below(4) {
        0 => sender.close(),
        1 => drop(pools.pop()),
        2 => drop((sender.clone(), receiver.clone())),
        _ => (0..random.below(50)).for_each(|_| drop(receiver.try_recv())),
    }
    // What still waits after this waits for those that are gone.
    drop(sender);
    if random.below(2) == 0 {
        receiver.iter().for_each(drop);
    }
    drop(receiver);
    for thread in threads {
        let _ = thread.join();
    }
    drop(pools);
    for handle in handles {
        let _ = handle.join();
    }
    assert_eq!(frames.others(), 0, "seed {seed}");
    assert!(ledger.all_marked(), "seed {seed}");
}

/// Yields the messages of a range; those that were never asked for are made and dropped with it.
struct Rest(std::ops::Range<usize>, Ledger);

impl Iterator for Rest {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.0.next().map(|n| Message(n, self.1.clone()))
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

fn send_somehow(sender: &Sender<Message>, message: Message, random: &mut Random) {
    let refused = match random.below(3) {
        0 => sender.send(message).err().map(Refused::into_inner),
        1 => sender.try_send(message).err().map(TrySendError::into_inner),
        _ => {
            let timeout = Duration::from_micros(random.below(50));
            let sent = sender.send_timeout(message, timeout);
            sent.err().map(SendTimeoutError::into_inner)
        }
    };
    drop(refused);
}

/// Whether there may be more.
fn receive_somehow(
    receiver: &Receiver<Message>,
    random: &mut Random,
    each: &impl Fn(Message),
) -> bool {
    let message = match random.below(3) {
        0 => receiver.recv().map_err(|_| true),
        1 => receiver
            .try_recv()
            .map_err(|error| error == TryRecvError::Closed),
        _ => {
            let timeout = Duration::from_micros(random.below(50));
            let received = receiver.recv_timeout(timeout);
            received.map_err(|error| error == RecvTimeoutError::Closed)
        }
    };
    match message {
        Ok(message) => catch_unwind(AssertUnwindSafe(|| each(message))).is_ok(),
        Err(closed) => !closed,
    }
}

#[test]
fn chaos_loses_and_leaks_nothing() {
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.to_string().contains("chaos") {
            quiet(info);
        }
    }));
    for seed in 0..200 * longer() as u64 {
        chaos(seed);
    }
}
