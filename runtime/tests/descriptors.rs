//! Without descriptors: what cannot be waited for is an error, time is waited for on another queue, and
//! later all is as before.

use insideout::EventQueue;
use insideout::prelude::*;
use std::fs::File;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

#[cps]
fn naps() -> u32 {
    sleep!(Duration::from_millis(1));
    7
}

#[cps]
fn waits(stream: Arc<UnixStream>) -> io::Result<()> {
    readable!(stream)
}

fn limit(descriptors: libc::rlim_t) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the limit has room for the answer, and lives until the call returns.
    let asked = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = descriptors;
    // SAFETY: as above; the system reads it.
    let told = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!((asked, told), (0, 0));
}

/// Alone in its process, since the limit is that of all threads.
#[test]
fn a_pool_does_without_descriptors_for_a_while() {
    let (stream, open) = UnixStream::pair().unwrap();
    let stream = Arc::new(stream);
    // The program's event queue is there, the pool's is not.
    assert_eq!(naps(), 7);
    let pool = Pool::new(1);
    limit(64);
    let taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    let out_of_them = |error: &io::Error| error.raw_os_error() == Some(libc::EMFILE);
    assert!(EventQueue::new().is_err_and(|error| out_of_them(&error)));
    let waited = pool.spawn(thunk!(waits(stream.clone()))).join().unwrap();
    assert!(waited.is_err_and(|error| out_of_them(&error)));
    assert_eq!(pool.spawn(thunk!(naps())).join().unwrap(), 7);
    drop(taken);
    assert_eq!(pool.spawn(thunk!(naps())).join().unwrap(), 7);
    drop(open);
    assert!(pool.spawn(thunk!(waits(stream))).join().unwrap().is_ok());
}
