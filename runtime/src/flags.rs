//! Flags in one word, that threads wait for.
//!
//! The word holds up to 31 flags, and one bit that says that somebody sleeps until they change. Who is about
//! to sleep sets that bit and sleeps on the word as it saw it; who changes flags takes the bit away in the
//! same step and, if it was there, wakes all sleepers. So no change falls between a look and a sleep, and a
//! change that nobody waits for costs one compare-and-swap.

use crate::futex::{Futex, Wait};
use crate::sync::{AcqRel, Acquire};
use std::fmt;
use std::time::{Duration, Instant};

/// Somebody sleeps until the flags change.
const SLEEPING: u32 = 1 << 31;

/// Up to 31 flags that are set and cleared together, and waited for.
///
/// What a thread did before it set or cleared flags is visible to those who see that.
///
/// ```
/// use insideout::{Flags, Want};
///
/// const READY: u32 = 1;
/// const PAUSED: u32 = 2;
///
/// let flags = Flags::new(PAUSED);
/// std::thread::scope(|scope| {
///     scope.spawn(|| flags.change(READY, PAUSED));
///     assert_eq!(flags.wait(Want::AllSet(READY)), READY);
/// });
/// ```
pub struct Flags(Futex);

/// What to wait for: see [`Flags::wait`].
///
/// ```
/// use insideout::Want;
///
/// assert!(Want::AllSet(6).holds(7));
/// assert!(!Want::AnyClear(6).holds(7));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// All of these are set.
    AllSet(u32),
    /// At least one of these is set. Of none, never.
    AnySet(u32),
    /// All of these are clear.
    AllClear(u32),
    /// At least one of these is clear. Of none, never.
    AnyClear(u32),
}

impl Want {
    /// Whether these flags are as wanted.
    ///
    /// ```
    /// assert!(insideout::Want::AllClear(1).holds(2));
    /// ```
    #[must_use]
    pub const fn holds(self, flags: u32) -> bool {
        match self {
            Want::AllSet(these) => flags & these == these,
            Want::AnySet(these) => flags & these != 0,
            Want::AllClear(these) => flags & these == 0,
            Want::AnyClear(these) => flags & these != these,
        }
    }

    const fn these(self) -> u32 {
        match self {
            Want::AllSet(these)
            | Want::AnySet(these)
            | Want::AllClear(these)
            | Want::AnyClear(these) => these,
        }
    }
}

impl Flags {
    /// The bits that may be used.
    pub const ALL: u32 = !SLEEPING;

    /// Flags of which these are set.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// static FLAGS: insideout::Flags = insideout::Flags::new(5);
    /// assert_eq!(FLAGS.get(), 5);
    /// ```
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new(flags: u32) -> Self {
        assert!(flags & SLEEPING == 0, "there are 31 flags");
        Flags(Futex::new(flags))
    }

    #[cfg(loom)]
    pub(crate) fn new(flags: u32) -> Self {
        Flags(Futex::new(flags))
    }

    /// Those that are set.
    ///
    /// ```
    /// assert_eq!(insideout::Flags::new(5).get(), 5);
    /// ```
    #[inline]
    #[must_use]
    pub fn get(&self) -> u32 {
        self.0.load(Acquire) & Self::ALL
    }

    /// Sets these, and returns those that were set before. Does not block.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// let flags = insideout::Flags::new(1);
    /// assert_eq!(flags.set(3), 1);
    /// assert_eq!(flags.get(), 3);
    /// ```
    pub fn set(&self, these: u32) -> u32 {
        self.change(these, 0)
    }

    /// Clears these, and returns those that were set before. Does not block.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// let flags = insideout::Flags::new(3);
    /// assert_eq!(flags.clear(1), 3);
    /// assert_eq!(flags.get(), 2);
    /// ```
    pub fn clear(&self, these: u32) -> u32 {
        self.change(0, these)
    }

