//! A continuation that was woken and is dropped before it tries takes no wake-up with it.

mod support;

use insideout::dispatch::Dispatcher;
use insideout::prelude::*;
use insideout::{Semaphore, Status, timeout};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// No wait in these tests takes as long.
const STUCK: Duration = Duration::from_secs(30);

/// What several share, so that none of them has a handle of its own.
struct Shared {
    mailbox: Mailbox<u32>,
    other: Mailbox<u32>,
    permits: Semaphore,
}

fn shared(capacity: usize) -> Arc<Shared> {
    Arc::new(Shared {
        mailbox: Mailbox::bounded(capacity),
        other: Mailbox::bounded(1),
        permits: Semaphore::new(0),
    })
}

#[cps]
fn receives(shared: Arc<Shared>) -> u32 {
    recv!(shared.mailbox).unwrap()
}

#[cps]
fn receives_by_reference(mailbox: &Mailbox<u32>) -> u32 {
    recv!(mailbox).unwrap()
}

#[cps]
fn borrows(shared: Arc<Shared>) -> u32 {
    call!(receives_by_reference(&shared.mailbox))
}

#[cps]
fn selects(shared: Arc<Shared>) -> u32 {
    match select!(&shared.other, &shared.mailbox) {
        Chosen::First(message) | Chosen::Second(message) => message.unwrap(),
    }
}

#[cps]
fn receives_in_time(shared: Arc<Shared>) -> u32 {
    recv_deadline!(shared.mailbox, Instant::now() + 2 * STUCK).unwrap()
}

#[cps]
fn receives_within(shared: Arc<Shared>) -> u32 {
    timeout!(2 * STUCK, receives(shared)).unwrap()
}

#[cps]
fn acquires(shared: Arc<Shared>) -> u32 {
    let permit = call!(shared.permits.acquire());
    permit.forget();
    7
}

#[cps]
fn sends(shared: Arc<Shared>) -> u32 {
    send!(shared.mailbox, 7).unwrap();
    7
}

#[cps]
fn nothing() {}

/// Drops what is queued on a frozen runtime: all of it, or what it ejects.
const DROPS: [fn(&Runtime); 2] = [Runtime::halt, |runtime| drop(runtime.eject().unwrap())];

/// Two wait, on two runtimes. The first is woken while its runtime is frozen, and dropped: the second goes
/// on.
fn the_next_goes_on(
    shared: impl Fn() -> Arc<Shared>,
    waits: impl Fn(Arc<Shared>) -> Thunk<'static, u32>,
    wakes: impl Fn(&Shared),
) {
    for drops in DROPS {
        let shared = shared();
        let runtimes = [(); 2].map(|()| Runtime::new());
        let [first, second] = runtimes.each_ref().map(|runtime| {
            let handle = runtime.spawn(waits(shared.clone()));
            // It waits when what comes behind it has run.
            runtime
                .home()
                .dispatch(thunk!(nothing()).into_continuation())
                .unwrap();
            runtime.spawn(thunk!(nothing())).join().unwrap();
            handle
        });
        runtimes[0].freeze();
        assert!(runtimes[0].wait(Status::FROZEN));
        wakes(&shared);
        drops(&runtimes[0]);
        assert!(matches!(first.join(), Err(JoinError::Cancelled)));
        let second = second.join_deadline(Instant::now() + STUCK);
        assert_eq!(second.expect("nobody woke it").unwrap(), 7);
    }
}

fn empty() -> Arc<Shared> {
    shared(1)
}

fn a_message_comes(shared: &Shared) {
    shared.mailbox.try_send(7).unwrap();
}

fn full() -> Arc<Shared> {
    let shared = shared(1);
    shared.mailbox.send(1).unwrap();
    shared
}

fn room_comes(shared: &Shared) {
    assert_eq!(shared.mailbox.recv(), Ok(1));
}

#[test]
fn who_receives_by_a_shared_handle_passes_the_message_on() {
    the_next_goes_on(empty, receives::thunk, a_message_comes);
    the_next_goes_on(empty, borrows::thunk, a_message_comes);
}

/// Who was woken has not taken it yet.
#[test]
fn who_watches_is_told_beside_who_waits() {
    let (shared, runtime) = (empty(), Runtime::new());
    let first = runtime.spawn(thunk!(receives(shared.clone())));
    support::until(|| format!("{:?}", shared.mailbox).contains("receiving: 1"));
    runtime.freeze();
    assert!(runtime.wait(Status::FROZEN));
    let (told, hears) = mpsc::channel();
    let watched = shared.clone();
    let watches = std::thread::spawn(move || {
        let deadline = Instant::now() + 2 * STUCK;
        told.send(watched.mailbox.wait_readable_deadline(deadline))
    });
    support::until(|| format!("{:?}", shared.mailbox).contains("watched: true"));
    a_message_comes(&shared);
    assert_eq!(hears.recv_timeout(STUCK), Ok(Ok(())));
    watches.join().unwrap().unwrap();
    runtime.thaw();
    assert_eq!(first.join().unwrap(), 7);
}

