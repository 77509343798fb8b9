//! Mailboxes between continuations and threads: order, backpressure, closing, and every message exactly once.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::thread;

use behaviour::{Log, Tracked};
use insideout::prelude::*;

#[cps]
fn produce(from: u64, upto: u64, to: Sender<u64>) -> u64 {
    for n in from..upto {
        if send!(to, n).is_err() {
            return n - from;
        }
    }
    upto - from
}

#[cps]
fn consume(from: Receiver<u64>) -> Vec<u64> {
    let mut received = Vec::new();
    while let Ok(n) = recv!(from) {
        received.push(n);
    }
    received
}

#[cps]
fn checksum(from: Receiver<u64>) -> (u64, u64) {
    let (mut count, mut sum) = (0, 0);
    let mut next = 0;
    while let Ok(n) = recv!(from) {
        assert_eq!(n, next, "in order, each once");
        next += 1;
        count += 1;
        sum += n;
    }
    (count, sum)
}

#[test]
fn one_message_from_a_thread_wakes_a_continuation() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let handle = pool.spawn(thunk!(consume(receiver)));
    sender.send(7).unwrap();
    drop(sender);
    assert_eq!(handle.join().unwrap(), [7]);
}

#[test]
fn continuations_on_one_worker_do_not_block_each_other() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let consumer = pool.spawn(thunk!(consume(receiver)));
    let producer = pool.spawn(thunk!(produce(0, 1000, sender)));
    assert_eq!(producer.join().unwrap(), 1000);
    assert_eq!(consumer.join().unwrap(), (0..1000).collect::<Vec<_>>());
}

#[test]
fn plain_calls_talk_from_thread_to_thread() {
    let (sender, receiver) = Mailbox::bounded(2).split();
    let producer = thread::spawn(|| produce(0, 1000, sender));
    assert_eq!(consume(receiver), (0..1000).collect::<Vec<_>>());
    assert_eq!(producer.join().unwrap(), 1000);
}

#[test]
fn a_full_mailbox_holds_its_senders_back() {
    #[cps]
    fn sends(log: &Log, to: Sender<u64>) {
        for n in 0..3 {
            send!(to, n).unwrap();
            log.note(format!("sent {n}"));
        }
    }
    let log = Log::forever();
    let (sender, receiver) = Mailbox::bounded(1).split();
    let first = thunk!(sends(log, sender)).into_continuation();
    assert!(first.trampoline().is_none(), "it waits for room");
    assert_eq!(log.events(), ["sent 0"]);
    // With no dispatcher on this thread, whoever makes room runs the sender.
    assert_eq!(receiver.recv(), Ok(0));
    assert_eq!(log.events(), ["sent 0", "sent 1"]);
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.recv(), Ok(2));
    assert_eq!(receiver.recv(), Err(Closed(())));
}

#[test]
fn a_message_that_is_there_is_received_without_suspending() {
    let (sender, receiver) = Mailbox::unbounded().split();
    for n in 0..3 {
        sender.send(n).unwrap();
    }
    drop(sender);
    assert!(
        thunk!(consume(receiver))
            .into_continuation()
            .bounce()
            .is_none(),
        "one leg is all it takes"
    );
}

#[test]
fn closing_hands_the_value_back() {
    #[cps]
    fn send_one(to: Sender<Tracked>, value: Tracked) -> Result<(), Closed<Tracked>> {
        send!(to, value)
    }
    let log = Log::forever();
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    sender.send(log.tracked("first")).unwrap();
    let waiting = pool.spawn(thunk!(send_one(sender, log.tracked("second"))));
    drop(receiver);
    let value = waiting.join().unwrap().unwrap_err().into_inner();
    assert_eq!(value.name(), "second");
    drop(value);
    assert_eq!(log.alive(), 0);
}

#[test]
fn closing_wakes_every_receiver() {
    let pool = Pool::new(2);
    let mailbox = Mailbox::<u64>::unbounded();
    let handles: Vec<_> = (0..20)
        .map(|_| pool.spawn(thunk!(consume(mailbox.receiver()))))
        .collect();
    mailbox.close();
    for handle in handles {
        assert!(handle.join().unwrap().is_empty());
    }
}

#[test]
fn what_waits_for_a_dropped_mailbox_hears_of_it() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::<u64>::bounded(1).split();
    let waiting = pool.spawn(thunk!(consume(receiver)));
    drop(sender);
    assert!(waiting.join().unwrap().is_empty());
}

#[test]
fn a_million_messages_through_room_for_one_between_two_pools() {
    const MESSAGES: u64 = 1_000_000;
    let (left, right) = (Pool::named("left", 1), Pool::named("right", 1));
    let (sender, receiver) = Mailbox::bounded(1).split();
    let consumer = right.spawn(thunk!(checksum(receiver)));
    let producer = left.spawn(thunk!(produce(0, MESSAGES, sender)));
    assert_eq!(producer.join().unwrap(), MESSAGES);
    assert_eq!(
        consumer.join().unwrap(),
        (MESSAGES, MESSAGES * (MESSAGES - 1) / 2)
    );
}

#[test]
fn eight_producers_and_eight_consumers_on_threads_and_continuations() {
    const EACH: u64 = 10_000;
    for capacity in [1, 7] {
        let pool = Pool::new(2);
        let (sender, receiver) = Mailbox::bounded(capacity).split();
        let mut threads = Vec::new();
        let mut consumers = Vec::new();
        let mut handles = Vec::new();
        for n in 0..8 {
            let (sender, receiver) = (sender.clone(), receiver.clone());
            let (from, upto) = (n * EACH, (n + 1) * EACH);
            if n % 2 == 0 {
                threads.push(thread::spawn(move || {
                    (from..upto).for_each(|n| sender.send(n).unwrap())
                }));
                consumers.push(thread::spawn(move || receiver.iter().collect::<Vec<u64>>()));
            } else {
                drop(pool.spawn(thunk!(produce(from, upto, sender))));
                handles.push(pool.spawn(thunk!(consume(receiver))));
            }
        }
        drop((sender, receiver));
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        let mut received: Vec<u64> = consumers
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        received.extend(
            handles
                .into_iter()
                .flat_map(|handle| handle.join().unwrap()),
        );
        received.sort_unstable();
        assert!(
            received.into_iter().eq(0..8 * EACH),
            "every message exactly once"
        );
    }
}

#[test]
fn a_ring_of_continuations_passes_a_token() {
    #[cps]
    fn pass(from: Receiver<u64>, to: Sender<u64>, limit: u64) -> u64 {
        let mut passed = 0;
        while let Ok(token) = recv!(from) {
            passed += 1;
            if token == limit || send!(to, token + 1).is_err() {
                break;
            }
        }
        passed
    }
    const PLACES: usize = 50;
    let pool = Pool::new(2);
    let mailboxes: Vec<_> = (0..PLACES).map(|_| Mailbox::bounded(1)).collect();
    let first = mailboxes[0].sender();
    let handles: Vec<_> = (0..PLACES)
        .map(|n| {
            pool.spawn(thunk!(pass(
                mailboxes[n].receiver(),
                mailboxes[(n + 1) % PLACES].sender(),
                5000
            )))
        })
        .collect();
    drop(mailboxes);
    first.send(0).unwrap();
    drop(first);
    let passed: u64 = handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .sum();
    assert_eq!(passed, 5001);
}