    /// Clears some and sets others in one step, and returns those that were set before. What is in both is
    /// set. Does not block.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// let flags = insideout::Flags::new(1);
    /// assert_eq!(flags.change(2, 1), 1);
    /// assert_eq!(flags.get(), 2);
    /// ```
    pub fn change(&self, set: u32, clear: u32) -> u32 {
        assert!((set | clear) & SLEEPING == 0, "there are 31 flags");
        self.change_if(|_| true, set, clear)
            .expect("asked for nothing")
    }

    /// As `change`, if the flags are so; what they were before, or else are.
    pub(crate) fn change_if(
        &self,
        so: impl Fn(u32) -> bool,
        set: u32,
        clear: u32,
    ) -> Result<u32, u32> {
        let mut word = self.0.load(Acquire);
        loop {
            let before = word & Self::ALL;
            if !so(before) {
                return Err(before);
            }
            let after = before & !clear | set;
            // Who sleeps does so until the flags differ, so without a difference the bit stays.
            let new = if after == before { word } else { after };
            match self.0.compare_exchange_weak(word, new, AcqRel, Acquire) {
                Ok(_) if word & SLEEPING != 0 && after != before => self.0.wake_all(),
                Ok(_) => {}
                Err(now) => {
                    word = now;
                    continue;
                }
            }
            return Ok(before);
        }
    }

    /// Blocks until the flags are as wanted, and returns those that are set then.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// use insideout::{Flags, Want};
    ///
    /// assert_eq!(Flags::new(6).wait(Want::AnySet(3)), 6);
    /// ```
    pub fn wait(&self, want: Want) -> u32 {
        match self.wait_until(want, None) {
            Ok(flags) | Err(flags) => flags,
        }
    }

    /// Blocks until the flags are as wanted, but not past a deadline.
    ///
    /// # Errors
    ///
    /// With those that are set at the deadline, which are not as wanted.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// use insideout::{Flags, Want};
    /// use std::time::Instant;
    ///
    /// assert_eq!(Flags::new(4).wait_deadline(Want::AllSet(3), Instant::now()), Err(4));
    /// ```
    pub fn wait_deadline(&self, want: Want, deadline: Instant) -> Result<u32, u32> {
        self.wait_until(want, Some(deadline))
    }

    /// Blocks until the flags are as wanted, but no longer than `timeout`.
    ///
    /// # Errors
    ///
    /// With those that are set then, which are not as wanted.
    ///
    /// # Panics
    ///
    /// If one is not in [`ALL`](Self::ALL).
    ///
    /// ```
    /// use insideout::{Flags, Want};
    /// use std::time::Duration;
    ///
    /// assert_eq!(Flags::new(4).wait_timeout(Want::AllClear(3), Duration::MAX), Ok(4));
    /// ```
    pub fn wait_timeout(&self, want: Want, timeout: Duration) -> Result<u32, u32> {
        self.wait_until(want, Instant::now().checked_add(timeout))
    }

    fn wait_until(&self, want: Want, deadline: Option<Instant>) -> Result<u32, u32> {
        assert!(want.these() & SLEEPING == 0, "there are 31 flags");
        self.wait_while(|flags| !want.holds(flags), deadline)
    }

    /// Blocks while the flags are so; an error after the deadline.
    pub(crate) fn wait_while(
        &self,
        so: impl Fn(u32) -> bool,
        deadline: Option<Instant>,
    ) -> Result<u32, u32> {
        let mut in_time = true;
        loop {
            let word = self.0.load(Acquire);
            let flags = word & Self::ALL;
            if !so(flags) {
                return Ok(flags);
            }
            if !in_time {
                return Err(flags);
            }
            let asleep = word | SLEEPING;
            if word != asleep
                && self
                    .0
                    .compare_exchange(word, asleep, AcqRel, Acquire)
                    .is_err()
            {
                continue;
            }
            in_time = self.0.wait(asleep, deadline) != Wait::Expired;
        }
    }
}

impl Default for Flags {
    /// With none set.
    fn default() -> Self {
        Flags::new(0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({:#b})", self.get())
    }
}
