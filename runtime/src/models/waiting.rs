//! Models of waiting: rendezvous, pause, interrupt, claims at several places, and what the toolkit builds on
//! them.

use super::{counting, here, model};
use crate::claim::{Claim, Place};
use crate::cubby::cubby;
use crate::mailbox::WaitError;
use crate::mailbox::mail::Mail;
use crate::mailbox::meeting::Letter;
use crate::oneshot::OneShot;
use crate::parker::Why;
use crate::semaphore::Semaphore;
use crate::sync::{Arc as Shared, AtomicUsize};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// Passes at once under loom.
fn soon() -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs(3600))
}

#[test]
fn a_rendezvous_ends_when_the_message_is_taken() {
    model(2, || {
        let mail = Mail::bounded(0);
        let other = mail.clone();
        let receiver = thread::spawn(move || other.recv_until(None));
        assert!(mail.send_until(7, None).is_ok());
        assert_eq!(receiver.join().unwrap(), Ok(7));
    });
}

/// Either the message is received, or it comes back.
#[test]
fn an_offer_that_is_late_is_taken_or_comes_back() {
    model(3, || {
        let mail = Mail::bounded(0);
        let other = mail.clone();
        let sender = thread::spawn(move || other.send_until(7, soon()));
        let received = mail.try_recv().ok();
        let back = sender.join().unwrap().err().map(|(_, message)| message);
        assert_eq!(received.xor(back), Some(7));
    });
}

/// Either it is handed to a receiver, which gets it though it leaves, or it comes back.
#[test]
fn who_leaves_a_rendezvous_takes_what_was_handed_over() {
    model(3, || {
        let mail = Mail::bounded(0);
        let other = mail.clone();
        let receiver = thread::spawn(move || other.recv_until(soon()));
        let sent = mail.try_send(7).is_ok();
        let received = receiver.join().unwrap();
        assert_eq!(received, if sent { Ok(7) } else { Err(WaitError::Timeout) });
        assert!(mail.try_send(8).is_err(), "nobody waits any more");
    });
}

#[test]
fn a_suspended_offer_resumes_once() {
    model(2, || {
        let mail = Mail::bounded(0);
        let ran = Arc::new(AtomicUsize::new(0));
        let letter = Letter::new(7);
        let (other, offered, sender) = (mail.clone(), letter.clone(), counting(&ran));
        let sender = thread::spawn(move || {
            if let Some(back) = other.suspend_offer(&offered, sender, here()) {
                back.run();
            }
        });
        let received = mail.try_recv().ok();
        mail.close();
        sender.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
        assert_eq!(received.xor(letter.open()), Some(7));
    });
}

#[test]
fn resume_wakes_a_receiver() {
    model(3, || {
        let mail = Mail::bounded(1);
        mail.pause();
        mail.try_send(7).unwrap();
        let other = mail.clone();
        let receiver = thread::spawn(move || other.recv_until(None));
        mail.resume();
        assert_eq!(receiver.join().unwrap(), Ok(7));
    });
}

/// An interrupt beside a message: it ends the wait of whoever waits, and takes no message with it.
#[test]
fn an_interrupt_takes_no_message_with_it() {
    model(2, || {
        let mail = Mail::bounded(1);
        let other = mail.clone();
        let receiver = thread::spawn(move || other.recv_until(None));
        let other = mail.clone();
        let interrupter = thread::spawn(move || other.interrupt());
        mail.try_send(7).unwrap();
        interrupter.join().unwrap();
        match receiver.join().unwrap() {
            Ok(message) => assert_eq!(message, 7),
            Err(why) => {
                assert_eq!(why, WaitError::Interrupted);
                assert_eq!(mail.try_recv(), Ok(7));
            }
        }
    });
}

/// Two places want the same thread: one gets it, and the other knows that it did not.
#[test]
fn a_claim_is_taken_once() {
    model(3, || {
        let claim = Claim::of_thread();
        let takers = [4, 8].map(|place| {
            let claim = claim.clone();
            thread::spawn(move || claim.wake(place, Why::Ready))
        });
        let taken = claim.sleep(None);
        let won = takers.map(|taker| taker.join().unwrap());
        assert!(won[0] != won[1]);
        assert_eq!(taken, Some((if won[0] { 4 } else { 8 }, Why::Ready)));
    });
}

