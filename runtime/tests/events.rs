//! Event queues: what waits for a descriptor or a time is woken once, in order, and not lost when the
//! queue ends.

use insideout::prelude::*;
use insideout::{EventQueue, Interest, Source};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver as Heard, Sender as Tell};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

type Log = Arc<Mutex<Vec<String>>>;

fn note(log: &Log, words: impl Into<String>) {
    log.lock().unwrap().push(words.into());
}

fn pair() -> (UnixStream, UnixStream) {
    let (here, there) = UnixStream::pair().unwrap();
    here.set_nonblocking(true).unwrap();
    there.set_nonblocking(true).unwrap();
    (here, there)
}

/// Waits on a queue of this thread's own until nobody waits on it.
fn serve(queue: &EventQueue) {
    while !queue.is_empty() {
        queue.wait(None).unwrap();
    }
}

#[cps]
fn sleeper(name: u64, log: Log) {
    sleep!(Duration::from_millis(name));
    note(&log, name.to_string());
}

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines() {
    let (queue, log) = (EventQueue::new().unwrap(), Log::default());
    let _entered = queue.enter();
    for millis in [30, 10, 20, 0] {
        thunk!(sleeper(millis, log.clone()))
            .into_continuation()
            .run();
    }
    serve(&queue);
    assert_eq!(*log.lock().unwrap(), ["0", "10", "20", "30"]);
}

#[cps]
fn naps() -> (Duration, Duration) {
    let began = Instant::now();
    sleep!(Duration::from_millis(5));
    let first = began.elapsed();
    sleep_until!(began + Duration::from_millis(12));
    sleep_until!(began);
    (first, began.elapsed())
}

#[test]
fn nobody_wakes_too_early_on_a_plain_thread_or_on_a_pool() {
    for (first, both) in [naps(), Pool::new(1).spawn(thunk!(naps())).join().unwrap()] {
        assert!(first >= Duration::from_millis(5), "{first:?}");
        assert!(both >= Duration::from_millis(12), "{both:?}");
    }
}

#[test]
fn a_hundred_thousand_sleep_at_once() {
    #[cps]
    fn nap(millis: u64, told: Tell<()>) {
        sleep!(Duration::from_millis(millis));
        told.send(()).unwrap();
    }
    let queue = EventQueue::new().unwrap();
    let _entered = queue.enter();
    let (told, heard) = mpsc::channel();
    for n in 0..100_000 {
        thunk!(nap(1 + n % 97, told.clone()))
            .into_continuation()
            .run();
    }
    serve(&queue);
    assert_eq!(heard.try_iter().count(), 100_000);
}

