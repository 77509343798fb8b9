//! Workers: what is queued is run once, or refused, or dropped; who sleeps is woken; and all end.

use super::{counting, model};
use crate::crew::worker::Worker;
use crate::crew::{Crew, PanicPolicy, Turns, links};
use crate::runtime::status::{FROZEN, HALTED};
use crate::sync::AtomicUsize;
use cps_core::dispatch::Dispatcher;
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use loom::thread;
use loom::thread::JoinHandle;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

fn crew(solo: bool) -> Arc<Crew> {
    Arc::new(Crew::new(solo, PanicPolicy::Keep, false, false))
}

/// A worker, and the thread that it is.
fn hire(crew: &Arc<Crew>) -> (Arc<Worker>, JoinHandle<()>) {
    let worker = crew.enlist("worker").unwrap();
    (worker.clone(), begin(worker))
}

fn enlist_two(crew: &Arc<Crew>) -> [Arc<Worker>; 2] {
    [(); 2].map(|()| crew.enlist("worker").unwrap())
}

fn begin(worker: Arc<Worker>) -> JoinHandle<()> {
    thread::spawn(move || work(&worker))
}

/// Makes this thread the worker's.
fn work(worker: &Arc<Worker>) {
    // SAFETY: each model calls it once for a worker.
    unsafe { Turns::new(worker) }.all();
}

#[test]
fn a_crew_runs_what_it_took_and_ends() {
    model(1, || {
        let crew = crew(false);
        let ran = Arc::new(AtomicUsize::new(0));
        let workers = enlist_two(&crew).map(begin);
        assert!(crew.dispatch(counting(&ran)).is_ok());
        crew.wind_down();
        workers.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(ran.load(SeqCst), 1);
    });
}

/// What a running continuation queues is run too, though the other worker has nothing in hand.
#[test]
fn a_crew_does_not_end_before_its_busy_worker() {
    type Frame = (Arc<Crew>, Arc<AtomicUsize>);
    model(2, || {
        let crew = crew(false);
        let workers = enlist_two(&crew);
        let ran = Arc::new(AtomicUsize::new(0));
        let first = Thunk::new((crew.clone(), ran.clone()), |mut cx: Context<Frame, ()>| {
            let (crew, ran) = cx.take();
            cx.done(drop(crew.dispatch(counting(&ran))))
        });
        assert!(crew.dispatch(first.into_continuation()).is_ok());
        crew.wind_down();
        let workers = workers.map(begin);
        workers.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(ran.load(SeqCst), 1);
    });
}

/// While a crew winds down a continuation comes from outside: it is run, or handed back.
#[test]
fn what_comes_while_a_crew_winds_down_is_run_or_refused() {
    model(2, || {
        let crew = crew(false);
        let ran = Arc::new(AtomicUsize::new(0));
        let (_, worker) = hire(&crew);
        let other = crew.clone();
        let down = thread::spawn(move || other.wind_down());
        let took = crew.dispatch(counting(&ran)).is_ok();
        down.join().unwrap();
        worker.join().unwrap();
        assert_eq!(ran.load(SeqCst), usize::from(took));
    });
}

/// Two things are queued for two workers that sleep or are about to: both run, though the one that takes the
/// first may not take the second.
#[test]
fn each_thing_that_is_queued_finds_a_worker() {
    model(2, || {
        let crew = crew(false);
        let ran = Arc::new(AtomicUsize::new(0));
        let (_, worker) = hire(&crew);
        for _ in 0..2 {
            assert!(crew.dispatch(counting(&ran)).is_ok());
        }
        loom::thread::yield_now();
        crew.wind_down();
        worker.join().unwrap();
        assert_eq!(ran.load(SeqCst), 2);
    });
}

/// A halt beside a dispatch: the continuation runs, or is dropped, or comes back; and the worker ends.
#[test]
fn a_halt_drops_what_is_queued() {
    model(2, || {
        let crew = crew(true);
        let ran = Arc::new(AtomicUsize::new(0));
        let (worker, thread) = hire(&crew);
        let halter = thread::spawn(move || links::halt(&worker));
        drop(crew.dispatch(counting(&ran)));
        halter.join().unwrap();
        thread.join().unwrap();
        assert!(ran.load(SeqCst) <= 1);
        assert_eq!(Arc::strong_count(&ran), 1);
        assert_eq!(crew.len(), 0);
    });
}

#[test]
fn a_frozen_worker_thaws_and_runs() {
    model(2, || {
        let crew = crew(false);
        let ran = Arc::new(AtomicUsize::new(0));
        let (worker, thread) = hire(&crew);
        worker.freeze();
        assert!(crew.dispatch(counting(&ran)).is_ok());
        worker.thaw();
        crew.wind_down();
        thread.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
        assert_eq!(worker.flags.get() & FROZEN, 0);
    });
}

