//! Those who wait for one condition: in most places at most one continuation, which has a place here. Others
//! stand behind it in a [line](super::line), for which memory is taken when somebody comes whom it needs.

use super::counted::Count;
use super::line::{Line, Waiter};
use crate::claim::Claim;
use crate::parker::Parker;
use crate::sync::Arc;
use cps_core::Continuation;
use cps_core::dispatch::Home;
use std::mem::take;

#[derive(Default)]
pub(super) struct List {
    /// Who came before all in the line.
    first: Option<(Continuation, Home)>,
    others: Option<Box<Others>>,
}

#[derive(Default)]
struct Others {
    line: Line,
    /// Who takes nothing.
    watchers: Vec<Arc<Parker>>,
}

/// What one in the line counts.
const WAITER: usize = 2;
/// What watchers count, however many there are.
const WATCHED: usize = 1;

/// What a list counts that counted so much when one more has entered.
pub(super) fn with_waiter(count: usize) -> usize {
    count + WAITER
}

/// The same for a watcher.
pub(super) fn with_watcher(count: usize) -> usize {
    count | WATCHED
}

/// What a list counts that has one who waits, and no watcher.
pub(super) const ONE: usize = WAITER;

/// How many of those who count so much are in the line.
pub(super) fn waiters(count: usize) -> usize {
    count / WAITER
}

pub(super) fn is_watched(count: usize) -> bool {
    count & WATCHED != 0
}

impl Count for List {
    #[inline]
    fn count(&self) -> usize {
        let others = self.others.as_ref().map_or(0, |others| others.count());
        usize::from(self.first.is_some()) * WAITER + others
    }
}

impl Others {
    #[inline(never)]
    fn count(&self) -> usize {
        self.line.len() * WAITER + usize::from(!self.watchers.is_empty()) * WATCHED
    }
}

impl List {
    #[inline]
    pub(super) fn push(&mut self, waiter: Waiter) {
        match waiter {
            Waiter::Continuation(continuation, home) => self.push_continuation(continuation, home),
            other => self.others().line.push(other),
        }
    }

    /// The same for a continuation, which is what comes most often: in parts, so that no whole is made of
    /// them to be taken apart again.
    #[inline]
    pub(super) fn push_continuation(&mut self, continuation: Continuation, home: Home) {
        if self.first.is_none() && self.others.is_none() {
            self.first = Some((continuation, home));
        } else {
            self.push_beside_others(continuation, home);
        }
    }

    /// The same for one who counts nobody.
    #[inline(always)]
    pub(super) fn put_first(&mut self, continuation: Continuation, home: Home) {
        debug_assert!(self.first.is_none(), "it counts nobody");
        self.first = Some((continuation, home));
    }

    /// Takes back who was put first.
    #[inline(always)]
    pub(super) fn take_first(&mut self) -> Option<(Continuation, Home)> {
        self.first.take()
    }

    /// Takes the thread that waits, where it is known that one waits who has no place here.
    #[inline(never)]
    pub(super) fn take_thread(&mut self) -> Option<Arc<Parker>> {
        self.others.as_mut()?.line.pop_thread()
    }

    /// The same where there are others, or were.
    #[inline(never)]
    fn push_beside_others(&mut self, continuation: Continuation, home: Home) {
        let line = self.others.as_ref().map_or(0, |others| others.line.len());
        if self.first.is_none() && line == 0 {
            self.first = Some((continuation, home));
        } else {
            self.others().line.push_continuation(continuation, home);
        }
    }

    fn others(&mut self) -> &mut Others {
        self.others.get_or_insert_default()
    }

    /// The one who came first, if it is the continuation that has a place here, and nobody watches.
    #[inline(always)]
    pub(super) fn pop_first(&mut self) -> Option<(Continuation, Home)> {
        let watched = |others: &Others| !others.watchers.is_empty();
        if self.others.as_deref().is_some_and(watched) {
            return None;
        }
        self.first.take()
    }

    /// The one who came first.
    pub(super) fn pop(&mut self) -> Option<Waiter> {
        match self.first.take() {
            None => self.others.as_mut()?.line.pop(),
            Some((continuation, home)) => Some(Waiter::Continuation(continuation, home)),
        }
    }

    /// The one who was pushed last.
    pub(super) fn take_back(&mut self) -> Option<Waiter> {
        let back = self
            .others
            .as_mut()
            .and_then(|others| others.line.take_back());
        back.or_else(|| {
            let (continuation, home) = self.first.take()?;
            Some(Waiter::Continuation(continuation, home))
        })
    }

    /// Takes a thread out, whether it waits or watches.
    pub(super) fn remove_thread(&mut self, parker: &Arc<Parker>) {
        if let Some(others) = &mut self.others
            && !others.line.remove_thread(parker)
        {
            let watchers = &mut others.watchers;
            watchers.retain(|watcher| !Arc::ptr_eq(watcher, parker));
        }
    }

    /// Takes a claim out, if it is there.
    pub(super) fn remove_claim(&mut self, claim: &Arc<Claim>) {
        if let Some(others) = &mut self.others {
            others.line.remove_claim(claim);
        }
    }

    pub(super) fn watch(&mut self, parker: Arc<Parker>) {
        self.others().watchers.push(parker);
    }

    #[inline]
    pub(super) fn take_watchers(&mut self) -> Vec<Arc<Parker>> {
        (self.others.as_mut()).map_or_else(Vec::new, |others| take(&mut others.watchers))
    }
}
