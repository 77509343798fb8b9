//! A value that is worth leaving where it is.

use crate::{Log, Tracked};

/// A value of many words, which shows its end.
#[derive(Debug)]
pub struct Big {
    /// Most of it; the first of them counts its steps.
    pub room: [u32; 32],
    /// It, in the log.
    pub name: Tracked,
    /// What can be moved out of it.
    pub spare: Tracked,
}

impl Big {
    /// One that has not stepped yet.
    pub fn new(log: &Log, name: &str) -> Self {
        Big {
            room: [0; 32],
            name: log.tracked(name),
            spare: log.tracked(format!("{name}'s spare")),
        }
    }

    /// Counts a step; returns how many there were.
    pub fn step(&mut self) -> u32 {
        self.room[0] += 1;
        self.room[0]
    }

    /// How many steps there were.
    pub fn steps(&self) -> u32 {
        self.room[0]
    }

    /// Ends it; returns how many steps there were, and a hundred.
    pub fn finish(self) -> u32 {
        self.name.touch();
        self.room[0] + 100
    }

    /// It, ten steps further.
    pub fn again(mut self) -> Self {
        self.room[0] += 10;
        self
    }

    /// The two, as they are.
    pub fn beside(self, other: Big) -> (Big, Big) {
        (self, other)
    }
}
