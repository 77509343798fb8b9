//! Waiting for what comes first: from threads and from continuations.

mod support;

use insideout::prelude::*;
use insideout::{Chosen, Semaphore, WaitGroup, promise, select, select_deadline};
use std::thread::{self, scope};
use std::time::{Duration, Instant};
use support::{Random, until};

const SHORT: Duration = Duration::from_millis(20);

fn waiting(mailbox: &impl std::fmt::Debug, n: usize) -> bool {
    format!("{mailbox:?}").contains(&format!("receiving: {n}"))
}

type First<T> = Chosen<Result<T, Refused>, Result<T, Refused>>;

#[cps]
fn first(a: Receiver<u32>, b: Receiver<u32>) -> First<u32> {
    select!(a, b)
}

/// What a thread and a continuation choose when both wait and then `unblock` is called for each.
fn both(unblock: impl Fn(&Mailbox<u32>, &Mailbox<u32>)) -> [First<u32>; 2] {
    let pool = Pool::new(1);
    let (a, b) = (Mailbox::bounded(2), Mailbox::bounded(0));
    let continuation = pool.spawn(thunk!(first(a.receiver(), b.receiver())));
    until(|| waiting(&a, 1) && waiting(&b, 1));
    unblock(&a, &b);
    let one = continuation.join().unwrap();
    assert!(waiting(&a, 0) && waiting(&b, 0), "{a:?} {b:?}");
    let (a, b) = (Mailbox::bounded(2), Mailbox::bounded(0));
    scope(|s| {
        let thread = s.spawn(|| select((&a, &b)));
        until(|| waiting(&a, 1) && waiting(&b, 1));
        unblock(&a, &b);
        let other = thread.join().unwrap();
        assert!(waiting(&a, 0) && waiting(&b, 0), "{a:?} {b:?}");
        [one, other]
    })
}

#[test]
fn a_message_in_either_wins() {
    assert_eq!(both(|a, _| a.send(1).unwrap()), [Chosen::First(Ok(1)); 2]);
    assert_eq!(both(|_, b| b.send(2).unwrap()), [Chosen::Second(Ok(2)); 2]);
}

#[test]
fn close_and_interrupt_of_either_unblock() {
    let closed = Err(Closed(()));
    assert_eq!(both(|a, _| a.close()), [Chosen::First(closed); 2]);
    assert_eq!(both(|_, b| b.close()), [Chosen::Second(closed); 2]);
    let interrupted = Err(Refused::Interrupted(()));
    assert_eq!(both(|a, _| a.interrupt()), [Chosen::First(interrupted); 2]);
    assert_eq!(both(|_, b| b.interrupt()), [Chosen::Second(interrupted); 2]);
}

#[test]
fn resume_unblocks() {
    let chosen = both(|a, _| {
        a.pause();
        a.send(1).unwrap();
        thread::sleep(SHORT);
        a.resume();
    });
    assert_eq!(chosen, [Chosen::First(Ok(1)); 2]);
}

#[test]
fn a_deadline_unblocks_a_thread() {
    let (a, b) = (Mailbox::<u32>::bounded(1), Mailbox::<u32>::bounded(0));
    let start = Instant::now();
    assert_eq!(select_deadline((&a, &b), start + SHORT), None);
    assert!(start.elapsed() >= SHORT && waiting(&a, 0) && waiting(&b, 0));
    b.close();
    let closed = select_deadline((&a, &b), start);
    assert_eq!(closed, Some(Chosen::Second(Err(Closed(())))));
}

#[test]
fn dropping_the_other_side_unblocks() {
    let pool = Pool::new(1);
    let (_open, a) = Mailbox::bounded(1).split();
    let (sender, b) = Mailbox::bounded(1).split();
    let watch = b.clone();
    let waiting_for = pool.spawn(thunk!(first(a, b)));
    until(|| waiting(&watch, 1));
    drop(sender);
    assert_eq!(waiting_for.join().unwrap(), Chosen::Second(Err(Closed(()))));
}

#[test]
fn what_is_there_is_taken_in_turn() {
    let (a, b) = (Mailbox::unbounded(), Mailbox::unbounded());
    for n in 0..100 {
        a.send(n).unwrap();
        b.send(n).unwrap();
    }
    let firsts = (0..100)
        .filter(|_| matches!(select((&a, &b)), Chosen::First(Ok(_))))
        .count();
    assert_eq!(firsts, 50);
}

#[cps]
fn one_of_four(
    numbers: Receiver<u32>,
    ended: JoinHandle<u32>,
    permits: Semaphore,
    group: WaitGroup,
) -> u32 {
    match select!(numbers, ended, permits, group) {
        Chosen::First(number) => number.unwrap(),
        Chosen::Second(()) => join!(ended).unwrap(),
        Chosen::Third(_permit) => 300,
        Chosen::Fourth(()) => 400,
    }
}

#[test]
fn different_things_can_be_waited_for_together() {
    for winner in 0..4 {
        let pool = Pool::new(1);
        let (sender, numbers) = Mailbox::bounded(1).split();
        let (answer, ended) = promise();
        let (permits, group) = (Semaphore::new(0), WaitGroup::new());
        let member = group.member();
        let handle = pool.spawn(thunk!(one_of_four(numbers, ended, permits.clone(), group)));
        until(|| format!("{member:?}").contains("waiting: 1"));
        // Who is not dropped yet wins nothing by that.
        match winner {
            0 => sender.send(100).unwrap(),
            1 => answer.keep(200),
            2 => permits.add(1),
            _ => drop(member),
        }
        assert_eq!(handle.join().unwrap(), 100 * (winner + 1));
    }
}

