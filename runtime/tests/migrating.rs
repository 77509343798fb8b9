//! Continuations that wait for room where they migrate to: they get in when there is some, and if the place
//! closes first, they are refused and go on where they came from.

mod support;

use insideout::prelude::*;
use insideout::{Builder, thread_name};
use support::{Alive, until};

/// Where it is once the place has taken or refused it, and which of the two.
#[cps]
fn goes(place: Sender<Continuation>, held: Alive) -> (bool, String) {
    let arrived = migrate!(place).is_ok();
    let _ = &held;
    (arrived, thread_name())
}

/// How many wait for room.
fn waiting<T>(mailbox: &Receiver<T>) -> usize {
    let shown = format!("{mailbox:?}");
    let (_, rest) = shown.split_once(" sending: ").unwrap();
    rest.split(',').next().unwrap().parse().unwrap()
}

/// A place with no room left, and what it was filled with.
fn full(capacity: usize) -> (Sender<Continuation>, Receiver<Continuation>) {
    let (place, inbox) = Mailbox::bounded(capacity).split();
    for _ in 0..capacity {
        let filler = thunk!(goes(place.clone(), Alive::default()));
        place.send(filler.into_continuation()).unwrap();
    }
    (place, inbox)
}

/// Four continuations of a pool that wait for room in the place.
fn wanting(
    pool: &Pool,
    place: &Sender<Continuation>,
    inbox: &Receiver<Continuation>,
    held: &Alive,
) -> Vec<JoinHandle<(bool, String)>> {
    let calls = (0..4).map(|_| thunk!(goes(place.clone(), held.clone())));
    let handles = pool.spawn_many(calls);
    until(|| waiting(inbox) == 4);
    handles
}

#[test]
fn who_waits_for_room_is_refused_where_he_was_when_the_place_closes() {
    for capacity in 0..3 {
        for close in [
            Receiver::close,
            Receiver::close_recv,
            Receiver::interrupt_and_close,
        ] {
            let (pool, held) = (Pool::named("home", 2), Alive::default());
            let (place, inbox) = full(capacity);
            let handles = wanting(&pool, &place, &inbox, &held);
            close(&inbox);
            for handle in handles {
                let (arrived, name) = handle.join().unwrap();
                assert!(!arrived && name.starts_with("home-"), "{arrived} {name}");
            }
            assert_eq!((held.others(), waiting(&inbox)), (0, 0));
        }
    }
}

/// What is done to a place while somebody waits for room.
trait Ends {
    fn interrupt_and_close(&self);
}

impl<T> Ends for Receiver<T> {
    fn interrupt_and_close(&self) {
        self.interrupt();
        assert_eq!(waiting(self), 4, "an interrupt is not for migrants");
        self.close();
    }
}

#[test]
fn the_last_receiver_gone_refuses_too() {
    for capacity in 0..3 {
        let (pool, held) = (Pool::named("home", 2), Alive::default());
        let (place, inbox) = full(capacity);
        let handles = wanting(&pool, &place, &inbox, &held);
        drop(inbox);
        for handle in handles {
            assert!(!handle.join().unwrap().0);
        }
        assert_eq!(held.others(), 0);
    }
}

#[test]
fn each_gets_in_or_is_refused() {
    for capacity in 0..3 {
        for taken in 0..=4 {
            let (pool, held) = (Pool::named("home", 2), Alive::default());
            let (place, inbox) = full(capacity);
            let handles = wanting(&pool, &place, &inbox, &held);
            // The first out are what it was filled with.
            let out: Vec<_> = (0..capacity + taken)
                .map(|_| inbox.recv().unwrap())
                .collect();
            let got_in = (taken + capacity).min(4);
            until(|| waiting(&inbox) == 4 - got_in);
            inbox.close();
            let left: Vec<_> = inbox.iter().collect();
            assert_eq!(left.len(), got_in - taken);
            let runs = std::thread::spawn(move || {
                out.into_iter().chain(left).for_each(Continuation::run);
            });
            let how = handles.into_iter().map(|handle| handle.join().unwrap());
            let (arrived, refused): (Vec<_>, Vec<_>) = how.partition(|(arrived, _)| *arrived);
            runs.join().unwrap();
            assert_eq!(arrived.len(), got_in);
            assert!(arrived.iter().all(|(_, name)| !name.starts_with("home-")));
            assert!(refused.iter().all(|(_, name)| name.starts_with("home-")));
            assert_eq!(held.others(), 0);
        }
    }
}

#[test]
fn who_has_no_home_to_be_refused_at_is_cancelled() {
    for capacity in 0..3 {
        let (pool, held) = (Pool::named("home", 2), Alive::default());
        let (place, inbox) = full(capacity);
        let handles = wanting(&pool, &place, &inbox, &held);
        pool.halt();
        drop(pool);
        assert!(handles.iter().all(|handle| !handle.is_finished()));
        inbox.close();
        for handle in handles {
            assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
        }
        assert_eq!(held.others(), 0);
    }
}

#[test]
fn a_plain_call_is_refused_in_its_thread() {
    for capacity in 0..3 {
        let (place, inbox) = full(capacity);
        std::thread::scope(|scope| {
            let there = std::thread::Builder::new().name("caller".into());
            let call = there.spawn_scoped(scope, || goes(place, Alive::default()));
            until(|| waiting(&inbox) == 1);
            inbox.close();
            let (arrived, name) = call.unwrap().join().unwrap();
            assert!(!arrived && name == "caller");
        });
    }
}

#[test]
fn a_visit_that_waits_for_room_is_refused_before_it_evaluates() {
    #[cps]
    fn visits(place: Sender<Continuation>) -> (bool, String) {
        let seen = visit!(place, thread_name());
        (seen.is_ok(), thread_name())
    }

    let pool = Pool::named("home", 1);
    let (place, inbox) = full(1);
    let handle = pool.spawn(thunk!(visits(place)));
    until(|| waiting(&inbox) == 1);
    inbox.close();
    assert_eq!(handle.join().unwrap(), (false, "home-0".to_string()));
}

#[test]
fn a_runtime_lives_while_something_may_come_back_to_it() {
    let held = Alive::default();
    let (place, inbox) = full(1);
    let runtime = Builder::new().name("solo").start().unwrap();
    let handle = runtime.spawn(thunk!(goes(place, held.clone())));
    drop(runtime);
    until(|| waiting(&inbox) == 1);
    inbox.close();
    assert_eq!(handle.join().unwrap(), (false, "solo".to_string()));
    assert_eq!(held.others(), 0);
}
