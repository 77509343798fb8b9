//! Where a woken continuation goes: dispatchers, and which one the current thread works for.
//!
//! Whoever suspends a continuation asks [`here`] for the [`Home`] of the leg, keeps it with the
//! continuation, and dispatches the continuation to it when it can go on.
//!
//! ```
//! use cps_core::dispatch::{Dispatcher, Home, enter, here};
//! use cps_core::{Continuation, cps, suspend, thunk};
//! use std::sync::{Arc, Mutex, mpsc};
//!
//! /// Runs what is dispatched to it on one thread.
//! struct Worker(Mutex<mpsc::Sender<Continuation>>);
//!
//! impl Dispatcher for Worker {
//!     fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
//!         let queue = self.0.lock().unwrap();
//!         queue.send(continuation).map_err(|refused| refused.0)
//!     }
//! }
//!
//! #[cps]
//! fn naps() -> (std::thread::ThreadId, std::thread::ThreadId) {
//!     let before = std::thread::current().id();
//!     let home = here();
//!     suspend!(move |continuation| {
//!         // Someone else wakes it, and it goes on at home.
//!         std::thread::spawn(move || home.dispatch(continuation));
//!         None
//!     });
//!     (before, std::thread::current().id())
//! }
//!
//! let (queue, continuations) = mpsc::channel();
//! let home = Home::new(Arc::new(Worker(Mutex::new(queue))));
//! let worker = std::thread::spawn({
//!     let home = home.clone();
//!     move || {
//!         let _entered = enter(home);
//!         for _ in 0..2 {
//!             continuations.recv().unwrap().run();
//!         }
//!     }
//! });
//! let (told, outcome) = mpsc::channel();
//! let start = thunk!(naps()).start_with(move |outcome| told.send(outcome).unwrap());
//! home.dispatch(start).unwrap();
//! let cps_core::Outcome::Returned((before, after)) = outcome.recv().unwrap() else {
//!     panic!()
//! };
//! assert_eq!(before, after);
//! worker.join().unwrap();
//! ```

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::cell::RefCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::thread_local;

pub use crate::dispatcher::Dispatcher;
use crate::resident::Resident;
pub use crate::rooms::Rooms;
pub use crate::trampoline::Watch;
use crate::trampoline::{PATIENCE, Until, drive};
use crate::unwind::Stray;
use crate::{Continuation, Refusal};

/// A handle on a dispatcher; cloning it is cheap. Two are equal if they are handles on the same one.
#[derive(Clone)]
pub struct Home(Kind);

#[derive(Clone)]
enum Kind {
    /// No dispatcher: the thread that wakes a continuation runs it.
    Waker,
    Dispatcher(Arc<dyn Dispatcher>),
}

impl Home {
    /// A handle on `dispatcher`: see the [example of the module](self).
    pub fn new(dispatcher: Arc<dyn Dispatcher>) -> Self {
        Home(Kind::Dispatcher(dispatcher))
    }

    /// Dispatches the continuation, and gives the handle up.
    ///
    /// A thread that works for the same dispatcher keeps the handle for whoever asks [`here`] next. So where
    /// continuations wake each other, their handles go to and fro, and need not be counted.
    ///
    /// # Errors
    ///
    /// With the same continuation, when the dispatcher takes no more.
    ///
    /// ```
    /// use cps_core::dispatch::here;
    /// use cps_core::{cps, thunk};
    ///
    /// #[cps]
    /// fn greet() {
    ///     println!("hello");
    /// }
    ///
    /// here().resume(thunk!(greet()).into_continuation()).unwrap();
    /// ```
    #[inline]
    pub fn resume(self, continuation: Continuation) -> Result<(), Continuation> {
        let outcome = self.dispatch(continuation);
        Resident::take_back(self);
        outcome
    }
}

impl Dispatcher for Home {
    #[inline]
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        match &self.0 {
            Kind::Waker => {
                run_here(continuation);
                Ok(())
            }
            Kind::Dispatcher(dispatcher) => dispatcher.dispatch(continuation),
        }
    }

    fn admit(&self, continuation: Continuation, refusal: Refusal) -> Result<(), Continuation> {
        match &self.0 {
            Kind::Waker => self.dispatch(continuation),
            Kind::Dispatcher(dispatcher) => dispatcher.admit(continuation, refusal),
        }
    }

    fn start(&self, continuation: Continuation) -> Result<(), Continuation> {
        match &self.0 {
            Kind::Waker => self.dispatch(continuation),
            Kind::Dispatcher(dispatcher) => dispatcher.start(continuation),
        }
    }

    fn is_closed(&self) -> bool {
        match &self.0 {
            Kind::Waker => false,
            Kind::Dispatcher(dispatcher) => dispatcher.is_closed(),
        }
    }
}

