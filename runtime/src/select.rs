//! Waiting for whatever comes first: a message in one of several mailboxes, the end of a spawned call, a
//! moment.
//!
//! Each try looks at all choices once. If none is there, a [`Claim`] is left with each, and the waiter sleeps
//! or is suspended; the first that has something takes the claim. Then the claim is taken away from the
//! others, whatever happens, by the drop of [`Selecting`], and the next try begins with the one that woke the
//! waiter: the wake-up was meant for that one, so nobody else is told. The first try begins with another
//! choice each time, so that none starves the others.

use crate::claim::{Claim, Place};
use crate::join::JoinHandle;
use crate::mailbox::{Mailbox, Receiver, Refused, TryRecvError};
use crate::parker::Why;
use crate::sync::Relaxed;
use crate::timeout;
use cps_core::Continuation;
use cps_core::expansion::Attempt;
use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What came first, of up to four choices; what is no choice cannot come, and need not be matched.
///
/// ```
/// use insideout::prelude::*;
/// use insideout::{Chosen, select};
///
/// let (words, numbers) = (Mailbox::<&str>::unbounded(), Mailbox::<u8>::unbounded());
/// numbers.send(7).unwrap();
/// match select((&words, &numbers)) {
///     Chosen::First(word) => panic!("{word:?} was not sent"),
///     Chosen::Second(number) => assert_eq!(number, Ok(7)),
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chosen<A, B, C = Infallible, D = Infallible> {
    /// The first choice.
    First(A),
    /// The second.
    Second(B),
    /// The third.
    Third(C),
    /// The fourth.
    Fourth(D),
}

/// What [`select`] and `select!` can wait for.
///
/// A [`Receiver`] or [`Mailbox`] is one, and yields what a receive yields: a message, or why none comes. A
/// [`JoinHandle`] yields `()` when a join would not wait, a [`WaitGroup`](crate::WaitGroup) when its last
/// member has left, an [`Instant`] when it is that time; a [`Semaphore`](crate::Semaphore) yields a permit.
/// So do references to them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that `select!` can wait for",
    label = "not a `Receiver`, `Mailbox`, `JoinHandle`, `WaitGroup`, `Semaphore` or `Instant`"
)]
pub trait Choice {
    /// What comes.
    type Out;

    /// What is there now.
    #[doc(hidden)]
    fn attempt(&self) -> Option<Self::Out>;

    /// What comes when the wait was interrupted here.
    #[doc(hidden)]
    fn interrupted(&self) -> Option<Self::Out>;

    /// Where to wait.
    #[doc(hidden)]
    fn place(&self) -> Arc<dyn Place>;
}

macro_rules! mailboxes {
    ($($handle:ident)+) => {$(
        impl<T: Send + 'static> Choice for $handle<T> {
            type Out = Result<T, Refused>;

            fn attempt(&self) -> Option<Self::Out> {
                match self.try_recv() {
                    Ok(message) => Some(Ok(message)),
                    Err(TryRecvError::Closed) => Some(Err(Refused::Closed(()))),
                    Err(TryRecvError::Empty) => None,
                }
            }

            fn interrupted(&self) -> Option<Self::Out> {
                Some(Err(Refused::Interrupted(())))
            }

            fn place(&self) -> Arc<dyn Place> {
                self.mail().clone()
            }
        }
    )+};
}

mailboxes!(Mailbox Receiver);

impl<T: Send + 'static> Choice for JoinHandle<T> {
    type Out = ();

    fn attempt(&self) -> Option<()> {
        self.is_finished().then_some(())
    }

    fn interrupted(&self) -> Option<()> {
        None
    }

    fn place(&self) -> Arc<dyn Place> {
        JoinHandle::place(self)
    }
}

macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<C: Choice + ?Sized> Choice for $pointer {
            type Out = C::Out;

            fn attempt(&self) -> Option<C::Out> {
                (**self).attempt()
            }

            fn interrupted(&self) -> Option<C::Out> {
                (**self).interrupted()
            }

            fn place(&self) -> Arc<dyn Place> {
                (**self).place()
            }
        }
    )+};
}

pointers!(&C, &mut C, Arc<C>, Box<C>);

