//! Work that blocks: on threads of its own, as many at once as wait for each other, heard of by who called.

use insideout::net::resolve;
use insideout::prelude::*;
use insideout::{TimedOut, blocking};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

#[cps]
fn meet(barrier: Arc<Barrier>) -> (bool, bool) {
    let worker = std::thread::current().id();
    let leads = call!(blocking(move || (
        barrier.wait().is_leader(),
        std::thread::current().id()
    )));
    (
        leads.0,
        leads.1 != worker && worker == std::thread::current().id(),
    )
}

#[test]
fn pieces_of_work_may_wait_for_each_other() {
    const MANY: usize = 20;
    let pool = Pool::new(1);
    let barrier = Arc::new(Barrier::new(MANY));
    for _ in 0..3 {
        let meeting: Vec<_> = (0..MANY)
            .map(|_| pool.spawn(thunk!(meet(barrier.clone()))))
            .collect();
        let met: Vec<_> = meeting
            .into_iter()
            .map(|meets| meets.join().unwrap())
            .collect();
        assert_eq!(met.iter().filter(|(leads, _)| *leads).count(), 1);
        assert!(met.iter().all(|(_, elsewhere)| *elsewhere));
    }
}

#[test]
fn a_panic_comes_back_and_the_threads_go_on() {
    #[cps]
    fn fails() {
        call!(blocking(|| panic!("at work")));
    }
    #[cps]
    fn works() -> u32 {
        call!(blocking(|| 7))
    }
    let pool = Pool::new(1);
    for _ in 0..3 {
        let error = pool.spawn(thunk!(fails())).join().unwrap_err();
        assert_eq!(error.message(), Some("at work"));
        assert_eq!(pool.spawn(thunk!(works())).join().unwrap(), 7);
    }
    assert_eq!(works(), 7);
}

#[test]
fn work_may_take_longer_than_who_waits_for_it() {
    #[cps]
    fn impatient(gate: mpsc::Receiver<()>, done: mpsc::Sender<()>) -> Result<(), TimedOut> {
        let work = move || {
            gate.recv().unwrap();
            done.send(()).unwrap();
        };
        timeout!(Duration::from_millis(5), blocking(work))
    }
    let pool = Pool::new(1);
    let ((open, gate), (done, ended)) = (mpsc::channel(), mpsc::channel());
    assert_eq!(
        pool.spawn(thunk!(impatient(gate, done))).join().unwrap(),
        Err(TimedOut)
    );
    open.send(()).unwrap();
    ended.recv().unwrap();
}

#[test]
fn names_are_looked_up() {
    #[cps]
    fn look(name: &'static str) -> bool {
        call!(resolve(name)).is_ok_and(|all| all.iter().all(|address| address.ip().is_loopback()))
    }
    let pool = Pool::new(1);
    assert!(pool.spawn(thunk!(look("localhost:80"))).join().unwrap());
    assert!(!pool.spawn(thunk!(look("no such name"))).join().unwrap());
}