impl PartialEq for Home {
    #[inline]
    fn eq(&self, other: &Home) -> bool {
        match (&self.0, &other.0) {
            (Kind::Waker, Kind::Waker) => true,
            (Kind::Dispatcher(one), Kind::Dispatcher(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for Home {}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").finish_non_exhaustive()
    }
}

/// Whom the current thread runs continuations for. A tag and a pointer: every plain call exchanges
/// it.
enum Current {
    /// No one.
    Nobody,
    Home(Box<Resident>),
    /// [`Thunk::run`](crate::Thunk::run) on this thread, which no one has asked for yet.
    Run,
    /// The same, asked for.
    Inbox(Arc<Inbox>),
    /// No one; continuations that were woken here run, and these wait for that.
    Waking(Box<Waiting>),
}

#[derive(Default)]
struct Waiting(VecDeque<Continuation>);

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(Current::Nobody) };
}

/// Replaces whom the thread works for. What is returned is to be dropped outside, as a dispatcher's
/// drop may ask who is here.
fn exchange(current: Current) -> Option<Current> {
    CURRENT
        .try_with(|slot| {
            let before = slot.replace(current);
            Resident::appoint(match &*slot.borrow() {
                Current::Home(resident) => Some(resident),
                _ => None,
            });
            before
        })
        .ok()
}

/// The dispatcher that the current thread runs continuations for.
///
/// During [`Thunk::run`](crate::Thunk::run) this is the thread that waits there: a continuation
/// dispatched to it wakes the thread, which drives it. When that is over, or where there is no
/// dispatcher, whoever dispatches a continuation runs it.
///
/// ```
/// use cps_core::dispatch::{Dispatcher, here};
/// use cps_core::{cps, thunk};
///
/// #[cps]
/// fn greet() {
///     println!("hello");
/// }
///
/// here().dispatch(thunk!(greet()).into_continuation()).unwrap();
/// ```
#[inline]
pub fn here() -> Home {
    Resident::home().unwrap_or_else(no_dispatcher)
}

/// The same where there is none.
#[cold]
fn no_dispatcher() -> Home {
    CURRENT
        .try_with(|slot| {
            let mut current = slot.borrow_mut();
            let inbox = match &*current {
                Current::Nobody | Current::Home(_) | Current::Waking(_) => {
                    return Home(Kind::Waker);
                }
                Current::Inbox(inbox) => inbox.clone(),
                Current::Run => Arc::new(Inbox::new()),
            };
            *current = Current::Inbox(inbox.clone());
            Home(Kind::Dispatcher(inbox))
        })
        .unwrap_or(Home(Kind::Waker))
}

/// Starts a call on the dispatcher that the current thread works for: as [`here`]`().start(..)`, but the
/// handle need not be counted.
///
/// # Errors
///
/// With the same continuation, when the dispatcher takes no more.
///
/// ```
/// use cps_core::{cps, dispatch, thunk};
///
/// #[cps]
/// fn greet() {
///     println!("hello");
/// }
///
/// dispatch::start(thunk!(greet()).into_continuation()).unwrap();
/// ```
pub fn start(continuation: Continuation) -> Result<(), Continuation> {
    let home = here();
    let outcome = home.start(continuation);
    Resident::take_back(home);
    outcome
}

/// Whether the current thread is in a [plain call](crate::Thunk::run), and so runs nothing but what that
/// waits for.
///
/// ```
/// use cps_core::cps;
/// use cps_core::dispatch::blocks;
///
/// #[cps]
/// fn asks() -> bool {
///     blocks()
/// }
///
/// assert!(asks() && !blocks());
/// ```
#[must_use]
#[inline]
pub fn blocks() -> bool {
    !Resident::is_there() && plain_call()
}

#[cold]
fn plain_call() -> bool {
    let current =
        |slot: &RefCell<Current>| matches!(&*slot.borrow(), Current::Run | Current::Inbox(_));
    CURRENT.try_with(current).unwrap_or(false)
}

/// Makes `home` the dispatcher of the current thread, until the guard is dropped.
///
/// For the threads of a dispatcher, around their work: see the [example of the module](self).
#[must_use = "the dispatcher is left when the guard is dropped"]
pub fn enter(home: Home) -> Entered {
    Entered {
        before: exchange(Current::Home(Resident::new(home))),
        stays: PhantomData,
    }
}

/// The thread works for a dispatcher until this is dropped; then for the one before.
pub struct Entered {
    before: Option<Current>,
    /// It belongs to the thread.
    stays: PhantomData<*mut ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            drop(exchange(before));
        }
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

/// Runs `continuation` on this thread, for no dispatcher. Called from within itself it leaves the
/// continuation to the outermost call, so that a chain of wake-ups does not grow the stack.
fn run_here(continuation: Continuation) {
    let Some(continuation) = leave_to_outermost(continuation) else {
        return;
    };
    let entered = Entered {
        before: exchange(Current::Waking(Box::default())),
        stays: PhantomData,
    };
    let mut stray = Stray::default();
    let mut next = Some(continuation);
    while let Some(continuation) = next {
        let again = stray.keep(drive(continuation, Until::Coop(PATIENCE)));
        next = match again.and_then(leave_to_outermost) {
            Some(alone) => Some(alone),
            None => next_waiting(),
        };
    }
    drop(entered);
    stray.resume();
}

/// Gives the continuation back when there is no outermost call.
fn leave_to_outermost(continuation: Continuation) -> Option<Continuation> {
    let mut kept = Some(continuation);
    let _ = CURRENT.try_with(|slot| {
        if let Current::Waking(waiting) = &mut *slot.borrow_mut() {
            waiting.0.extend(kept.take());
        }
    });
    kept
}

fn next_waiting() -> Option<Continuation> {
    CURRENT
        .try_with(|slot| match &mut *slot.borrow_mut() {
            Current::Waking(waiting) => waiting.0.pop_front(),
            _ => None,
        })
        .ok()?
}

/// The thread during [`Thunk::run`](crate::Thunk::run): its own dispatcher.
pub(crate) struct Presence(Entered);

impl Presence {
    pub(crate) fn new() -> Self {
        Presence(Entered {
            before: exchange(Current::Run),
            stays: PhantomData,
        })
    }

