//! Continuations that wait for a time.
//!
//! A timing wheel under a lock, in ticks of a millisecond, and what the queue's sleeper wakes for: who
//! sets a timer that is due before that must say so.
//!
//! The clock is [`Instant`]'s, the system's monotonic one, by which the kernel counts how long a wait
//! may take as well: nobody sets it, and it stands still while the machine is suspended.

use super::Waiting;
use super::wheel::{Key, Wheel};
use crate::sync::{Mutex, lock};
use std::io;
use std::time::{Duration, Instant};

pub(super) struct Timers {
    began: Instant,
    state: Mutex<State>,
}

struct State {
    wheel: Wheel<Waiting>,
    /// The tick at which the sleeper wakes by itself, if there is one.
    sleeps_until: Option<u64>,
    closed: bool,
}

impl Timers {
    pub(super) fn new() -> Self {
        Timers {
            began: Instant::now(),
            state: Mutex::new(State {
                wheel: Wheel::new(),
                sleeps_until: None,
                closed: false,
            }),
        }
    }

    /// The tick that has begun when it is `time`, or with `up`, the first one that begins then or later.
    fn tick(&self, time: Instant, up: bool) -> u64 {
        const MILLI: u32 = 1_000_000;
        let since = time.saturating_duration_since(self.began);
        let part = if up {
            since.subsec_nanos().div_ceil(MILLI)
        } else {
            since.subsec_nanos() / MILLI
        };
        since
            .as_secs()
            .saturating_mul(1000)
            .saturating_add(part.into())
    }

    /// Keeps who waits until `deadline`, None being never; and whether the sleeper would wake too late
    /// for that. Once closed, gives it back.
    pub(super) fn set(&self, deadline: Option<Instant>, waiting: Waiting) -> Result<bool, Waiting> {
        self.keep(deadline, waiting, Wheel::insert)
            .map(|((), late)| late)
    }

    /// As [`set`](Self::set), for one that may be [cancelled](Self::cancel).
    pub(super) fn set_cancellable(
        &self,
        deadline: Option<Instant>,
        waiting: Waiting,
    ) -> Result<(Key, bool), Waiting> {
        self.keep(deadline, waiting, Wheel::insert_removable)
    }

    fn keep<R>(
        &self,
        deadline: Option<Instant>,
        waiting: Waiting,
        insert: impl FnOnce(&mut Wheel<Waiting>, u64, Waiting) -> R,
    ) -> Result<(R, bool), Waiting> {
        let due = deadline.map_or(u64::MAX, |deadline| self.tick(deadline, true));
        let mut state = lock(&self.state);
        if state.closed {
            return Err(waiting);
        }
        let kept = insert(&mut state.wheel, due, waiting);
        Ok((kept, state.sleeps_until.is_some_and(|until| due < until)))
    }

    /// Gives back who waits, if it still does.
    pub(super) fn cancel(&self, key: Key) -> Option<Waiting> {
        lock(&self.state).wheel.remove(key)
    }

    /// Keeps nobody any more: who waits elsewhere too looks again. Returns those who do not, for whom
    /// it will never be time.
    pub(super) fn close(&self, awake: &mut Vec<Waiting>) -> Vec<Waiting> {
        let mut state = lock(&self.state);
        state.closed = true;
        let mut wheel = std::mem::replace(&mut state.wheel, Wheel::new());
        drop(state);
        let all = std::iter::from_fn(|| wheel.expire(u64::MAX));
        let (claims, sleepers) = all.partition(|waiting| matches!(waiting, Waiting::Claim(..)));
        let claims: Vec<_> = claims;
        awake.extend(claims);
        sleepers
    }

    /// Takes out who can never go on; and says who waits elsewhere too.
    #[cfg(not(loom))]
    pub(super) fn take_in_vain(&self, out: &mut Vec<Waiting>) {
        let mut state = lock(&self.state);
        out.extend(state.wheel.take_if(Waiting::is_in_vain));
        for waiting in state.wheel.removable() {
            if let Waiting::Claim(claim, place) = waiting {
                out.push(Waiting::Claim(claim.clone(), *place));
            }
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        lock(&self.state).wheel.len()
    }

    /// Someone is about to sleep, at most until `deadline`: for how long. None is for ever. An error if
    /// somebody sleeps already.
    pub(super) fn fall_asleep(&self, deadline: Option<Instant>) -> io::Result<Option<Duration>> {
        let mut state = lock(&self.state);
        if state.sleeps_until.is_some() {
            return Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another thread waits on the event queue",
            ));
        }
        let next = state.wheel.next();
        let woken = deadline.map(|time| self.tick(time, true));
        let never = u64::MAX;
        state.sleeps_until = Some(next.unwrap_or(never).min(woken.unwrap_or(never)));
        drop(state);
        let next = next.and_then(|next| self.began.checked_add(Duration::from_millis(next)));
        // Not in ticks: a deadline that is over is not to be waited for.
        let wakes = match (next, deadline) {
            (Some(next), Some(deadline)) => next.min(deadline),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return Ok(None),
        };
        Ok(Some(wakes.saturating_duration_since(Instant::now())))
    }

    /// Nobody sleeps any more; takes out who has waited long enough.
    pub(super) fn wake_up(&self, due: &mut Vec<Waiting>) {
        let mut state = lock(&self.state);
        state.sleeps_until = None;
        if state.wheel.next().is_none() {
            return;
        }
        let now = self.tick(Instant::now(), false);
        while let Some(waiting) = state.wheel.expire(now) {
            due.push(waiting);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::claim::Claim;

    #[test]
    fn who_only_looks_does_not_sleep() {
        let timers = Timers::new();
        let waiting = || Waiting::Claim(Claim::of_thread(), 4);
        for due in [None, Some(Instant::now() + Duration::from_secs(60))] {
            assert!(timers.set(due, waiting()).is_ok());
            let slept = timers.fall_asleep(Some(Instant::now()));
            assert_eq!(slept.unwrap(), Some(Duration::ZERO));
            assert!(timers.fall_asleep(None).is_err());
            timers.wake_up(&mut Vec::new());
        }
    }

    /// What a clock of the system's shows.
    fn read(clock: libc::clockid_t) -> Duration {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the time lives until the call returns.
        assert_eq!(unsafe { libc::clock_gettime(clock, &raw mut time) }, 0);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }

    #[test]
    fn the_clock_is_the_monotonic_one_which_stands_still_in_a_suspend() {
        let before = read(libc::CLOCK_MONOTONIC);
        let shown = format!("{:?}", Timers::new().began);
        let after = read(libc::CLOCK_MONOTONIC);
        let numbers: Vec<u64> = shown
            .split(|letter: char| !letter.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let [seconds, nanos] = numbers[..] else {
            panic!("not seconds and nanoseconds: {shown}");
        };
        assert!((before..=after).contains(&Duration::new(seconds, nanos as u32)));
    }
}
