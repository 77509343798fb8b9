//! What an event queue is asked to tell of a descriptor, and told anew, by a program with its own loop.

use insideout::prelude::*;
use insideout::{EventQueue, Interest, Interests, Source};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver as Heard, Sender as Tell};
use std::time::Instant;

type Shared = Arc<Source<UnixStream>>;

/// A source, asked for what an attempt has found out, and its peer.
fn source(queue: &EventQueue, interests: Interests) -> (Shared, UnixStream) {
    let (here, there) = UnixStream::pair().unwrap();
    here.set_nonblocking(true).unwrap();
    let source = queue.register_for(here, interests).unwrap();
    assert_eq!(read(&source), Err(ErrorKind::WouldBlock));
    (Arc::new(source), there)
}

fn read(source: &Source<UnixStream>) -> Result<u8, ErrorKind> {
    let mut byte = [0];
    let attempt = source.attempt(Interest::Read, |mut stream| stream.read_exact(&mut byte));
    attempt.map_err(|error| error.kind()).map(|()| byte[0])
}

/// Says each byte that comes, and what ends it.
#[cps]
fn hear(source: Shared, said: Tell<Result<u8, ErrorKind>>) {
    loop {
        let byte = match readable!(*source) {
            Ok(()) => read(&source),
            Err(error) => Err(error.kind()),
        };
        match byte {
            Err(ErrorKind::WouldBlock) => {}
            Ok(byte) => said.send(Ok(byte)).unwrap_or_default(),
            Err(end) => return said.send(Err(end)).unwrap_or_default(),
        }
    }
}

fn hearing(source: &Shared) -> Heard<Result<u8, ErrorKind>> {
    let (said, heard) = mpsc::channel();
    thunk!(hear(source.clone(), said)).into_continuation().run();
    heard
}

/// How many are woken by what has happened so far.
fn look(queue: &EventQueue) -> usize {
    queue.wait(Some(Instant::now())).unwrap()
}

#[test]
fn a_waiter_is_told_nothing_while_its_direction_is_not_asked_for_and_then_all() {
    let queue = EventQueue::new().unwrap();
    let (source, mut there) = source(&queue, Interests::READ);
    let heard = hearing(&source);
    source.modify(Interests::WRITE).unwrap();
    assert_eq!(source.interests(), Interests::WRITE);
    there.write_all(b"a").unwrap();
    assert_eq!((look(&queue), look(&queue)), (0, 0));
    assert!(heard.try_recv().is_err());
    // It has come already, and is told for that.
    source.modify(Interests::BOTH).unwrap();
    assert_eq!((look(&queue), look(&queue)), (1, 0));
    assert_eq!(heard.try_recv(), Ok(Ok(b'a')));
    there.write_all(b"b").unwrap();
    assert_eq!(look(&queue), 1);
    assert_eq!(heard.try_recv(), Ok(Ok(b'b')));
}

#[test]
fn one_shot_ends_with_the_first_event_and_can_be_asked_for_again() {
    let queue = EventQueue::new().unwrap();
    let (source, mut there) = source(&queue, Interests::READ.once());
    let heard = hearing(&source);
    source.modify(Interests::BOTH.once()).unwrap();
    // That there is room to write is the event, for which nobody waits.
    assert_eq!(look(&queue), 0);
    there.write_all(b"a").unwrap();
    assert_eq!((look(&queue), look(&queue)), (0, 0));
    source.modify(Interests::READ.once()).unwrap();
    assert_eq!((look(&queue), look(&queue)), (1, 0));
    assert_eq!(heard.try_recv(), Ok(Ok(b'a')));
    // Its next wait has asked again.
    there.write_all(b"b").unwrap();
    assert_eq!((look(&queue), look(&queue)), (1, 0));
    assert_eq!(heard.try_recv(), Ok(Ok(b'b')));
}

#[test]
fn an_attempt_goes_by_nothing_that_may_have_changed_untold() {
    let queue = EventQueue::new().unwrap();
    for interests in [Interests::NONE, Interests::WRITE, Interests::READ.once()] {
        let (source, mut there) = source(&queue, interests);
        look(&queue);
        for byte in *b"ab" {
            there.write_all(&[byte]).unwrap();
            assert_eq!(read(&source), Ok(byte));
            assert_eq!(read(&source), Err(ErrorKind::WouldBlock));
        }
    }
}

#[cps]
fn fill(source: Shared, told: Tell<io::Result<()>>) {
    let full = |mut stream: &UnixStream| stream.write(&[0; 4096]);
    while source.attempt(Interest::Write, full).is_ok() {}
    told.send(writable!(*source)).unwrap_or_default();
}

#[test]
fn who_waits_for_another_direction_asks_for_it() {
    let queue = EventQueue::new().unwrap();
    let (source, there) = source(&queue, Interests::READ);
    let (told, filled) = mpsc::channel();
    thunk!(fill(source.clone(), told)).into_continuation().run();
    assert_eq!(source.interests(), Interests::BOTH);
    assert!(look(&queue) == 0 && filled.try_recv().is_err());
    there.set_nonblocking(true).unwrap();
    while (&there).read(&mut [0; 1 << 16]).is_ok() {}
    assert_eq!(look(&queue), 1);
    assert!(filled.try_recv().unwrap().is_ok());
}

