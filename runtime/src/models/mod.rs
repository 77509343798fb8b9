//! Loom explores how the lock-free and waiting pieces may interleave.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p insideout --lib --release models`. Segments have one place here, so
//! that each push and pop crosses a seam; a deadline passes at once. Each model was seen to fail when a step
//! of what it is about was left out.
//!
//! Loom first runs each thread as far as it gets, in the order in which they were spawned, and finds other
//! orders from the loads that could have seen what was stored before them. So those who only look come last:
//! they are spawned, and the main thread stores.

mod crew;
mod flags;
mod ring;
mod stack;
mod timeouts;
mod waiting;

use crate::mailbox::mail::{End, Mail};
use crate::mailbox::{TryRecvError, WaitError};
use crate::oneshot::OneShot;
use crate::queue::array::Array;
use crate::queue::segments::Segments;
use crate::queue::shelf::{Flagged, Words};
use crate::queue::single::Single;
use crate::queue::{Nothing, Refused};
use crate::sync::AtomicUsize;
use crate::waiters::{Waiters, Woken};
use cps_core::dispatch::{Dispatcher, Home};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// Explores with at most `preemptions` switches that no thread asked for.
pub(crate) fn model(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    // Two threads that wait for each other take more turns than usual.
    builder.max_branches = 10_000;
    builder.check(f);
}

/// A continuation that adds to a counter.
pub(crate) fn counting(counter: &Arc<AtomicUsize>) -> Continuation {
    Thunk::new(counter.clone(), |mut cx: Context<Arc<AtomicUsize>, ()>| {
        cx.take().fetch_add(1, SeqCst);
        cx.done(())
    })
    .into_continuation()
}

/// Runs what is dispatched to it at once.
struct Here;

impl Dispatcher for Here {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        continuation.run();
        Ok(())
    }
}

pub(crate) fn here() -> Home {
    Home::new(Arc::new(Here))
}

/// What the queues have in common.
trait Queue: Send + Sync + 'static {
    fn push(&self, n: usize) -> Result<(), Refused<usize>>;
    fn pop(&self) -> Result<usize, Nothing>;
    fn close(&self);
}

macro_rules! queue {
    ($($queue:ty),+) => {
        $(impl Queue for $queue {
            fn push(&self, n: usize) -> Result<(), Refused<usize>> {
                self.push(n)
            }

            fn pop(&self) -> Result<usize, Nothing> {
                self.pop()
            }

            fn close(&self) {
                self.close();
            }
        })+
    };
}

queue!(Single<usize>, Array<usize>, Segments<Flagged<usize>>);

/// Two push, one pops: each item comes once, in order for each who pushed.
fn each_item_comes_once<Q: Queue>(make: fn() -> Q) {
    model(2, move || {
        let queue = Arc::new(make());
        let push = |queue: Arc<Q>, first| {
            let both = first..first + 2;
            both.filter(|n| queue.push(*n).is_ok()).count()
        };
        let other = queue.clone();
        let pusher = thread::spawn(move || push(other, 10));
        let other = queue.clone();
        let popper = thread::spawn(move || [other.pop(), other.pop()]);
        let pushed = push(queue.clone(), 20) + pusher.join().unwrap();
        let mut seen: Vec<_> = popper.join().unwrap().into_iter().flatten().collect();
        seen.extend(std::iter::from_fn(|| queue.pop().ok()));
        assert_eq!(seen.len(), pushed);
        for first in [10, 20] {
            let own: Vec<_> = seen.iter().filter(|n| **n / 10 == first / 10).collect();
            assert!(own.is_sorted_by(|a, b| a < b), "{seen:?}");
        }
    });
}

#[test]
fn each_item_of_a_bounded_queue_comes_once() {
    each_item_comes_once(Single::new);
    each_item_comes_once(|| Array::new(2));
    each_item_comes_once(|| Array::new(1));
}

#[test]
fn items_cross_the_seams_of_segments_in_order() {
    model(3, || {
        let queue = Arc::new(Segments::<Flagged<usize>>::new());
        let other = queue.clone();
        let popper = thread::spawn(move || [other.pop(), other.pop(), other.pop()]);
        for n in 0..3 {
            queue.push(n).unwrap();
        }
        let mut seen: Vec<_> = popper.join().unwrap().into_iter().flatten().collect();
        seen.extend(std::iter::from_fn(|| queue.pop().ok()));
        assert_eq!(seen, [0, 1, 2]);
    });
}

/// A segment is emptied, and two cross the seams behind it, each of whom may end it.
#[test]
fn two_at_seams_end_a_segment_once() {
    model(3, || {
        let queue = Arc::new(Segments::<Flagged<usize>>::new());
        (0..3).for_each(|n| queue.push(n).unwrap());
        assert_eq!(queue.pop(), Ok(0));
        let other = queue.clone();
        let popper = thread::spawn(move || other.pop().unwrap());
        let mut seen = [queue.pop().unwrap(), popper.join().unwrap()];
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
    });
}

