//! Calls that are given up: wherever a callee waits, it and its callers up to the timeout are dropped,
//! and nothing that it did not take is lost.

use insideout::prelude::*;
use insideout::{EventQueue, Semaphore, TimedOut, WaitGroup, timeout_at};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(600);

/// Counts those that are alive.
#[derive(Clone, Default)]
struct Alive(Arc<AtomicUsize>);

struct Guard(Alive);

impl Alive {
    fn guard(&self) -> Guard {
        self.0.fetch_add(1, SeqCst);
        Guard(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, SeqCst);
    }
}

/// What a callee may wait for that never comes.
struct Things {
    alive: Alive,
    empty: Receiver<u32>,
    full: Sender<u32>,
    meeting: Sender<u32>,
    never: Mutex<Option<JoinHandle<u32>>>,
    stream: UnixStream,
    none: Semaphore,
    group: WaitGroup,
}

const KINDS: u32 = 12;

#[cps]
fn wait(things: Arc<Things>, kind: u32) {
    let _guard = things.alive.guard();
    match kind {
        0 => {
            recv!(things.empty).ok();
        }
        1 => {
            send!(things.full, 1).ok();
        }
        2 => {
            send!(things.meeting, 1).ok();
        }
        3 => {
            let handle = things.never.lock().unwrap().take().unwrap();
            drop(join!(handle));
        }
        4 => drop(readable!(things.stream)),
        5 => sleep!(LONG),
        6 => drop(select!(things.empty, things.none)),
        7 => {
            recv_deadline!(things.empty, Instant::now() + LONG).ok();
        }
        8 => drop(call!(things.none.acquire())),
        9 => call!(things.group.wait()),
        10 => loop {
            coop!();
        },
        _ => {
            timeout!(LONG, wait(things.clone(), kind - 11)).ok();
        }
    }
}

#[cps]
fn nested(things: Arc<Things>, kind: u32, depth: u32) {
    let _guard = things.alive.guard();
    match depth {
        0 => call!(wait(things, kind)),
        _ => call!(nested(things, kind, depth - 1)),
    }
}

#[cps]
fn give_up(things: Arc<Things>, kind: u32, depth: u32) -> (Result<(), TimedOut>, usize) {
    let result = timeout!(SHORT, nested(things.clone(), kind, depth));
    (result, things.alive.count())
}

#[test]
fn a_callee_is_dropped_wherever_it_waits() {
    let pool = Pool::new(2);
    let group = WaitGroup::new();
    let _member = group.member();
    for kind in 0..KINDS {
        let [empty, full, meeting, forever] = [1, 1, 0, 1].map(Mailbox::bounded);
        full.send(0).unwrap();
        #[cps]
        fn never(mailbox: Mailbox<u32>) -> u32 {
            recv!(mailbox).unwrap_or(0)
        }
        let (stream, _peer) = UnixStream::pair().unwrap();
        let things = Arc::new(Things {
            alive: Alive::default(),
            empty: empty.receiver(),
            full: full.sender(),
            meeting: meeting.sender(),
            never: Mutex::new(Some(pool.spawn(thunk!(never(forever.clone()))))),
            stream,
            none: Semaphore::new(0),
            group: group.clone(),
        });
        let began = Instant::now();
        let given_up = pool.spawn(thunk!(give_up(things.clone(), kind, kind)));
        assert_eq!(given_up.join().unwrap(), (Err(TimedOut), 0), "kind {kind}");
        assert!(began.elapsed() >= SHORT);
        // Nobody is left there.
        for mailbox in [&empty, &full, &meeting] {
            let text = format!("{mailbox:?}");
            assert!(
                text.contains("receiving: 0") && text.contains("sending: 0"),
                "{kind}: {text}"
            );
        }
        assert!(
            format!("{:?}{:?}", things.none, group)
                .matches("waiting: 0")
                .count()
                == 2
        );
        // The same from a plain call.
        if kind != 3 {
            assert_eq!(
                give_up(things.clone(), kind, 1),
                (Err(TimedOut), 0),
                "kind {kind}"
            );
        }
        forever.close();
    }
}

#[test]
fn what_comes_in_time_is_returned() {
    #[cps]
    fn sum(numbers: &Receiver<u32>, into: &mut Vec<u32>) -> u32 {
        while into.len() < 3 {
            into.push(recv!(numbers).unwrap());
        }
        into.iter().sum()
    }
    #[cps]
    fn all(
        numbers: Receiver<u32>,
        over: Sender<()>,
    ) -> (Result<u32, TimedOut>, Result<u32, TimedOut>, Vec<u32>) {
        let mut into = Vec::new();
        let late = timeout!(SHORT, sum(&numbers, &mut into));
        over.send(()).unwrap();
        let enough = timeout!(LONG, sum(&numbers, &mut into));
        (late, enough, into)
    }
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(4).split();
    sender.send(1).unwrap();
    let over = Mailbox::bounded(1);
    let handle = pool.spawn(thunk!(all(receiver, over.sender())));
    over.recv_timeout(LONG).unwrap();
    sender.send(2).unwrap();
    sender.send(3).unwrap();
    assert_eq!(
        handle.join().unwrap(),
        (Err(TimedOut), Ok(6), vec![1, 2, 3])
    );
}