#[test]
fn who_waits_at_several_places_passes_it_on() {
    the_next_goes_on(empty, selects::thunk, a_message_comes);
}

#[test]
fn who_waits_for_a_time_passes_it_on() {
    the_next_goes_on(empty, receives_in_time::thunk, a_message_comes);
    the_next_goes_on(empty, receives_within::thunk, a_message_comes);
}

#[test]
fn what_was_handed_over_without_room_is_passed_on() {
    the_next_goes_on(|| shared(0), receives::thunk, a_message_comes);
}

#[test]
fn who_sends_by_a_shared_handle_passes_the_room_on() {
    the_next_goes_on(full, sends::thunk, room_comes);
}

/// Where the frame has a handle of its own, the drop of that does it.
#[test]
fn who_has_a_handle_of_its_own_passes_on_with_it() {
    #[cps]
    fn receives(own: Receiver<u32>) -> u32 {
        recv!(own).unwrap()
    }
    #[cps]
    fn receives_by_both_ends(own: Mailbox<u32>) -> u32 {
        recv!(own).unwrap()
    }
    #[cps]
    fn sends(own: Sender<u32>) -> u32 {
        send!(own, 7).unwrap();
        7
    }
    let receiving = |shared: Arc<Shared>| thunk!(receives(shared.mailbox.receiver()));
    the_next_goes_on(empty, receiving, a_message_comes);
    let receiving = |shared: Arc<Shared>| thunk!(receives_by_both_ends(shared.mailbox.clone()));
    the_next_goes_on(empty, receiving, a_message_comes);
    let sending = |shared: Arc<Shared>| thunk!(sends(shared.mailbox.sender()));
    the_next_goes_on(full, sending, room_comes);
}

#[test]
fn a_permit_is_passed_on() {
    the_next_goes_on(empty, acquires::thunk, |shared| shared.permits.add(1));
}

/// What is dropped with each wakes the next, whose home refuses it: that takes no stack.
#[test]
fn a_long_line_of_those_who_cannot_go_on_is_dropped() {
    #[cps]
    fn receives(own: Receiver<u32>) -> u32 {
        recv!(own).unwrap()
    }
    #[cps]
    fn sends(own: Sender<u32>) {
        send!(own, 1).unwrap();
    }
    const LINE: usize = 100_000;
    let empty = Mailbox::unbounded();
    let full = Mailbox::bounded(1);
    full.send(0).unwrap();
    let runtime = Runtime::new();
    for _ in 0..LINE {
        runtime
            .spawn_detached(thunk!(receives(empty.receiver())))
            .unwrap();
        runtime
            .spawn_detached(thunk!(sends(full.sender())))
            .unwrap();
    }
    support::until(|| {
        format!("{empty:?}{full:?}")
            .matches(&LINE.to_string())
            .count()
            == 2
    });
    runtime.halt();
    empty.send(7).unwrap();
    assert_eq!(full.recv(), Ok(0));
    assert_eq!(empty.try_recv(), Ok(7));
    assert!(full.is_empty());
}

/// The same where each waits for the end of the next.
#[test]
fn a_long_chain_of_joins_that_cannot_go_on_is_dropped() {
    #[cps]
    fn chain(n: usize, runtime: Runtime, gate: Receiver<()>, there: mpsc::Sender<()>) {
        if n == 0 {
            there.send(()).unwrap();
            recv!(gate).unwrap();
            return;
        }
        let next = runtime.spawn(thunk!(chain(n - 1, runtime.clone(), gate, there)));
        join!(next).unwrap();
    }
    let runtime = Runtime::new();
    let (open, gate) = Mailbox::bounded(1).split();
    let (there, came) = mpsc::channel();
    let first = runtime.spawn(thunk!(chain(100_000, runtime.clone(), gate, there)));
    came.recv().unwrap();
    // The last leg of the one that says so may be under way.
    runtime.freeze();
    assert!(runtime.wait(Status::FROZEN));
    runtime.halt();
    runtime.join_deadline(Instant::now() + STUCK).unwrap_err();
    drop(open);
    assert!(matches!(first.join(), Err(JoinError::Cancelled)));
}
