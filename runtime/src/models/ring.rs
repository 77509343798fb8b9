//! A worker's ring: each continuation that is pushed is taken once.

use super::model;
use crate::crew::alone::Alone;
use crate::crew::ring::Ring;
use crate::sync::{AtomicUsize, Relaxed};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// A continuation that adds a number to a sum.
pub(super) fn adding(sum: &Arc<AtomicUsize>, n: usize) -> Continuation {
    type Frame = (Arc<AtomicUsize>, usize);
    Thunk::new((sum.clone(), n), |mut cx: Context<Frame, ()>| {
        let (sum, n) = cx.take();
        sum.fetch_add(n, SeqCst);
        cx.done(())
    })
    .into_continuation()
}

fn push<const N: usize>(ring: &Ring<N>, continuation: Continuation) -> bool {
    // SAFETY: each model pushes into a ring from one thread only.
    unsafe { ring.push(continuation) }.is_ok()
}

/// The owner pushes and pops while another takes one: the ring has two places, so that they are filled again.
#[test]
fn what_is_pushed_into_a_ring_is_popped_once() {
    model(3, || {
        let (ring, sum) = (
            Arc::new(Ring::<2>::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let other = ring.clone();
        let popper = thread::spawn(move || [other.pop(), other.pop()]);
        let mut pushed = 0;
        for n in [1, 10, 100] {
            if push(&ring, adding(&sum, n)) {
                pushed += n;
            }
        }
        let own: Vec<_> = std::iter::from_fn(|| ring.pop()).collect();
        let others = popper.join().unwrap().into_iter().flatten();
        own.into_iter().chain(others).for_each(Continuation::run);
        assert_eq!(sum.load(SeqCst), pushed);
    });
}

/// A thief takes half into its own ring while the owner pops and pushes.
#[test]
fn what_is_stolen_from_a_ring_is_not_run_twice() {
    model(3, || {
        let (ring, sum) = (
            Arc::new(Ring::<2>::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        assert!(push(&ring, adding(&sum, 1)) && push(&ring, adding(&sum, 10)));
        let other = ring.clone();
        let thief = thread::spawn(move || {
            let own = Ring::<2>::new(false);
            // SAFETY: this thread's own ring, and not the other.
            let first = unsafe { own.steal(&other) };
            first
                .into_iter()
                .chain(std::iter::from_fn(|| own.pop()))
                .for_each(Continuation::run);
        });
        let first = ring.pop();
        let pushed = push(&ring, adding(&sum, 100));
        let rest = std::iter::from_fn(|| ring.pop());
        first.into_iter().chain(rest).for_each(Continuation::run);
        thief.join().unwrap();
        assert_eq!(sum.load(SeqCst), if pushed { 111 } else { 11 });
    });
}

/// The owner puts in more than one at once while another steals, and then takes what is left.
#[test]
fn what_is_put_into_a_ring_at_once_is_taken_once() {
    model(3, || {
        let (ring, sum) = (
            Arc::new(Ring::<2>::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let other = ring.clone();
        let thief = thread::spawn(move || {
            let own = Ring::<2>::new(false);
            // SAFETY: this thread's own ring, and not the other.
            let first = unsafe { own.steal(&other) };
            first.into_iter().for_each(Continuation::run);
            assert!(own.is_empty(), "half of two is one");
        });
        // SAFETY: this thread is the only one that puts something in.
        let mut filling = unsafe { ring.fill() };
        let _ = [1, 10].map(|n| filling.push(adding(&sum, n)));
        drop(filling);
        std::iter::from_fn(|| ring.pop()).for_each(Continuation::run);
        thief.join().unwrap();
        assert_eq!(sum.load(SeqCst), 11);
    });
}

/// Two thieves take from one owner, who pops meanwhile: each takes more than one if nobody was before.
#[test]
fn what_two_steal_from_a_ring_is_run_once() {
    model(2, || {
        let (ring, sum) = (
            Arc::new(Ring::<4>::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        for n in [1, 10, 100, 1000] {
            assert!(push(&ring, adding(&sum, n)));
        }
        let thieves = [(); 2].map(|()| {
            let other = ring.clone();
            thread::spawn(move || {
                let own = Ring::new(false);
                // SAFETY: this thread's own ring, and not the other.
                let first = unsafe { own.steal(&other) };
                let stolen = first.into_iter().chain(std::iter::from_fn(|| own.pop()));
                stolen.map(Continuation::run).count()
            })
        });
        ring.pop().into_iter().for_each(Continuation::run);
        let stolen = thieves.map(|thief| thief.join().unwrap());
        assert!(stolen.iter().all(|n| *n > 0), "{stolen:?}");
        std::iter::from_fn(|| ring.pop()).for_each(Continuation::run);
        assert_eq!(sum.load(SeqCst), 1111);
    });
}

/// The owner has the ring alone until another comes, who takes one; the owner pushes and takes meanwhile.
#[test]
fn what_is_in_a_ring_that_is_shared_later_is_taken_once() {
    model(3, || {
        let (ring, sum) = (
            Arc::new(Ring::<2>::new(true)),
            Arc::new(AtomicUsize::new(0)),
        );
        assert!(push(&ring, adding(&sum, 1)));
        let other = ring.clone();
        let thief = thread::spawn(move || other.pop());
        // SAFETY: this thread is the owner.
        let first = unsafe { ring.take() };
        assert!(push(&ring, adding(&sum, 10)));
        // SAFETY: as above.
        let rest = [(); 2].map(|()| unsafe { ring.take() });
        let thief = thief.join().unwrap();
        (rest.into_iter().flatten().chain(first).chain(thief)).for_each(Continuation::run);
        assert_eq!(sum.load(SeqCst), 11);
    });
}

/// Who comes sees what the owner has done alone, or the owner knows that it is not alone.
#[test]
fn who_comes_to_one_who_is_alone_is_known_or_sees() {
    model(3, || {
        let alone = Arc::new(Alone::new(true));
        let done = Arc::new(AtomicUsize::new(0));
        let (other, look) = (alone.clone(), done.clone());
        let comer = thread::spawn(move || {
            other.share().unwrap();
            look.load(Relaxed)
        });
        // SAFETY: this thread is the owner.
        let was_alone = unsafe { alone.with(|| done.store(1, Relaxed)) }.is_some();
        let seen = comer.join().unwrap() == 1;
        assert!(seen || !was_alone);
    });
}

/// Who comes while another does waits as that one does.
#[test]
fn two_who_come_to_one_who_is_alone_see() {
    model(2, || {
        let alone = Arc::new(Alone::new(true));
        let done = Arc::new(AtomicUsize::new(0));
        let comers = [(); 2].map(|()| {
            let (other, look) = (alone.clone(), done.clone());
            thread::spawn(move || {
                other.share().unwrap();
                look.load(Relaxed)
            })
        });
        // SAFETY: this thread is the owner.
        let was_alone = unsafe { alone.with(|| done.store(1, Relaxed)) }.is_some();
        for comer in comers {
            let seen = comer.join().unwrap() == 1;
            assert!(seen || !was_alone);
        }
    });
}
