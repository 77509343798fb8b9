//! Timeouts where others have what is given up, or are given up themselves: what `suspend!` gave away,
//! and timeouts within timeouts.

use insideout::prelude::*;
use insideout::{Builder, TimedOut};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(600);

/// Who has a clone of it is alive, beside the test itself.
type Alive = Arc<()>;

fn count(alive: &Alive) -> usize {
    Arc::strong_count(alive) - 1
}

fn eventually(holds: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < limit, "it does not come to that");
        std::thread::sleep(Duration::from_millis(1));
    }
}

type Given = Arc<Mutex<Option<Continuation>>>;

#[cps]
fn gives(given: Given, _alive: Alive) -> u32 {
    suspend!(move |continuation| {
        *given.lock().unwrap() = Some(continuation);
        None
    });
    7
}

#[cps]
fn gives_within(given: Given, alive: Alive, limit: Duration) -> Result<u32, TimedOut> {
    timeout!(limit, gives(given, { alive }))
}

#[test]
fn what_suspend_gave_away_is_given_up_and_goes_on_where_it_is_run() {
    let (pool, alive, given) = (Pool::new(1), Alive::default(), Given::default());
    let start = |limit| pool.spawn(thunk!(gives_within(given.clone(), alive.clone(), limit)));
    let taken = || {
        eventually(|| given.lock().unwrap().is_some());
        given.lock().unwrap().take().unwrap()
    };
    assert_eq!(start(SHORT).join().unwrap(), Err(TimedOut));
    assert_eq!(count(&alive), 0);
    // It stands for nothing any more.
    taken().run();
    let in_time = start(LONG);
    taken().run();
    assert_eq!(in_time.join().unwrap(), Ok(7));
    let dropped = start(LONG);
    drop(taken());
    assert!(matches!(dropped.join(), Err(JoinError::Cancelled)));
    assert_eq!(count(&alive), 0);
    // The same from a plain call, which nobody else ends.
    assert_eq!(
        gives_within(given.clone(), alive.clone(), SHORT),
        Err(TimedOut)
    );
    assert_eq!(count(&alive), 0);
}

#[cps]
fn within(levels: usize) -> usize {
    match levels {
        0 => {
            sleep!(Duration::from_millis(1));
            0
        }
        _ => timeout!(LONG, within(levels - 1)).unwrap() + 1,
    }
}

#[cps]
fn never(levels: usize, alive: Alive) {
    match levels {
        0 => sleep!(LONG),
        _ => {
            timeout!(LONG, never(levels - 1, alive.clone())).ok();
        }
    }
}

#[cps]
fn for_a_while(levels: usize, alive: Alive, limit: Duration) -> Result<(), TimedOut> {
    timeout!(limit, never(levels, { alive }))
}

/// However many there are, they take no stack: neither to run, nor to be given up, nor to be dropped.
#[test]
fn timeouts_may_lie_within_thousands_of_others() {
    const LEVELS: usize = 1_000;
    let runtime = Builder::new().stack_size(256 << 10).start().unwrap();
    let returned = runtime.spawn(thunk!(within(LEVELS)));
    assert_eq!(returned.join().unwrap(), LEVELS);
    let alive = Alive::default();
    let start = |limit| runtime.spawn(thunk!(for_a_while(LEVELS, alive.clone(), limit)));
    assert_eq!(start(SHORT).join().unwrap(), Err(TimedOut));
    let waits = start(LONG);
    eventually(|| count(&alive) == LEVELS + 1);
    runtime.halt();
    assert!(matches!(waits.join(), Err(JoinError::Cancelled)));
    eventually(|| count(&alive) == 0);
}
