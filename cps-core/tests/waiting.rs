//! Plain calls that wait for their continuation, and dispatchers.
#![cfg(feature = "std")]
#![forbid(unsafe_code)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::{self, ThreadId};

use common::{Leaf, Log, nest, panics};
use cps_core::dispatch::{Dispatcher, Home, enter, here};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};

/// Gives the continuation to a new thread that does `with` it.
fn elsewhere(with: impl FnOnce(Continuation) + Send + 'static) -> Leaf {
    Leaf::give(move |continuation| {
        thread::spawn(move || with(continuation));
        None
    })
}

#[test]
fn a_plain_call_waits_for_its_continuation() {
    let log = Log::default();
    assert_eq!(nest(2, log.clone(), elsewhere(Continuation::run)).run(), 2);
    assert_eq!(log.take().len(), 5);
}

#[test]
fn a_plain_call_waits_for_one_that_finishes_at_any_time() {
    for _ in 0..1000 {
        let value = nest(0, Log::default(), elsewhere(Continuation::run)).run();
        assert_eq!(value, 0);
    }
}

#[test]
fn a_plain_call_says_when_its_continuation_was_dropped() {
    let log = Log::default();
    let thunk = nest(1, log.clone(), elsewhere(drop));
    assert_eq!(
        panics(|| thunk.run()),
        "the continuation was dropped before it returned"
    );
    assert_eq!(log.take(), ["drop local 0", "drop local 1"]);
}

#[test]
fn a_plain_call_borrows_while_it_runs_elsewhere() {
    /// `suspend!(elsewhere); text.push('!'); text.len()`
    fn grow<'cps>(text: &'cps mut String) -> Thunk<'cps, usize> {
        enum Frame<A> {
            Start { text: A },
            Suspend1 { text: A },
        }
        Thunk::new(
            Frame::Start { text },
            |mut cx: Context<'_, Frame<_>, usize>| match cx.take() {
                Frame::Start { text } => cx.suspend(Frame::Suspend1 { text }, |continuation| {
                    thread::spawn(move || continuation.run());
                    None
                }),
                Frame::Suspend1 { text } => {
                    text.push('!');
                    let len = text.len();
                    cx.done(len)
                }
            },
        )
    }
    let mut text = String::from("hey");
    assert_eq!(grow(&mut text).run(), 4);
    assert_eq!(text, "hey!");
}

/// A place for a continuation and its home, until someone wakes it.
#[derive(Clone, Default)]
struct Bed(Arc<Asleep>);

#[derive(Default)]
struct Asleep {
    who: Mutex<Option<(Continuation, Home)>>,
    lies_down: Condvar,
}

impl Bed {
    fn lie_down(&self, continuation: Continuation, home: Home) {
        *self.0.who.lock().unwrap() = Some((continuation, home));
        self.0.lies_down.notify_all();
    }

    fn wake(&self) {
        let mut bed = self.0.who.lock().unwrap();
        let (continuation, home) = loop {
            match bed.take() {
                Some(asleep) => break asleep,
                None => bed = self.0.lies_down.wait(bed).unwrap(),
            }
        };
        drop(bed);
        home.dispatch(continuation).unwrap();
    }
}

/// `sleep in bed; thread::current().id()`
fn sleeps(bed: Bed) -> Thunk<'static, ThreadId> {
    enum Frame<B> {
        Start { bed: B },
        Suspend1,
    }
    Thunk::new(
        Frame::Start { bed },
        |mut cx: Context<'_, Frame<Bed>, ThreadId>| match cx.take() {
            Frame::Start { bed } => {
                let home = here();
                cx.suspend(Frame::Suspend1, move |continuation| {
                    bed.lie_down(continuation, home);
                    None
                })
            }
            Frame::Suspend1 => cx.done(thread::current().id()),
        },
    )
}

#[test]
fn what_is_suspended_in_a_plain_call_resumes_on_its_thread() {
    for _ in 0..100 {
        let bed = Bed::default();
        let waker = bed.clone();
        let waker = thread::spawn(move || waker.wake());
        assert_eq!(sleeps(bed).run(), thread::current().id());
        waker.join().unwrap();
    }
}

#[test]
fn without_a_dispatcher_who_wakes_it_runs_it() {
    let bed = Bed::default();
    let (tell, told) = mpsc::channel();
    let start = sleeps(bed.clone()).start_with(move |outcome| tell.send(outcome).unwrap());
    assert!(start.trampoline().is_none());
    let waker = thread::spawn(move || bed.wake());
    let on = waker.thread().id();
    waker.join().unwrap();
    assert!(matches!(told.recv().unwrap(), cps_core::Outcome::Returned(id) if id == on));
}

#[test]
fn when_a_plain_call_is_over_who_wakes_what_it_left_runs_that() {
    let bed = Bed::default();
    let left = bed.clone();
    let (tell, told) = mpsc::channel();
    // A chain of its own is suspended inside the plain call, whose thread is its home.
    let thunk = Thunk::new((left, Some(tell)), |mut cx: Context<'_, _, ()>| {
        let (bed, tell): (Bed, Option<mpsc::Sender<_>>) = cx.take();
        let start = sleeps(bed).start_with(move |outcome| tell.unwrap().send(outcome).unwrap());
        assert!(start.trampoline().is_none());
        cx.done(())
    });
    thunk.run();
    let waker = thread::spawn(move || bed.wake());
    let on = waker.thread().id();
    waker.join().unwrap();
    assert!(matches!(told.recv().unwrap(), cps_core::Outcome::Returned(id) if id == on));
}