/// Two to four [choices](Choice), in a tuple.
pub trait Choices {
    /// What came first.
    type Chosen;

    #[doc(hidden)]
    const COUNT: usize;

    /// What is there now at one of them.
    #[doc(hidden)]
    fn attempt(&self, choice: usize) -> Option<Self::Chosen>;

    #[doc(hidden)]
    fn interrupted(&self, choice: usize) -> Option<Self::Chosen>;

    #[doc(hidden)]
    fn places(&self) -> Vec<Arc<dyn Place>>;
}

macro_rules! choices {
    ($count:literal: $($choice:ident $n:tt $variant:ident),+; $($never:ident),*) => {
        impl<$($choice: Choice),+> Choices for ($($choice,)+) {
            type Chosen = Chosen<$($choice::Out,)+ $($never),*>;

            const COUNT: usize = $count;

            fn attempt(&self, choice: usize) -> Option<Self::Chosen> {
                match choice {
                    $($n => self.$n.attempt().map(Chosen::$variant),)+
                    _ => None,
                }
            }

            fn interrupted(&self, choice: usize) -> Option<Self::Chosen> {
                match choice {
                    $($n => self.$n.interrupted().map(Chosen::$variant),)+
                    _ => None,
                }
            }

            fn places(&self) -> Vec<Arc<dyn Place>> {
                vec![$(self.$n.place()),+]
            }
        }
    };
}

choices!(2: A 0 First, B 1 Second; Infallible, Infallible);
choices!(3: A 0 First, B 1 Second, C 2 Third; Infallible);
choices!(4: A 0 First, B 1 Second, C 2 Third, D 3 Fourth;);

/// Looks at each choice once, beginning with `first`.
fn attempt<C: Choices>(choices: &C, first: usize) -> Option<C::Chosen> {
    (first..C::COUNT)
        .chain(0..first)
        .find_map(|choice| choices.attempt(choice))
}

/// Each time another, of so many.
fn turn(count: usize) -> usize {
    thread_local!(static TURN: Cell<usize> = const { Cell::new(0) });
    let turn = TURN.get();
    TURN.set(turn.wrapping_add(1));
    turn % count
}

/// Blocks the thread until one of the choices has something, and takes that. Continuations wait with
/// `select!`.
///
/// The choices are a tuple of two to four: see [`Choice`]. If several have something, each has its turn.
///
/// ```
/// use insideout::prelude::*;
/// use insideout::{Chosen, select};
///
/// let (orders, stop) = (Mailbox::<u32>::unbounded(), Mailbox::<()>::unbounded());
/// let (order, halt) = (orders.sender(), stop.sender());
/// std::thread::spawn(move || {
///     order.send(7).unwrap();
///     halt.send(()).unwrap();
/// });
/// let mut sum = 0;
/// loop {
///     match select((&orders, &stop)) {
///         Chosen::First(order) => sum += order.unwrap(),
///         Chosen::Second(_) => break,
///     }
/// }
/// assert!(sum == 7 || orders.len() == 1);
/// ```
pub fn select<C: Choices>(choices: C) -> C::Chosen {
    match wait(&choices, None) {
        Some(chosen) => chosen,
        None => unreachable!("there is no deadline"),
    }
}

/// As [`select`], at most until `deadline`; then None. A deadline that is over makes it look once, without
/// blocking.
///
/// ```
/// use insideout::{Mailbox, select_deadline};
/// use std::time::Instant;
///
/// let (a, b) = (Mailbox::<u8>::unbounded(), Mailbox::<u8>::unbounded());
/// assert_eq!(select_deadline((&a, &b), Instant::now()), None);
/// ```
#[must_use = "what was chosen is taken"]
pub fn select_deadline<C: Choices>(choices: C, deadline: Instant) -> Option<C::Chosen> {
    wait(&choices, Some(deadline))
}

fn wait<C: Choices>(choices: &C, deadline: Option<Instant>) -> Option<C::Chosen> {
    let mut first = turn(C::COUNT);
    let mut expired = false;
    loop {
        let chosen = attempt(choices, first);
        if chosen.is_some() || expired {
            return chosen;
        }
        let selecting = Selecting::new(Claim::of_thread(), choices.places());
        let taken = if selecting.enter() {
            selecting.taken()
        } else {
            expired = selecting.claim.sleep(deadline).is_none();
            selecting.taken()
        };
        drop(selecting);
        match taken {
            Some((choice, Why::Ready)) => first = choice,
            Some((choice, Why::Interrupted)) => {
                let interrupted = choices.interrupted(choice);
                if interrupted.is_some() {
                    return interrupted;
                }
            }
            None => {}
        }
    }
}