/// A queue that is long takes memory for two segments at once, and another pops while the second is begun.
#[test]
fn items_cross_the_seams_of_a_block_in_order() {
    model(3, || {
        let queue = Arc::new(Segments::<Flagged<usize>>::new());
        for n in 0..3 {
            queue.push(n).unwrap();
        }
        let other = queue.clone();
        let popper = thread::spawn(move || [(); 4].map(|()| other.pop()));
        for n in 3..5 {
            queue.push(n).unwrap();
        }
        let mut seen: Vec<_> = popper.join().unwrap().into_iter().flatten().collect();
        seen.extend(std::iter::from_fn(|| queue.pop().ok()));
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    });
}

/// Two take up to two at once, of segments with two places, while another pushes: each item comes once, in
/// order for each who takes.
#[test]
fn items_taken_in_batches_come_once() {
    model(2, || {
        let queue = Arc::new(Segments::<Flagged<usize, 2>>::new());
        queue.push(0).unwrap();
        queue.push(1).unwrap();
        let takers = [(); 2].map(|()| {
            let queue = queue.clone();
            thread::spawn(move || batch(&queue))
        });
        queue.push(2).unwrap();
        let mut seen = Vec::new();
        for batch in takers.map(|taker| taker.join().unwrap()) {
            assert!(batch.is_sorted());
            seen.extend(batch);
        }
        seen.extend(batch(&queue));
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    });
}

/// Up to two items.
fn batch(queue: &Segments<Flagged<usize, 2>>) -> Vec<usize> {
    let mut items = Vec::new();
    let popped = queue.pop_some(2, |item| items.push(item));
    assert_eq!(items.len(), popped.unwrap_or(0));
    items
}

#[test]
fn two_may_push_at_a_seam() {
    model(3, || {
        let queue = Arc::new(Segments::<Flagged<usize>>::new());
        let other = queue.clone();
        let pusher = thread::spawn(move || other.push(1).unwrap());
        queue.push(2).unwrap();
        pusher.join().unwrap();
        let mut seen = [queue.pop().unwrap(), queue.pop().unwrap()];
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
    });
}

/// Two pop at once: no item comes twice, none is lost.
fn each_item_goes_to_one<Q: Queue>(make: fn() -> Q) {
    model(3, move || {
        let queue = Arc::new(make());
        queue.push(1).unwrap();
        let poppers = [(); 2].map(|()| {
            let queue = queue.clone();
            thread::spawn(move || queue.pop().ok())
        });
        let pushed = queue.push(2).is_ok();
        let seen = poppers.map(|t| t.join().unwrap());
        let mut seen: Vec<_> = seen
            .into_iter()
            .chain([queue.pop().ok()])
            .flatten()
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, if pushed { vec![1, 2] } else { vec![1] });
    });
}

#[test]
fn each_item_of_a_bounded_queue_goes_to_one() {
    each_item_goes_to_one(Single::new);
    each_item_goes_to_one(|| Array::new(1));
    each_item_goes_to_one(|| Array::new(3));
}

#[test]
fn each_item_of_segments_goes_to_one() {
    each_item_goes_to_one(Segments::<Flagged<usize>>::new);
}

/// A push beside a close is refused, or is there for whoever drains.
fn a_push_beside_a_close_is_not_lost<Q: Queue>(make: fn() -> Q) {
    model(3, move || {
        let queue = Arc::new(make());
        let other = queue.clone();
        let closer = thread::spawn(move || {
            other.close();
            other.pop()
        });
        let pushed = queue.push(1).is_ok();
        let drained = closer.join().unwrap();
        assert_eq!(drained, if pushed { Ok(1) } else { Err(Nothing::Closed) });
    });
}

#[test]
fn a_push_beside_a_close_of_a_queue_is_not_lost() {
    a_push_beside_a_close_is_not_lost(Single::new);
    a_push_beside_a_close_is_not_lost(|| Array::new(1));
    a_push_beside_a_close_is_not_lost(Segments::<Flagged<usize>>::new);
}

#[test]
fn an_empty_queue_is_closed_or_takes_an_item() {
    model(3, || {
        let queue = Arc::new(Segments::<Words>::new());
        let ran = Arc::new(AtomicUsize::new(0));
        let other = queue.clone();
        let closer = thread::spawn(move || other.close_if_empty());
        let pushed = queue.push(counting(&ran)).is_ok();
        assert!(closer.join().unwrap() != pushed);
        if let Ok(continuation) = queue.pop() {
            continuation.run();
        }
        assert_eq!(ran.load(SeqCst), usize::from(pushed));
    });
}

#[test]
fn a_blocked_receiver_gets_what_is_sent() {
    for make in [|| Mail::bounded(1), || Mail::bounded(2), Mail::unbounded] {
        model(3, move || {
            let mail = make();
            let other = mail.clone();
            let receiver = thread::spawn(move || other.recv_until(None));
            mail.send_until(7, None).unwrap();
            assert_eq!(receiver.join().unwrap(), Ok(7));
        });
    }
}

#[test]
fn a_blocked_sender_gets_the_room() {
    for room in [1, 2] {
        model(3, move || {
            let mail = Mail::bounded(room);
            (0..room).for_each(|n| mail.try_send(n).unwrap());
            let other = mail.clone();
            let sender = thread::spawn(move || other.send_until(room, None).unwrap());
            for n in 0..=room {
                assert_eq!(mail.recv_until(None), Ok(n));
            }
            sender.join().unwrap();
        });
    }
}

