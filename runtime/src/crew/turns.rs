//! What a worker does: turn after turn, until it ends.
//!
//! *Turns.* It takes the next continuation and runs it until it is suspended elsewhere or finished; after a
//! `coop!` it puts it behind everything that is queued, or goes on with it at once if nothing is. Between any
//! two legs it looks at what it was told.
//!
//! *Order.* What comes from outside is queued for all workers; what a leg wakes or lets go on is queued in
//! the worker's own [ring](super::ring), but only while nothing is queued for all. A worker runs what is in
//! its ring, then takes its share of what is queued for all into the ring; so what is queued is served first
//! come, first served, by each worker. What a leg spawns lies on the worker's [stack](super::stack), from
//! which it takes the last first, in turn with what is queued, and now and then the first: so nobody waits
//! for ever. One that has nothing takes half of another's ring, or the first of its stack.

use super::idle::Idle;
use super::worker::{Own, Worker};
use super::{Continuation, Crew, Door, Nothing, Refused};
use crate::runtime::status::{DRAIN, FREEZE, FROZEN, HALTED, RUNNING};
use crate::sync::{lock, spin};
use cps_core::dispatch::{self, Entered, Home, Rooms, Watch};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// How often a worker looks again before it goes to sleep. Sleeping and being woken costs some microseconds,
/// this a fraction of one.
const PAUSE: u32 = if cfg!(loom) { 0 } else { 32 };

/// How many turns a busy worker takes before it looks at the event queue.
pub(super) const GLANCE: u32 = 64;

/// The whole of a worker's thread.
pub(super) fn life(worker: &Arc<Worker>) {
    worker.board();
    // SAFETY: this is the worker's thread.
    unsafe { Turns::new(worker) }.all();
    worker.leave_thread();
}

/// A worker at work.
pub(crate) struct Turns<'a> {
    worker: &'a Arc<Worker>,
    own: Own<'a>,
    crew: &'a Arc<Crew>,
    /// Whether it counts as one who may have something in hand.
    busy: bool,
    /// Whether it counts as one who searches.
    searching: bool,
    /// Whether the last sleep ended since somebody called, and not by an event: who calls may soon do so
    /// again, but for an event it is best waited asleep.
    called: bool,
    turns: u32,
    /// When it last looked at the event queue, in turns.
    glanced: u32,
    /// The memory of calls that have ended here.
    rooms: Rooms,
    presence: Presence<'a>,
}

impl<'a> Turns<'a> {
    /// # Safety
    ///
    /// The calling thread is the worker's.
    pub(crate) unsafe fn new(worker: &'a Arc<Worker>) -> Self {
        Turns {
            worker,
            // SAFETY: by contract; it is left in `all`, and before that the worker is borrowed.
            own: unsafe { Own::enter(worker) },
            crew: &worker.crew,
            busy: true,
            searching: false,
            called: true,
            turns: 0,
            glanced: 0,
            rooms: Rooms::keep(),
            presence: Presence {
                crew: &worker.crew,
                door: Weak::new(),
                entered: None,
            },
        }
    }

    pub(crate) fn all(mut self) {
        self.worker.flags.set(RUNNING);
        while let Some(continuation) = self.next() {
            self.run(continuation);
        }
        self.end_search();
        self.crew.discharge(self.worker, self.busy);
        self.own.leave();
        self.worker.flags.clear(RUNNING | FROZEN);
    }

    fn next(&mut self) -> Option<Continuation> {
        loop {
            let orders = self.worker.orders();
            if orders & (HALTED | DRAIN) != 0 {
                return None;
            }
            if orders & FREEZE != 0 {
                self.rest();
                continue;
            }
            match self.own.find(self.turns) {
                Ok(continuation) => return Some(self.found(continuation)),
                Err(Nothing::Closed) => return None,
                Err(Nothing::Empty) => {}
            }
            if self.called && self.pause() {
                continue;
            }
            self.presence.leave();
            if !self.crew.is_ending() {
                self.sleep(|turns| turns.crew.is_ending());
            } else if let Some(last) = self.last() {
                return last;
            }
        }
    }

