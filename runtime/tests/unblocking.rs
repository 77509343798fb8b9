//! What unblocks each call that waits at a mailbox, of threads and of continuations: a message or room,
//! close, the drop of the other side, interrupt, resume, a deadline.

mod support;

use insideout::prelude::*;
use insideout::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError, WaitError};
use std::thread::{self, ScopedJoinHandle, scope};
use std::time::{Duration, Instant};
use support::{Alive, until};

const FOREVER: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(20);

/// Whether the `Debug` of a mailbox says so.
fn says(mailbox: &impl std::fmt::Debug, what: &str) -> bool {
    format!("{mailbox:?}").contains(what)
}

#[cps]
fn receive(inbox: Receiver<u32>) -> Result<u32, Refused> {
    recv!(inbox)
}

#[cps]
fn send(outbox: Sender<u32>, message: u32) -> Result<(), Refused<u32>> {
    send!(outbox, message)
}

/// Bounded, unbounded, and a rendezvous.
fn empty() -> [Mailbox<u32>; 3] {
    [
        Mailbox::bounded(1),
        Mailbox::unbounded(),
        Mailbox::bounded(0),
    ]
}

/// Full, and a rendezvous, which always is.
fn full() -> [Mailbox<u32>; 2] {
    let full = Mailbox::bounded(1);
    full.send(0).unwrap();
    [full, Mailbox::bounded(0)]
}

/// What a thread and a continuation receive that both wait when `unblock` is called.
fn both_receive(
    mailbox: Mailbox<u32>,
    unblock: impl FnOnce(Mailbox<u32>),
) -> [Result<u32, Refused>; 2] {
    let pool = Pool::new(1);
    let receiver = mailbox.receiver();
    let continuation = pool.spawn(thunk!(receive(mailbox.receiver())));
    let thread = thread::spawn({
        let receiver = receiver.clone();
        move || receiver.recv()
    });
    until(|| says(&receiver, "receiving: 2"));
    unblock(mailbox);
    [thread.join().unwrap(), continuation.join().unwrap()]
}

/// The same for sending 1 and 2.
fn both_send(
    mailbox: Mailbox<u32>,
    unblock: impl FnOnce(Mailbox<u32>),
) -> [Result<(), Refused<u32>>; 2] {
    let pool = Pool::new(1);
    let sender = mailbox.sender();
    let continuation = pool.spawn(thunk!(send(mailbox.sender(), 2)));
    let thread = thread::spawn({
        let sender = sender.clone();
        move || sender.send(1)
    });
    until(|| says(&sender, "sending: 2"));
    unblock(mailbox);
    [thread.join().unwrap(), continuation.join().unwrap()]
}

#[test]
fn messages_unblock_receivers() {
    for mailbox in empty() {
        let received = both_receive(mailbox, |mailbox| {
            mailbox.send(1).unwrap();
            mailbox.send(2).unwrap();
        });
        let mut received = received.map(Result::unwrap);
        received.sort_unstable();
        assert_eq!(received, [1, 2]);
    }
}

#[test]
fn room_unblocks_senders() {
    for mailbox in full() {
        let messages = 2 + mailbox.len();
        let sent = both_send(mailbox, |mailbox| {
            let received: u32 = (0..messages).map(|_| mailbox.recv().unwrap()).sum();
            assert_eq!(received, 3);
        });
        assert_eq!(sent, [Ok(()), Ok(())]);
    }
}

#[test]
fn close_unblocks_receivers() {
    for mailbox in empty() {
        let received = both_receive(mailbox, |mailbox| mailbox.close());
        assert_eq!(received, [Err(Closed(())); 2]);
    }
    for mailbox in empty() {
        let received = both_receive(mailbox, |mailbox| mailbox.close_recv());
        assert_eq!(received, [Err(Closed(())); 2]);
    }
}

#[test]
fn close_unblocks_senders() {
    for mailbox in full() {
        let sent = both_send(mailbox, |mailbox| mailbox.close_send());
        assert_eq!(sent, [Err(Closed(1)), Err(Closed(2))]);
    }
    for mailbox in full() {
        let sent = both_send(mailbox, |mailbox| mailbox.close_recv());
        assert_eq!(sent, [Err(Closed(1)), Err(Closed(2))]);
    }
}