#[cps]
fn read_all(source: Source<UnixStream>, log: Log) -> Vec<u8> {
    let (mut all, mut buf) = (Vec::new(), [0; 4]);
    loop {
        match source.attempt(Interest::Read, |mut stream| stream.read(&mut buf)) {
            Ok(0) => return all,
            Ok(count) => all.extend_from_slice(&buf[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                note(&log, format!("waits after {}", all.len()));
                readable!(source).unwrap();
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_reader_waits_only_where_there_is_nothing_to_read() {
    let (queue, log) = (EventQueue::new().unwrap(), Log::default());
    let ((here, mut there), pool) = (pair(), Pool::new(1));
    there.write_all(b"one two ").unwrap();
    let source = queue.register(here).unwrap();
    let reader = pool.spawn(thunk!(read_all(source, log.clone())));
    while log.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    there.write_all(b"three").unwrap();
    drop(there);
    while !reader.is_finished() {
        queue.wait(Some(Instant::now())).unwrap();
    }
    assert_eq!(reader.join().unwrap(), b"one two three");
    assert_eq!(log.lock().unwrap()[0], "waits after 8");
}

#[cps]
fn fill(source: Source<UnixStream>, told: Tell<usize>) {
    let mut sent = 0;
    while sent < 1 << 20 {
        match source.attempt(Interest::Write, |mut stream| stream.write(&[7; 4096])) {
            Ok(count) => sent += count,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                told.send(sent).unwrap();
                writable!(source).unwrap();
            }
        }
    }
}

#[test]
fn a_writer_waits_for_room() {
    let queue = EventQueue::new().unwrap();
    let _entered = queue.enter();
    let (here, there) = pair();
    let (told, filled) = mpsc::channel();
    let source = queue.register(here).unwrap();
    thunk!(fill(source, told)).into_continuation().run();
    assert!(filled.try_recv().unwrap() > 0);
    let drained = std::thread::spawn(move || {
        there.set_nonblocking(false).unwrap();
        (&there).read_to_end(&mut Vec::new()).unwrap()
    });
    serve(&queue);
    assert!(drained.join().unwrap() >= 1 << 20);
}

#[cps]
fn wait_for(fd: Arc<UnixStream>, name: &'static str, told: Tell<&'static str>) {
    readable!(fd).unwrap();
    told.send(name).unwrap();
}

#[test]
fn any_number_wait_for_a_descriptor_that_nobody_watches() {
    let (here, mut there) = pair();
    let (pool, here) = (Pool::new(2), Arc::new(here));
    let (told, heard) = mpsc::channel();
    let waiting: Vec<_> = ["a", "b", "c"]
        .map(|name| pool.spawn(thunk!(wait_for(here.clone(), name, told.clone()))))
        .into();
    there.write_all(b"x").unwrap();
    waiting.into_iter().for_each(|waits| waits.join().unwrap());
    let mut names: Vec<_> = heard.try_iter().collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn one_descriptor_is_registered_once_and_a_file_never() {
    let queue = EventQueue::new().unwrap();
    let (here, _there) = pair();
    let first = queue.register(&here).unwrap();
    assert_eq!(
        queue.register(&here).unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    drop(first);
    drop(queue.register(&here).unwrap());
    let file = File::open(
        file!()
            .rsplit('/')
            .next()
            .map(|name| format!("tests/{name}"))
            .unwrap(),
    )
    .unwrap();
    assert_eq!(
        queue.register(file).unwrap_err().kind(),
        ErrorKind::PermissionDenied
    );
    assert!(queue.is_empty());
}

#[test]
fn a_descriptor_number_that_is_used_again_wakes_nobody_else() {
    let queue = EventQueue::new().unwrap();
    for _ in 0..100 {
        let (here, mut there) = pair();
        let source = queue.register(here).unwrap();
        there.write_all(b"x").unwrap();
        drop(source);
        let (next, _open) = pair();
        let source = queue.register(next).unwrap();
        queue.wait(Some(Instant::now())).unwrap();
        let tried = source.attempt(Interest::Read, |mut stream| stream.read(&mut [0]));
        assert_eq!(tried.unwrap_err().kind(), ErrorKind::WouldBlock);
        queue.wait(Some(Instant::now())).unwrap();
    }
    assert!(queue.is_empty());
}

/// Says when it is dropped.
struct Noisy(Log, &'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        note(&self.0, format!("drop {}", self.1));
    }
}

#[cps]
fn waits_for_ever(source: Source<UnixStream>, log: Log) {
    let _noisy = Noisy(log.clone(), "reader");
    let told = readable!(source);
    note(&log, told.unwrap_err().to_string());
}

#[cps]
fn sleeps_for_ever(log: Log) {
    let _noisy = Noisy(log.clone(), "sleeper");
    sleep!(Duration::MAX);
    note(&log, "woken");
}

#[test]
fn a_queue_that_ends_tells_readers_and_drops_sleepers() {
    let (queue, log) = (EventQueue::new().unwrap(), Log::default());
    {
        let _entered = queue.enter();
        let (here, _there) = pair();
        let source = queue.register(here).unwrap();
        assert!(
            source
                .attempt(Interest::Read, |mut stream| stream.read(&mut [0]))
                .is_err()
        );
        thunk!(waits_for_ever(source, log.clone()))
            .into_continuation()
            .run();
        thunk!(sleeps_for_ever(log.clone()))
            .into_continuation()
            .run();
    }
    drop(queue);
    assert_eq!(
        *log.lock().unwrap(),
        [
            "nobody watches the descriptor any more",
            "drop reader",
            "drop sleeper"
        ]
    );
}

#[test]
fn a_timer_set_while_the_queue_sleeps_wakes_it() {
    let queue = EventQueue::new().unwrap();
    let (told, heard): (_, Heard<&str>) = mpsc::channel();
    #[cps]
    fn nap(told: Tell<&'static str>) {
        sleep!(Duration::from_millis(1));
        told.send("awake").unwrap();
    }
    let sleeps = std::thread::spawn({
        let queue = queue.clone();
        move || while queue.wait(None).unwrap() == 0 {}
    });
    let _entered = queue.enter();
    thunk!(nap(told)).into_continuation().run();
    assert_eq!(heard.recv(), Ok("awake"));
    sleeps.join().unwrap();
}

#[cps]
fn hears(signal: i32, told: Tell<&'static str>) -> std::io::Result<()> {
    told.send("listens").unwrap();
    for _ in 0..3 {
        signal!(signal)?;
        told.send("heard").unwrap();
    }
    Ok(())
}

#[test]
fn everyone_hears_every_signal() {
    let (pool, signal) = (Pool::new(2), libc::SIGUSR1);
    let (told, heard) = mpsc::channel();
    let listeners: Vec<_> = (0..3)
        .map(|_| pool.spawn(thunk!(hears(signal, told.clone()))))
        .collect();
    drop(told);
    // Before there is a handler the signal would end the process.
    pool.spawn(thunk!(installs(signal))).join().unwrap();
    while listeners.iter().any(|listener| !listener.is_finished()) {
        // SAFETY: the signal has a handler.
        unsafe { libc::raise(signal) };
        std::thread::yield_now();
    }
    for listener in listeners {
        listener.join().unwrap().unwrap();
    }
    assert_eq!(heard.iter().filter(|told| *told == "heard").count(), 9);
}

/// Listens once, so that there is a handler: the signal is raised by itself.
#[cps]
fn installs(signal: i32) {
    let waits = spawn(thunk!(hears_once(signal)));
    while !waits.is_finished() {
        coop!();
        if is_handled(signal) {
            // SAFETY: the signal has a handler.
            unsafe { libc::raise(signal) };
        }
    }
}

#[cps]
fn hears_once(signal: i32) {
    signal!(signal).unwrap();
}

/// Whether a signal has a handler.
fn is_handled(signal: i32) -> bool {
    // SAFETY: null says that the action is only asked for; the answer has room.
    let action = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action);
        action
    };
    action.sa_sigaction != libc::SIG_DFL
}

#[test]
fn a_signal_that_cannot_be_handled_is_an_error() {
    #[cps]
    fn hears(signal: i32) -> ErrorKind {
        signal!(signal).unwrap_err().kind()
    }
    for signal in [libc::SIGKILL, 0, 1000] {
        assert_eq!(hears(signal), ErrorKind::InvalidInput);
    }
}

#[cps]
fn ends(seconds: &'static str) -> Option<i32> {
    let command = std::process::Command::new("sh")
        .arg("-c")
        .arg(seconds)
        .spawn();
    child!({ command }.unwrap()).unwrap().code()
}

#[test]
fn children_are_waited_for_at_once() {
    let pool = Pool::new(1);
    let children = ["sleep 0.05; exit 3", "exit 4"].map(|script| pool.spawn(thunk!(ends(script))));
    assert_eq!(
        children.map(|child| child.join().unwrap()),
        [Some(3), Some(4)]
    );
}

#[test]
fn one_thread_waits_at_a_time() {
    let queue = EventQueue::new().unwrap();
    let waits = std::thread::spawn({
        let queue = queue.clone();
        move || while queue.wait(None).is_err() {}
    });
    let refused = loop {
        match queue.wait(Some(Instant::now())) {
            Ok(_) => std::thread::yield_now(),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::ResourceBusy);
    queue.notify();
    waits.join().unwrap();
}

#[test]
fn handles_go_to_any_thread() {
    fn anywhere<T: Send + Sync>() {}
    anywhere::<EventQueue>();
    anywhere::<Source<UnixStream>>();
}