/// A frozen worker is halted and thawed at the same time: it ends either way.
#[test]
fn a_frozen_worker_that_is_halted_ends() {
    model(2, || {
        let crew = crew(true);
        let (worker, thread) = hire(&crew);
        worker.freeze();
        let other = worker.clone();
        let thawer = thread::spawn(move || other.thaw());
        links::halt(&worker);
        thawer.join().unwrap();
        thread.join().unwrap();
    });
}

/// A worker that is halted passes on the wake-up that it was given.
#[test]
fn a_wake_up_is_not_lost_with_the_worker_that_got_it() {
    model(1, || {
        let crew = crew(false);
        let ran = Arc::new(AtomicUsize::new(0));
        let (first, one) = hire(&crew);
        let (_, other) = hire(&crew);
        assert!(crew.dispatch(counting(&ran)).is_ok());
        links::halt(&first);
        one.join().unwrap();
        while ran.load(SeqCst) == 0 {
            loom::thread::yield_now();
        }
        crew.wind_down();
        other.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
    });
}

/// Two are linked while one is halted: the other is halted too.
#[test]
fn a_link_beside_a_halt_halts_both() {
    model(3, || {
        let crew = crew(false);
        let (one, other) = (crew.enlist("one").unwrap(), crew.enlist("other").unwrap());
        let (first, second) = (one.clone(), other.clone());
        let linker = thread::spawn(move || links::link(&first, &second));
        links::halt(&one);
        linker.join().unwrap();
        assert_ne!(other.flags.get() & HALTED, 0);
    });
}

/// Two are linked while one ends: no link to it is left.
#[test]
fn a_link_beside_an_end_is_not_left() {
    model(3, || {
        let crew = crew(false);
        let (one, other) = (crew.enlist("one").unwrap(), crew.enlist("other").unwrap());
        let (first, second) = (one.clone(), other.clone());
        let linker = thread::spawn(move || links::link(&first, &second));
        one.unlink_all();
        linker.join().unwrap();
        assert!(!one.is_linked() && !other.is_linked());
    });
}

/// A worker ends while it is halted: whom it is linked to is halted exactly if it was.
#[test]
fn a_halt_beside_an_end_goes_its_way() {
    model(3, || {
        let crew = crew(false);
        let (one, other) = (crew.enlist("one").unwrap(), crew.enlist("other").unwrap());
        links::link(&one, &other);
        let halted = one.clone();
        let halter = thread::spawn(move || links::halt(&halted));
        one.unlink_all();
        halter.join().unwrap();
        assert_eq!(one.flags.get() & HALTED, other.flags.get() & HALTED);
        assert!(!one.is_linked() && !other.is_linked());
    });
}

/// A chain of three, whose middle ends while an end is halted: the halt goes through, or comes to one that is
/// unlinked.
#[test]
fn a_halt_goes_through_one_that_ends() {
    model(2, || {
        let crew = crew(false);
        let [one, middle, other] =
            ["one", "middle", "other"].map(|name| crew.enlist(name).unwrap());
        links::link(&one, &middle);
        links::link(&middle, &other);
        let halter = thread::spawn(move || links::halt(&one));
        middle.unlink_all();
        halter.join().unwrap();
        assert_eq!(middle.flags.get() & HALTED, other.flags.get() & HALTED);
    });
}

/// A leg queues something for its own worker, and then waits for it: another worker takes it, asleep or about
/// to be.
#[test]
fn what_a_leg_waits_for_is_taken_by_another_worker() {
    taken_by_another(Crew::dispatch);
}

/// The same with what it spawns.
#[test]
fn what_a_leg_spawns_and_waits_for_is_taken_by_another_worker() {
    taken_by_another(Crew::start);
}

fn taken_by_another(queue: fn(&Crew, Continuation) -> Result<(), Continuation>) {
    type Queue = fn(&Crew, Continuation) -> Result<(), Continuation>;
    type Frame = (Arc<Crew>, Arc<AtomicUsize>, Queue);
    model(2, move || {
        let crew = crew(false);
        let [own, other] = enlist_two(&crew);
        let other = begin(other);
        let ran = Arc::new(AtomicUsize::new(0));
        let frame = (crew.clone(), ran.clone(), queue as Queue);
        let waits = Thunk::new(frame, |mut cx: Context<Frame, ()>| {
            let (crew, ran, queue) = cx.take();
            assert!(queue(&crew, counting(&ran)).is_ok());
            while ran.load(SeqCst) == 0 {
                thread::yield_now();
            }
            crew.wind_down();
            cx.done(())
        });
        assert!(crew.dispatch(waits.into_continuation()).is_ok());
        work(&own);
        other.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
    });
}
