//! What the tests share: a log of effects, locals that log their drop, and a few calls in the shape
//! of expansions.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::sync::{Arc, Mutex};

use cps_core::expansion::Context;
use cps_core::{Continuation, Outcome, Thunk};

/// Effects in the order in which they happened.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn say(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    pub(crate) fn local(&self, name: impl Into<String>) -> Local {
        Local {
            name: name.into(),
            log: self.clone(),
            panics: false,
        }
    }

    /// A local that panics in its drop, after it has logged it.
    pub(crate) fn bomb(&self, name: impl Into<String>) -> Local {
        let mut bomb = self.local(name);
        bomb.panics = true;
        bomb
    }

    /// A receiver that logs the outcome.
    pub(crate) fn receiver<T: std::fmt::Debug + 'static>(
        &self,
    ) -> impl FnOnce(Outcome<T>) + Send + 'static {
        let log = self.clone();
        move |outcome| match outcome {
            Outcome::Returned(value) => log.say(format!("returned {value:?}")),
            Outcome::Panicked(payload) => log.say(format!("panicked: {}", message(&*payload))),
            Outcome::Dropped => log.say("dropped"),
        }
    }
}

/// A local whose drop shows in the log.
pub(crate) struct Local {
    name: String,
    log: Log,
    panics: bool,
}

impl Local {
    /// Says something in the log that its drop will show in.
    pub(crate) fn say(&self, what: impl Into<String>) {
        self.log.say(what);
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.log.say(format!("drop {}", self.name));
        if self.panics {
            panic!("drop of {}", self.name);
        }
    }
}

/// What a panic said.
pub(crate) fn message(payload: &(dyn std::any::Any + Send)) -> String {
    match payload.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => payload.downcast_ref::<&str>().unwrap().to_string(),
    }
}

/// What a call panics with.
pub(crate) fn panics<R>(f: impl FnOnce() -> R) -> String {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) {
        Ok(_) => panic!("expected a panic"),
        Err(payload) => message(&*payload),
    }
}

/// Bounces to the end, and counts the legs.
pub(crate) fn legs(continuation: Continuation) -> usize {
    let mut next = Some(continuation);
    let mut legs = 0;
    while let Some(continuation) = next {
        next = continuation.bounce();
        legs += 1;
    }
    legs
}

type Give = Box<dyn FnOnce(Continuation) -> Option<Continuation> + Send>;

/// What the innermost of nested calls does.
pub(crate) enum Leaf {
    Return,
    Coop,
    Panic,
    Give(Give),
}

impl Leaf {
    pub(crate) fn give(
        give: impl FnOnce(Continuation) -> Option<Continuation> + Send + 'static,
    ) -> Self {
        Leaf::Give(Box::new(give))
    }
}

/// ```text
/// fn nest(depth: u32, log: Log, leaf: Leaf) -> u32 {
///     let local = log.local(format!("local {depth}"));
///     if depth > 0 {
///         let below = call!(nest(depth - 1, log.clone(), leaf));
///         log.say(format!("back in {depth}"));
///         return below + 1;
///     }
///     match leaf { Leaf::Return => {} Leaf::Coop => coop!(), Leaf::Panic => panic!("leaf"), Leaf::Give(give) => suspend!(give) }
///     0
/// }
/// ```
pub(crate) fn nest(depth: u32, log: Log, leaf: Leaf) -> Thunk<'static, u32> {
    enum Frame<D, G, E, L, R1> {
        Start { leaf: E, log: G, depth: D },
        Call1 { local: L, log: G, depth: D, ret: R1 },
        Leaf { local: L, log: G },
    }
    Thunk::new(
        Frame::Start { depth, log, leaf },
        |mut cx: Context<'_, Frame<_, _, _, _, _>, u32>| match cx.take() {
            Frame::Start { leaf, log, depth } => {
                let local = log.local(format!("local {depth}"));
                if depth > 0 {
                    let callee = nest(depth - 1, log.clone(), leaf);
                    return cx.call(
                        |ret| Frame::Call1 {
                            local,
                            log,
                            depth,
                            ret,
                        },
                        callee,
                    );
                }
                match leaf {
                    Leaf::Return => cx.done(0),
                    Leaf::Coop => cx.coop(Frame::Leaf { local, log }),
                    Leaf::Panic => panic!("leaf"),
                    Leaf::Give(give) => cx.suspend(Frame::Leaf { local, log }, give),
                }
            }
            Frame::Call1 {
                local: _local,
                log,
                depth,
                ret,
            } => {
                let below = cx.callee.returned(ret);
                log.say(format!("back in {depth}"));
                cx.done(below + 1)
            }
            Frame::Leaf {
                local: _local,
                log: _log,
            } => cx.done(0),
        },
    )
}