/// The same for a continuation that settles meanwhile: it runs once, or comes back once.
#[test]
fn a_claim_resumes_its_continuation_once() {
    model(3, || {
        let (claim, ran) = (Claim::of_continuation(), Arc::new(AtomicUsize::new(0)));
        let takers = [4, 8].map(|place| {
            let claim = claim.clone();
            thread::spawn(move || claim.wake(place, Why::Ready))
        });
        if let Some(back) = claim.settle(counting(&ran), here()) {
            back.run();
        }
        let won = takers.map(|taker| taker.join().unwrap());
        assert!(won[0] != won[1]);
        assert_eq!(ran.load(SeqCst), 1);
    });
}

/// Who waits at two mailboxes and another who waits at one: no message is left while somebody waits for it.
#[test]
fn a_place_whose_claim_was_taken_wakes_the_next() {
    model(2, || {
        let mails = [Mail::<usize>::bounded(1), Mail::bounded(1)];
        let claim = Claim::of_thread();
        assert!(mails.iter().all(|mail| !mail.enter(&claim)));
        let other = mails[0].clone();
        let receiver = thread::spawn(move || other.recv_until(None));
        let other = mails[1].clone();
        let sender = thread::spawn(move || other.try_send(2).unwrap());
        mails[0].try_send(1).unwrap();
        let (place, _) = claim.sleep(None).unwrap();
        mails.iter().for_each(|mail| mail.leave(&claim));
        if place == mails[0].name() {
            // It was woken for that message; it takes it, or the receiver was faster.
            let _ = mails[0].try_recv();
            mails[0].close();
        }
        sender.join().unwrap();
        let received = receiver.join().unwrap();
        assert!(received == Ok(1) || place == mails[0].name());
        assert_eq!(mails[1].try_recv(), Ok(2));
    });
}

#[test]
fn a_value_set_once_wakes_who_watches_for_it() {
    model(3, || {
        let cell = Arc::new(OneShot::new());
        let setter = {
            let cell = cell.clone();
            // SAFETY: set once.
            thread::spawn(move || unsafe { cell.set(7) })
        };
        let claim = Claim::of_thread();
        if !cell.enter(&claim) {
            assert_eq!(claim.sleep(None), Some((cell.name(), Why::Ready)));
        }
        assert!(cell.is_set());
        setter.join().unwrap();
    });
}

#[test]
fn a_permit_goes_from_one_to_the_next() {
    model(2, || {
        let semaphore = Semaphore::new(1);
        let inside = Shared::new(AtomicUsize::new(0));
        let takers = [(); 2].map(|()| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            thread::spawn(move || {
                let _permit = semaphore.acquire();
                assert_eq!(inside.fetch_add(1, SeqCst), 0);
                inside.fetch_sub(1, SeqCst);
            })
        });
        takers.into_iter().for_each(|taker| taker.join().unwrap());
        assert_eq!(semaphore.available(), 1);
    });
}

#[test]
fn added_permits_wake_who_waits() {
    model(2, || {
        let semaphore = Semaphore::new(0);
        let takers = [(); 2].map(|()| {
            let semaphore = semaphore.clone();
            thread::spawn(move || semaphore.acquire().forget())
        });
        semaphore.add(2);
        takers.into_iter().for_each(|taker| taker.join().unwrap());
        assert_eq!(semaphore.available(), 0);
    });
}

#[test]
fn a_cubby_shows_whole_values_and_no_older_one_later() {
    model(3, || {
        let (mut writer, mut reader) = cubby();
        let writes = thread::spawn(move || (1..=3).for_each(|n| writer.write(Box::new(n))));
        let seen = [(); 2].map(|()| reader.read().map_or(0, |n| **n));
        assert!(seen[0] <= seen[1]);
        writes.join().unwrap();
        assert_eq!(reader.take().map_or(0, |n| *n), 3);
    });
}
