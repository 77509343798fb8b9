//! Continuations for the tests, written as `#[cps]` would expand them.
#![allow(dead_code, unreachable_pub)]

use insideout::expansion::points::Unsent;
use insideout::expansion::{Attempt, Context, points};
use insideout::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Receives until the mailbox is closed and drained, calling `each` with every message; returns how many
/// there were.
pub fn receive<T, E>(inbox: Receiver<T>, each: E) -> Thunk<'static, usize>
where
    T: Send + 'static,
    E: FnMut(T) + Send + 'static,
{
    struct Frame<T, E> {
        inbox: Receiver<T>,
        each: E,
        count: usize,
    }
    let start = Frame {
        inbox,
        each,
        count: 0,
    };
    Thunk::new(start, |mut cx: Context<Frame<T, E>, usize>| {
        let mut frame = cx.take();
        loop {
            match points::recv(&frame.inbox) {
                Attempt::Ready(Ok(message)) => {
                    frame.count += 1;
                    (frame.each)(message);
                }
                Attempt::Ready(Err(_)) => return cx.done(frame.count),
                Attempt::Wait((), give) => return cx.suspend(frame, give),
            }
        }
    })
}

/// Sends what `messages` yields until the mailbox is closed; returns how many were sent.
pub fn send<T, I>(outbox: Sender<T>, messages: I) -> Thunk<'static, usize>
where
    T: Send + 'static,
    I: Iterator<Item = T> + Send + 'static,
{
    struct Frame<T, I> {
        outbox: Sender<T>,
        messages: I,
        next: Option<Unsent<T>>,
        count: usize,
    }
    let start = Frame {
        outbox,
        messages,
        next: None,
        count: 0,
    };
    Thunk::new(start, |mut cx: Context<Frame<T, I>, usize>| {
        let mut frame = cx.take();
        loop {
            let Frame {
                outbox,
                messages,
                next,
                ..
            } = &mut frame;
            let fresh = || Some(points::message(outbox, messages.next()?));
            let Some(message) = next.take().or_else(fresh) else {
                return cx.done(frame.count);
            };
            match points::send(&frame.outbox, message) {
                Attempt::Ready(Ok(())) => frame.count += 1,
                Attempt::Ready(Err(_)) => return cx.done(frame.count),
                Attempt::Wait(message, give) => {
                    frame.next = Some(message);
                    return cx.suspend(frame, give);
                }
            }
        }
    })
}

/// Calls `leg` at every turn, with a `coop!` between, until it returns a value.
pub fn turns<T, L>(leg: L) -> Thunk<'static, T>
where
    T: Send + 'static,
    L: FnMut() -> Option<T> + Send + 'static,
{
    Thunk::new(leg, |mut cx: Context<L, T>| {
        let mut leg = cx.take();
        match leg() {
            Some(value) => cx.done(value),
            None => cx.coop(leg),
        }
    })
}

/// Returns what `f` returns, in one leg.
pub fn once<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Thunk<'static, T> {
    let mut f = Some(f);
    turns(move || f.take().map(|f| f()))
}

/// Joins `handle`, suspended.
pub fn join<T: Send + 'static>(handle: JoinHandle<T>) -> Thunk<'static, Result<T, JoinError>> {
    Thunk::new(
        handle,
        |mut cx: Context<JoinHandle<T>, Result<T, JoinError>>| match points::join(cx.take()) {
            Attempt::Ready(outcome) => cx.done(outcome),
            Attempt::Wait(handle, give) => cx.suspend(handle, give),
        },
    )
}

/// Visits each destination in turn, calling `log` on arrival and with whether the place took it.
pub fn travel<D, L>(places: Vec<D>, log: L) -> Thunk<'static, ()>
where
    D: Destination + Send + 'static,
    L: FnMut(bool) + Send + 'static,
{
    struct Frame<D, L> {
        places: std::vec::IntoIter<D>,
        arrived: Option<bool>,
        log: L,
    }
    let start = Frame {
        places: places.into_iter(),
        arrived: None,
        log,
    };
    Thunk::new(start, |mut cx: Context<Frame<D, L>, ()>| {
        let mut frame = cx.take();
        if let Some(arrived) = frame.arrived.take() {
            (frame.log)(arrived);
        }
        let Some(place) = frame.places.next() else {
            return cx.done(());
        };
        let give = points::migrate(&place);
        frame.arrived = Some(true);
        cx.migrate(frame, give, |frame| frame.arrived = Some(false))
    })
}

/// Counts how many of its clones are alive.
#[derive(Debug, Default)]
pub struct Alive(Arc<AtomicUsize>);

impl Alive {
    /// How many besides this one.
    pub fn others(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

impl Clone for Alive {
    fn clone(&self) -> Self {
        Alive(self.0.clone())
    }
}

/// A number that threads raise and wait for.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub fn add(&self, n: usize) {
        self.0.fetch_add(n, SeqCst);
    }

    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// Gives the rest of the time slice away until `condition` holds.
pub fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

/// Asks for something, again and again with pauses, until `condition` holds: for what whoever is asked may
/// just miss.
pub fn asked_until(ask: impl Fn(), condition: impl Fn() -> bool) {
    while !condition() {
        ask();
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Random numbers from a seed (xorshift).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
