//! The differences from Rust that are allowed: what has no name may end at the first suspension.
//!
//! Each case says what a blocking function would do. If one of them comes to do the same, so much the better.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked};
use insideout::prelude::*;

#[allow(dead_code)] // What nobody names is what this is about.
struct Pair {
    first: Tracked,
    second: Tracked,
}

#[cps]
fn left_by_a_pattern(log: &Log, (first, ..): (Tracked, Tracked)) {
    coop!();
    log.note("after");
    first.touch();
}

#[cps]
fn left_by_let(log: &Log, first: Tracked, second: Tracked) {
    let pair = Pair { first, second };
    let Pair { first, .. } = pair;
    coop!();
    log.note("after");
    first.touch();
}

#[cps]
fn left_by_a_move(log: &Log, pair: (Tracked, Tracked, Tracked)) {
    let first = pair.0;
    coop!();
    log.note("after");
    first.touch();
    pair.2.touch();
}

#[cps]
fn scrutinee_temporary(log: &Log) {
    match log.tracked("temporary").name().len() {
        9 => {
            coop!();
            log.note("after");
        }
        _ => log.note("never"),
    }
}

/// Where `drop <name>` stands among the events, which all must have happened.
fn position(log: &Log, event: &str) -> usize {
    let events = log.events();
    events
        .iter()
        .position(|noted| noted == event)
        .unwrap_or_else(|| panic!("{event} in {events:?}"))
}

#[test]
fn what_a_pattern_leaves_behind_ends_at_the_first_suspension_at_the_latest() {
    let log = Log::forever();
    left_by_a_pattern(log, (log.tracked("first"), log.tracked("second")));
    assert_eq!(log.alive(), 0);
    // In a blocking function: after the body.
    assert!(position(log, "drop second") < position(log, "after"));
    assert!(position(log, "drop first") > position(log, "after"));
    let log = Log::forever();
    left_by_let(log, log.tracked("first"), log.tracked("second"));
    assert_eq!(log.alive(), 0);
    assert!(position(log, "drop second") < position(log, "after"));
}

#[test]
fn what_a_move_leaves_behind_unnamed_ends_at_the_first_suspension_at_the_latest() {
    let log = Log::forever();
    let tracked = |name| log.tracked(name);
    left_by_a_move(log, (tracked("first"), tracked("second"), tracked("third")));
    assert_eq!(log.alive(), 0);
    // In a blocking function: after the body, as does the third.
    assert!(position(log, "drop second") < position(log, "after"));
    assert!(position(log, "drop third") > position(log, "after"));
}

#[test]
fn a_temporary_of_a_scrutinee_ends_at_the_first_suspension_at_the_latest() {
    let log = Log::forever();
    scrutinee_temporary(log);
    assert_eq!(log.alive(), 0);
    // In a blocking function: after the match.
    assert!(position(log, "drop temporary") < position(log, "after"));
}
