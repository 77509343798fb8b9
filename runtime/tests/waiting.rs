//! Every call that waits, and everything that can happen to who waits in it.
//!
//! | | its event | deadline | other side gone | closed, interrupted | runtime interrupted | halted | frozen | dropped |
//! | --- | --- | --- | --- | --- | --- | --- | --- | --- |
//! | `recv`, `send`, `iter` | here | `unblocking` | here | `unblocking` | here | here | here | |
//! | `recv!`, `send!` | here | by `select!` | here | `unblocking` | here | here | here | here |
//! | `wait_readable` and the like | `unblocking` | `unblocking` | `unblocking` | `unblocking` | | | | |
//! | `select` | here | `select` | here | `select` | here | here | here | |
//! | `select!` | here | `select` | here | `select` | here | here | here | here |
//! | `JoinHandle::join` | here | | here | | here | here | here | |
//! | `join!` | here | by `select!` | here | | here | here | here | here |
//! | `Semaphore`, `WaitGroup` | here | `toolkit` | | | here | here | here | here |
//! | `Flags`, `Futex` | here | `flags`, `toolkit` | | | here | here | here | |
//! | `migrate!` without room | here | | here | `migrating` | here | here | here | here |
//! | `readable!` | here | | `events` | `events` | here | here | here | |
//! | `sleep!`, `signal!`, `child!` | `events` | | | `events` | | | | |
//! | `Runtime::join`, `Pool::join` | `runtime`, `pool` | `runtime`, `pool` | | | | `runtime`, `pool` | | |

mod support;

use insideout::prelude::*;
use insideout::{Flags, Futex, Promise, Semaphore, Status, WaitGroup, Want, promise, select};
use std::any::Any;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;
use support::{Alive, Counter, once, until};

const SHORT: Duration = Duration::from_millis(2);

/// One who waits.
struct Wait {
    name: &'static str,
    /// Whether it got what it waited for.
    call: Thunk<'static, bool>,
    /// Lets that happen, without waiting; returns what must stay.
    event: Box<dyn FnOnce() -> Box<dyn Any>>,
    /// Makes sure that it never will.
    gone: Option<Box<dyn FnOnce()>>,
}

fn wait<E: 'static, K: 'static>(
    name: &'static str,
    call: Thunk<'static, bool>,
    other_side: E,
    event: impl FnOnce(E) -> K + 'static,
) -> Wait {
    let side = std::rc::Rc::new(std::cell::Cell::new(Some(other_side)));
    let other = side.clone();
    Wait {
        name,
        call,
        event: Box::new(move || Box::new(event(side.take().expect("the other side is there")))),
        gone: Some(Box::new(move || drop(other.take()))),
    }
}

impl Wait {
    /// The other side cannot go while somebody waits.
    fn lasting(self) -> Self {
        Wait { gone: None, ..self }
    }
}

#[cps]
fn receives(inbox: Receiver<u32>, _held: Alive) -> bool {
    recv!(inbox).is_ok()
}

#[cps]
fn sends(outbox: Sender<u32>, _held: Alive) -> bool {
    send!(outbox, 1).is_ok()
}

#[cps]
fn selects(one: Receiver<u32>, other: Receiver<u32>, _held: Alive) -> bool {
    match select!(one, other) {
        Chosen::First(message) | Chosen::Second(message) => message.is_ok(),
    }
}

#[cps]
fn joins(handle: JoinHandle<u32>, _held: Alive) -> bool {
    join!(handle).is_ok()
}

#[cps]
fn acquires(semaphore: Semaphore, _held: Alive) -> bool {
    call!(semaphore.acquire()).forget();
    true
}

#[cps]
fn waits_for_all(group: WaitGroup, _held: Alive) -> bool {
    call!(group.wait());
    true
}

#[cps]
fn migrates(place: Sender<Continuation>, _held: Alive) -> bool {
    migrate!(place).is_ok()
}

#[cps]
fn reads(stream: UnixStream, _held: Alive) -> bool {
    readable!(stream).is_ok()
}