#[cps]
fn message_in_time(inbox: Receiver<u32>, time: Duration) -> Option<u32> {
    let deadline = Instant::now() + time;
    match select!(inbox, deadline) {
        Chosen::First(message) => message.ok(),
        Chosen::Second(()) => {
            assert!(Instant::now() >= deadline);
            None
        }
    }
}

#[test]
fn a_moment_may_come_first_or_a_message() {
    let queue = insideout::EventQueue::new().unwrap();
    let _entered = queue.enter();
    let (sender, inbox) = Mailbox::bounded(1).split();
    let late = thunk!(message_in_time(inbox.clone(), SHORT)).into_continuation();
    assert!(late.trampoline().is_none());
    assert_eq!(queue.wait(None).unwrap(), 1);
    assert!(waiting(&inbox, 0) && queue.is_empty());
    let pool = Pool::new(1);
    let patient = Duration::from_secs(3600);
    let in_time = thunk!(message_in_time(inbox.clone(), patient)).into_continuation();
    assert!(in_time.trampoline().is_none());
    assert!(waiting(&inbox, 1) && !queue.is_empty());
    sender.send(7).unwrap();
    // The timer went with the wait.
    assert!(waiting(&inbox, 0) && queue.is_empty() && inbox.is_empty());
    let waits = pool.spawn(thunk!(message_in_time(inbox, SHORT)));
    assert_eq!(waits.join().unwrap(), None);
}

#[test]
fn a_closed_event_queue_lets_the_others_win() {
    let queue = insideout::EventQueue::new().unwrap();
    let (sender, inbox) = Mailbox::bounded(1).split();
    let entered = queue.enter();
    let waits = thunk!(message_in_time(inbox.clone(), Duration::from_secs(3600)));
    assert!(waits.into_continuation().trampoline().is_none());
    queue.close();
    assert!(waiting(&inbox, 1));
    sender.send(7).unwrap();
    assert!(inbox.is_empty());
    drop(entered);
}

#[cps]
fn merge(a: Receiver<u64>, b: Receiver<u64>) -> (u64, u64) {
    let (mut count, mut sum) = (0, 0);
    let rest = loop {
        let n = match select!(a, b) {
            Chosen::First(Ok(n)) | Chosen::Second(Ok(n)) => n,
            Chosen::First(Err(_)) => break b,
            Chosen::Second(Err(_)) => break a,
        };
        count += 1;
        sum += n;
    };
    while let Ok(n) = recv!(rest) {
        count += 1;
        sum += n;
    }
    (count, sum)
}

/// Selecting threads and continuations and plain receivers share four mailboxes: every message is received
/// once.
#[test]
fn no_message_is_lost_between_those_who_select() {
    const EACH: u64 = 5_000;
    for seed in 0..4 {
        let mut random = Random::new(seed);
        let pools = [Pool::new(2), Pool::new(1)];
        let mailboxes = [
            Mailbox::bounded(1),
            Mailbox::bounded(8),
            Mailbox::unbounded(),
            Mailbox::bounded(0),
        ];
        let mut receivers = Vec::new();
        let mut threads = Vec::new();
        let mut senders = Vec::new();
        for mailbox in mailboxes {
            let (sender, receiver) = mailbox.split();
            receivers.push(receiver);
            senders.push(sender);
        }
        let mut handles = Vec::new();
        for n in 0..8 {
            let (a, b) = (n % 4, (n + 1 + random.below(3) as usize) % 4);
            let (a, b) = (receivers[a].clone(), receivers[b].clone());
            if n < 4 {
                handles.push(pools[n % 2].spawn(thunk!(merge(a, b))));
            } else {
                threads.push(thread::spawn(move || merge(a, b)));
            }
        }
        drop(receivers);
        let sending: Vec<_> = senders
            .into_iter()
            .map(|sender| thread::spawn(move || (1..=EACH).for_each(|n| sender.send(n).unwrap())))
            .collect();
        let mut counts = handles
            .into_iter()
            .map(|handle| handle.join().unwrap())
            .chain(threads.into_iter().map(|thread| thread.join().unwrap()))
            .fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        sending
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        counts.0 -= 4 * EACH;
        assert_eq!(counts, (0, 4 * EACH * (EACH + 1) / 2), "seed {seed}");
    }
}

/// One that is dropped while it waits leaves nothing behind.
#[test]
fn who_has_no_home_leaves_every_place() {
    let (a, b) = (Mailbox::bounded(1), Mailbox::bounded(1));
    let pool = Pool::new(1);
    let waits = pool.spawn(thunk!(first(a.receiver(), b.receiver())));
    until(|| waiting(&a, 1) && waiting(&b, 1));
    drop(pool);
    a.send(1).unwrap();
    assert!(matches!(waits.join(), Err(JoinError::Cancelled)));
    assert!(waiting(&a, 0) && waiting(&b, 0));
    assert_eq!(a.recv(), Ok(1));
}
