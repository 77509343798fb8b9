//! Eight threads and 64 continuations on four mailboxes, while these are paused, interrupted and closed, what
//! runs the continuations is frozen, thawed, linked, halted, grown and shrunk, continuations are ejected and
//! dropped, and panic, all at random: each message is accounted for once, and each frame is dropped once.
//!
//! Round after round, each with a seed of its own, for 5 seconds; `STORM_SECONDS=n` says how long,
//! `STORM_SEED=n` with which seed to begin.

mod support;

use insideout::prelude::*;
use insideout::{Builder, RecvTimeoutError, SendTimeoutError, Status, TryRecvError, TrySendError};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use support::Random;

const THREADS: usize = 8;
const CONTINUATIONS: usize = 64;
/// What an actor does before it ends.
const DEEDS: usize = 120;
/// No round takes as long.
const STUCK: Duration = Duration::from_secs(60);

/// What became of each message and each frame.
struct Ledger {
    made: AtomicUsize,
    fates: Vec<AtomicU8>,
    /// How often the frame of each continuation was dropped.
    frames: Vec<AtomicUsize>,
    /// What must not be. Kept, since an actor that panics is what a storm is made of.
    wrongs: Mutex<Vec<String>>,
}

/// The sender was told that it was sent.
const SENT: u8 = 1;
/// It was handed back to the sender.
const BACK: u8 = 2;
const RECEIVED: u8 = 4;
/// It was in a mailbox when all was over.
const LEFT: u8 = 8;
const DROPPED: u8 = 16;

impl Ledger {
    fn mark(&self, n: usize, fate: u8) {
        let before = self.fates[n].fetch_or(fate, SeqCst);
        // Who has sent it may hear of that when it is gone.
        let never = if fate == SENT { SENT } else { fate | DROPPED };
        self.holds(before & never == 0, || {
            format!("message {n}: {before:#b} and {fate:#b}")
        });
    }

    fn panicked(&self, panic: &(dyn Any + Send)) {
        self.holds(panic.is::<Storm>(), || {
            let message = panic.downcast_ref::<String>().cloned();
            let message = message.or_else(|| Some(panic.downcast_ref::<&str>()?.to_string()));
            format!("a panic: {message:?}")
        });
    }

    fn holds(&self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrongs.lock().unwrap().push(otherwise());
        }
    }

    /// Each message ended in one way: with a receiver, in a mailbox, back with its sender, or with the frame
    /// that was about to send it; and each frame was dropped once. Returns how many messages were received,
    /// and how many came back.
    fn check(&self, seed: u64) -> [usize; 2] {
        let wrongs = self.wrongs.lock().unwrap();
        assert!(wrongs.is_empty(), "seed {seed}: {wrongs:#?}");
        for (n, drops) in self.frames.iter().enumerate() {
            assert_eq!(drops.load(SeqCst), 1, "seed {seed}: frame {n}");
        }
        let made = self.made.load(SeqCst);
        for (n, fate) in self.fates.iter().take(made).enumerate() {
            let fate = fate.load(SeqCst);
            let ends = (fate & (BACK | RECEIVED | LEFT)).count_ones();
            let lost = fate & SENT != 0 && (ends == 0 || fate & BACK != 0);
            assert!(
                fate & DROPPED != 0 && ends <= 1 && !lost,
                "seed {seed}: message {n} of {made} ended as {fate:#b}"
            );
        }
        [RECEIVED, BACK].map(|end| {
            let ended = |fate: &&AtomicU8| fate.load(SeqCst) & end != 0;
            self.fates.iter().filter(ended).count()
        })
    }
}

struct Message(usize, Arc<Ledger>);

impl Message {
    fn new(ledger: &Arc<Ledger>) -> Self {
        Message(ledger.made.fetch_add(1, SeqCst), ledger.clone())
    }

    fn mark(&self, fate: u8) {
        self.1.mark(self.0, fate);
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        self.mark(DROPPED);
    }
}

/// The panic that belongs to it. Any other is wrong.
struct Storm;

/// What a continuation holds from its beginning to its end.
struct Frame(usize, Arc<Ledger>);

impl Drop for Frame {
    fn drop(&mut self) {
        self.1.frames[self.0].fetch_add(1, SeqCst);
    }
}

/// What the actors share.
struct World {
    ledger: Arc<Ledger>,
    mailboxes: [Mailbox<Message>; 4],
    places: Vec<Home>,
}

impl World {
    fn mailbox(&self, random: &mut Random) -> &Mailbox<Message> {
        &self.mailboxes[random.below(4) as usize]
    }

    fn message(&self) -> (usize, Message) {
        let message = Message::new(&self.ledger);
        (message.0, message)
    }

