//! A word that threads sleep on, in the kernel.
//!
//! [`Futex`] is an `AtomicU32` with two more operations: sleep while it holds a value, and wake who sleeps. A
//! sleeper may also return for no reason, so callers look at the word again.

use crate::sync::AtomicU32;
#[cfg(not(loom))]
use crate::syscalls;
use std::ops::Deref;
use std::time::Instant;

/// Why [`Futex::wait`] returned.
///
/// ```
/// use insideout::{Futex, Wait};
///
/// assert_eq!(Futex::new(0).wait(1, None), Wait::Look);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// Woken, or the word had changed, or for no reason: look again.
    Look,
    /// The deadline passed.
    Expired,
}

/// A word that threads can sleep on: an `AtomicU32`, to which it dereferences, with two more operations.
///
/// What the rest is built on; for most purposes a [`Semaphore`](crate::Semaphore), [`Flags`](crate::Flags) or
/// a mailbox is the better tool.
///
/// ```
/// use insideout::Futex;
/// use std::sync::atomic::Ordering::SeqCst;
///
/// let open = Futex::new(0);
/// std::thread::scope(|s| {
///     s.spawn(|| {
///         while open.load(SeqCst) == 0 {
///             open.wait(0, None);
///         }
///     });
///     open.store(1, SeqCst);
///     open.wake_all();
/// });
/// ```
#[derive(Debug)]
pub struct Futex {
    word: AtomicU32,
    #[cfg(loom)]
    sleepers: (loom::sync::Mutex<()>, loom::sync::Condvar),
}

impl Deref for Futex {
    type Target = AtomicU32;

    fn deref(&self) -> &AtomicU32 {
        &self.word
    }
}

#[cfg(not(loom))]
impl Futex {
    /// A word that holds `value`.
    ///
    /// ```
    /// assert_eq!(insideout::Futex::new(7).load(std::sync::atomic::Ordering::Relaxed), 7);
    /// ```
    #[must_use]
    pub const fn new(value: u32) -> Self {
        Futex {
            word: AtomicU32::new(value),
        }
    }

    /// Sleeps if the word holds `expected`, until it is woken, at most until `deadline`, if there is one. It
    /// may also return for no reason, so look at the word again.
    ///
    /// ```
    /// use insideout::{Futex, Wait};
    /// use std::time::Instant;
    ///
    /// assert_eq!(Futex::new(0).wait(0, Some(Instant::now())), Wait::Expired);
    /// ```
    #[inline]
    pub fn wait(&self, expected: u32, deadline: Option<Instant>) -> Wait {
        let timeout = match deadline {
            None => None,
            Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
                None => return Wait::Expired,
                Some(left) => Some(libc::timespec {
                    tv_sec: left.as_secs().min(i32::MAX as u64) as libc::time_t,
                    tv_nsec: left.subsec_nanos().into(),
                }),
            },
        };
        match syscalls::futex_wait(&self.word, expected, timeout.as_ref()) {
            Err(error) if error.raw_os_error() == Some(libc::ETIMEDOUT) => Wait::Expired,
            _ => Wait::Look,
        }
    }

    /// Wakes one thread that sleeps on the word, if there is one.
    ///
    /// ```
    /// insideout::Futex::new(0).wake_one();
    /// ```
    #[inline]
    pub fn wake_one(&self) {
        syscalls::futex_wake(&self.word, 1);
    }

    /// Wakes all threads that sleep on the word.
    ///
    /// ```
    /// insideout::Futex::new(0).wake_all();
    /// ```
    pub fn wake_all(&self) {
        syscalls::futex_wake(&self.word, i32::MAX);
    }
}

/// The same under loom, out of a lock and a condition. A deadline is one that passes at once.
#[cfg(loom)]
#[allow(missing_docs)]
impl Futex {
    pub fn new(value: u32) -> Self {
        Futex {
            word: AtomicU32::new(value),
            sleepers: Default::default(),
        }
    }

    pub fn wait(&self, expected: u32, deadline: Option<Instant>) -> Wait {
        if deadline.is_some() {
            crate::sync::yield_now();
            return Wait::Expired;
        }
        let guard = self.sleepers.0.lock().unwrap();
        if self.word.load(crate::sync::SeqCst) == expected {
            drop(self.sleepers.1.wait(guard).unwrap());
        }
        Wait::Look
    }

    pub fn wake_one(&self) {
        drop(self.sleepers.0.lock().unwrap());
        self.sleepers.1.notify_one();
    }

    pub fn wake_all(&self) {
        drop(self.sleepers.0.lock().unwrap());
        self.sleepers.1.notify_all();
    }
}