    /// As `next`, when the crew ends and the worker has nothing in hand; none if there are orders. Those of
    /// whom that is known pop under the lock only, so that seeing nobody busy and closing the empty queue is
    /// one step.
    fn last(&mut self) -> Option<Option<Continuation>> {
        *lock(&self.crew.busy) -= 1;
        self.busy = false;
        loop {
            let mut busy = lock(&self.crew.busy);
            if self.worker.orders() != 0 {
                *busy += 1;
                self.busy = true;
                return None;
            }
            match self.own.find(self.turns) {
                Ok(continuation) => {
                    *busy += 1;
                    drop(busy);
                    self.busy = true;
                    return Some(Some(self.found(continuation)));
                }
                Err(Nothing::Closed) => return Some(None),
                Err(Nothing::Empty) => {}
            }
            if *busy == 0 && self.crew.queue.close_if_empty() {
                drop(busy);
                self.idle().wake_all();
                return Some(None);
            }
            drop(busy);
            self.sleep(|turns| *lock(&turns.crew.busy) == 0);
        }
    }

    /// Searches: looks a few times whether there is something.
    fn pause(&mut self) -> bool {
        if !self.searching {
            self.searching = true;
            self.idle().begin_search();
        }
        for _ in 0..PAUSE {
            if self.crew.queue.can_pop() {
                return true;
            }
            spin();
        }
        false
    }

    /// Sleeps until it is called, unless there is something to do or `else_ready`; then it searches.
    fn sleep(&mut self, else_ready: impl Fn(&Self) -> bool) {
        self.rooms.give_back();
        let mut asleep = Some(self.idle().enter(self.worker, self.searching));
        self.searching = true;
        let ready = self.worker.may_find() || self.worker.orders() != 0 || else_ready(self);
        if ready {
            return;
        }
        let events = self.crew.events().filter(|_| !self.crew.is_ending());
        let bed = &self.worker.bed;
        let sleep = |events| self.crew.waking(|| bed.park_at(events, || asleep = None));
        self.called = match events.map(sleep) {
            Some(slept @ (None | Some(Ok(_)))) => {
                self.glanced = self.turns;
                matches!(slept, Some(Ok(true)))
            }
            None | Some(Some(Err(_))) => bed.park(None),
        };
    }

    /// Every so many turns, one who is busy looks whether something has happened that others wait for.
    fn glance_at_events(&mut self) {
        self.turns = self.turns.wrapping_add(1);
        if self.turns.wrapping_sub(self.glanced) >= GLANCE {
            self.glanced = self.turns;
            if let Some(events) = self.crew.events() {
                // Somebody else who waits there does as well.
                let _ = self.crew.waking(|| events.wait(Some(Instant::now())));
            }
        }
    }

    #[inline]
    fn found(&mut self, continuation: Continuation) -> Continuation {
        self.presence.enter();
        if self.searching {
            self.end_search();
        }
        continuation
    }

    /// It searches no more. If nobody else does, and there is something, somebody should.
    #[cold]
    fn end_search(&mut self) {
        if !self.searching {
            return;
        }
        self.searching = false;
        if self.idle().end_search() && self.worker.may_find() {
            self.idle().wake_one();
        }
    }

    /// Rests until it is to thaw, or to end.
    fn rest(&mut self) {
        self.end_search();
        self.presence.leave();
        self.rooms.give_back();
        let flags = &self.worker.flags;
        let rests = |flags| flags & FREEZE != 0 && flags & (HALTED | DRAIN) == 0;
        if flags.change_if(rests, FROZEN, RUNNING).is_ok() {
            let _ = flags.wait_while(rests, None);
            flags.change(RUNNING, FROZEN);
        }
    }