    fn sent(&self, n: usize, back: Option<Message>) {
        match back {
            None => self.ledger.mark(n, SENT),
            Some(back) => {
                let own = back.0 == n;
                (self.ledger).holds(own, || format!("message {} came back as {n}", back.0));
                back.mark(BACK);
            }
        }
    }

    fn panic_perhaps(random: &mut Random) {
        if random.below(DEEDS as u64 / 4) == 0 {
            // Without a word on stderr.
            std::panic::resume_unwind(Box::new(Storm));
        }
    }

    /// What a thread does in one go.
    fn act(&self, random: &mut Random) {
        let timeout = Duration::from_micros(random.below(300));
        let mailbox = self.mailbox(random);
        match random.below(9) {
            0 => received(mailbox.recv().ok()),
            1 => received(mailbox.try_recv().map_err(|_: TryRecvError| ()).ok()),
            2 | 3 => {
                let received_in_time = mailbox.recv_timeout(timeout);
                received(received_in_time.map_err(|_: RecvTimeoutError| ()).ok());
            }
            4 => {
                let (n, message) = self.message();
                self.sent(n, mailbox.send(message).err().map(Refused::into_inner));
            }
            5 => {
                let (n, message) = self.message();
                let refused = mailbox.try_send(message).err();
                self.sent(n, refused.map(TrySendError::into_inner));
            }
            6 | 7 => {
                let (n, message) = self.message();
                let refused = mailbox.send_timeout(message, timeout).err();
                self.sent(n, refused.map(SendTimeoutError::into_inner));
            }
            _ => Self::panic_perhaps(random),
        }
    }
}

fn received(message: Option<Message>) {
    message.inspect(|message| message.mark(RECEIVED));
}

/// What a continuation does from its beginning to its end.
#[cps]
fn actor(world: Arc<World>, mut random: Random, frame: Frame) -> usize {
    let mut deeds = 0;
    while deeds < DEEDS {
        deeds += 1;
        let inbox = world.mailbox(&mut random).receiver();
        match random.below(12) {
            0..4 => received(recv!(inbox).ok()),
            4..8 => {
                let outbox = world.mailbox(&mut random).sender();
                let (n, message) = world.message();
                let sent = send!(outbox, message);
                world.sent(n, sent.err().map(Refused::into_inner));
            }
            8 => {
                let other = world.mailbox(&mut random).receiver();
                match select!(inbox, other) {
                    Chosen::First(chosen) | Chosen::Second(chosen) => received(chosen.ok()),
                }
            }
            9 => coop!(),
            10 => {
                let place = random.below(world.places.len() as u64) as usize;
                let _ = migrate!(world.places[place].clone());
            }
            _ => World::panic_perhaps(&mut random),
        }
    }
    let _ = &frame;
    deeds
}

/// What runs the continuations.
struct Dispatchers {
    runtimes: Vec<Runtime>,
    pool: Pool,
}

impl Dispatchers {
    fn new(random: &mut Random) -> Self {
        let runtime = |frozen| match frozen {
            true => Builder::new().frozen().start().unwrap(),
            false => Runtime::new(),
        };
        Dispatchers {
            runtimes: (0..4).map(|_| runtime(random.below(4) == 0)).collect(),
            pool: Pool::new(2),
        }
    }

    fn homes(&self) -> Vec<Home> {
        let runtimes = self.runtimes.iter().map(Runtime::home);
        runtimes
            .chain([self.pool.home(), self.pool.home()])
            .collect()
    }

    fn disturb(&self, random: &mut Random) {
        let one = &self.runtimes[random.below(4) as usize];
        let other = &self.runtimes[random.below(4) as usize];
        match random.below(40) {
            0..6 => one.freeze(),
            6..14 => one.thaw(),
            14..20 => self.eject(one, other, random),
            20 => one.link(other),
            21 | 22 => one.unlink(other),
            23 => drop(one.interrupt()),
            24..27 => self.pool.freeze(),
            27..32 => self.pool.thaw(),
            32 => self.pool.interrupt(),
            33 => drop(self.pool.drain()),
            34 | 35 if self.pool.workers() < 3 => drop(self.pool.grow(1)),
            36 if random.below(8) == 0 => one.halt(),
            37 if random.below(40) == 0 => self.pool.halt(),
            _ => thread::yield_now(),
        }
    }

