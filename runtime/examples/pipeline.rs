//! A pipeline of three stages, each on a runtime of its own, whose middle stage is moved to another
//! thread again and again while numbers flow: frozen, ejected, resumed elsewhere.
//!
//! ```text
//! cargo run --release --example pipeline -- [NUMBERS] [MOVES]
//! ```
//!
//! Prints how many numbers went through and the sum of their squares, and checks that none was lost
//! and none came twice. The stages know nothing of being moved.

use insideout::prelude::*;
use insideout::{Builder, Flags, Status, thread_name};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The flag that says that there were enough moves.
const MOVED: u32 = 1;

/// Sends numbers from 0 upwards: at least so many, and until there were enough moves.
#[cps]
fn count(numbers: Sender<u64>, least: u64, moves: Arc<Flags>) -> u64 {
    let mut n = 0;
    while n < least || moves.get() & MOVED == 0 {
        if send!(numbers, n).is_err() {
            break;
        }
        n += 1;
    }
    n
}

/// Squares numbers, and notes on which thread.
#[cps]
fn square(numbers: Receiver<u64>, squares: Sender<u64>, places: Places) {
    while let Ok(n) = recv!(numbers) {
        places.note();
        if send!(squares, n.wrapping_mul(n)).is_err() {
            break;
        }
    }
}

/// How many numbers came, and their sum.
#[cps]
fn add(squares: Receiver<u64>) -> (u64, u64) {
    let (mut came, mut sum) = (0, 0_u64);
    while let Ok(square) = recv!(squares) {
        came += 1;
        sum = sum.wrapping_add(square);
    }
    (came, sum)
}

/// How often something happened on which thread.
#[derive(Clone, Default)]
struct Places(Arc<Mutex<BTreeMap<String, u64>>>);

impl Places {
    fn note(&self) {
        let mut places = self.0.lock().expect("nobody panics with it");
        *places.entry(thread_name()).or_default() += 1;
    }

    fn count(&self, place: &Runtime) -> u64 {
        let places = self.0.lock().expect("nobody panics with it");
        places.get(place.name()).copied().unwrap_or(0)
    }

    /// Waits until something more has happened on a runtime.
    fn wait_for_more(&self, place: &Runtime) {
        let seen = self.count(place);
        while self.count(place) == seen {
            thread::sleep(Duration::from_micros(20));
        }
    }
}

/// Takes the one continuation that belongs to `from`, and lets it go on at `to`.
fn carry(from: &Runtime, to: &Runtime) {
    from.freeze();
    assert!(from.wait(Status::FROZEN), "it was not told to end");
    let stage = loop {
        // Where it waits for a number, or for room, it is queued when there is one.
        match from.eject().expect("it is frozen") {
            Some(stage) => break stage,
            None => thread::sleep(Duration::from_micros(20)),
        }
    };
    to.spawn_detached(stage).expect("it was not told to end");
    from.thaw();
}

/// Lets a stage rest for a moment.
fn pause(stage: &Runtime) {
    stage.freeze();
    assert!(stage.wait(Status::FROZEN), "it was not told to end");
    stage.thaw();
}

fn run(least: u64, moves: u32) -> (u64, u64, Places) {
    let start = |name: &str| Builder::new().name(name).start().expect("a thread");
    let (source, left, right, sink) = (
        start("source"),
        start("left"),
        start("right"),
        start("sink"),
    );
    let (numbers, squares) = (Mailbox::bounded(64), Mailbox::bounded(64));
    let (enough, places) = (Arc::new(Flags::default()), Places::default());

    let counted = source.spawn(thunk!(count(numbers.sender(), least, enough.clone())));
    let squared = left.spawn(thunk!(square(
        numbers.receiver(),
        squares.sender(),
        places.clone()
    )));
    let added = sink.spawn(thunk!(add(squares.receiver())));
    drop((numbers, squares));

    for n in 0..moves {
        let (from, to) = if n % 2 == 0 {
            (&left, &right)
        } else {
            (&right, &left)
        };
        places.wait_for_more(from);
        carry(from, to);
        pause(if n % 3 == 0 { &source } else { &sink });
    }
    enough.set(MOVED);

    let counted = counted.join().expect("a stage does not panic");
    squared.join().expect("a stage does not panic");
    let (came, sum) = added.join().expect("a stage does not panic");
    assert_eq!(came, counted, "numbers were lost or came twice");
    (came, sum, places)
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let mut number = |default| words.next().map_or(Ok(default), |word| word.parse());
    let (Ok(least), Ok(moves)) = (number(100_000_u32), number(100)) else {
        eprintln!("usage: pipeline [NUMBERS] [MOVES]");
        return ExitCode::from(2);
    };
    let (came, sum, places) = run(least.into(), moves);
    println!("{came} numbers, {sum}");
    let places = places.0.lock().expect("nobody panics with it");
    let squared: Vec<_> = places
        .iter()
        .map(|(place, times)| format!("{times} on {place}"))
        .collect();
    eprintln!("moved {moves} times, squared {}", squared.join(", "));
    ExitCode::SUCCESS
}
