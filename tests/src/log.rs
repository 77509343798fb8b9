//! What a case did, in order: the effects that it notes and the ends of the values that it made.
//!
//! A log may be written from several threads. It knows which tracked values are alive, so that a leak shows
//! even where nobody compares.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A log of effects; clones write to the same log.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    events: Vec<String>,
    made: usize,
    alive: BTreeSet<usize>,
}

impl Log {
    /// A new, empty log that lives as long as the program, for continuations that borrow nothing shorter.
    pub fn forever() -> &'static Log {
        crate::forever(Log::default())
    }

    /// Notes an effect.
    pub fn note(&self, what: impl fmt::Display) {
        self.state().events.push(what.to_string());
    }

    /// Notes an effect and returns `value`: for telling when an operand is evaluated.
    pub fn value<T>(&self, what: impl fmt::Display, value: T) -> T {
        self.note(what);
        value
    }

    /// A value that notes when it is dropped.
    pub fn tracked(&self, name: impl Into<String>) -> Tracked {
        let mut state = self.state();
        let id = state.made;
        state.made += 1;
        state.alive.insert(id);
        drop(state);
        Tracked {
            id,
            name: name.into(),
            log: self.clone(),
        }
    }

    /// What was noted so far, in order.
    pub fn events(&self) -> Vec<String> {
        self.state().events.clone()
    }

    /// How many tracked values were made and not yet dropped.
    pub fn alive(&self) -> usize {
        self.state().alive.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that notes `drop <name>` in its log when it is dropped.
pub struct Tracked {
    id: usize,
    name: String,
    log: Log,
}

impl Tracked {
    /// The name that it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Notes that it was used.
    pub fn touch(&self) {
        self.log.note(format_args!("touch {}", self.name));
    }

    /// Changes its name.
    pub fn rename(&mut self, name: impl Into<String>) {
        self.name = name.into();
    }

    /// Notes that it was consumed, and ends it.
    pub fn consume(self) {
        self.log.note(format_args!("consume {}", self.name));
    }

    /// Hands itself on under another name.
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        self.rename(name);
        self
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let first = self.log.state().alive.remove(&self.id);
        self.log.note(format_args!(
            "drop {}{}",
            self.name,
            if first { "" } else { " AGAIN" }
        ));
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "<{}>", self.name)
    }
}

impl PartialEq for Tracked {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
