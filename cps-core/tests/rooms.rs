//! The memory of calls on threads that keep it: that little is asked of the allocator, that nothing is used
//! twice at a time, and that all of it goes back.
#![cfg(all(feature = "std", not(plain_heap), not(loom)))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use cps_core::dispatch::Rooms;
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};

/// Counts slabs, which are aligned as nothing else is, and what is allocated and freed [inside](inside).
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
static HELD: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Lets what `f` allocates and frees count.
fn inside<R>(f: impl FnOnce() -> R) -> R {
    INSIDE.set(true);
    let result = f();
    INSIDE.set(false);
    result
}

fn counts(layout: Layout) -> bool {
    layout.align() >= 4096 || INSIDE.get()
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if counts(layout) {
            ALLOCATED.fetch_add(1, SeqCst);
            HELD.fetch_add(1, SeqCst);
        }
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if counts(layout) {
            HELD.fetch_sub(1, SeqCst);
        }
        // SAFETY: passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The tests look at counts of the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call that fills its frame with a number, and sees whether it is still there when it runs.
fn hold<const WORDS: usize>(number: u64) -> Thunk<'static, ()> {
    type Frame<const WORDS: usize> = [u64; WORDS];
    Thunk::new([number; WORDS], |mut cx: Context<Frame<WORDS>, ()>| {
        let words = cx.take();
        let whole = words.iter().all(|word| *word == words[0]);
        assert!(whole, "somebody wrote there: {words:?}");
        cx.done(())
    })
}

fn holding<const WORDS: usize>(number: u64) -> Continuation {
    inside(|| hold::<WORDS>(number)).into_continuation()
}

/// One that calls such a one, after it has let others run.
fn calling(number: u64) -> Continuation {
    enum Frame<R> {
        Start(u64),
        Coop(u64),
        Call(R),
    }
    let call = inside(|| {
        Thunk::new(
            Frame::Start(number),
            |mut cx: Context<Frame<_>, ()>| match cx.take() {
                Frame::Start(number) => cx.coop(Frame::Coop(number)),
                Frame::Coop(number) => cx.call(Frame::Call, hold::<10>(number)),
                Frame::Call(ret) => {
                    let () = cx.callee.returned(ret);
                    cx.done(())
                }
            },
        )
    });
    call.into_continuation()
}

fn run(call: Continuation) {
    inside(|| call.run());
}

/// How many allocations `f` makes.
fn allocations(f: impl FnOnce()) -> usize {
    let before = ALLOCATED.load(SeqCst);
    f();
    ALLOCATED.load(SeqCst) - before
}

const MANY: usize = 10_000;

#[test]
fn one_call_after_the_other_takes_one_room() {
    let _alone = alone();
    let rooms = Rooms::keep();
    let count = allocations(|| (0..MANY).for_each(|n| run(holding::<10>(n as u64))));
    assert_eq!((count, HELD.load(SeqCst)), (1, 1));
    inside(|| rooms.give_back());
    assert_eq!(HELD.load(SeqCst), 0);
    run(holding::<10>(0));
    assert_eq!(HELD.load(SeqCst), 1);
    inside(|| drop(rooms));
    assert_eq!(HELD.load(SeqCst), 0);
    run(holding::<10>(0));
    assert_eq!(
        HELD.load(SeqCst),
        0,
        "a thread that does not stay keeps nothing"
    );
}

#[test]
fn many_calls_share_a_slab_and_all_of_it_goes_back() {
    let _alone = alone();
    let rooms = Rooms::keep();
    let mut calls = Vec::new();
    let count = allocations(|| calls.extend((0..MANY).map(|n| holding::<10>(n as u64))));
    assert!(count < MANY / 50, "{count} allocations");
    // Every other one, so that no slab is whole; then as many again, for which there is room.
    let (dropped, mut calls): (Vec<_>, Vec<_>) = calls
        .into_iter()
        .enumerate()
        .partition(|(n, _)| n.is_multiple_of(2));
    dropped.into_iter().for_each(|call| inside(|| drop(call)));
    let again = allocations(|| calls.extend((0..MANY / 2).map(|n| (n, holding::<10>(n as u64)))));
    assert!(again <= 1, "{again} allocations");
    calls.into_iter().for_each(|(_, call)| run(call));
    inside(|| drop(rooms));
    assert_eq!(HELD.load(SeqCst), 0);
}

#[test]
fn what_one_thread_makes_another_gives_back() {
    let _alone = alone();
    let (sender, calls) = channel();
    let count = allocations(|| {
        let maker = thread::spawn(move || {
            Rooms::keep_for_good();
            (0..MANY).for_each(|n| sender.send(holding::<12>(n as u64)).unwrap());
        });
        maker.join().unwrap();
    });
    assert!(count < MANY / 50, "{count} allocations");
    assert!(HELD.load(SeqCst) > 0);
    // This thread keeps nothing.
    calls.into_iter().for_each(run);
    assert_eq!(HELD.load(SeqCst), 0);
}

/// Threads make calls of all sizes and send them to each other, run some and drop some.
#[test]
fn no_room_is_used_twice_at_a_time() {
    const THREADS: usize = 4;

    fn work(own: Receiver<Continuation>, others: Vec<Sender<Continuation>>, mut seed: u64) {
        let rooms = (seed.is_multiple_of(2)).then(Rooms::keep);
        for number in 0..MANY as u64 {
            // Knuth's generator, of which the high bits are good.
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let dice = seed >> 40;
            let call = match dice % 4 {
                0 => holding::<10>(number),
                1 => holding::<12>(number),
                2 => calling(number),
                _ => holding::<14>(number),
            };
            drop(others[(dice / 4) as usize % others.len()].send(call));
            if dice.is_multiple_of(5) {
                own.try_iter().take(20).for_each(run);
            }
            if dice.is_multiple_of(100) {
                let dropped = own.try_recv();
                inside(|| {
                    drop(dropped);
                    rooms.iter().for_each(Rooms::give_back);
                });
            }
        }
        drop(others);
        own.into_iter().for_each(run);
        inside(|| drop(rooms));
    }

    let _alone = alone();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel()).unzip();
    let worker = |(seed, own)| {
        let others = senders.clone();
        thread::spawn(move || work(own, others, seed))
    };
    let threads: Vec<_> = (1..).zip(receivers).map(worker).collect();
    drop(senders);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert_eq!(HELD.load(SeqCst), 0);
}
