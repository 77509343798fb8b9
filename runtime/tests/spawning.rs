//! In which order a worker runs what its continuations spawn and wake.

use insideout::prelude::*;
use insideout::{Dispatcher, here};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// How many there are, and how many there were at most.
#[derive(Default)]
struct Census {
    alive: AtomicUsize,
    most: AtomicUsize,
}

struct Counted(Arc<Census>);

impl Counted {
    fn new(census: &Arc<Census>) -> Self {
        let alive = census.alive.fetch_add(1, SeqCst) + 1;
        census.most.fetch_max(alive, SeqCst);
        Counted(census.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, SeqCst);
    }
}

/// A tree of ten under each, counted while it is alive, queued or not.
#[cps]
fn tree(node: Counted, height: u32) -> usize {
    let mut children = Vec::new();
    for _ in 0..if height > 0 { 10 } else { 0 } {
        children.push(insideout::spawn(thunk!(tree(
            Counted::new(&node.0),
            height - 1
        ))));
    }
    let mut sum = 1;
    for child in children {
        sum += join!(child).unwrap();
    }
    sum
}

#[test]
fn a_tree_is_run_depth_first() {
    for workers in [1, 3] {
        let census = Arc::new(Census::default());
        let pool = Pool::new(workers);
        let root = thunk!(tree(Counted::new(&census), 4));
        assert_eq!(pool.spawn(root).join().unwrap(), 11_111);
        pool.join().unwrap();
        assert_eq!(census.alive.load(SeqCst), 0);
        let most = census.most.load(SeqCst);
        // A thief begins what was left; one worker has the children of one node on each level.
        assert!(most <= 2000 * workers, "{most} alive of 11,111");
        assert!(workers > 1 || most <= 41 + 10 * 10, "{most} alive");
    }
}

/// What a chain of calls, of which each spawns the next, shares with others.
#[derive(Default)]
struct Chain {
    stop: AtomicBool,
    /// How many it was shorter than it might have been.
    left: AtomicUsize,
    over: AtomicBool,
}

#[cps]
fn link(chain: Arc<Chain>, left: usize) {
    if left > 0 && !chain.stop.load(SeqCst) {
        insideout::spawn_detached(thunk!(link(chain, left - 1))).unwrap();
    } else {
        chain.left.store(left, SeqCst);
        chain.over.store(true, SeqCst);
    }
}

#[cps]
fn stop(chain: Arc<Chain>) {
    chain.stop.store(true, SeqCst);
}

#[cps]
fn stopped_by_the_first(chain: Arc<Chain>) {
    insideout::spawn_detached(thunk!(stop(chain.clone()))).unwrap();
    insideout::spawn_detached(thunk!(link(chain, 1_000_000))).unwrap();
}

#[test]
fn what_was_spawned_first_runs_though_more_is_spawned_for_ever() {
    let (chain, pool) = (Arc::new(Chain::default()), Pool::new(1));
    let first = thunk!(stopped_by_the_first(chain.clone()));
    pool.spawn_detached(first).unwrap();
    pool.join().unwrap();
    assert_ne!(chain.left.load(SeqCst), 0, "it was not stopped");
}

#[test]
fn what_is_queued_from_outside_runs_though_more_is_spawned_for_ever() {
    let (chain, pool) = (Arc::new(Chain::default()), Pool::new(1));
    let first = thunk!(link(chain.clone(), 3_000_000));
    pool.spawn_detached(first).unwrap();
    pool.spawn_detached(thunk!(stop(chain.clone()))).unwrap();
    pool.join().unwrap();
    assert_ne!(chain.left.load(SeqCst), 0, "it was not stopped");
}

/// Spawns a chain of a thousand, and counts its own turns until that is over.
#[cps]
fn beside_a_chain(chain: Arc<Chain>) -> usize {
    insideout::spawn_detached(thunk!(link(chain.clone(), 1000))).unwrap();
    let mut turns = 0;
    while !chain.over.load(SeqCst) {
        turns += 1;
        coop!();
    }
    turns
}

#[test]
fn who_lets_others_run_has_a_turn_for_each_that_is_spawned() {
    let pool = Pool::new(1);
    let turns = pool.spawn(thunk!(beside_a_chain(Arc::default())));
    let turns = turns.join().unwrap();
    assert!((900..1100).contains(&turns), "{turns} turns beside 1000");
}

#[cps]
fn wait_until(go: Arc<AtomicBool>) {
    while !go.load(SeqCst) {
        std::thread::yield_now();
    }
}

#[cps]
fn note(order: Arc<Mutex<Vec<usize>>>, n: usize) {
    order.lock().unwrap().push(n);
}