#[test]
fn two_blocked_receivers_each_get_one() {
    model(1, || {
        let mail = Mail::bounded(2);
        let receivers = [(); 2].map(|()| {
            let mail = mail.clone();
            thread::spawn(move || mail.recv_until(None).unwrap())
        });
        mail.try_send(1).unwrap();
        mail.try_send(2).unwrap();
        let sum: usize = receivers.into_iter().map(|t| t.join().unwrap()).sum();
        assert_eq!(sum, 3);
    });
}

/// The least that can be waited for: a number to count down.
#[derive(Default)]
struct Tokens {
    number: AtomicUsize,
    waiters: Waiters,
}

impl Tokens {
    fn give(&self) {
        self.number.fetch_add(1, SeqCst);
        self.waiters.wake_one();
    }

    /// Whether it got one before the deadline.
    fn take(&self, deadline: Option<Instant>) -> bool {
        let mut woken = Woken::Ready;
        loop {
            let down = |n: usize| n.checked_sub(1);
            if self.number.fetch_update(SeqCst, SeqCst, down).is_ok() {
                return true;
            }
            if woken == Woken::Expired {
                return false;
            }
            woken = self
                .waiters
                .sleep(|| self.number.load(SeqCst) != 0, deadline);
        }
    }
}

#[test]
fn a_deadline_takes_no_wake_up_with_it() {
    model(3, || {
        let tokens = Arc::new(Tokens::default());
        let take = |deadline: Option<Instant>| {
            let tokens = tokens.clone();
            thread::spawn(move || tokens.take(deadline))
        };
        let patient = take(None);
        let hasty = take(Instant::now().checked_add(Duration::from_secs(3600)));
        tokens.give();
        if hasty.join().unwrap() {
            tokens.give();
        }
        assert!(patient.join().unwrap());
    });
}

/// Whoever ends a sleep that is over by then does not end the thread's next one, which would leave it in the
/// list when it tries again.
#[test]
fn a_late_wake_up_is_not_one_from_the_next_sleep() {
    model(3, || {
        let (early, tokens) = (Arc::new(Waiters::default()), Arc::new(Tokens::default()));
        let (hasty, patient) = (early.clone(), tokens.clone());
        let twice = thread::spawn(move || {
            hasty.sleep(
                || false,
                Instant::now().checked_add(Duration::from_secs(3600)),
            );
            patient.take(None)
        });
        early.wake_one();
        tokens.give();
        assert!(twice.join().unwrap());
        assert_eq!(tokens.waiters.settled().0, 0);
    });
}

#[test]
fn a_waiter_that_finds_something_leaves_the_wake_up_to_others() {
    model(3, || {
        let tokens = Arc::new(Tokens::default());
        let takers = [(); 2].map(|()| {
            let tokens = tokens.clone();
            thread::spawn(move || tokens.take(None))
        });
        tokens.give();
        tokens.give();
        takers.into_iter().for_each(|t| assert!(t.join().unwrap()));
    });
}

#[test]
fn the_last_sender_wakes_a_blocked_receiver() {
    model(3, || {
        let mail = Mail::<usize>::bounded(1);
        mail.grow(End::Sending);
        let senders = [(); 2].map(|()| {
            let mail = mail.clone();
            thread::spawn(move || mail.shrink(End::Sending))
        });
        assert_eq!(mail.recv_until(None), Err(WaitError::Closed));
        senders.into_iter().for_each(|t| t.join().unwrap());
    });
}

#[test]
fn a_suspended_receiver_is_woken_once() {
    model(3, || {
        let mail = Mail::bounded(1);
        let ran = Arc::new(AtomicUsize::new(0));
        let (other, receiver) = (mail.clone(), counting(&ran));
        let receiver = thread::spawn(move || {
            if let Some(back) = other.suspend_receiver(receiver, here()) {
                back.run();
            }
        });
        mail.try_send(1).unwrap();
        receiver.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
        assert_eq!(mail.try_recv(), Ok(1));
        assert_eq!(mail.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn a_value_set_once_wakes_a_sleeper() {
    model(3, || {
        let cell = Arc::new(OneShot::new());
        let other = cell.clone();
        let sleeper = thread::spawn(move || {
            other.wait(None);
            // SAFETY: taken by this thread only.
            unsafe { other.try_take() }
        });
        // SAFETY: set once.
        unsafe { cell.set(7) };
        assert_eq!(sleeper.join().unwrap(), Some(7));
    });
}

#[test]
fn a_value_set_once_wakes_a_continuation_once() {
    model(3, || {
        let cell = Arc::new(OneShot::new());
        let ran = Arc::new(AtomicUsize::new(0));
        let (other, waiting) = (cell.clone(), counting(&ran));
        let taker = thread::spawn(move || {
            if let Some(back) = other.suspend(waiting, here()) {
                back.run();
            }
        });
        // SAFETY: set once.
        unsafe { cell.set(7) };
        taker.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
    });
}
