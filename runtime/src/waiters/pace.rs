//! How long a thread pauses its processor before it looks again, and before it sleeps.
//!
//! Sleeping and being woken cost microseconds, and often what is waited for comes sooner. So a thread looks
//! some times before it sleeps, and pauses before each look, twice as long each time: looking often takes the
//! cache line away from who writes it.
//!
//! *Streams.* Where one sends as fast as another receives, a look that comes early finds one message, and
//! then the two pass each cache line to and fro for each message. A pause that is long enough for many to
//! come lets both work on lines of their own. So a place where threads wait has a [pace](Pace): with how long
//! a pause a wait begins, which it learns from what there was when the last wait ended. Where messages come
//! one by one a longer pause would gain nothing, and the pauses become short again; and shorter than the
//! first was where there is no room for many, so that no stream is missed by looking too early.
//!
//! *In vain.* Two threads that share a processor never find what they wait for by pausing. Where two waits in
//! a row ended asleep, those that follow only glance before they sleep, all but one in sixteen. Where there is
//! no room for many, and so no stream that a sleep would end, a sleep tells more: after one that was ended on
//! the processor on which the sleeper goes on, the next wait does not pause at all.
//!
//! A pause never gives the processor away: where others want it, that would take longer than to sleep and be
//! woken.

use crate::sync::{Relaxed, spin};
use std::sync::atomic::{AtomicU8, AtomicU32};

pub(crate) struct Pace {
    /// With how long a pause waits begin: one turn, doubled so often.
    doublings: AtomicU8,
    /// How many of the last waits ended asleep, but never more than [`HOPELESS`]; or [`BESIDE`].
    asleep: AtomicU8,
}

/// What a wait ended with.
pub(crate) struct Stock {
    /// How much there is of what was waited for.
    pub(crate) there: usize,
    /// How much there can be.
    pub(crate) most: usize,
}

impl Stock {
    /// Whether there is no room for a stream.
    fn is_of_few(&self) -> bool {
        self.most < 2 * MANY
    }
}

/// How often a turn is doubled for the first pause, of about 100 nanoseconds.
const FIRST: u8 = 2;

/// The same for the longest, of about 3 microseconds.
const LONGEST: u8 = 7;

/// How many looks there are where the last waits ended asleep.
const GLANCES: u32 = 2;

/// How many waits in a row may end asleep before one looks as often as the first again.
const HOPELESS: u8 = 16;

/// Who waits shares a processor with who wakes.
const BESIDE: u8 = u8::MAX;

/// How much there is where many come in a short time.
const MANY: usize = 4;

/// How often a thread looks again before it goes to sleep.
static LOOKS: AtomicU32 = AtomicU32::new(7);

impl Default for Pace {
    fn default() -> Self {
        Pace {
            doublings: AtomicU8::new(FIRST),
            asleep: AtomicU8::new(0),
        }
    }
}

impl Pace {
    /// Looks some times whether `ready`, and learns from what there is then.
    pub(super) fn pause(&self, ready: impl Fn() -> bool, stock: impl Fn() -> Stock) -> bool {
        let asleep = self.asleep.load(Relaxed);
        let found = match asleep {
            0 | 1 => pause_from(self.doublings.load(Relaxed), looks(), ready),
            BESIDE => return false,
            _ => pause_from(FIRST, looks().min(GLANCES), ready),
        };
        let Some(doublings) = found else {
            self.asleep.store(asleep % HOPELESS + 1, Relaxed);
            return false;
        };
        let stock = stock();
        // What has come up to the half of what there can be would soon have to wait for this thread.
        let next = match stock.there {
            MANY.. if stock.there <= stock.most / 2 => (doublings + 1).min(LONGEST),
            _ if stock.is_of_few() => doublings.saturating_sub(1),
            _ => doublings.saturating_sub(1).max(FIRST),
        };
        self.doublings.store(next, Relaxed);
        self.asleep.store(0, Relaxed);
        true
    }

    /// Learns from a sleep that was ended on the processor on which the sleeper goes on, or elsewhere.
    pub(super) fn slept(&self, beside: bool, stock: impl Fn() -> Stock) {
        match (beside, self.asleep.load(Relaxed)) {
            (true, _) if stock().is_of_few() => self.asleep.store(BESIDE, Relaxed),
            (false, BESIDE) => self.asleep.store(0, Relaxed),
            _ => {}
        }
    }
}

/// Looks some times whether `ready`.
pub(crate) fn pause(ready: impl Fn() -> bool) -> bool {
    pause_from(FIRST, looks(), ready).is_some()
}