fn eventually(holds: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < limit, "it does not come to that");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The first leg always runs.
#[test]
fn what_is_there_is_taken_without_any_time() {
    #[cps]
    fn take(numbers: Receiver<u32>) -> u32 {
        recv!(numbers).unwrap()
    }
    #[cps]
    fn now(numbers: Receiver<u32>) -> Result<u32, TimedOut> {
        timeout!(Duration::ZERO, take(numbers))
    }
    let (sender, receiver) = Mailbox::bounded(1).split();
    assert_eq!(now(receiver.clone()), Err(TimedOut));
    sender.send(7).unwrap();
    assert_eq!(now(receiver), Ok(7));
}

#[test]
fn the_inner_one_of_two_timeouts_may_be_over_first() {
    #[cps]
    fn both(mailbox: Receiver<u32>, inner: Duration, outer: Duration) -> u32 {
        #[cps]
        fn wait(mailbox: &Receiver<u32>) -> u32 {
            recv!(mailbox).unwrap()
        }
        #[cps]
        fn within(mailbox: &Receiver<u32>, inner: Duration) -> u32 {
            timeout!(inner, wait(mailbox)).unwrap_or(1)
        }
        timeout!(outer, within(&mailbox, inner)).unwrap_or(2)
    }
    let (sender, receiver) = Mailbox::bounded(1).split();
    assert_eq!(both(receiver.clone(), SHORT, LONG), 1);
    assert_eq!(both(receiver.clone(), LONG, SHORT), 2);
    sender.send(3).unwrap();
    assert_eq!(both(receiver, LONG, LONG), 3);
}

#[test]
fn a_call_under_a_timeout_goes_where_it_likes() {
    #[cps]
    fn there_and_back(other: Home) -> (String, String, bool) {
        let home = insideout::here();
        let refused = migrate!(closed()).is_err();
        migrate!(other).unwrap();
        let there = insideout::thread_name();
        sleep!(Duration::from_millis(1));
        migrate!(home).unwrap();
        (there, insideout::thread_name(), refused)
    }
    fn closed() -> Home {
        let pool = Pool::new(1);
        let home = pool.home();
        pool.join().unwrap();
        home
    }
    #[cps]
    fn travel(other: Home) -> (Result<(String, String, bool), TimedOut>, String) {
        let visited = timeout!(LONG, there_and_back(other));
        (visited, insideout::thread_name())
    }
    let start = |name: &str| insideout::Builder::new().name(name).start().unwrap();
    let (one, other) = (start("one"), start("other"));
    let handle = one.spawn(thunk!(travel(other.home())));
    let expected = ("other".to_owned(), "one".to_owned(), true);
    assert_eq!(handle.join().unwrap(), (Ok(expected), "one".to_owned()));
}

#[test]
fn an_interrupt_is_heard_under_a_timeout() {
    #[cps]
    fn wait(mailbox: &Receiver<u32>) -> Result<u32, Closed> {
        recv!(mailbox)
    }
    #[cps]
    fn offer(mailbox: &Sender<u32>) -> Result<(), Closed<u32>> {
        send!(mailbox, 7)
    }
    type InTime<T, E> = Result<Result<T, E>, TimedOut>;
    #[cps]
    fn both(
        receiver: Receiver<u32>,
        sender: Sender<u32>,
    ) -> (InTime<u32, Closed>, InTime<(), Closed<u32>>) {
        let received = timeout!(LONG, wait(&receiver));
        (received, timeout!(LONG, offer(&sender)))
    }
    for capacity in [0, 1] {
        let pool = Pool::new(1);
        let (empty, full) = (Mailbox::bounded(1), Mailbox::bounded(capacity));
        full.try_send(1).ok();
        let handle = pool.spawn(thunk!(both(empty.receiver(), full.sender())));
        eventually(|| format!("{empty:?}").contains("receiving: 1"));
        empty.interrupt();
        eventually(|| format!("{full:?}").contains("sending: 1"));
        full.interrupt();
        let outcome = handle.join().unwrap();
        let interrupted = (
            Ok(Err(Refused::Interrupted(()))),
            Ok(Err(Refused::Interrupted(7))),
        );
        assert_eq!(outcome, interrupted);
    }
}