#[test]
fn dropping_the_other_side_unblocks() {
    for mailbox in empty() {
        assert_eq!(both_receive(mailbox, drop), [Err(Closed(())); 2]);
    }
    for mailbox in full() {
        assert_eq!(both_send(mailbox, drop), [Err(Closed(1)), Err(Closed(2))]);
    }
}

#[test]
fn interrupt_unblocks_and_leaves_the_mailbox_as_it_was() {
    for mailbox in empty() {
        let again = mailbox.clone();
        let received = both_receive(mailbox, |mailbox| mailbox.interrupt());
        assert_eq!(received, [Err(Refused::Interrupted(())); 2]);
        assert!(!again.is_closed());
        let received = both_receive(again, |mailbox| {
            (1..3).for_each(|n| mailbox.send(n).unwrap())
        });
        assert!(received.iter().all(Result::is_ok));
    }
    for mailbox in full() {
        let again = mailbox.clone();
        let sent = both_send(mailbox, |mailbox| mailbox.interrupt());
        assert_eq!(
            sent,
            [Err(Refused::Interrupted(1)), Err(Refused::Interrupted(2))]
        );
        assert!(says(&again, "sending: 0"));
        assert!(again.drain().len() < 2);
    }
}

/// Receives until the mailbox is closed; the number of interrupts, and the sum of the messages.
#[cps]
fn counts_interrupts(inbox: Receiver<u32>) -> (u32, u32) {
    let (mut interrupts, mut sum) = (0, 0);
    loop {
        match recv!(inbox) {
            Ok(n) => sum += n,
            Err(Refused::Interrupted(())) => interrupts += 1,
            Err(Closed(())) => return (interrupts, sum),
        }
    }
}

#[test]
fn each_interrupt_is_heard_once() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::unbounded().split();
    let counting = pool.spawn(thunk!(counts_interrupts(receiver)));
    for n in 1..=10 {
        until(|| says(&sender, "receiving: 1"));
        sender.interrupt();
        until(|| says(&sender, "receiving: 1"));
        sender.send(n).unwrap();
    }
    drop(sender);
    assert_eq!(counting.join().unwrap(), (10, 55));
}

#[test]
fn an_interrupt_of_nobody_is_nothing() {
    let mailbox = Mailbox::bounded(1);
    mailbox.interrupt();
    assert_eq!(mailbox.send(1), Ok(()));
    mailbox.interrupt();
    assert_eq!(receive(mailbox.receiver()), Ok(1));
}

/// An interrupted continuation whose pool is gone is dropped, as a woken one is.
#[test]
fn the_interrupted_may_have_no_home() {
    let mailbox = Mailbox::bounded(1);
    let pool = Pool::new(1);
    let waiting = pool.spawn(thunk!(receive(mailbox.receiver())));
    until(|| says(&mailbox, "receiving: 1"));
    drop(pool);
    mailbox.interrupt();
    assert!(matches!(waiting.join(), Err(JoinError::Cancelled)));
}