    /// What runs next, when `current` has had its turn.
    pub(crate) fn next_after(&self, current: Option<Continuation>) -> Option<Continuation> {
        let Some(inbox) = asked_for() else {
            return current;
        };
        let mut queue = inbox.queue();
        if let Some(current) = current {
            queue.waiting.push_back(current);
        }
        queue.waiting.pop_front()
    }

    /// Ends it. What was dispatched to it and has not run, and `current`, go to the dispatcher
    /// before.
    #[inline]
    pub(crate) fn leave(mut self, current: Option<Continuation>) {
        let run = self.0.before.take().and_then(exchange);
        if matches!(run, Some(Current::Inbox(_))) || current.is_some() {
            pass_on(run, current);
        }
    }
}

#[cold]
fn pass_on(run: Option<Current>, current: Option<Continuation>) {
    let waiting = match run {
        Some(Current::Inbox(inbox)) => inbox.close(),
        _ => VecDeque::new(),
    };
    for continuation in waiting.into_iter().chain(current) {
        if let Err(refused) = here().dispatch(continuation) {
            run_here(refused);
        }
    }
}

/// The inbox of the run that this thread is in, if any was made.
fn asked_for() -> Option<Arc<Inbox>> {
    CURRENT
        .try_with(|slot| match &*slot.borrow() {
            Current::Inbox(inbox) => Some(inbox.clone()),
            _ => None,
        })
        .ok()?
}

/// Continuations for a thread that is in [`Thunk::run`](crate::Thunk::run).
struct Inbox {
    queue: Mutex<Queue>,
    thread: Thread,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Continuation>,
    closed: bool,
}

impl Inbox {
    fn new() -> Self {
        Inbox {
            queue: Mutex::default(),
            thread: thread::current(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) -> VecDeque<Continuation> {
        let mut queue = self.queue();
        queue.closed = true;
        take(&mut queue.waiting)
    }
}

impl Dispatcher for Inbox {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        let mut queue = self.queue();
        if queue.closed {
            drop(queue);
            run_here(continuation);
            return Ok(());
        }
        queue.waiting.push_back(continuation);
        drop(queue);
        self.thread.unpark();
        Ok(())
    }
}