fn looks() -> u32 {
    if cfg!(loom) { 0 } else { LOOKS.load(Relaxed) }
}

/// Pauses and looks, until it is `ready`: then it says how often the last pause was doubled. Of those who
/// begin with the first pause, so many looks are asked for.
fn pause_from(doublings: u8, looks: u32, ready: impl Fn() -> bool) -> Option<u8> {
    let end = match looks {
        0 => return None,
        _ => u32::from(FIRST) + looks,
    };
    (u32::from(doublings).min(end - 1)..end).find_map(|look| {
        let doublings = look.min(u32::from(LONGEST));
        (0..1 << doublings).for_each(|_| spin());
        ready().then_some(doublings as u8)
    })
}

/// How often a thread that must wait looks again before it goes to sleep in the kernel. For the whole
/// process; 0 switches it off, so that a thread that must wait sleeps at once.
///
/// Before the looks it pauses its processor, for 4, 8, 16, 32, 64 and then always 128 turns, some 25
/// nanoseconds each. At a mailbox through which many messages go, it begins with the longer pauses, and looks
/// as much less often; at one with room for few it looks twice more, after 1 and 2 turns; where looking was
/// in vain the last times, it looks twice; and with room for few, where it shares a processor with who wakes
/// it, not at all. Sleeping and being woken cost some microseconds, and often what is waited for comes
/// sooner. It never gives its processor away meanwhile: where others want it, that would take longer than to
/// sleep and be woken. The default is 7, less than 10 microseconds in all.
///
/// ```
/// insideout::looks_before_sleep(0);
/// ```
pub fn looks_before_sleep(looks: u32) {
    LOOKS.store(looks, Relaxed);
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// The doublings that a pace begins with after each of these stocks.
    fn learned(most: usize, stocks: &[usize]) -> Vec<u8> {
        let pace = Pace::default();
        let learn = |there: &usize| {
            let there = *there;
            assert!(pace.pause(|| true, || Stock { there, most }));
            pace.doublings.load(Relaxed)
        };
        stocks.iter().map(learn).collect()
    }

    #[test]
    fn pauses_become_long_where_many_come_and_short_where_few_do_or_no_more_can() {
        assert_eq!(
            learned(usize::MAX, &[4, 99, 99, 99, 99, 99, 3, 1, 0, 1, 1, 1]),
            [3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 2]
        );
        assert_eq!(learned(8, &[4, 4, 5, 8, 8]), [3, 4, 3, 2, 2]);
        assert_eq!(learned(7, &[4, 4, 1]), [1, 0, 0]);
        assert_eq!(learned(1, &[1, 1]), [1, 0]);
    }

    #[test]
    fn who_finds_nothing_has_looked_often_enough_whatever_the_pace() {
        for doublings in 0..=LONGEST {
            let looked = std::cell::Cell::new(0);
            let look = || {
                looked.set(looked.get() + 1);
                false
            };
            assert_eq!(pause_from(doublings, looks(), look), None);
            let all = looks() + u32::from(FIRST);
            assert_eq!(looked.get(), all - u32::from(doublings));
        }
    }

    #[test]
    fn waits_that_end_asleep_look_less_often_until_one_does_not() {
        let (pace, looked) = (Pace::default(), std::cell::Cell::new(0));
        let wait = |found| {
            looked.set(0);
            let look = || {
                looked.set(looked.get() + 1);
                found
            };
            assert_eq!(pace.pause(look, || Stock { there: 1, most: 99 }), found);
            looked.get()
        };
        let in_vain: Vec<u32> = (0..20).map(|_| wait(false)).collect();
        let (full, glance) = (looks(), GLANCES);
        assert_eq!(in_vain[..3], [full, full, glance]);
        assert_eq!(in_vain[16..19], [glance, full, glance]);
        wait(true);
        assert_eq!(
            [wait(false), wait(false), wait(false)],
            [full, full, glance]
        );
    }

    #[test]
    fn who_was_woken_from_his_own_processor_does_not_pause() {
        let (pace, looked) = (Pace::default(), std::cell::Cell::new(0));
        let wait = || {
            looked.set(0);
            let look = || {
                looked.set(looked.get() + 1);
                false
            };
            assert!(!pace.pause(look, || Stock { there: 1, most: 1 }));
            looked.get()
        };
        pace.slept(true, || Stock { there: 1, most: 8 });
        assert_eq!(wait(), looks());
        pace.slept(true, || Stock { there: 1, most: 1 });
        assert_eq!([wait(), wait(), wait()], [0, 0, 0]);
        pace.slept(false, || Stock { there: 1, most: 1 });
        assert_eq!(wait(), looks());
    }
}
