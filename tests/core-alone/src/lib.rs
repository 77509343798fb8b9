//! A library without std that brings its own dispatcher: a queue of continuations.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use continuations::{Continuation, call, coop, cps};

/// Runs continuations by turns, one leg at a time, until all are finished.
#[derive(Debug, Default)]
pub struct Turns {
    queue: VecDeque<Continuation>,
}

impl Turns {
    /// Adds one, whose turn comes after all that are there.
    pub fn add(&mut self, continuation: Continuation) {
        self.queue.push_back(continuation);
    }

    /// Runs until nothing is left, and returns how many legs it took.
    pub fn run(mut self) -> usize {
        let mut legs = 0;
        while let Some(continuation) = self.queue.pop_front() {
            legs += 1;
            self.queue.extend(continuation.bounce());
        }
        legs
    }
}

/// The triangular numbers up to the one of `n`.
#[cps]
pub fn triangles(n: u32) -> Vec<u32> {
    let mut all = Vec::new();
    for i in 1..=n {
        all.push(call!(sum(i)));
    }
    all
}

#[cps]
fn sum(n: u32) -> u32 {
    let mut sum = 0;
    for i in 1..=n {
        coop!();
        sum += i;
    }
    sum
}
