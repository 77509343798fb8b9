//! What becomes of those who wait on an event queue when their pool ends, and of a pool on whose event queue
//! others panic.

use insideout::net::{TcpListener, UnixStream};
use insideout::prelude::*;
use insideout::{Builder, EventQueue};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// It is dropped, and not only when it wakes.
fn is_dropped<T>(handle: JoinHandle<T>) {
    match handle.join_deadline(soon()) {
        Ok(Err(JoinError::Cancelled)) => {}
        Ok(_) => panic!("it ended otherwise"),
        Err(_) => panic!("it still waits"),
    }
}

#[cps]
fn accepts(listener: TcpListener, waits: Sender<()>) -> io::Result<()> {
    send!(waits, ()).ok();
    call!(listener.accept())?;
    Ok(())
}

#[cps]
fn sleeps(waits: Sender<()>) {
    send!(waits, ()).ok();
    sleep!(HOUR);
}

#[cps]
fn sleeps_within(waits: Sender<()>, limit: Duration) {
    timeout!(limit, sleeps(waits)).ok();
}

fn sleeper(waits: Sender<()>) -> Thunk<'static, ()> {
    thunk!(sleeps(waits))
}

/// Lets something begin to wait on a pool, and then ends the pool.
fn ended<T: Send + 'static>(
    pool: Pool,
    call: impl FnOnce(Sender<()>) -> Thunk<'static, T>,
    end: impl FnOnce(Pool),
) {
    let (waits, waiting) = Mailbox::bounded(1).split();
    let handle = pool.spawn(call(waits));
    waiting.recv().unwrap();
    end(pool);
    is_dropped(handle);
}

#[test]
fn who_waits_on_the_programs_queue_is_dropped_with_its_pool() {
    let ends: [fn(Pool); 3] = [
        drop,
        |pool| pool.halt(),
        |pool| {
            pool.drain().unwrap().join().unwrap();
            pool.halt();
        },
    ];
    for end in ends {
        let listener = TcpListener::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.get_ref().local_addr().unwrap();
        ended(Pool::new(1), |waits| thunk!(accepts(listener, waits)), end);
        let again = std::net::TcpListener::bind(address);
        assert!(again.is_ok(), "the listener is closed");
        let without = || Builder::new().without_events().pool(1).unwrap();
        ended(without(), sleeper, end);
        ended(without(), |waits| thunk!(sleeps_within(waits, HOUR)), end);
        ended(Pool::new(1), sleeper, end);
        ended(
            Pool::new(1),
            |waits| thunk!(sleeps_within(waits, HOUR)),
            end,
        );
    }
}

#[test]
fn who_waits_on_anothers_queue_is_dropped_with_its_own_pool() {
    #[cps]
    fn moves(there: Home, stream: std::os::unix::net::UnixStream, waits: Sender<()>) {
        let stream = UnixStream::try_from(stream).unwrap();
        migrate!(there).unwrap();
        send!(waits, ()).ok();
        let _ = call!(stream.read(&mut [0; 8]));
    }
    let (stays, ends) = (Pool::new(1), Pool::new(1));
    let (here, there) = std::os::unix::net::UnixStream::pair().unwrap();
    let (waits, waiting) = Mailbox::bounded(1).split();
    let handle = stays.spawn(thunk!(moves(ends.home(), here, waits)));
    waiting.recv().unwrap();
    ends.halt();
    is_dropped(handle);
    drop(there);
    stays.join().unwrap();
}

#[test]
fn a_panic_of_one_who_has_no_home_does_not_end_the_worker_that_wakes_it() {
    #[cps]
    fn fails(source: Arc<UnixStream>) {
        readable!(*source).unwrap();
        panic!("for a reason");
    }
    #[cps]
    fn registers(stream: std::os::unix::net::UnixStream) -> Arc<UnixStream> {
        Arc::new(stream.try_into().unwrap())
    }
    let pool = Pool::new(1);
    let (here, there) = std::os::unix::net::UnixStream::pair().unwrap();
    let stream = pool.spawn(thunk!(registers(here))).join().unwrap();
    assert!(stream.try_read(&mut [0]).is_err());
    thunk!(fails(stream)).into_continuation().run();
    drop(there);
    #[cps]
    fn naps() -> u32 {
        sleep!(Duration::from_millis(5));
        7
    }
    assert_eq!(pool.spawn(thunk!(naps())).join().unwrap(), 7);
    let told = pool.join().unwrap_err();
    assert_eq!(told.downcast_ref(), Some(&"for a reason"));
}

/// Whoever else waits on the program's event queue does not take it away from the program.
#[test]
fn the_programs_queue_is_served_whoever_looks_at_it() {
    #[cps]
    fn naps(times: u32) {
        for _ in 0..times {
            sleep!(Duration::from_millis(1));
        }
    }
    let queue = EventQueue::here().unwrap();
    let (told, heard) = std::sync::mpsc::channel();
    let naps = std::thread::spawn(move || {
        naps(200);
        told.send(()).unwrap();
    });
    let limit = soon();
    while heard.try_recv().is_err() {
        assert!(Instant::now() < limit, "nobody serves it");
        let _ = queue.wait(Some(Instant::now()));
    }
    naps.join().unwrap();
}