    /// Takes out what is queued in one, for another or for nobody.
    fn eject(&self, one: &Runtime, other: &Runtime, random: &mut Random) {
        one.freeze();
        let soon = Instant::now() + Duration::from_millis(1);
        if one.wait_deadline(Status::FROZEN, soon) {
            for continuation in (0..8).map_while(|_| one.eject().ok().flatten()) {
                match random.below(6) {
                    0 => drop(continuation),
                    1 => drop(self.pool.spawn_detached(continuation)),
                    _ => drop(other.spawn_detached(continuation)),
                }
            }
        }
        one.thaw();
    }

    /// Lets all of them go on to their end.
    fn end(self) {
        self.runtimes.iter().for_each(Runtime::thaw);
        self.pool.thaw();
        // It may have been drained, or halted.
        let _ = self.pool.grow(1);
        self.runtimes.iter().for_each(Runtime::shutdown);
        for runtime in &self.runtimes {
            let ended = runtime.join_timeout(STUCK);
            assert!(
                !matches!(ended, Err(insideout::EndError::Timeout)),
                "{runtime:?}"
            );
        }
        let _ = self.pool.shutdown_deadline(Instant::now() + STUCK);
    }
}

fn disturb(mailbox: &Mailbox<Message>, random: &mut Random) {
    match random.below(60) {
        0..6 => mailbox.pause(),
        6..14 => mailbox.resume(),
        14..18 => mailbox.interrupt(),
        18 if random.below(6) == 0 => mailbox.close(),
        _ => thread::yield_now(),
    }
}

fn round(seed: u64) -> [usize; 2] {
    let mut random = Random::new(seed);
    let actors = THREADS + CONTINUATIONS;
    let ledger = Arc::new(Ledger {
        made: AtomicUsize::new(0),
        fates: (0..actors * DEEDS).map(|_| AtomicU8::new(0)).collect(),
        frames: (0..CONTINUATIONS).map(|_| AtomicUsize::new(0)).collect(),
        wrongs: Mutex::default(),
    });
    let mailbox = |kind| match kind {
        0 => Mailbox::unbounded(),
        room => Mailbox::bounded([0, 1, 7, 64][room as usize - 1]),
    };
    let dispatchers = Dispatchers::new(&mut random);
    let world = Arc::new(World {
        ledger: ledger.clone(),
        mailboxes: [(); 4].map(|()| mailbox(random.below(5))),
        places: dispatchers.homes(),
    });
    let handles: Vec<_> = (0..CONTINUATIONS)
        .map(|n| {
            let own = Random::new(seed * 100 + n as u64);
            let call = thunk!(actor(world.clone(), own, Frame(n, ledger.clone())));
            let place = random.below(6) as usize;
            match dispatchers.runtimes.get(place) {
                Some(runtime) => runtime.spawn(call),
                None => dispatchers.pool.spawn(call),
            }
        })
        .collect();
    let threads: Vec<_> = (0..THREADS)
        .map(|n| {
            let (world, mut random) = (world.clone(), Random::new(seed * 100 + 90 + n as u64));
            thread::spawn(move || {
                for _ in 0..DEEDS {
                    let acted = catch_unwind(AssertUnwindSafe(|| world.act(&mut random)));
                    let _ = acted.inspect_err(|panic| world.ledger.panicked(&**panic));
                }
            })
        })
        .collect();
    for _ in 0..random.below(600) {
        dispatchers.disturb(&mut random);
        disturb(world.mailbox(&mut random), &mut random);
    }
    world.mailboxes.iter().for_each(Mailbox::close);
    dispatchers.end();
    let stuck = Instant::now() + STUCK;
    let ended = || {
        handles.iter().all(JoinHandle::is_finished)
            && threads.iter().all(thread::JoinHandle::is_finished)
    };
    while !ended() {
        assert!(Instant::now() < stuck, "seed {seed}: {:?}", world.mailboxes);
        thread::sleep(Duration::from_micros(100));
    }
    for handle in handles {
        if let Err(JoinError::Panicked(panic)) = handle.join() {
            ledger.panicked(&*panic);
        }
    }
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    for message in world.mailboxes.iter().flat_map(Mailbox::drain) {
        message.mark(LEFT);
    }
    ledger.check(seed)
}

#[test]
fn a_storm_loses_and_doubles_nothing() {
    let number = |name: &str, default| {
        std::env::var(name).map_or(default, |n| n.parse::<u64>().expect("a number"))
    };
    let end = Instant::now() + Duration::from_secs(number("STORM_SECONDS", 5));
    let mut seed = number("STORM_SEED", 1);
    let (first, mut sum) = (seed, [0, 0]);
    while Instant::now() < end || seed == first {
        let [received, back] = round(seed);
        sum = [sum[0] + received, sum[1] + back];
        seed += 1;
    }
    let [received, back] = sum;
    println!("{} rounds, {received} received, {back} back", seed - first);
    assert!(received > 0 && back > 0);
}
