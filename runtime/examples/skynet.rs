//! Skynet: a tree of continuations, ten under each, a million leaves; each leaf has a number, and
//! the tree adds them up.
//!
//! ```text
//! cargo run --release --example skynet -- [LEAVES]
//! ```
//!
//! Every node spawns its children on one pool and joins them. A worker runs first what was spawned
//! last, so of a million nodes a few dozen are alive at a time.

use insideout::prelude::*;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Instant;

/// How many children a node has.
const BRANCHES: u64 = 10;

/// The sum of the numbers of `leaves` leaves, the first of which is number `first`.
#[cps]
fn skynet(pool: Arc<Pool>, first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let mut children = Vec::with_capacity(BRANCHES as usize);
    let mut from = 0;
    for branch in 1..=BRANCHES {
        let upto = leaves * branch / BRANCHES;
        if upto > from {
            let child = thunk!(skynet(pool.clone(), first + from, upto - from));
            children.push(pool.spawn(child));
        }
        from = upto;
    }
    let mut sum = 0;
    for child in children {
        sum += join!(child).expect("a node adds numbers");
    }
    sum
}

fn main() -> ExitCode {
    let leaves = match std::env::args().nth(1).map(|word| word.parse()) {
        None => 1_000_000,
        Some(Ok(leaves @ 1..=1_000_000_000)) => leaves,
        Some(_) => {
            eprintln!("usage: skynet [LEAVES]   from 1 to 1000000000, by default 1000000");
            return ExitCode::from(2);
        }
    };
    let workers = available_parallelism().map_or(1, usize::from);
    let pool = Arc::new(Pool::new(workers));
    let start = Instant::now();
    let root = thunk!(skynet(pool.clone(), 0, leaves));
    let size = root.size();
    let sum = pool.spawn(root).join().expect("a node adds numbers");
    let time = start.elapsed();
    println!("{sum}");
    eprintln!("{leaves} leaves, {size} bytes each, {workers} workers, {time:.2?}");
    ExitCode::SUCCESS
}
