//! A counting semaphore.

use crate::claim::{Claim, Place};
use crate::pass_on::envelope;
use crate::select::Choice;
use crate::sync::{Arc as Shared, AtomicUsize, Padded, Relaxed, SeqCst};
use crate::timeout;
use crate::waiters::{Waiters, Woken};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// A number of permits. Who wants one when there is none waits until one is given back, first come first
/// served.
///
/// Clones are handles on the same semaphore. Threads call [`acquire`](Semaphore::acquire), which blocks;
/// continuations `call!(semaphore.acquire())`, which suspends; and `select!` takes one as one of its choices.
///
/// ```
/// use insideout::{Semaphore, prelude::*};
///
/// #[cps]
/// fn download(connections: Semaphore, n: u32) -> u32 {
///     let _permit = call!(connections.acquire());
///     coop!();
///     n
/// }
///
/// let (pool, connections) = (Pool::new(2), Semaphore::new(2));
/// let handles: Vec<_> = (0..10).map(|n| pool.spawn(thunk!(download(connections.clone(), n)))).collect();
/// assert_eq!(handles.into_iter().map(|handle| handle.join().unwrap()).sum::<u32>(), 45);
/// assert_eq!(connections.available(), 2);
/// ```
#[derive(Clone)]
pub struct Semaphore(Arc<Inner>);

#[derive(Default)]
struct Inner {
    permits: Padded<AtomicUsize>,
    waiters: Waiters,
}

/// The right that [`Semaphore::acquire`] gives; it is given back when this is dropped.
///
/// ```
/// # use insideout::Semaphore;
/// let semaphore = Semaphore::new(1);
/// let permit = semaphore.try_acquire();
/// assert_eq!(semaphore.available(), 0);
/// drop(permit);
/// assert_eq!(semaphore.available(), 1);
/// ```
#[must_use = "the permit is given back when it is dropped"]
pub struct Permit(Semaphore);

impl Semaphore {
    /// A semaphore with so many permits.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// assert_eq!(Semaphore::new(3).available(), 3);
    /// ```
    #[must_use]
    pub fn new(permits: usize) -> Self {
        let semaphore = Semaphore(Arc::default());
        semaphore.0.permits.store(permits, SeqCst);
        semaphore
    }

    /// Takes a permit; blocks the thread while there is none. A continuation takes one with
    /// `call!(semaphore.acquire())`.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// let _permit = Semaphore::new(1).acquire();
    /// ```
    pub fn acquire(&self) -> Permit {
        match self.acquire_until(None) {
            Some(permit) => permit,
            None => unreachable!("there is no deadline"),
        }
    }

    /// Takes a permit; blocks the thread while there is none, at most until `deadline`: then None.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// # use std::time::Instant;
    /// assert!(Semaphore::new(0).acquire_deadline(Instant::now()).is_none());
    /// ```
    pub fn acquire_deadline(&self, deadline: Instant) -> Option<Permit> {
        self.acquire_until(Some(deadline))
    }

    fn acquire_until(&self, deadline: Option<Instant>) -> Option<Permit> {
        let mut woken = Woken::Ready;
        loop {
            let permit = self.try_acquire();
            if permit.is_some() || woken == Woken::Expired {
                return permit;
            }
            woken = self.0.waiters.sleep(|| self.0.has_permit(), deadline);
        }
    }

    /// Takes a permit if there is one; does not wait.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// assert!(Semaphore::new(0).try_acquire().is_none());
    /// ```
    pub fn try_acquire(&self) -> Option<Permit> {
        self.0.take().then(|| Permit(self.clone()))
    }

    /// [`acquire`](Semaphore::acquire) as a call that has not started, which is what `call!` makes of it.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// let _permit = Semaphore::new(1).acquire_thunk().run();
    /// ```
    pub fn acquire_thunk(&self) -> Thunk<'static, Permit> {
        Thunk::new(self.clone(), |mut cx: Context<Semaphore, Permit>| {
            let semaphore = cx.take();
            match semaphore.try_acquire() {
                Some(permit) => cx.done(permit),
                None => {
                    let give = semaphore.suspend();
                    cx.suspend(semaphore, give)
                }
            }
        })
    }

    fn suspend(&self) -> impl FnOnce(Continuation) -> Option<Continuation> + use<> {
        let inner = self.0.clone();
        move |continuation| {
            timeout::suspend(
                continuation,
                |continuation, home| {
                    let ready = || inner.has_permit();
                    let waiting = envelope(continuation, inner.clone());
                    inner.waiters.suspend(waiting, home, ready)
                },
                || Some(inner.clone()),
            )
        }
    }

    /// Adds permits, and wakes as many who wait.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// let semaphore = Semaphore::new(0);
    /// semaphore.add(2);
    /// assert_eq!(semaphore.available(), 2);
    /// ```
    ///
    /// # Panics
    ///
    /// If there would be more permits than a `usize` counts.
    pub fn add(&self, permits: usize) {
        let more = |before: usize| before.checked_add(permits);
        let added = self.0.permits.fetch_update(SeqCst, Relaxed, more);
        assert!(added.is_ok(), "too many permits");
        self.0.waiters.wake_some(permits);
    }

    /// How many permits are there now.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// assert_eq!(Semaphore::new(1).available(), 1);
    /// ```
    #[must_use]
    pub fn available(&self) -> usize {
        self.0.permits.load(SeqCst)
    }
}

impl Inner {
    fn take(&self) -> bool {
        let less = |permits: usize| permits.checked_sub(1);
        self.permits.fetch_update(SeqCst, Relaxed, less).is_ok()
    }

    fn has_permit(&self) -> bool {
        self.permits.load(SeqCst) != 0
    }
}

impl Permit {
    /// Keeps the permit from being given back.
    ///
    /// ```
    /// # use insideout::Semaphore;
    /// let semaphore = Semaphore::new(2);
    /// semaphore.acquire().forget();
    /// assert_eq!(semaphore.available(), 1);
    /// ```
    pub fn forget(self) {
        // The handle is dropped, and what the permit's drop would do is not done.
        let mut permit = std::mem::ManuallyDrop::new(self);
        // SAFETY: the permit is neither used nor dropped after this.
        unsafe { std::ptr::drop_in_place(&raw mut permit.0) };
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.0.permits.fetch_add(1, SeqCst);
        self.0.0.waiters.wake_one();
    }
}

impl Place for Inner {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        self.waiters.enter(claim, || self.has_permit())
    }

    fn leave(&self, claim: &Shared<Claim>) {
        self.waiters.leave(claim);
    }

    fn name(&self) -> usize {
        self.waiters.name()
    }

    fn pass_on(&self) {
        if self.has_permit() {
            self.waiters.wake_one();
        }
    }
}

impl Choice for Semaphore {
    type Out = Permit;

    fn attempt(&self) -> Option<Permit> {
        self.try_acquire()
    }

    fn interrupted(&self) -> Option<Permit> {
        None
    }

    fn place(&self) -> Arc<dyn Place> {
        self.0.clone()
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available", &self.available())
            .field("waiting", &self.0.waiters.settled().0)
            .finish()
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").finish()
    }
}
