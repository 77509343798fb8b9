//! Spawning and joining: values, panics with the drops of plain unwinding, cancellation; from threads
//! and from continuations.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, both, fail};
use insideout::{JoinError, JoinHandle, Mailbox, Pool, Sender, thunk};

#[both]
mod cases {
    #[cps]
    fn level(log: &Log, n: u32, parameter: Tracked) -> usize {
        let local = log.tracked(format!("local {n}"));
        coop!();
        if n == 0 {
            fail("at the bottom");
        }
        let deeper = call!(level(
            log,
            n - 1,
            log.tracked(format!("parameter {}", n - 1))
        ));
        log.note("never");
        deeper + local.name().len() + parameter.name().len()
    }
}

mod spawned {
    use super::*;
    use insideout::prelude::*;

    #[cps]
    pub(super) fn square(n: u64) -> u64 {
        coop!();
        n * n
    }

    #[cps]
    pub(super) fn fails(log: &Log, why: &str) -> u64 {
        let _guard = log.tracked("guard");
        coop!();
        fail(why)
    }

    #[cps]
    pub(super) fn sum_of(handles: Vec<JoinHandle<u64>>) -> Result<u64, JoinError> {
        let mut sum = 0;
        for handle in handles {
            sum += join!(handle)?;
        }
        Ok(sum)
    }

    #[cps]
    pub(super) fn fans_out(pool: std::sync::Arc<Pool>, depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        let left = pool.spawn(thunk!(fans_out(std::sync::Arc::clone(&pool), depth - 1)));
        let right = pool.spawn(thunk!(fans_out(std::sync::Arc::clone(&pool), depth - 1)));
        join!(left).unwrap() + join!(right).unwrap()
    }

    #[cps]
    pub(super) fn drops_itself(log: &Log) -> u64 {
        let _guard = log.tracked("guard");
        suspend!(|continuation| {
            drop(continuation);
            None
        });
        1
    }

    #[cps]
    pub(super) fn waits_for_ever(log: &Log, mailbox: Mailbox<u64>) -> u64 {
        let _guard = log.tracked("guard");
        recv!(mailbox).unwrap_or(0)
    }

    #[cps]
    pub(super) fn reports(n: u64, to: Sender<u64>) {
        coop!();
        send!(to, n).unwrap();
    }
}

use spawned::{drops_itself, fails, fans_out, reports, square, sum_of, waits_for_ever};

#[test]
fn threads_join() {
    let pool = Pool::new(2);
    let handles: Vec<_> = (0..100).map(|n| pool.spawn(thunk!(square(n)))).collect();
    let sum: u64 = handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .sum();
    assert_eq!(sum, 328_350);
}

#[test]
fn continuations_join() {
    let pool = Pool::new(2);
    let handles: Vec<_> = (0..100).map(|n| pool.spawn(thunk!(square(n)))).collect();
    assert_eq!(sum_of(handles).unwrap(), 328_350);
    let handles: Vec<_> = (0..100).map(|n| pool.spawn(thunk!(square(n)))).collect();
    assert_eq!(
        pool.spawn(thunk!(sum_of(handles))).join().unwrap().unwrap(),
        328_350
    );
}

#[test]
fn continuations_join_what_they_spawn() {
    let pool = std::sync::Arc::new(Pool::new(2));
    assert_eq!(
        pool.spawn(thunk!(fans_out(std::sync::Arc::clone(&pool), 8)))
            .join()
            .unwrap(),
        256
    );
}

#[test]
fn a_panic_through_ten_calls_reaches_the_handle_with_the_drops_of_unwinding() {
    let expected = Log::forever();
    let unwound =
        std::panic::catch_unwind(|| plain::level(expected, 10, expected.tracked("parameter 10")));
    assert_eq!(
        unwound.unwrap_err().downcast_ref::<String>().unwrap(),
        "at the bottom"
    );
    let log = Log::forever();
    let pool = Pool::new(2);
    let handle = pool.spawn(thunk!(moved::level(log, 10, log.tracked("parameter 10"))));
    let error = handle.join().unwrap_err();
    assert_eq!(error.message(), Some("at the bottom"));
    assert_eq!(log.events(), expected.events());
    assert_eq!(log.alive(), 0);
    assert_eq!(pool.panics(), 0, "the handle heard of it");
}

#[test]
fn a_panic_is_an_error_where_it_is_joined() {
    let log = Log::forever();
    let pool = Pool::new(1);
    let handles = vec![
        pool.spawn(thunk!(square(2))),
        pool.spawn(thunk!(fails(log, "on purpose"))),
    ];
    let error = sum_of(handles).unwrap_err();
    assert_eq!(error.message(), Some("on purpose"));
    assert_eq!(log.events(), ["drop guard"]);
}

#[test]
fn one_that_is_dropped_is_cancelled() {
    let log = Log::forever();
    let pool = Pool::new(1);
    let error = pool.spawn(thunk!(drops_itself(log))).join().unwrap_err();
    assert!(matches!(error, JoinError::Cancelled), "{error:?}");
    let handles = vec![pool.spawn(thunk!(drops_itself(log)))];
    assert!(matches!(sum_of(handles), Err(JoinError::Cancelled)));
    assert_eq!(log.events(), ["drop guard", "drop guard"]);
}

#[test]
fn one_that_waits_when_its_pool_ends_is_cancelled_or_resumed_never_lost() {
    let log = Log::forever();
    let mailbox = Mailbox::unbounded();
    let pool = Pool::new(1);
    let handle = pool.spawn(thunk!(waits_for_ever(log, mailbox.clone())));
    drop(pool);
    mailbox.close();
    match handle.join() {
        Ok(n) => assert_eq!(n, 0),
        Err(error) => assert!(matches!(error, JoinError::Cancelled), "{error:?}"),
    }
    assert_eq!(log.events(), ["drop guard"]);
}

#[test]
fn without_its_handle_it_goes_on() {
    let pool = Pool::new(1);
    let mailbox = Mailbox::bounded(1);
    drop(pool.spawn(thunk!(reports(7, mailbox.sender()))));
    assert_eq!(mailbox.recv(), Ok(7));
    pool.spawn_detached(thunk!(reports(8, mailbox.sender())))
        .unwrap();
    assert_eq!(mailbox.recv(), Ok(8));
}

#[test]
fn a_dropped_pool_ends_what_is_queued() {
    let mailbox = Mailbox::unbounded();
    let pool = Pool::new(2);
    for n in 0..1000 {
        pool.spawn_detached(thunk!(reports(n, mailbox.sender())))
            .unwrap();
    }
    drop(pool);
    let sender = mailbox.sender();
    let mut heard: Vec<u64> = (0..1000).map(|_| mailbox.try_recv().unwrap()).collect();
    drop(sender);
    heard.sort_unstable();
    assert_eq!(heard, (0..1000).collect::<Vec<_>>());
}

#[test]
fn a_detached_panic_is_counted_and_the_worker_survives() {
    let log = Log::forever();
    let pool = Pool::new(1);
    pool.spawn_detached(thunk!(fails(log, "unheard"))).unwrap();
    assert_eq!(pool.spawn(thunk!(square(3))).join().unwrap(), 9);
    let payload = pool.join().unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "unheard");
}
