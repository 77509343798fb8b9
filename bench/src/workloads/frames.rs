//! A suspension beside locals that the leg does not touch: its cost should not grow with them.

use crate::measure::{Cost, time};
use crate::workload::{Decides, Goal, OURS, Workload};
use insideout::prelude::*;

const YIELDS: usize = 10_000_000;
const SIZE: usize = 4096;
const WITHOUT: &str = "insideout without the array";

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        row("frame-array", "coop! in a loop beside a [u8; 4096]", array),
        row("frame-struct", "the same, the array in a struct", hidden),
        row(
            "frame-lent",
            "the same, the array lent to a callee before",
            lent,
        ),
        row(
            "frame-straight",
            "32 times coop! in a row beside the array, and no loop",
            straight,
        ),
    ]
}

/// At most twice the time of the same without the array.
fn row(name: &'static str, about: &'static str, with: fn(usize) -> Cost) -> Workload {
    Workload::new(name, about, "yield")
        .decides(Decides::Cpu)
        .with(OURS, YIELDS / 4, with)
        .with(WITHOUT, YIELDS, without)
        .goal(Goal::Against(WITHOUT, 0.5))
}

#[cps]
fn plain_loop(times: usize) -> usize {
    let mut count = 0;
    for _ in 0..times {
        count += 1;
        coop!();
    }
    count
}

#[cps]
fn array_loop(times: usize) -> usize {
    let buffer = [1u8; SIZE];
    let mut count = 0;
    for _ in 0..times {
        count += 1;
        coop!();
    }
    count + usize::from(buffer[count % SIZE])
}

struct Buffer {
    bytes: [u8; SIZE],
    filled: usize,
}

#[cps]
fn hidden_loop(times: usize) -> usize {
    let buffer = Buffer {
        bytes: [1; SIZE],
        filled: 7,
    };
    let mut count = 0;
    for _ in 0..times {
        count += 1;
        coop!();
    }
    count + buffer.filled + usize::from(buffer.bytes[count % SIZE])
}

#[cps]
fn fill(buffer: &mut [u8], value: u8) -> usize {
    coop!();
    buffer.fill(value);
    buffer.len()
}

#[cps]
fn lent_loop(times: usize) -> usize {
    let mut buffer = [1u8; SIZE];
    let mut count = call!(fill(&mut buffer, 3));
    for _ in 0..times {
        count += 1;
        coop!();
    }
    count + usize::from(buffer[count % SIZE])
}

/// How often `coop!` stands in a row.
const ROW: usize = 32;

macro_rules! row_of {
    ($($again:tt)*) => {
        #[cps]
        fn coops_in_a_row(count: usize) -> usize {
            let buffer = [1u8; SIZE];
            $($again!();)*
            count + usize::from(buffer[count % SIZE])
        }
    };
}

row_of! {
    coop coop coop coop coop coop coop coop coop coop coop coop coop coop coop coop
    coop coop coop coop coop coop coop coop coop coop coop coop coop coop coop coop
}

fn without(times: usize) -> Cost {
    time(times, || plain_loop(times))
}

fn array(times: usize) -> Cost {
    time(times, || array_loop(times))
}

fn hidden(times: usize) -> Cost {
    time(times, || hidden_loop(times))
}

fn lent(times: usize) -> Cost {
    time(times, || lent_loop(times))
}

fn straight(times: usize) -> Cost {
    time(times, || {
        let again = times / ROW;
        (0..again).map(coops_in_a_row).sum::<usize>()
    })
}