/// A mailbox that is full: of capacity 1, or a rendezvous.
fn full(capacity: usize) -> (Sender<u32>, Receiver<u32>) {
    let (sender, receiver) = Mailbox::bounded(capacity).split();
    (0..capacity).for_each(|_| sender.send(0).unwrap());
    (sender, receiver)
}

fn tells(outbox: Sender<u32>) -> Sender<u32> {
    outbox.send(1).unwrap();
    outbox
}

/// Takes one message, which is there: in the mailbox, or offered.
fn takes(inbox: Receiver<u32>) -> Receiver<u32> {
    inbox.recv().unwrap();
    inbox
}

/// Runs what is in a full place of continuations, and the one that waits for room, which is there then.
fn serves(inbox: Receiver<Continuation>) {
    inbox.iter().take(2).for_each(Continuation::run);
}

/// Those who are suspended.
fn suspended(held: &Alive) -> Vec<Wait> {
    let (outbox, inbox) = Mailbox::bounded(1).split();
    let (one_outbox, one_inbox) = Mailbox::bounded(1).split();
    let (other_outbox, other_inbox) = Mailbox::bounded(1).split();
    let (full_outbox, full_inbox) = full(1);
    let (meeting, meets) = full(0);
    let (kept, handle): (Promise<u32>, _) = promise();
    let (semaphore, group) = (Semaphore::new(0), WaitGroup::new());
    let (place, guests) = Mailbox::bounded(1).split();
    place.send(once(|| ()).into_continuation()).unwrap();
    let (near, far) = UnixStream::pair().unwrap();
    let selects = thunk!(selects(one_inbox, other_inbox, held.clone()));
    let acquires = thunk!(acquires(semaphore.clone(), held.clone()));
    let (waits, member) = (
        thunk!(waits_for_all(group.clone(), held.clone())),
        group.member(),
    );
    vec![
        wait(
            "recv!",
            thunk!(receives(inbox, held.clone())),
            outbox,
            tells,
        ),
        wait(
            "send!",
            thunk!(sends(full_outbox, held.clone())),
            full_inbox,
            takes,
        ),
        wait(
            "send! without room",
            thunk!(sends(meeting, held.clone())),
            meets,
            takes,
        ),
        wait(
            "select!",
            selects,
            [one_outbox, other_outbox],
            |[one, other]| [one, tells(other)],
        ),
        wait("join!", thunk!(joins(handle, held.clone())), kept, |kept| {
            kept.keep(1)
        }),
        wait("acquire", acquires, semaphore, |semaphore| semaphore.add(1)).lasting(),
        wait("wait group", waits, member, drop).lasting(),
        wait(
            "migrate!",
            thunk!(migrates(place, held.clone())),
            guests,
            serves,
        ),
        wait(
            "readable!",
            thunk!(reads(near, held.clone())),
            far,
            |mut far| {
                // A halted runtime has let go of the other end.
                drop(far.write_all(b"1"));
                far
            },
        )
        .lasting(),
    ]
}