    /// Gives a continuation its turn.
    fn run(&mut self, continuation: Continuation) {
        self.glance_at_events();
        let mut obedience = Obedience {
            worker: self.worker,
            own: self.own,
            turns: &mut self.turns,
            glance_at: self.glanced.wrapping_add(GLANCE),
            alone_at: None,
        };
        match continuation.turn(&mut obedience) {
            Ok(None) => {}
            Ok(Some(again)) => self.put_back(again),
            Err(panic) => self.crew.panicked(panic),
        }
    }

    fn put_back(&self, again: Continuation) {
        let put = self
            .own
            .keep(again)
            .or_else(|again| self.crew.queue.push(again));
        match put {
            Ok(()) => self.idle().wake_one(),
            Err(Refused::Full(halted) | Refused::Closed(halted)) => {
                self.crew.panics.catch(|| drop(halted));
            }
        }
    }

    fn idle(&self) -> &'a Idle {
        &self.crew.idle
    }
}

/// What a worker looks at between two legs.
struct Obedience<'a> {
    worker: &'a Worker,
    own: Own<'a>,
    turns: &'a mut u32,
    /// At which turn it is to look at the event queue.
    glance_at: u32,
    /// What [`Worker::pushed`] was when nothing was queued, once that was so at a `coop!` in this turn.
    alone_at: Option<u64>,
}

impl Watch for Obedience<'_> {
    #[inline]
    fn stops(&mut self) -> bool {
        self.worker.orders() != 0
    }

    #[inline]
    fn goes_on(&mut self) -> bool {
        // Read before the look: what is pushed meanwhile makes it another number.
        let pushed = self.worker.pushed();
        if self.worker.has_work() || self.worker.orders() != 0 {
            return false;
        }
        let first = self.alone_at.replace(pushed).is_none();
        // Somebody is to look at the event queue after so many turns alone.
        first || self.worker.crew.events().is_none()
    }

    /// In a turn others take from what is queued for the worker, and it does not itself. So where nothing was
    /// queued, and nothing has been pushed since, nothing is.
    #[inline]
    fn alone(&self) -> impl FnMut() -> bool {
        // Read once: behind what others write, nothing is known of memory any more.
        let (worker, queue) = (self.worker, &self.worker.crew.queue);
        let alone_at = self.alone_at.unwrap_or_default();
        let mut turns = GLANCE;
        move || {
            turns -= 1;
            turns > 0 && worker.pushed_with(queue) == alone_at && worker.orders() == 0
        }
    }

    /// What the worker would find, where that needs nothing but a look into its ring.
    #[inline]
    fn next(&mut self) -> Option<Continuation> {
        let turn = self.turns.wrapping_add(1);
        if turn == self.glance_at || self.worker.orders() != 0 {
            return None;
        }
        let next = self.own.next_in_ring(*self.turns)?;
        *self.turns = turn;
        self.alone_at = None;
        Some(next)
    }
}

/// Where the worker's thread says that it is.
///
/// That of a pool is there all its life. That of a runtime is at its door while it has something in hand, and
/// lets go of the door when it has not, so that it can see whether it was the last who held one.
struct Presence<'a> {
    crew: &'a Arc<Crew>,
    door: Weak<Door>,
    entered: Option<Entered>,
}

impl Presence<'_> {
    #[inline]
    fn enter(&mut self) {
        if self.entered.is_none() && !cfg!(loom) {
            self.entered = Some(dispatch::enter(self.home()));
        }
    }

    #[cold]
    fn home(&mut self) -> Home {
        if !self.crew.solo {
            return Home::new(self.crew.clone());
        }
        let door = self.door.upgrade();
        let door = door.unwrap_or_else(|| Door::new(self.crew.clone()));
        self.door = Arc::downgrade(&door);
        Home::new(door)
    }

    fn leave(&mut self) {
        if self.crew.solo {
            self.entered = None;
        }
    }
}