#[test]
fn what_is_queued_from_outside_runs_first_come_first_served() {
    let (go, order) = (
        Arc::new(AtomicBool::new(false)),
        Arc::<Mutex<Vec<_>>>::default(),
    );
    let pool = Pool::new(1);
    pool.spawn_detached(thunk!(wait_until(go.clone()))).unwrap();
    for n in 0..5000 {
        pool.spawn_detached(thunk!(note(order.clone(), n))).unwrap();
    }
    go.store(true, SeqCst);
    pool.join().unwrap();
    assert!(order.lock().unwrap().iter().copied().eq(0..5000));
}

#[cps]
fn tell(ran: Arc<AtomicBool>) {
    ran.store(true, SeqCst);
}

/// How one continuation queues another.
#[derive(Clone, Copy, Debug)]
enum Way {
    Spawned,
    Woken,
    Outside,
}

fn queue(way: Way, other: Continuation) {
    let here = here();
    let refused = match way {
        Way::Spawned => here.start(other),
        Way::Woken => here.dispatch(other),
        Way::Outside => std::thread::spawn(move || here.start(other))
            .join()
            .unwrap(),
    };
    assert!(refused.is_ok());
}

/// Is alone for so many turns, then queues another, and says how often it lets that run before it has.
#[cps]
fn alone_before(turns: usize, way: Way) -> usize {
    let ran = Arc::new(AtomicBool::new(false));
    let mut turn = 0;
    loop {
        if turn == turns {
            queue(way, thunk!(tell(ran.clone())).into_continuation());
        }
        if ran.load(SeqCst) {
            return turn - turns;
        }
        turn += 1;
        coop!();
    }
}

#[test]
fn who_was_alone_lets_run_at_once_what_is_queued() {
    let pool = Pool::new(1);
    for way in [Way::Spawned, Way::Woken, Way::Outside] {
        for turns in 1..200 {
            let alone = pool.spawn(thunk!(alone_before(turns, way)));
            let times = alone.join().unwrap();
            assert!(times <= 2, "{way:?} after {turns} turns: {times}");
        }
    }
}

/// A worker without others keeps what its legs wake for itself; one that comes later takes it nevertheless,
/// while the leg waits for what it woke.
#[test]
fn what_a_lone_worker_woke_is_taken_by_one_that_comes() {
    #[cps]
    fn waits(inbox: Receiver<()>, told: mpsc::Sender<()>) {
        recv!(inbox).unwrap();
        told.send(()).unwrap();
    }

    #[cps]
    fn wakes(outbox: Sender<()>, wakes: mpsc::Sender<()>, done: mpsc::Receiver<()>) -> bool {
        send!(outbox, ()).unwrap();
        wakes.send(()).unwrap();
        done.recv_timeout(Duration::from_secs(60)).is_ok()
    }

    let pool = Pool::new(1);
    let (outbox, inbox) = Mailbox::bounded(1).split();
    let (told, done) = mpsc::channel();
    let (woke, woken) = mpsc::channel();
    pool.spawn_detached(thunk!(waits(inbox.clone(), told)))
        .unwrap();
    while pool.queued() > 0 || format!("{inbox:?}").contains("receiving: 0") {
        std::thread::yield_now();
    }
    let waiting = pool.spawn(thunk!(wakes(outbox, woke, done)));
    woken.recv().unwrap();
    pool.grow(1).unwrap();
    assert!(waiting.join().unwrap());
}

/// Two wake each other for as long as a third has not slept: their worker looks at the event queue meanwhile.
#[test]
fn who_wake_each_other_keep_nobody_from_an_event() {
    #[cps]
    fn plays(from: Receiver<u32>, to: Sender<u32>, slept: Arc<AtomicBool>) -> u32 {
        while let Ok(n) = recv!(from) {
            if slept.load(SeqCst) || n == 0 || send!(to, n - 1).is_err() {
                return n;
            }
        }
        0
    }
    #[cps]
    fn sleeps(slept: Arc<AtomicBool>) {
        sleep!(Duration::from_millis(1));
        slept.store(true, SeqCst);
    }
    let (pool, slept) = (Pool::new(1), Arc::new(AtomicBool::new(false)));
    let (ping, pings) = Mailbox::bounded(1).split();
    let (pong, pongs) = Mailbox::bounded(1).split();
    let players = [(pings, pong), (pongs, ping.clone())]
        .map(|(from, to)| pool.spawn(thunk!(plays(from, to, slept.clone()))));
    pool.spawn_detached(thunk!(sleeps(slept.clone()))).unwrap();
    // Far more than it plays in a millisecond.
    ping.send(3_000_000).unwrap();
    drop(ping);
    let left = players.map(|player| player.join().unwrap());
    assert!(slept.load(SeqCst) && left != [0, 0], "{left:?}");
}