/// A wait that is under way. When it is dropped, the claim is with no place any more; and the wake-up,
/// if nobody looked, with the next.
#[allow(missing_debug_implementations)]
pub(crate) struct Selecting {
    claim: crate::sync::Arc<Claim>,
    places: Arc<[Arc<dyn Place>]>,
    /// Whether somebody has asked who took the claim.
    looked: AtomicBool,
}

impl Selecting {
    /// Of a continuation.
    pub(crate) fn suspending(places: Vec<Arc<dyn Place>>) -> Self {
        Selecting::new(Claim::of_continuation(), places)
    }

    pub(crate) fn new(claim: crate::sync::Arc<Claim>, places: Vec<Arc<dyn Place>>) -> Self {
        Selecting {
            claim,
            places: places.into(),
            looked: AtomicBool::new(false),
        }
    }

    /// Leaves the claim with all places, unless one has something already: then true, and there is nothing to
    /// wait for.
    pub(crate) fn enter(&self) -> bool {
        enter(&self.claim, &self.places)
    }

    /// What leaves the continuation with the first place that has something; or gives it back, if one has
    /// already.
    pub(crate) fn give(&self) -> impl FnOnce(Continuation) -> Option<Continuation> + use<> {
        let (claim, places) = (self.claim.clone(), self.places.clone());
        move |continuation| timeout::settle(continuation, &claim, &places)
    }

    /// The name of the place that took the claim. Who asks looks what is there.
    pub(crate) fn taker(&self) -> Option<(usize, Why)> {
        self.looked.store(true, Relaxed);
        self.claim.taken()
    }

    /// The choice whose place took the claim.
    pub(crate) fn taken(&self) -> Option<(usize, Why)> {
        let (name, why) = self.taker()?;
        let choice = self.places.iter().position(|place| place.name() == name)?;
        Some((choice, why))
    }
}

pub(crate) fn enter(claim: &crate::sync::Arc<Claim>, places: &[Arc<dyn Place>]) -> bool {
    let ready = places.iter().any(|place| place.enter(claim));
    if ready {
        claim.give_up();
    }
    ready
}

impl Drop for Selecting {
    fn drop(&mut self) {
        self.claim.give_up();
        self.places
            .iter()
            .for_each(|place| place.leave(&self.claim));
        if !*self.looked.get_mut()
            && let Some((name, Why::Ready)) = self.claim.taken()
        {
            let taker = self.places.iter().filter(|place| place.name() == name);
            taker.for_each(|place| place.pass_on());
        }
    }
}

/// What a `select!` has in its frame.
#[allow(missing_debug_implementations)]
pub struct Selected(Option<Selecting>);

/// Nothing is waited for yet.
#[must_use]
pub fn selected() -> Selected {
    Selected(None)
}

/// How a `select!` leaves its continuation.
type Give = Box<dyn FnOnce(Continuation) -> Option<Continuation>>;

/// Takes what the first of the choices has that has something, or waits for it.
pub fn attempt_select<C: Choices>(
    choices: &C,
    selected: Selected,
) -> Attempt<C::Chosen, Selected, Give> {
    let taken = selected.0.as_ref().and_then(Selecting::taken);
    drop(selected);
    let mut first = None;
    match taken {
        Some((choice, Why::Ready)) => first = Some(choice),
        Some((choice, Why::Interrupted)) => {
            if let Some(interrupted) = choices.interrupted(choice) {
                return Attempt::Ready(interrupted);
            }
        }
        None => {}
    }
    let first = first.unwrap_or_else(|| turn(C::COUNT));
    if let Some(chosen) = attempt(choices, first) {
        return Attempt::Ready(chosen);
    }
    let selecting = Selecting::suspending(choices.places());
    let give = Box::new(selecting.give());
    Attempt::Wait(Selected(Some(selecting)), give)
}
