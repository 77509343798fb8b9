//! The toolkit: semaphore, wait group, cubby, promise, futex; for threads and for continuations.

mod support;

use insideout::prelude::*;
use insideout::{
    CubbyReader, CubbyWriter, Futex, Member, Permit, Promise, Semaphore, Wait, WaitGroup, cubby,
    promise,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, scope};
use std::time::{Duration, Instant};
use support::{Alive, until};

const SHORT: Duration = Duration::from_millis(20);

fn says(what: &impl std::fmt::Debug, text: &str) -> bool {
    format!("{what:?}").contains(text)
}

#[test]
fn the_tools_may_be_shared_by_threads() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<(Semaphore, Permit, WaitGroup, Member, Futex, Promise<u8>)>();
    sync::<(Semaphore, Permit, WaitGroup, Member, Futex)>();
    send::<(CubbyWriter<u8>, CubbyReader<u8>)>();
}

/// Holds a permit while it lets others run; how many held one at the same time.
#[cps]
fn inside(semaphore: Semaphore, now: Arc<AtomicUsize>, turns: u32) -> usize {
    let mut most = 0;
    for _ in 0..turns {
        let _permit = call!(semaphore.acquire());
        most = most.max(now.fetch_add(1, SeqCst) + 1);
        coop!();
        now.fetch_sub(1, SeqCst);
    }
    most
}

#[test]
fn no_more_are_inside_than_there_are_permits() {
    let (pool, semaphore, now) = (Pool::new(2), Semaphore::new(3), Arc::default());
    let handles: Vec<_> = (0..16)
        .map(|_| pool.spawn(thunk!(inside(semaphore.clone(), Arc::clone(&now), 200))))
        .collect();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (semaphore, now) = (semaphore.clone(), Arc::clone(&now));
            thread::spawn(move || {
                let mut most = 0;
                for _ in 0..200 {
                    let _permit = semaphore.acquire();
                    most = most.max(now.fetch_add(1, SeqCst) + 1);
                    thread::yield_now();
                    now.fetch_sub(1, SeqCst);
                }
                most
            })
        })
        .collect();
    let most = handles.into_iter().map(|handle| handle.join().unwrap());
    let most = most.chain(threads.into_iter().map(|thread| thread.join().unwrap()));
    assert!((1..=3).contains(&most.max().unwrap()));
    assert_eq!((semaphore.available(), now.load(SeqCst)), (3, 0));
}

#[test]
fn permits_go_to_who_came_first_and_deadlines_pass() {
    let semaphore = Semaphore::new(0);
    let start = Instant::now();
    assert!(semaphore.acquire_deadline(start + SHORT).is_none());
    assert!(start.elapsed() >= SHORT && says(&semaphore, "waiting: 0"));
    let pool = Pool::new(1);
    let waits = pool.spawn(semaphore.acquire_thunk());
    until(|| says(&semaphore, "waiting: 1"));
    scope(|s| {
        let thread = s.spawn(|| semaphore.acquire().forget());
        until(|| says(&semaphore, "waiting: 2"));
        semaphore.add(1);
        let permit = waits.join().unwrap();
        assert!(says(&semaphore, "waiting: 1"));
        drop(permit);
        thread.join().unwrap();
    });
    semaphore.add(2);
    assert_eq!(semaphore.available(), 2);
}

#[cps]
fn waits(group: WaitGroup) -> usize {
    call!(group.wait());
    group.members()
}

#[test]
fn a_group_is_waited_for_until_its_last_member_leaves() {
    let (pool, group) = (Pool::new(1), WaitGroup::new());
    let members = [(); 3].map(|()| group.member());
    let waiting = pool.spawn(thunk!(waits(group.clone())));
    until(|| says(&group, "waiting: 1"));
    scope(|s| {
        let thread = s.spawn(|| group.wait());
        until(|| says(&group, "waiting: 2"));
        for (n, member) in members.into_iter().enumerate() {
            assert_eq!(group.members(), 3 - n);
            assert!(!group.wait_deadline(Instant::now()));
            drop(member);
        }
        thread.join().unwrap();
    });
    assert_eq!(waiting.join().unwrap(), 0);
    assert!(group.wait_deadline(Instant::now()));
}

#[test]
fn a_cubby_shows_the_newest_value_whole() {
    const LAST: u64 = 200_000;
    let (mut writer, mut reader) = cubby();
    scope(|s| {
        s.spawn(move || (1..=LAST).for_each(|n| writer.write([n; 8])));
        let mut seen = 0;
        while seen < LAST {
            let Some(value) = reader.read() else { continue };
            assert!(value.iter().all(|n| *n == value[0]) && value[0] >= seen);
            seen = value[0];
        }
    });
}

#[test]
fn a_cubby_drops_each_value_once() {
    let alive = Alive::default();
    let (mut writer, mut reader) = cubby();
    for _ in 0..10 {
        writer.write(alive.clone());
    }
    assert!(alive.others() <= 3);
    let taken = reader.take();
    assert!(reader.read().is_none());
    drop((writer, reader));
    assert_eq!(alive.others(), 1);
    drop(taken);
    assert_eq!(alive.others(), 0);
}

#[cps]
fn keeps(promised: Promise<u32>) {
    coop!();
    promised.keep(7);
}

#[cps]
fn hears(handle: JoinHandle<u32>) -> Option<u32> {
    join!(handle).ok()
}

#[test]
fn a_promise_is_kept_or_broken() {
    let pool = Pool::new(1);
    let (promised, handle) = promise();
    let heard = pool.spawn(thunk!(hears(handle)));
    pool.spawn_detached(thunk!(keeps(promised))).unwrap();
    assert_eq!(heard.join().unwrap(), Some(7));
    let (broken, handle) = promise();
    let heard = pool.spawn(thunk!(hears(handle)));
    drop(broken);
    assert_eq!(heard.join().unwrap(), None);
}

#[test]
fn a_futex_is_slept_on_until_it_is_woken_or_late() {
    let futex = Futex::new(0);
    assert_eq!(futex.wait(1, None), Wait::Look);
    let start = Instant::now();
    while futex.wait(0, Some(start + SHORT)) != Wait::Expired {}
    assert!(start.elapsed() >= SHORT);
    scope(|s| {
        let sleeps = || {
            while futex.load(SeqCst) == 0 {
                futex.wait(0, None);
            }
        };
        let sleepers = [s.spawn(sleeps), s.spawn(sleeps)];
        thread::sleep(SHORT);
        futex.store(1, SeqCst);
        futex.wake_all();
        sleepers
            .into_iter()
            .for_each(|sleeper| sleeper.join().unwrap());
    });
}

/// A mailbox of continuations is served by whoever runs `serve`.
#[test]
fn a_pool_serves_a_mailbox() {
    #[cps]
    fn moves(to: Sender<Continuation>, served: String) -> bool {
        migrate!(to).unwrap();
        insideout::thread_name() == served
    }
    let (here, there) = (Pool::new(1), Pool::named("there", 1));
    for capacity in [0, 1, 8] {
        let (door, inbox) = Mailbox::bounded(capacity).split();
        let served = there.spawn(insideout::serve(inbox));
        let visits: Vec<_> = (0..20)
            .map(|_| here.spawn(thunk!(moves(door.clone(), "there-0".to_string()))))
            .collect();
        assert!(visits.into_iter().all(|visit| visit.join().unwrap()));
        drop(door);
        assert_eq!(served.join().unwrap(), 20);
    }
}
