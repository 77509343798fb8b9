//! Where idle workers sleep.
//!
//! A worker that finds nothing to do counts itself among the sleepers, looks once more, and sleeps until there is a permit; who
//! brings work and sees a sleeper takes it off the count and gives one permit. So one item wakes at most one worker, and while
//! every worker is busy bringing work costs one look at the count.
//!
//! *No wake-up is lost.* The count is raised before the last look at the queue, and the queue's tail is moved before the look at the
//! count; all of it is sequentially consistent, so one of the two sees the other. A worker that finds work in its last look takes itself
//! off the count; if somebody else has done so already, a permit for it is on its way, and it waits for that.

use crate::futex::Futex;
use crate::sync::{AtomicU32, Padded, Relaxed, SeqCst, spin};

/// How often a worker looks again before it goes to sleep. Sleeping and being woken costs some microseconds, this a
/// fraction of one.
const PAUSE: u32 = 64;

#[derive(Debug)]
pub(crate) struct Sleep {
    sleepers: Padded<AtomicU32>,
    permits: Futex,
}

impl Sleep {
    pub(crate) fn new() -> Self {
        Sleep {
            sleepers: Padded(AtomicU32::new(0)),
            permits: Futex::new(0),
        }
    }

    /// Sleeps until there may be work; returns at once if `ready`.
    pub(crate) fn sleep(&self, ready: impl Fn() -> bool) {
        for _ in 0..PAUSE {
            if ready() {
                return;
            }
            spin();
        }
        self.sleepers.fetch_add(1, SeqCst);
        if ready() && self.take_one_off() {
            return;
        }
        while !take(&self.permits) {
            self.permits.wait(0, None);
        }
    }

    /// Wakes one sleeper, if there is one.
    #[inline]
    pub(crate) fn wake_one(&self) {
        if self.sleepers.load(SeqCst) != 0 && self.take_one_off() {
            self.permits.fetch_add(1, SeqCst);
            self.permits.wake_one();
        }
    }

    /// Wakes every sleeper.
    pub(crate) fn wake_all(&self) {
        let sleepers = self.sleepers.swap(0, SeqCst);
        self.permits.fetch_add(sleepers, SeqCst);
        self.permits.wake_all();
    }

    /// Takes a sleeper off the count; whether there was one.
    #[cold]
    fn take_one_off(&self) -> bool {
        take(&self.sleepers)
    }
}

/// Takes one from a number that is not 0; whether it could.
fn take(number: &AtomicU32) -> bool {
    let mut now = number.load(SeqCst);
    while now != 0 {
        match number.compare_exchange_weak(now, now - 1, SeqCst, Relaxed) {
            Ok(_) => return true,
            Err(other) => now = other,
        }
    }
    false
}
