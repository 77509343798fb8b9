//! What a runtime is doing: flags that others read and wait for.

use std::fmt;
use std::ops::BitOr;

pub(crate) const BOOTING: u32 = 1;
pub(crate) const RUNNING: u32 = 1 << 1;
pub(crate) const FROZEN: u32 = 1 << 2;
pub(crate) const HALTED: u32 = 1 << 3;
pub(crate) const LINKED: u32 = 1 << 4;
pub(crate) const DEAD: u32 = 1 << 5;

/// What is seen from outside.
const PUBLIC: u32 = (DEAD << 1) - 1;

/// It was told to freeze, and not to thaw since.
pub(crate) const FREEZE: u32 = 1 << 8;
/// It was told to leave its pool.
pub(crate) const DRAIN: u32 = 1 << 9;
/// It dispatches no more, and is about to be dead.
pub(crate) const ENDING: u32 = 1 << 10;

/// What a [`Runtime`](crate::Runtime) is doing: a set of flags.
///
/// ```
/// use insideout::{Runtime, Status};
///
/// let runtime = Runtime::new();
/// runtime.freeze();
/// assert!(runtime.wait(Status::FROZEN));
/// assert!(!runtime.status().contains(Status::RUNNING));
/// runtime.halt();
/// assert!(runtime.wait(Status::HALTED | Status::DEAD));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(u32);

impl Status {
    /// Its thread is being made.
    pub const BOOTING: Status = Status(BOOTING);
    /// Its thread dispatches, or sleeps until it can.
    pub const RUNNING: Status = Status(RUNNING);
    /// It rests between two legs until it thaws.
    pub const FROZEN: Status = Status(FROZEN);
    /// It was halted: no leg begins any more.
    pub const HALTED: Status = Status(HALTED);
    /// It has a link.
    pub const LINKED: Status = Status(LINKED);
    /// Its thread has ended, or does nothing any more but end.
    pub const DEAD: Status = Status(DEAD);

    pub(crate) const fn new(flags: u32) -> Self {
        Status(flags & PUBLIC)
    }

    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all flags of `other` are set.
    ///
    /// ```
    /// use insideout::Status;
    /// assert!((Status::FROZEN | Status::LINKED).contains(Status::LINKED));
    /// ```
    #[must_use]
    pub const fn contains(self, other: Status) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Status {
    type Output = Status;

    /// The flags of both.
    fn bitor(self, other: Status) -> Status {
        Status(self.0 | other.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 6] = ["BOOTING", "RUNNING", "FROZEN", "HALTED", "LINKED", "DEAD"];
        let mut set = f.debug_set();
        for (bit, name) in NAMES.iter().enumerate() {
            if self.0 & (1 << bit) != 0 {
                set.entry(&format_args!("{name}"));
            }
        }
        set.finish()
    }
}
