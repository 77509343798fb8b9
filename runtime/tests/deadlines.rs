//! Suspension points with a deadline: what is there is taken, also late; what does not come ends in an
//! error, and nothing is lost.

use insideout::prelude::*;
use insideout::{Interval, RecvTimeoutError, SendTimeoutError};
use std::time::{Duration, Instant};

/// Far enough that no test sees it.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// Waits until it holds, for ten seconds at most.
fn eventually(holds: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < limit, "it does not come to that");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(20)
}

#[cps]
fn receive(mailbox: Receiver<u32>, deadline: Instant) -> Result<u32, RecvTimeoutError> {
    recv_deadline!(mailbox, deadline)
}

#[cps]
fn send(mailbox: Sender<String>, deadline: Instant) -> Result<(), SendTimeoutError<String>> {
    send_deadline!(mailbox, "letter".to_owned(), deadline)
}

#[cps]
fn join(handle: JoinHandle<u32>, deadline: Instant) -> Result<u32, JoinHandle<u32>> {
    Ok(join_deadline!(handle, deadline)?.unwrap())
}

#[test]
fn a_message_comes_or_the_deadline_does() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let began = Instant::now();
    let late = pool.spawn(thunk!(receive(receiver.clone(), soon())));
    assert_eq!(late.join().unwrap(), Err(RecvTimeoutError::Timeout));
    assert!(began.elapsed() >= Duration::from_millis(20));
    let waits = pool.spawn(thunk!(receive(receiver.clone(), far())));
    sender.send(7).unwrap();
    assert_eq!(waits.join().unwrap(), Ok(7));
    // What is there is taken, however late it is.
    sender.send(8).unwrap();
    assert_eq!(receive(receiver.clone(), began), Ok(8));
    assert_eq!(
        receive(receiver.clone(), began),
        Err(RecvTimeoutError::Timeout)
    );
    let interrupted = pool.spawn(thunk!(receive(receiver.clone(), far())));
    let mailbox = receiver.clone();
    eventually(move || format!("{mailbox:?}").contains("receiving: 1"));
    receiver.interrupt();
    assert_eq!(
        interrupted.join().unwrap(),
        Err(RecvTimeoutError::Interrupted)
    );
    let closed = pool.spawn(thunk!(receive(receiver, far())));
    drop(sender);
    assert_eq!(closed.join().unwrap(), Err(RecvTimeoutError::Closed));
}

#[test]
fn there_is_room_or_the_deadline_comes() {
    for capacity in [1, 0] {
        let pool = Pool::new(1);
        let mailbox = Mailbox::bounded(capacity);
        if capacity > 0 {
            mailbox.send("first".to_owned()).unwrap();
        }
        let late = pool.spawn(thunk!(send(mailbox.sender(), soon())));
        assert_eq!(
            late.join().unwrap(),
            Err(SendTimeoutError::Timeout("letter".to_owned()))
        );
        let waits = || pool.spawn(thunk!(send(mailbox.sender(), far())));
        let sent = waits();
        eventually(|| format!("{mailbox:?}").contains("sending: 1"));
        assert_eq!(
            mailbox.recv().unwrap(),
            if capacity > 0 { "first" } else { "letter" }
        );
        assert_eq!(sent.join().unwrap(), Ok(()));
        let interrupted = waits();
        eventually(|| format!("{mailbox:?}").contains("sending: 1"));
        mailbox.interrupt();
        let letter = || "letter".to_owned();
        assert_eq!(
            interrupted.join().unwrap(),
            Err(SendTimeoutError::Interrupted(letter()))
        );
        let closed = waits();
        eventually(|| format!("{mailbox:?}").contains("sending: 1"));
        mailbox.close();
        assert_eq!(
            closed.join().unwrap(),
            Err(SendTimeoutError::Closed(letter()))
        );
        assert!(format!("{mailbox:?}").contains("sending: 0"), "{mailbox:?}");
    }
}

#[test]
fn a_call_ends_or_the_deadline_comes() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let inner = pool.spawn(thunk!(receive(receiver, far())));
    #[cps]
    fn value(handle: JoinHandle<Result<u32, RecvTimeoutError>>) -> u32 {
        join!(handle).unwrap().unwrap()
    }
    let handle = pool.spawn(thunk!(value(inner)));
    let handle = pool
        .spawn(thunk!(join(handle, soon())))
        .join()
        .unwrap()
        .unwrap_err();
    let handle = handle.join_deadline(soon()).unwrap_err();
    let handle = pool.spawn(thunk!(join(handle, far())));
    sender.send(7).unwrap();
    assert_eq!(handle.join().unwrap().unwrap(), 7);
}

/// Whoever gives up leaves the mailbox as it was: who waits behind gets what comes.
#[test]
fn who_gives_up_takes_no_wake_up_along() {
    #[cps]
    fn hasty(mailbox: Receiver<u64>, every: Duration) -> u64 {
        let mut sum = 0;
        let mut interval = Interval::new(every);
        loop {
            match recv_deadline!(mailbox, interval.next()) {
                Ok(n) => sum += n,
                Err(RecvTimeoutError::Timeout) => {}
                Err(_) => return sum,
            }
        }
    }
    #[cps]
    fn patient(mailbox: Receiver<u64>) -> u64 {
        let mut sum = 0;
        while let Ok(n) = recv!(mailbox) {
            sum += n;
        }
        sum
    }
    #[cps]
    fn pressed(mailbox: Sender<u64>, upto: u64) {
        for n in 1..=upto {
            let mut unsent = n;
            while let Err(SendTimeoutError::Timeout(back)) =
                send_deadline!(mailbox, unsent, Instant::now() + Duration::from_micros(300))
            {
                unsent = back;
            }
        }
    }
    const UPTO: u64 = 2_000;
    for capacity in [1, 4, 0] {
        let pools = [Pool::new(2), Pool::new(1)];
        let (sender, receiver) = Mailbox::bounded(capacity).split();
        let mut sums = Vec::new();
        for n in 0..3 {
            let every = Duration::from_micros(200 * (n + 1));
            sums.push(pools[0].spawn(thunk!(hasty(receiver.clone(), every))));
            sums.push(pools[1].spawn(thunk!(patient(receiver.clone()))));
        }
        drop(receiver);
        for _ in 0..2 {
            pools[0]
                .spawn_detached(thunk!(pressed(sender.clone(), UPTO)))
                .unwrap();
        }
        drop(sender);
        let sum: u64 = sums.into_iter().map(|sum| sum.join().unwrap()).sum();
        assert_eq!(sum, UPTO * (UPTO + 1), "capacity {capacity}");
    }
}
