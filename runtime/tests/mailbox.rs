//! Mailboxes between threads: every blocking call, and what unblocks it.

mod support;

use insideout::prelude::*;
use insideout::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError};
use std::thread::{self, scope};
use std::time::{Duration, Instant};
use support::{Alive, until};

const FOREVER: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(20);

/// Whether `n` wait at an end of the mailbox, by what its `Debug` says.
fn waiting(mailbox: &impl std::fmt::Debug, end: &str, n: usize) -> bool {
    format!("{mailbox:?}").contains(&format!("{end}: {n}"))
}

#[test]
fn messages_come_in_the_order_they_were_sent() {
    for mailbox in [Mailbox::bounded(100), Mailbox::unbounded()] {
        for n in 0..100 {
            mailbox.send(n).unwrap();
        }
        assert_eq!(mailbox.len(), 100);
        mailbox.close();
        assert_eq!(
            mailbox.iter().collect::<Vec<_>>(),
            (0..100).collect::<Vec<_>>()
        );
        assert!(mailbox.is_empty());
    }
}

#[test]
fn a_blocked_recv_is_woken_by_a_message() {
    for mailbox in [Mailbox::bounded(1), Mailbox::unbounded()] {
        scope(|s| {
            let receiver = s.spawn(|| (mailbox.recv(), mailbox.recv_timeout(FOREVER)));
            for n in 0..2 {
                until(|| waiting(&mailbox, "receiving", 1));
                mailbox.send(n).unwrap();
                until(|| mailbox.is_empty());
            }
            assert_eq!(receiver.join().unwrap(), (Ok(0), Ok(1)));
        });
    }
}

#[test]
fn a_blocked_send_is_woken_by_room() {
    let mailbox = Mailbox::bounded(1);
    mailbox.send(0).unwrap();
    scope(|s| {
        let sender = s.spawn(|| (mailbox.send(1), mailbox.send_timeout(2, FOREVER)));
        for n in 0..2 {
            until(|| waiting(&mailbox, "sending", 1));
            assert_eq!(mailbox.recv(), Ok(n));
        }
        assert_eq!(mailbox.recv(), Ok(2));
        assert_eq!(sender.join().unwrap(), (Ok(()), Ok(())));
    });
}