/// Those who give up and those who do not share mailboxes: every message is received once, or comes
/// back with who could not send it.
#[test]
fn no_message_and_no_wake_up_is_lost() {
    const UPTO: u64 = 3_000;
    #[cps]
    fn take(mailbox: &Receiver<u64>, sum: &mut u64) -> bool {
        match recv!(mailbox) {
            Ok(n) => *sum += n,
            Err(_) => return false,
        }
        true
    }
    #[cps]
    fn hasty(mailbox: Receiver<u64>, patience: Duration) -> u64 {
        let mut sum = 0;
        loop {
            if let Ok(false) = timeout!(patience, take(&mailbox, &mut sum)) {
                return sum;
            }
        }
    }
    #[cps]
    fn patient(mailbox: Receiver<u64>) -> u64 {
        let mut sum = 0;
        while call!(take(&mailbox, &mut sum)) {}
        sum
    }
    #[cps]
    fn give(mailbox: Sender<u64>) {
        for n in 1..=UPTO {
            send!(mailbox, n).unwrap();
            if n % 64 == 0 {
                sleep!(Duration::from_millis(2));
            }
        }
    }
    for capacity in [1, 4, 0] {
        let pools = [Pool::new(2), Pool::new(1)];
        let (sender, receiver) = Mailbox::bounded(capacity).split();
        let mut sums = Vec::new();
        for n in 1..4 {
            let patience = Duration::from_micros(500 * n);
            sums.push(pools[0].spawn(thunk!(hasty(receiver.clone(), patience))));
            sums.push(pools[1].spawn(thunk!(hasty(receiver.clone(), patience))));
            sums.push(pools[1].spawn(thunk!(patient(receiver.clone()))));
        }
        drop(receiver);
        for _ in 0..2 {
            pools[0]
                .spawn_detached(thunk!(give(sender.clone())))
                .unwrap();
        }
        drop(sender);
        let sum: u64 = sums.into_iter().map(|sum| sum.join().unwrap()).sum();
        assert_eq!(sum, UPTO * (UPTO + 1), "capacity {capacity}");
    }
}

/// A message that has woken the callee is for the callee, also when the time is over before that has
/// its turn.
#[test]
fn who_was_woken_takes_what_woke_it() {
    #[cps]
    fn take(mailbox: &Receiver<u32>) -> u32 {
        recv!(mailbox).unwrap()
    }
    #[cps]
    fn within(mailbox: Receiver<u32>) -> Result<u32, TimedOut> {
        timeout!(SHORT, take(&mailbox))
    }
    /// Lets the other wait, and then keeps the worker from looking at the time.
    #[cps]
    fn block(
        receiver: Receiver<u32>,
        blocks: std::sync::mpsc::Sender<()>,
        until: std::sync::mpsc::Receiver<()>,
    ) -> Result<u32, TimedOut> {
        let handle = spawn(thunk!(within(receiver)));
        coop!();
        blocks.send(()).unwrap();
        until.recv().unwrap();
        join!(handle).unwrap()
    }
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let (release, until) = std::sync::mpsc::channel();
    let (blocks, blocked) = std::sync::mpsc::channel();
    let handle = pool.spawn(thunk!(block(receiver, blocks, until)));
    blocked.recv().unwrap();
    sender.send(7).unwrap();
    std::thread::sleep(2 * SHORT);
    release.send(()).unwrap();
    assert_eq!(handle.join().unwrap(), Ok(7));
}

/// A timeout that is not over leaves nothing on the event queue.
#[test]
fn what_ends_in_time_takes_its_timer_along() {
    #[cps]
    fn take(mailbox: &Receiver<u32>) -> u32 {
        recv!(mailbox).unwrap()
    }
    #[cps]
    fn many(mailbox: Receiver<u32>, count: u32) -> u32 {
        let mut sum = 0;
        for _ in 0..count {
            sum += timeout!(LONG, take(&mailbox)).unwrap();
        }
        sum
    }
    let queue = EventQueue::new().unwrap();
    let _entered = queue.enter();
    let (sender, receiver) = Mailbox::bounded(1).split();
    let sum = Arc::new(AtomicUsize::new(0));
    let told = sum.clone();
    thunk!(many(receiver, 100))
        .start_with(move |outcome| {
            if let insideout::Outcome::Returned(n) = outcome {
                told.store(n as usize, SeqCst);
            }
        })
        .run();
    for _ in 0..100 {
        assert!(!queue.is_empty());
        sender.send(2).unwrap();
    }
    assert_eq!(sum.load(SeqCst), 200);
    assert!(queue.is_empty());
}

#[test]
fn a_thunk_may_be_given_a_time_before_it_is_spawned() {
    #[cps]
    fn endless(mailbox: Mailbox<u32>) -> u32 {
        recv!(mailbox).unwrap()
    }
    let pool = Pool::new(1);
    let at = Instant::now() + SHORT;
    let handle = pool.spawn(timeout_at(at, thunk!(endless(Mailbox::unbounded()))));
    assert_eq!(handle.join().unwrap(), Err(TimedOut));
    assert!(Instant::now() >= at);
}