#[test]
fn a_plain_call_passes_on_what_it_did_not_come_to() {
    #[derive(Default)]
    struct Queue(Mutex<Vec<Continuation>>);
    impl Dispatcher for Queue {
        fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
            self.0.lock().unwrap().push(continuation);
            Ok(())
        }
    }
    let queue = Arc::new(Queue::default());
    let entered = enter(Home::new(queue.clone()));
    let log = Log::default();
    // Dispatches another chain to the plain call's thread, and returns at once.
    let other = nest(0, log.clone(), Leaf::Return).start_with(log.receiver());
    let thunk = Thunk::new(Some(other), |mut cx: Context<'_, _, ()>| {
        let other: Option<Continuation> = cx.take();
        here().dispatch(other.unwrap()).unwrap();
        cx.done(())
    });
    thunk.run();
    drop(entered);
    assert!(log.take().is_empty());
    let passed_on = queue.0.lock().unwrap().pop().unwrap();
    passed_on.run();
    assert_eq!(log.take(), ["drop local 0", "returned 0"]);
}

#[test]
fn a_plain_call_drives_what_is_dispatched_to_it_while_it_lets_others_run() {
    static TURNS: AtomicUsize = AtomicUsize::new(0);
    let log = Log::default();
    let other = nest(0, log.clone(), Leaf::Return).start_with(|_| {
        TURNS.store(1, Ordering::SeqCst);
    });
    // `here().dispatch(other); while TURNS == 0 { coop!() }`
    let thunk = Thunk::new(Some(other), |mut cx: Context<'_, _, ()>| {
        let other: Option<Continuation> = cx.take();
        if let Some(other) = other {
            here().dispatch(other).unwrap();
        }
        if TURNS.load(Ordering::SeqCst) == 0 {
            return cx.coop(None);
        }
        cx.done(())
    });
    thunk.run();
    assert_eq!(log.take(), ["drop local 0"]);
}

#[test]
fn dispatchers_nest() {
    struct Named(&'static str, Log);
    impl Dispatcher for Named {
        fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
            self.1.say(self.0);
            Err(continuation)
        }
    }
    let log = Log::default();
    let ask = || {
        let continuation = nest(0, Log::default(), Leaf::Return).into_continuation();
        here().dispatch(continuation).is_ok()
    };
    let outer = enter(Home::new(Arc::new(Named("outer", log.clone()))));
    {
        let _inner = enter(Home::new(Arc::new(Named("inner", log.clone()))));
        assert!(!ask());
    }
    assert!(!ask());
    drop(outer);
    assert!(ask());
    assert_eq!(log.take(), ["inner", "outer"]);
}

#[test]
fn waking_without_a_dispatcher_does_not_grow_the_stack() {
    /// Each wakes the next when it has been woken: `sleep in beds[n]; wake beds[n + 1]`.
    fn domino(beds: Arc<Vec<Bed>>, n: usize) -> Thunk<'static, ()> {
        enum Frame {
            Start(Arc<Vec<Bed>>, usize),
            Suspend1(Arc<Vec<Bed>>, usize),
        }
        Thunk::new(
            Frame::Start(beds, n),
            |mut cx: Context<'_, Frame, ()>| match cx.take() {
                Frame::Start(beds, n) => {
                    let (home, bed) = (here(), beds[n].clone());
                    cx.suspend(Frame::Suspend1(beds, n), move |continuation| {
                        bed.lie_down(continuation, home);
                        None
                    })
                }
                Frame::Suspend1(beds, n) => {
                    if let Some(bed) = beds.get(n + 1) {
                        bed.wake();
                    }
                    cx.done(())
                }
            },
        )
    }
    const MANY: usize = 100_000;
    static FINISHED: AtomicUsize = AtomicUsize::new(0);
    let beds: Arc<Vec<Bed>> = Arc::new((0..MANY).map(|_| Bed::default()).collect());
    for n in 0..MANY {
        let start = domino(beds.clone(), n).start_with(|_| {
            FINISHED.fetch_add(1, Ordering::Relaxed);
        });
        assert!(start.trampoline().is_none());
    }
    beds[0].wake();
    assert_eq!(FINISHED.load(Ordering::Relaxed), MANY);
}

#[test]
fn a_plain_call_in_a_leg_is_its_own_dispatcher() {
    // `let id = sleeps(bed).run(); id`, while the thread works for someone who would never run it
    struct Never;
    impl Dispatcher for Never {
        fn dispatch(&self, _: Continuation) -> Result<(), Continuation> {
            panic!("not here")
        }
    }
    let bed = Bed::default();
    let waker = bed.clone();
    let waker = thread::spawn(move || waker.wake());
    let outer = Thunk::new(bed, |mut cx: Context<'_, Bed, ThreadId>| {
        let id = sleeps(cx.take()).run();
        cx.done(id)
    });
    let _entered = enter(Home::new(Arc::new(Never)));
    assert_eq!(outer.run(), thread::current().id());
    waker.join().unwrap();
}
