//! What the runtime allocates: one frame for a detached spawn, nothing to migrate, a few bytes for a place in
//! a queue.

use insideout::prelude::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Counts allocations, and the bytes in use.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicIsize = AtomicIsize::new(0);

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as isize, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How many allocations `f` makes, and how many more bytes are in use after it.
fn cost(f: impl FnOnce()) -> (usize, isize) {
    let before = (ALLOCATIONS.load(Relaxed), BYTES.load(Relaxed));
    f();
    (
        ALLOCATIONS.load(Relaxed) - before.0,
        BYTES.load(Relaxed) - before.1,
    )
}

#[cps]
fn empty() {}

#[cps]
fn block(gate: Receiver<()>) {
    let _ = gate.recv();
}

#[cps]
fn wait(inbox: Receiver<u64>) {
    let _ = recv!(inbox);
}

#[cps]
fn hop(place: Home, hops: usize) {
    for _ in 0..hops {
        migrate!(place).unwrap();
    }
}

/// Of a size that no other call here has.
#[cps]
fn holds(_words: [u64; 12]) {}

#[cps]
fn spawns(count: usize) {
    for _ in 0..count {
        spawn_detached(thunk!(holds([0; 12]))).unwrap();
    }
}

fn until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

/// One test, since the counts are those of the whole process.
#[test]
fn costs() {
    const N: usize = 100_000;
    // So many that what is left over of the last slab, and of the last block of the queue, does not count.
    const QUEUED: usize = 5 * N;

    let pool = Pool::new(1);
    let gate = Mailbox::bounded(1);
    pool.spawn_detached(thunk!(block(gate.receiver()))).unwrap();
    until(|| pool.queued() == 0);
    let (allocations, bytes) = cost(|| {
        for _ in 0..QUEUED {
            pool.spawn_detached(thunk!(empty())).unwrap();
        }
    });
    // And a few for threads that sleep meanwhile.
    let segments = QUEUED / 63 + 10;
    assert!(
        allocations <= QUEUED + segments,
        "{allocations} allocations"
    );
    let each = bytes as f64 / QUEUED as f64;
    assert!(each <= 24.0 + 9.0, "{each} bytes a queued continuation");
    gate.send(()).unwrap();
    pool.join().unwrap();

    let mailbox = Mailbox::unbounded();
    let (_, bytes) = cost(|| {
        for _ in 0..QUEUED {
            let continuation = thunk!(empty()).into_continuation();
            mailbox.send(continuation).unwrap();
        }
    });
    let each = bytes as f64 / QUEUED as f64;
    assert!(
        each <= 24.0 + 10.0,
        "{each} bytes a continuation in a mailbox"
    );
    drop(mailbox);

    let (sender, receiver) = Mailbox::bounded(1).split();
    let pool = Pool::new(1);
    let (_, bytes) = cost(|| {
        for _ in 0..N {
            pool.spawn_detached(thunk!(wait(receiver.clone()))).unwrap();
        }
        until(|| format!("{receiver:?}").contains(&format!("receiving: {N}")));
    });
    let each = bytes as f64 / N as f64;
    assert!(each <= 64.0, "{each} bytes a suspended continuation");
    drop(sender);
    pool.join().unwrap();

    // All of what a worker made for itself goes back before it sleeps. So few that none is queued elsewhere.
    const SPAWNED: usize = 1000;
    let pool = Pool::new(1);
    let before = BYTES.load(Relaxed);
    let (allocations, _) = cost(|| pool.spawn(thunk!(spawns(SPAWNED))).join().unwrap());
    assert!(
        cfg!(plain_heap) || allocations <= SPAWNED / 10,
        "{allocations} allocations"
    );
    let patience = Instant::now() + Duration::from_secs(60);
    until(|| BYTES.load(Relaxed) - before < 10_000 || Instant::now() > patience);
    let kept = BYTES.load(Relaxed) - before;
    assert!(kept < 10_000, "{kept} bytes are kept");
    pool.join().unwrap();

    // To where it is, so that no worker goes to sleep meanwhile, which allocates.
    let pool = Pool::new(1);
    let segments = N / 63 + 10;
    let trip = pool.spawn(thunk!(hop(pool.home(), N)));
    let (allocations, _) = cost(|| trip.join().unwrap());
    assert!(allocations <= segments, "{allocations} allocations");
    pool.join().unwrap();

    let mailbox = Mailbox::bounded(16);
    let (allocations, _) = cost(|| {
        for n in 0..N {
            mailbox.send(n).unwrap();
            assert_eq!(mailbox.recv(), Ok(n));
        }
    });
    assert_eq!(allocations, 0);
}