/// Those whose leg blocks the thread.
fn blocked(begun: &Counter, held: &Alive) -> Vec<Wait> {
    let (outbox, inbox) = Mailbox::bounded(1).split();
    let (other_outbox, other_inbox) = Mailbox::<u32>::bounded(1).split();
    let (iterated, iterates) = Mailbox::bounded(1).split();
    let (full_outbox, full_inbox) = full(1);
    let (meeting, meets) = full(0);
    let (kept, handle): (Promise<u32>, _) = promise();
    let (semaphore, group) = (Semaphore::new(0), WaitGroup::new());
    let (acquires, waits, member) = (semaphore.clone(), group.clone(), group.member());
    let (flags, futex) = (Arc::new(Flags::default()), Arc::new(Futex::new(0)));
    let (flagged, sleeps) = (flags.clone(), futex.clone());
    let leg = |held: &Alive, leg: Box<dyn FnOnce() -> bool + Send>| {
        let (begun, held) = (begun.clone(), held.clone());
        once(move || {
            let _held = held;
            begun.add(1);
            leg()
        })
    };
    macro_rules! leg {
        ($leg:expr) => {
            leg(held, Box::new($leg))
        };
    }
    vec![
        wait("recv", leg!(move || inbox.recv().is_ok()), outbox, tells),
        wait(
            "iter",
            leg!(move || iterates.iter().next().is_some()),
            iterated,
            tells,
        ),
        wait(
            "send",
            leg!(move || full_outbox.send(1).is_ok()),
            full_inbox,
            takes,
        ),
        wait(
            "send without room",
            leg!(move || meeting.send(1).is_ok()),
            meets,
            takes,
        ),
        wait(
            "select",
            leg!(move || match select((&other_inbox, &Semaphore::new(0))) {
                Chosen::First(message) => message.is_ok(),
                Chosen::Second(_) => unreachable!(),
            }),
            other_outbox,
            tells,
        ),
        wait("join", leg!(move || handle.join().is_ok()), kept, |kept| {
            kept.keep(1)
        }),
        wait(
            "acquire",
            leg!(move || {
                acquires.acquire().forget();
                true
            }),
            semaphore,
            |semaphore| semaphore.add(1),
        )
        .lasting(),
        wait(
            "wait group",
            leg!(move || {
                waits.wait();
                true
            }),
            member,
            drop,
        )
        .lasting(),
        wait(
            "flags",
            leg!(move || flagged.wait(Want::AllSet(2)) == 2),
            flags,
            |flags| {
                flags.set(2);
            },
        )
        .lasting(),
        wait(
            "futex",
            leg!(move || {
                while sleeps.load(SeqCst) == 0 {
                    sleeps.wait(0, None);
                }
                true
            }),
            futex,
            |futex| {
                futex.store(1, SeqCst);
                futex.wake_all();
            },
        )
        .lasting(),
    ]
}

impl Wait {
    /// Whether it goes on elsewhere.
    fn leaves(&self) -> bool {
        self.name == "migrate!"
    }
}

/// Each by itself, with what counts the legs that block, and what it holds.
fn each(test: impl Fn(Wait, &Counter, &Alive)) {
    let all = |begun: &Counter, held: &Alive| {
        let mut all = suspended(held);
        all.extend(blocked(begun, held));
        all
    };
    for n in 0..all(&Counter::default(), &Alive::default()).len() {
        let (begun, held) = (Counter::default(), Alive::default());
        let one = all(&begun, &held).swap_remove(n);
        test(one, &begun, &held);
        until(|| held.others() == 0);
    }
}

/// Lets it wait on a runtime, if it is one who is suspended; or else lets it block that, most likely asleep.
fn begin(runtime: &Runtime, call: Thunk<'static, bool>, begun: &Counter) -> JoinHandle<bool> {
    let handle = runtime.spawn(call);
    let next = runtime.spawn(once(|| ()));
    until(|| begun.get() == 1 || next.is_finished());
    if begun.get() == 1 {
        thread::sleep(SHORT);
    }
    handle
}

#[test]
fn the_event_ends_the_wait() {
    each(|wait, begun, _| {
        let runtime = Runtime::new();
        let handle = begin(&runtime, wait.call, begun);
        assert!(!handle.is_finished(), "{}", wait.name);
        let _stays = (wait.event)();
        assert!(handle.join().unwrap(), "{}", wait.name);
    });
}

#[test]
fn the_other_side_gone_ends_the_wait() {
    each(|wait, begun, _| {
        let runtime = Runtime::new();
        let handle = begin(&runtime, wait.call, begun);
        match wait.gone {
            Some(gone) => {
                gone();
                assert!(!handle.join().unwrap(), "{}", wait.name);
            }
            None => drop((wait.event)()),
        }
    });
}

#[test]
fn an_interrupt_of_the_runtime_ends_no_wait() {
    each(|wait, begun, _| {
        let runtime = Runtime::new();
        let handle = begin(&runtime, wait.call, begun);
        for _ in 0..3 {
            runtime.interrupt().unwrap();
            thread::sleep(SHORT);
        }
        assert!(!handle.is_finished(), "{}", wait.name);
        let _stays = (wait.event)();
        assert!(handle.join().unwrap(), "{}", wait.name);
    });
}

