//! Waiting until a number of things have ended.

use crate::claim::{Claim, Place};
use crate::select::Choice;
use crate::sync::{Arc as Shared, AtomicUsize, SeqCst};
use crate::timeout;
use crate::waiters::{Waiters, Woken};
use cps_core::Thunk;
use cps_core::expansion::Context;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// Counts those who take part in something; one can wait until all have left.
///
/// Clones are handles on the same group; who takes part holds a [`Member`], of which any number may come and
/// go. Threads [`wait`](WaitGroup::wait), which blocks; continuations `call!(group.wait())`, which suspends;
/// and `select!` takes a group as a choice.
///
/// ```
/// use insideout::{Member, WaitGroup, prelude::*};
///
/// #[cps]
/// fn work(_member: Member) {
///     coop!();
/// }
///
/// let (pool, group) = (Pool::new(2), WaitGroup::new());
/// for _ in 0..10 {
///     pool.spawn_detached(thunk!(work(group.member()))).unwrap();
/// }
/// group.wait();
/// assert_eq!(group.members(), 0);
/// ```
#[derive(Clone, Default)]
pub struct WaitGroup(Arc<Inner>);

#[derive(Default)]
struct Inner {
    members: AtomicUsize,
    waiters: Waiters,
}

/// Takes part in a [`WaitGroup`] until it is dropped.
///
/// ```
/// # use insideout::WaitGroup;
/// let group = WaitGroup::new();
/// let member = group.member();
/// let another = member.clone();
/// drop(member);
/// assert_eq!(group.members(), 1);
/// # drop(another);
/// ```
#[must_use = "it takes part until it is dropped"]
pub struct Member(WaitGroup);

impl WaitGroup {
    /// A group without members.
    ///
    /// ```
    /// insideout::WaitGroup::new().wait();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        WaitGroup::default()
    }

    /// One more who takes part.
    ///
    /// ```
    /// # use insideout::WaitGroup;
    /// let group = WaitGroup::new();
    /// let _member = group.member();
    /// assert_eq!(group.members(), 1);
    /// ```
    pub fn member(&self) -> Member {
        self.0.members.fetch_add(1, SeqCst);
        Member(self.clone())
    }

    /// How many take part now.
    ///
    /// ```
    /// assert_eq!(insideout::WaitGroup::new().members(), 0);
    /// ```
    #[must_use]
    pub fn members(&self) -> usize {
        self.0.members.load(SeqCst)
    }

    /// Blocks the thread until nobody takes part. A continuation waits with `call!(group.wait())`.
    ///
    /// ```
    /// # use insideout::WaitGroup;
    /// let group = WaitGroup::new();
    /// let member = group.member();
    /// std::thread::spawn(move || drop(member));
    /// group.wait();
    /// ```
    pub fn wait(&self) {
        self.wait_until(None);
    }

    /// As [`wait`](WaitGroup::wait), at most until `deadline`; whether nobody took part in time.
    ///
    /// ```
    /// # use insideout::WaitGroup;
    /// # use std::time::Instant;
    /// let group = WaitGroup::new();
    /// let _member = group.member();
    /// assert!(!group.wait_deadline(Instant::now()));
    /// ```
    #[must_use = "the deadline may have passed"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.wait_until(Some(deadline))
    }

    fn wait_until(&self, deadline: Option<Instant>) -> bool {
        while !self.0.is_empty() {
            let woken = self.0.waiters.sleep(|| self.0.is_empty(), deadline);
            if woken == Woken::Expired {
                return self.0.is_empty();
            }
        }
        true
    }

    /// [`wait`](WaitGroup::wait) as a call that has not started, which is what `call!` makes of it.
    ///
    /// ```
    /// insideout::WaitGroup::new().wait_thunk().run();
    /// ```
    pub fn wait_thunk(&self) -> Thunk<'static, ()> {
        Thunk::new(self.clone(), |mut cx: Context<WaitGroup, ()>| {
            let group = cx.take();
            if group.0.is_empty() {
                return cx.done(());
            }
            let inner = group.0.clone();
            cx.suspend(group, move |continuation| {
                timeout::suspend(
                    continuation,
                    |continuation, home| {
                        let ready = || inner.is_empty();
                        inner.waiters.suspend(continuation, home, ready)
                    },
                    || Some(inner.clone()),
                )
            })
        })
    }
}

impl Inner {
    fn is_empty(&self) -> bool {
        self.members.load(SeqCst) == 0
    }
}

impl Clone for Member {
    fn clone(&self) -> Self {
        self.0.member()
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if self.0.0.members.fetch_sub(1, SeqCst) == 1 {
            self.0.0.waiters.wake_all();
        }
    }
}

impl Place for Inner {
    fn enter(&self, claim: &Shared<Claim>) -> bool {
        self.waiters.enter(claim, || self.is_empty())
    }

    fn leave(&self, claim: &Shared<Claim>) {
        self.waiters.leave(claim);
    }

    fn name(&self) -> usize {
        self.waiters.name()
    }
}

impl Choice for WaitGroup {
    type Out = ();

    fn attempt(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    fn interrupted(&self) -> Option<()> {
        None
    }

    fn place(&self) -> Arc<dyn Place> {
        self.0.clone()
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup")
            .field("members", &self.members())
            .field("waiting", &self.0.waiters.settled().0)
            .finish()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.0).finish()
    }
}
