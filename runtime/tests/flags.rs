//! Flags that threads wait for.

use insideout::{Flags, Want};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

const WANTS: [Want; 4] = [
    Want::AllSet(3),
    Want::AnySet(3),
    Want::AllClear(3),
    Want::AnyClear(3),
];

#[test]
fn flags_can_be_shared() {
    fn shared<T: Send + Sync + std::fmt::Debug>(_: T) {}
    shared(Flags::default());
    shared(WANTS);
    assert_eq!(format!("{:?}", Flags::new(5)), "Flags(0b101)");
}

#[test]
fn each_want_holds_of_what_it_says() {
    let holding = |flags| WANTS.map(|want| want.holds(flags));
    assert_eq!(holding(0), [false, false, true, true]);
    assert_eq!(holding(1), [false, true, false, true]);
    assert_eq!(holding(3), [true, true, false, false]);
    assert_eq!(holding(4), [false, false, true, true]);
    for flags in [0, 1, 3, 7] {
        assert!(!Want::AnySet(0).holds(flags) && !Want::AnyClear(0).holds(flags));
        assert!(Want::AllSet(0).holds(flags) && Want::AllClear(0).holds(flags));
    }
}

#[test]
fn a_change_clears_and_sets_in_one_step() {
    let flags = Flags::new(0b0011);
    assert_eq!(flags.change(0b0110, 0b0101), 0b0011);
    assert_eq!(flags.get(), 0b0110);
}

#[test]
fn a_wait_ends_at_its_deadline_with_what_is_set() {
    let flags = Flags::new(4);
    let deadline = Instant::now() + Duration::from_millis(5);
    assert_eq!(flags.wait_deadline(Want::AllSet(7), deadline), Err(4));
    assert!(Instant::now() >= deadline);
    assert_eq!(flags.wait_timeout(Want::AllSet(7), Duration::ZERO), Err(4));
    assert_eq!(flags.wait_timeout(Want::AnySet(7), Duration::ZERO), Ok(4));
}

#[test]
#[should_panic = "there are 31 flags"]
fn the_last_bit_is_no_flag() {
    Flags::new(0).set(1 << 31);
}

/// Each thread waits for its turn, which the one before it announces: nobody proceeds who is not woken.
#[test]
fn a_token_goes_round_through_flags() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 500;
    let flags = Arc::new(Flags::new(1));
    let turns = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|n| {
            let (flags, turns) = (flags.clone(), turns.clone());
            thread::spawn(move || {
                for round in 0..ROUNDS {
                    let all_others = 0xFF & !(1 << n);
                    match round % 2 {
                        0 => flags.wait(Want::AnySet(1 << n)),
                        _ => flags.wait(Want::AllSet(1 << n)),
                    };
                    assert_eq!(flags.get() & all_others, 0);
                    assert_eq!(turns.fetch_add(1, SeqCst), round * THREADS + n);
                    flags.change(1 << ((n + 1) % THREADS), 1 << n);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(turns.load(SeqCst), THREADS * ROUNDS);
}