#[test]
fn deadlines_unblock_and_hand_back() {
    for mailbox in empty() {
        let start = Instant::now();
        assert_eq!(mailbox.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        let deadline = Instant::now() + SHORT;
        assert_eq!(
            mailbox.recv_deadline(deadline),
            Err(RecvTimeoutError::Timeout)
        );
        assert!(start.elapsed() >= 2 * SHORT);
        assert!(says(&mailbox, "receiving: 0"));
    }
    for mailbox in full() {
        let start = Instant::now();
        assert_eq!(
            mailbox.send_timeout(1, SHORT),
            Err(SendTimeoutError::Timeout(1))
        );
        let deadline = Instant::now() + SHORT;
        assert_eq!(
            mailbox.send_deadline(2, deadline),
            Err(SendTimeoutError::Timeout(2))
        );
        assert!(start.elapsed() >= 2 * SHORT);
        assert!(says(&mailbox, "sending: 0"));
    }
}

#[test]
fn waits_with_a_deadline_are_interrupted_and_closed() {
    for mailbox in empty() {
        scope(|s| {
            let waiting = s.spawn(|| [(); 2].map(|()| mailbox.recv_timeout(FOREVER)));
            until(|| says(&mailbox, "receiving: 1"));
            mailbox.interrupt();
            until(|| says(&mailbox, "receiving: 1"));
            mailbox.close();
            let errors = [RecvTimeoutError::Interrupted, RecvTimeoutError::Closed];
            assert_eq!(waiting.join().unwrap(), errors.map(Err));
        });
    }
    for mailbox in full() {
        scope(|s| {
            let waiting = s.spawn(|| [1, 2].map(|n| mailbox.send_timeout(n, FOREVER)));
            until(|| says(&mailbox, "sending: 1"));
            mailbox.interrupt();
            until(|| says(&mailbox, "sending: 1"));
            mailbox.close();
            let errors = [
                SendTimeoutError::Interrupted(1),
                SendTimeoutError::Closed(2),
            ];
            assert_eq!(waiting.join().unwrap(), errors.map(Err));
        });
    }
}

#[test]
fn receivers_of_a_paused_mailbox_wait_for_its_resume() {
    for mailbox in empty() {
        mailbox.pause();
        let sends = mailbox.sender();
        let received = both_receive(mailbox, |mailbox| {
            let sent = thread::spawn(move || (1..3).for_each(|n| sends.send(n).unwrap()));
            until(|| match mailbox.capacity() {
                Some(0) => says(&mailbox, "sending: 1"),
                room => mailbox.len() == room.unwrap_or(2),
            });
            // Each send wakes one, which finds nothing.
            until(|| says(&mailbox, "receiving: 2"));
            assert!(mailbox.is_paused());
            assert_eq!(mailbox.try_recv(), Err(TryRecvError::Empty));
            assert_eq!(mailbox.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
            mailbox.resume();
            sent.join().unwrap();
        });
        assert_eq!(received.map(Result::unwrap).iter().sum::<u32>(), 3);
    }
}

#[test]
fn senders_of_a_paused_mailbox_go_on_while_there_is_room() {
    let mailbox = Mailbox::bounded(2);
    mailbox.pause();
    mailbox.send(1).unwrap();
    mailbox.send(2).unwrap();
    assert_eq!(mailbox.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!(mailbox.drain(), [1, 2]);
    assert_eq!(mailbox.try_send(3), Ok(()));
    // Nobody takes what is handed over.
    let meeting = Mailbox::bounded(0);
    meeting.pause();
    assert_eq!(meeting.try_send(1), Err(TrySendError::Full(1)));
}

#[test]
fn close_ends_a_pause() {
    for mailbox in empty() {
        mailbox.pause();
        let received = both_receive(mailbox, |mailbox| mailbox.close());
        assert_eq!(received, [Err(Closed(())); 2]);
    }
    let mailbox = Mailbox::bounded(1);
    mailbox.send(1).unwrap();
    mailbox.pause();
    mailbox.close();
    assert!(!mailbox.is_paused());
    assert_eq!((mailbox.recv(), mailbox.recv()), (Ok(1), Err(Closed(()))));
}

/// How each of the four watches ends, when all of them wait.
fn watched(mailbox: &Mailbox<u32>, unblock: impl FnOnce()) -> [Result<(), WaitError>; 2] {
    scope(|s| {
        let watch = |n: usize| -> ScopedJoinHandle<'_, Result<(), WaitError>> {
            s.spawn(move || match (mailbox.is_empty(), n) {
                (true, 0) => mailbox.wait_readable(),
                (true, _) => mailbox.wait_full(),
                (false, 0) => mailbox.wait_writable(),
                (false, _) => mailbox.wait_empty(),
            })
        };
        let watches = [watch(0), watch(1)];
        // Until both sleep; they leave together.
        until(|| says(mailbox, "watched: true"));
        thread::sleep(SHORT);
        unblock();
        watches.map(|watch| watch.join().unwrap())
    })
}

#[test]
fn watchers_are_woken_by_what_they_wait_for() {
    let mailbox = Mailbox::bounded(1);
    assert_eq!(watched(&mailbox, || mailbox.send(1).unwrap()), [Ok(()); 2]);
    let room = || assert_eq!(mailbox.recv(), Ok(1));
    assert_eq!(watched(&mailbox, room), [Ok(()); 2]);
}

#[test]
fn watchers_are_woken_by_close_and_interrupt() {
    let mailbox = Mailbox::bounded(1);
    let interrupted = [Err(WaitError::Interrupted); 2];
    assert_eq!(watched(&mailbox, || mailbox.interrupt()), interrupted);
    mailbox.send(1).unwrap();
    assert_eq!(watched(&mailbox, || mailbox.interrupt()), interrupted);
    // A closed mailbox may still become empty, but not writable.
    let closed = watched(&mailbox, || {
        mailbox.close();
        assert_eq!(mailbox.recv(), Ok(1));
    });
    assert_eq!(closed, [Err(WaitError::Closed), Ok(())]);
    let mailbox = Mailbox::bounded(1);
    assert_eq!(
        watched(&mailbox, || mailbox.close()),
        [Err(WaitError::Closed); 2]
    );
}

#[test]
fn watches_have_deadlines() {
    let mailbox = Mailbox::bounded(1);
    let soon = || Instant::now() + SHORT;
    let late = Err(WaitError::Timeout);
    assert_eq!(mailbox.wait_readable_deadline(soon()), late);
    assert_eq!(mailbox.wait_full_deadline(soon()), late);
    mailbox.send(1).unwrap();
    assert_eq!(mailbox.wait_writable_deadline(soon()), late);
    assert_eq!(mailbox.wait_empty_deadline(soon()), late);
    assert!(says(&mailbox, "watched: false"));
}

/// A watcher takes no wake-up from a receiver.
#[test]
fn who_watches_takes_nothing() {
    for mailbox in empty() {
        scope(|s| {
            let watching = s.spawn(|| mailbox.wait_readable());
            until(|| says(&mailbox, "watched: true"));
            let receiving = s.spawn(|| mailbox.recv());
            until(|| says(&mailbox, "receiving: 1"));
            mailbox.send(7).unwrap();
            assert_eq!(receiving.join().unwrap(), Ok(7));
            mailbox.close();
            // It saw the message, or came too late for it.
            assert!(matches!(
                watching.join().unwrap(),
                Ok(()) | Err(WaitError::Closed)
            ));
        });
    }
}

#[test]
fn a_rendezvous_ends_when_the_message_is_taken() {
    let mailbox = Mailbox::bounded(0);
    assert_eq!((mailbox.capacity(), mailbox.is_full()), (Some(0), true));
    assert_eq!(mailbox.try_send(1), Err(TrySendError::Full(1)));
    scope(|s| {
        let sending = s.spawn(|| mailbox.send(2));
        until(|| says(&mailbox, "sending: 1"));
        assert!(!sending.is_finished() && mailbox.is_empty());
        assert_eq!(mailbox.wait_readable(), Ok(()));
        assert_eq!(mailbox.try_recv(), Ok(2));
        assert_eq!(sending.join().unwrap(), Ok(()));
        let receiving = s.spawn(|| mailbox.recv());
        mailbox.wait_writable().unwrap();
        assert_eq!(mailbox.try_send(3), Ok(()));
        assert_eq!(receiving.join().unwrap(), Ok(3));
    });
}

#[test]
fn a_message_that_is_handed_back_is_dropped_by_nobody_else() {
    for mailbox in [Mailbox::bounded(0), Mailbox::bounded(1)] {
        let alive = Alive::default();
        let _ = mailbox.try_send(alive.clone());
        let held = mailbox.len();
        let Err(error) = mailbox.send_timeout(alive.clone(), SHORT) else {
            panic!("nobody receives");
        };
        assert_eq!(alive.others(), 1 + held);
        drop((error, mailbox));
        assert_eq!(alive.others(), 0);
    }
}

#[test]
fn signals_are_messages_without_content() {
    let (ring, bell) = Mailbox::bounded(0).split();
    let rung = thread::spawn(move || bell.into_iter().count());
    for () in [(); 100] {
        ring.send(()).unwrap();
    }
    drop(ring);
    assert_eq!(rung.join().unwrap(), 100);
}

#[test]
fn iteration_takes_what_there_is_or_waits() {
    let mailbox = Mailbox::unbounded();
    (0..3).for_each(|n| mailbox.send(n).unwrap());
    assert_eq!(mailbox.try_iter().take(2).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(mailbox.try_iter().collect::<Vec<_>>(), [2]);
    scope(|s| {
        let iterating = s.spawn(|| mailbox.iter().count());
        mailbox.send(3).unwrap();
        until(|| mailbox.is_empty() && says(&mailbox, "receiving: 1"));
        mailbox.interrupt();
        assert_eq!(iterating.join().unwrap(), 1);
    });
}