#[test]
fn close_wakes_everyone_and_hands_messages_back() {
    let full = Mailbox::bounded(1);
    full.send(0).unwrap();
    let empty = Mailbox::<i32>::unbounded();
    scope(|s| {
        let (a, b) = (
            s.spawn(|| full.send(1)),
            s.spawn(|| full.send_timeout(2, FOREVER)),
        );
        let (c, d) = (
            s.spawn(|| empty.recv()),
            s.spawn(|| empty.recv_timeout(FOREVER)),
        );
        until(|| waiting(&full, "sending", 2) && waiting(&empty, "receiving", 2));
        full.close();
        empty.close();
        assert_eq!(a.join().unwrap(), Err(Closed(1)));
        assert_eq!(b.join().unwrap(), Err(SendTimeoutError::Closed(2)));
        assert_eq!(c.join().unwrap(), Err(Closed(())));
        assert_eq!(d.join().unwrap(), Err(RecvTimeoutError::Closed));
    });
    assert_eq!(full.try_send(3), Err(TrySendError::Closed(3)));
    assert_eq!(full.recv(), Ok(0));
    assert_eq!(full.recv(), Err(Closed(())));
    assert_eq!(full.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn dropping_the_last_of_the_other_end_wakes() {
    let (sender, receiver) = Mailbox::bounded(1).split();
    let others = (receiver.clone(), sender.clone());
    sender.send(0).unwrap();
    thread::scope(|s| {
        let blocked = s.spawn(|| sender.send(1));
        until(|| waiting(&sender, "sending", 1));
        drop(receiver);
        assert!(!sender.is_closed());
        drop(others);
        assert_eq!(blocked.join().unwrap(), Err(Closed(1)));
    });

    let (sender, receiver) = Mailbox::<u8>::bounded(1).split();
    let others = (sender.clone(), receiver.clone());
    thread::scope(|s| {
        let blocked = s.spawn(|| receiver.recv());
        until(|| waiting(&receiver, "receiving", 1));
        drop(sender);
        assert!(!receiver.is_closed());
        drop(others);
        assert_eq!(blocked.join().unwrap(), Err(Closed(())));
    });
}

#[test]
fn deadlines_pass() {
    let mailbox = Mailbox::bounded(1);
    let start = Instant::now();
    assert_eq!(mailbox.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
    assert!(start.elapsed() >= SHORT);
    mailbox.send(0).unwrap();
    let start = Instant::now();
    assert_eq!(
        mailbox.send_timeout(1, SHORT),
        Err(SendTimeoutError::Timeout(1))
    );
    assert!(start.elapsed() >= SHORT);
    assert!(waiting(&mailbox, "sending", 0) && waiting(&mailbox, "receiving", 0));
    assert_eq!(mailbox.recv_timeout(Duration::MAX), Ok(0));
    assert_eq!(mailbox.send_timeout(1, Duration::MAX), Ok(()));
}

/// Waiters whose deadline passes while they are being woken must not take a wake-up with them.
#[test]
fn a_wake_up_outlives_a_deadline() {
    let mailbox = Mailbox::bounded(4);
    scope(|s| {
        let hasty = s.spawn(|| {
            let mut received = 0;
            loop {
                match mailbox.recv_timeout(Duration::from_micros(3)) {
                    Ok(()) => received += 1,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(_) => return received,
                }
            }
        });
        let patient = s.spawn(|| mailbox.iter().count());
        for n in 0..20_000 {
            mailbox.send(()).unwrap();
            if n % 8 == 0 {
                until(|| mailbox.is_empty());
            }
        }
        mailbox.close();
        assert_eq!(hasty.join().unwrap() + patient.join().unwrap(), 20_000);
    });
}

#[test]
fn what_is_left_is_dropped_with_the_last_receiver() {
    for mailbox in [Mailbox::bounded(200), Mailbox::unbounded()] {
        let alive = Alive::default();
        for _ in 0..150 {
            mailbox.send(alive.clone()).unwrap();
        }
        let (sender, receiver) = mailbox.split();
        let other = receiver.clone();
        drop(receiver);
        assert_eq!(alive.others(), 150);
        drop(other);
        assert_eq!(alive.others(), 0);
        assert!(sender.send(alive.clone()).is_err());
        assert_eq!(alive.others(), 0);
    }
}

#[test]
fn messages_that_panic_when_dropped_are_all_dropped() {
    struct Bomb {
        _alive: Alive,
        armed: bool,
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.armed, "boom");
        }
    }
    for mailbox in [Mailbox::bounded(200), Mailbox::unbounded()] {
        let alive = Alive::default();
        for n in 0..150 {
            let bomb = Bomb {
                _alive: alive.clone(),
                armed: n == 70,
            };
            mailbox.send(bomb).unwrap();
        }
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(mailbox)));
        assert!(caught.is_err());
        assert_eq!(alive.others(), 0);
    }
}

#[test]
fn any_size_of_message() {
    let (sender, receiver) = Mailbox::unbounded().split();
    scope(|s| {
        s.spawn(move || {
            for n in 0..1000u64 {
                sender.send([n; 40]).unwrap();
            }
        });
        for (n, message) in receiver.iter().enumerate() {
            assert_eq!(message, [n as u64; 40]);
        }
    });
    let units = Mailbox::bounded(3);
    units.send(()).unwrap();
    assert_eq!((units.len(), units.recv()), (1, Ok(())));
}

#[test]
fn handles_may_be_shared_by_threads() {
    fn send<T: Send + Sync>() {}
    use std::cell::Cell;
    // Messages need only be `Send`.
    send::<Mailbox<Cell<u8>>>();
    send::<Sender<Cell<u8>>>();
    send::<Receiver<Cell<u8>>>();
    send::<JoinHandle<Cell<u8>>>();
    send::<Pool>();
    send::<insideout::Home>();
    send::<Mailbox<Continuation>>();
}

/// `Rc` messages stay on their thread; the handles are not `Send` then.
#[test]
fn handles_of_local_messages_are_local() {
    trait Ambiguous<A> {
        fn check() {}
    }
    impl<T: ?Sized> Ambiguous<()> for T {}
    impl<T: ?Sized + Send> Ambiguous<u8> for T {}
    <Mailbox<std::rc::Rc<()>> as Ambiguous<_>>::check();
    <Sender<std::rc::Rc<()>> as Ambiguous<_>>::check();
    <Receiver<std::rc::Rc<()>> as Ambiguous<_>>::check();
    <JoinHandle<std::rc::Rc<()>> as Ambiguous<_>>::check();
}