#[test]
fn what_is_registered_for_anything_is_registered_once() {
    let queue = EventQueue::new().unwrap();
    let (source, _there) = source(&queue, Interests::WRITE.once());
    let again = queue.register_for(source.get_ref(), Interests::READ);
    assert_eq!(again.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let other = EventQueue::new().unwrap();
    assert!(other.register(source.get_ref()).is_ok());
}

#[test]
fn cancelled_it_wakes_who_waits_and_takes_no_other_interest() {
    let queue = EventQueue::new().unwrap();
    let (source, _there) = source(&queue, Interests::READ);
    let heard = hearing(&source);
    source.cancel();
    assert_eq!(heard.try_recv(), Ok(Err(ErrorKind::Other)));
    assert!(source.is_cancelled());
    assert!(source.modify(Interests::BOTH).is_err());
    assert_eq!(hearing(&source).try_recv(), Ok(Err(ErrorKind::Other)));
}

#[cps]
fn wait(source: Arc<Source<BorrowedFd<'static>>>, told: Tell<io::Result<()>>) {
    told.send(readable!(*source)).unwrap_or_default();
}

/// Which only who closes a number can bring about: what owns a descriptor outlives its source.
#[test]
fn a_number_that_is_closed_under_a_waiter_tells_nothing_and_can_be_used_again() {
    let queue = EventQueue::new().unwrap();
    let (here, there) = UnixStream::pair().unwrap();
    here.set_nonblocking(true).unwrap();
    let number = here.into_raw_fd();
    // SAFETY: it is open now, and is only looked at by the kernel, which says if it is not any more.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    let source = Arc::new(queue.register(fd).unwrap());
    let nothing = source.attempt(Interest::Read, |_| {
        Err::<(), _>(ErrorKind::WouldBlock.into())
    });
    assert!(nothing.is_err());
    let (told, heard) = mpsc::channel();
    thunk!(wait(source.clone(), told)).into_continuation().run();
    // SAFETY: nobody owns it.
    assert_eq!(unsafe { libc::close(number) }, 0);
    assert_eq!((look(&queue), heard.try_recv().is_err()), (0, true));
    assert!(source.modify(Interests::BOTH).is_err());
    let (next, mut other) = UnixStream::pair().unwrap();
    let next = [next.try_clone().unwrap(), next]
        .into_iter()
        .find(|next| next.as_fd().as_raw_fd() == number);
    if let Some(next) = next {
        next.set_nonblocking(true).unwrap();
        let next = Arc::new(queue.register(next).unwrap());
        other.write_all(b"a").unwrap();
        assert_eq!((look(&queue), read(&next)), (0, Ok(b'a')));
    }
    source.cancel();
    assert!(heard.try_recv().unwrap().is_err());
    drop(there);
}

#[test]
fn what_is_asked_for_by_several_at_once_is_all_asked_for() {
    let queue = EventQueue::new().unwrap();
    for _ in 0..200 {
        let (source, mut there) = source(&queue, Interests::NONE);
        let (told, filled) = mpsc::channel();
        let heard = std::thread::scope(|scope| {
            let hears = scope.spawn(|| hearing(&source));
            thunk!(fill(source.clone(), told)).into_continuation().run();
            hears.join().unwrap()
        });
        assert_eq!(source.interests(), Interests::BOTH);
        there.write_all(b"a").unwrap();
        there.set_nonblocking(true).unwrap();
        while (&there).read(&mut [0; 1 << 16]).is_ok() {}
        look(&queue);
        assert_eq!(heard.try_recv(), Ok(Ok(b'a')));
        assert!(filled.try_recv().unwrap().is_ok());
    }
}

fn would_block<T>() -> io::Result<T> {
    Err(ErrorKind::WouldBlock.into())
}

#[test]
fn what_an_attempt_found_out_holds_whatever_was_asked_or_found_out_beside_it() {
    let beside: [fn(&Source<UnixStream>); 3] = [
        |source| drop(source.attempt(Interest::Write, |_| would_block::<()>())),
        |source| source.modify(Interests::READ).unwrap(),
        |source| source.modify(Interests::BOTH).unwrap(),
    ];
    let queue = EventQueue::new().unwrap();
    for (nth, beside) in beside.into_iter().enumerate() {
        let (source, mut there) = source(&queue, Interests::BOTH);
        there.write_all(b"a").unwrap();
        look(&queue);
        let nothing = source.attempt(Interest::Read, |_| {
            beside(&source);
            would_block::<()>()
        });
        assert!(nothing.is_err());
        let again = source.attempt(Interest::Read, |_| -> io::Result<()> {
            panic!("{nth}: it is known that it would have to wait");
        });
        assert_eq!(again.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}
