//! Moments at equal distances.

use std::time::{Duration, Instant};

/// Moments at equal distances, for `sleep_until!`.
///
/// The distances do not add up the time that is spent between two waits: who is late finds the next
/// moments over, and catches up. [`skip`](Interval::skip) leaves out what was missed.
///
/// ```
/// use insideout::prelude::*;
/// use insideout::Interval;
/// use std::time::{Duration, Instant};
///
/// #[cps]
/// fn ticks(count: u32, every: Duration) -> Instant {
///     let mut interval = Interval::new(every);
///     for _ in 0..count {
///         sleep_until!(interval.next());
///     }
///     Instant::now()
/// }
///
/// let began = Instant::now();
/// let every = Duration::from_millis(2);
/// assert!(ticks(5, every) >= began + 5 * every);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    next: Instant,
    every: Duration,
}

impl Interval {
    /// Moments from now on, the first one in `every`.
    ///
    /// # Panics
    ///
    /// If the clock does not reach so far, like [`next`](Interval::next): after some centuries.
    #[must_use]
    pub fn new(every: Duration) -> Self {
        Interval {
            next: Instant::now() + every,
            every,
        }
    }

    /// The next moment, which may be over.
    ///
    /// ```
    /// # use insideout::Interval;
    /// # use std::time::Duration;
    /// let mut interval = Interval::new(Duration::from_secs(1));
    /// let first = interval.next();
    /// assert_eq!(interval.next(), first + Duration::from_secs(1));
    /// ```
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Instant {
        let next = self.next;
        self.next += self.every;
        next
    }

    /// Leaves out the moments that are over; returns how many.
    ///
    /// ```
    /// # use insideout::Interval;
    /// # use std::time::Duration;
    /// assert_eq!(Interval::new(Duration::from_secs(1)).skip(), 0);
    /// ```
    pub fn skip(&mut self) -> u32 {
        let Some(late) = Instant::now().checked_duration_since(self.next) else {
            return 0;
        };
        let missed = match self.every.as_nanos() {
            0 => return 0,
            every => late.as_nanos() / every + 1,
        };
        // More than can be counted, or added at once, are left out the next time.
        let missed = u32::try_from(missed).unwrap_or(u32::MAX);
        self.next += self.every * missed;
        missed
    }
}
