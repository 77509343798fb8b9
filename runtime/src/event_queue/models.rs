//! Models of waiting on an event queue: no call of a worker that sleeps there is slept over, no edge is
//! lost, and one that waits is woken once.

use super::event::Event;
use super::{EventQueue, Interest, Interests, Waiting};
use crate::claim::Claim;
use crate::crew::Bed;
use crate::event_queue::watched::Readiness;
use crate::models::{counting, here, model};
use crate::select::Selecting;
use crate::sync::AtomicUsize;
use loom::thread;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Whoever has something for a worker announces it, and then calls the worker; which sleeps on the
/// event queue, or is about to, or is awake.
#[test]
fn a_worker_that_is_called_does_not_sleep_over_it() {
    model(3, || {
        let (bed, events) = (Arc::new(Bed::new()), EventQueue::new().unwrap());
        let work = Arc::new(AtomicUsize::new(0));
        let (calls, rings, queued) = (bed.clone(), events.clone(), work.clone());
        let caller = thread::spawn(move || {
            for _ in 0..2 {
                queued.fetch_add(1, SeqCst);
                calls.call(Some(&rings));
            }
        });
        let mut taken = 0;
        while taken < 2 {
            match work.swap(0, SeqCst) {
                0 => assert!(bed.park_at(&events, || {}).is_ok()),
                some => taken += some,
            }
        }
        caller.join().unwrap();
    });
}

/// Two workers, of which one can sleep on the event queue: the other one sleeps in its bed, and both
/// are called.
#[test]
fn one_of_two_sleeps_on_the_event_queue_and_both_wake() {
    model(2, || {
        let events = EventQueue::new().unwrap();
        let ended = Arc::new(AtomicUsize::new(0));
        let beds = [(); 2].map(|()| Arc::new(Bed::new()));
        let sleepers = beds.clone().map(|bed| {
            let (events, ended) = (events.clone(), ended.clone());
            thread::spawn(move || {
                while ended.load(SeqCst) == 0 {
                    if bed.park_at(&events, || {}).is_err() {
                        bed.park(None);
                    }
                }
            })
        });
        ended.store(1, SeqCst);
        beds.iter().for_each(|bed| bed.call(Some(&events)));
        sleepers
            .into_iter()
            .for_each(|sleeper| sleeper.join().unwrap());
    });
}

fn edge(token: u64) -> Event {
    Event {
        token,
        readable: true,
        writable: false,
        ended: false,
    }
}

/// What becomes ready during an attempt that found nothing, or while somebody enters, or after, is seen.
#[test]
fn no_edge_is_lost() {
    model(2, || {
        let events = EventQueue::new().unwrap();
        let source = events.register(io::stdin()).unwrap();
        let ran = Arc::new(AtomicUsize::new(0));
        let (queue, woken) = (events.clone(), ran.clone());
        let serves = thread::spawn(move || {
            while woken.load(SeqCst) == 0 {
                queue.wait(None).unwrap();
            }
        });
        let world = events.clone();
        let token = source.token();
        let there = Arc::new(AtomicUsize::new(0));
        let comes = there.clone();
        let happens = thread::spawn(move || {
            comes.store(1, SeqCst);
            world.queue().kernel.tell(edge(token));
        });
        let attempt = source.attempt(Interest::Read, |_| match there.load(SeqCst) {
            0 => Err(ErrorKind::WouldBlock.into()),
            _ => Ok(()),
        });
        let waiting = Waiting::Continuation(counting(&ran), here());
        let waits = match attempt {
            Ok(()) => Err(waiting),
            Err(_) => source.watched().wait(Interest::Read, waiting),
        };
        if let Err(Waiting::Continuation(back, _)) = waits {
            back.run();
            events.notify();
        }
        happens.join().unwrap();
        serves.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
    });
}

/// One who waits for a descriptor with a claim is woken by the edge or has given up, and leaves nothing
/// behind, also where no edge comes.
#[test]
fn who_gives_up_leaves_a_descriptor() {
    for comes in [false, true] {
        model(3, move || {
            let events = EventQueue::new().unwrap();
            let source = events.register(io::stdin()).unwrap();
            let _ = source.attempt(Interest::Read, |_| {
                Err::<(), _>(ErrorKind::WouldBlock.into())
            });
            let claim = Claim::of_continuation();
            let readiness = Readiness(source.watched().clone(), Interest::Read);
            let selecting = Selecting::new(claim.clone(), vec![Arc::new(readiness)]);
            let ran = Arc::new(AtomicUsize::new(0));
            if !selecting.enter() {
                assert!(claim.settle(counting(&ran), here()).is_none());
            }
            let (queue, token) = (events.clone(), source.token());
            let happens = comes.then(|| {
                thread::spawn(move || {
                    queue.queue().kernel.tell(edge(token));
                    queue.wait(None).unwrap();
                })
            });
            drop(selecting);
            happens
                .into_iter()
                .for_each(|happens| happens.join().unwrap());
            assert!(ran.load(SeqCst) <= usize::from(comes));
            assert_eq!(crate::sync::Arc::strong_count(&claim), 1);
        });
    }
}

/// Two ask for a direction each: both are asked for, and that is what the kernel hears last.
#[test]
fn what_several_ask_for_is_all_asked_for() {
    model(3, || {
        let events = EventQueue::new().unwrap();
        let source = Arc::new(events.register_for(io::stdin(), Interests::NONE).unwrap());
        let other = source.clone();
        let reads = thread::spawn(move || other.ask_for(Interest::Read).unwrap());
        source.ask_for(Interest::Write).unwrap();
        reads.join().unwrap();
        assert_eq!(source.interests(), Interests::BOTH);
        assert_eq!(events.queue().kernel.asked(), Some(Interests::BOTH));
    });
}