/// A leg that blocks ends first. Who is suspended is dropped when its event comes, unless that takes it away.
#[test]
fn a_halt_ends_the_wait_with_its_event() {
    each(|wait, begun, held| {
        let (runtime, leaves) = (Runtime::new(), wait.leaves());
        let handle = begin(&runtime, wait.call, begun);
        runtime.halt();
        if begun.get() == 1 {
            assert!(!runtime.status().contains(Status::DEAD), "{}", wait.name);
            let _stays = (wait.event)();
            assert!(handle.join().unwrap(), "{}", wait.name);
            assert!(runtime.wait(Status::DEAD));
        } else {
            assert!(runtime.wait(Status::DEAD), "{}", wait.name);
            let _stays = (wait.event)();
            match handle.join() {
                Ok(arrived) => assert!(arrived && leaves, "{}", wait.name),
                Err(JoinError::Cancelled) => assert!(!leaves, "{}", wait.name),
                Err(panic) => panic!("{panic}"),
            }
        }
        assert_eq!(held.others(), 0, "{}", wait.name);
    });
}

#[test]
fn what_happens_while_the_runtime_is_frozen_is_seen_when_it_thaws() {
    each(|wait, begun, _| {
        let (runtime, leaves) = (Runtime::new(), wait.leaves());
        let handle = begin(&runtime, wait.call, begun);
        runtime.freeze();
        let blocks = begun.get() == 1;
        assert!(blocks || runtime.wait(Status::FROZEN), "{}", wait.name);
        let _stays = (wait.event)();
        if !blocks {
            assert_eq!(handle.is_finished(), leaves, "{}", wait.name);
        }
        runtime.thaw();
        assert!(handle.join().unwrap(), "{}", wait.name);
    });
}

/// A continuation that is dropped between its wake-up and its turn.
#[test]
fn who_is_dropped_when_it_was_woken_is_cancelled() {
    each(|wait, begun, held| {
        let runtime = Runtime::new();
        let handle = begin(&runtime, wait.call, begun);
        // What migrated is not queued here, and what waits for a descriptor is not woken while its runtime is
        // frozen.
        if begun.get() == 1 || ["migrate!", "readable!"].contains(&wait.name) {
            return drop((wait.event)());
        }
        runtime.freeze();
        assert!(runtime.wait(Status::FROZEN));
        let _stays = (wait.event)();
        drop(runtime.eject().unwrap().expect("it was woken"));
        let ended = handle.join();
        assert!(matches!(ended, Err(JoinError::Cancelled)), "{}", wait.name);
        assert_eq!(held.others(), 0, "{}", wait.name);
    });
}

/// The wait goes on without anybody who waits for its end.
#[test]
fn a_handle_dropped_meanwhile_changes_nothing() {
    each(|wait, begun, held| {
        let runtime = Runtime::new();
        drop(begin(&runtime, wait.call, begun));
        assert_eq!(held.others(), 1, "{}", wait.name);
        let _stays = (wait.event)();
        until(|| held.others() == 0);
    });
}

/// Whoever waits with a handle of both ends keeps the mailbox open itself.
#[test]
fn a_mailbox_stays_open_for_who_holds_both_ends() {
    #[cps]
    fn receives(both: Mailbox<u32>, _held: Alive) -> Result<u32, Refused> {
        recv!(both)
    }

    #[cps]
    fn sends(both: Mailbox<u32>, _held: Alive) -> Result<(), Refused<u32>> {
        send!(both, 1)
    }

    let (pool, held) = (Pool::new(1), Alive::default());
    let mailbox = Mailbox::bounded(1);
    let receiver = mailbox.receiver();
    let receiving = pool.spawn(thunk!(receives(mailbox, held.clone())));
    pool.spawn(once(|| ())).join().unwrap();
    assert!(!receiver.is_closed() && !receiving.is_finished());
    receiver.close();
    assert_eq!(receiving.join().unwrap(), Err(Closed(())));

    let mailbox = Mailbox::bounded(1);
    mailbox.send(0).unwrap();
    let sender = mailbox.sender();
    let sending = pool.spawn(thunk!(sends(mailbox, held.clone())));
    pool.spawn(once(|| ())).join().unwrap();
    assert!(!sender.is_closed() && !sending.is_finished());
    sender.close();
    assert_eq!(sending.join().unwrap(), Err(Closed(1)));
    assert_eq!(held.others(), 0);
}
