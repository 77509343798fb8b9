//! Locals of which a part was moved, and that are assigned anew as a whole behind a suspension.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

struct Pair {
    left: Tracked,
    right: Option<Tracked>,
    count: u32,
}

#[both]
mod cases {
    #[cps]
    fn taken_apart_on_some_ways(log: &Log, mut d: Pair, yes: bool) -> u32 {
        log.note(d.count);
        drop(d.left);
        coop!();
        d = pair(log, "new");
        log.note("assigned");
        if yes {
            coop!();
        } else if let Pair {
            left,
            right,
            count: 1 | 2,
        } = d
        {
            left.touch();
            log.note(right.is_some());
        } else {
            coop!();
        }
        log.note("end");
        1
    }

    #[cps]
    fn taken_apart_again(log: &Log, mut d: Pair) -> u32 {
        log.note(d.count);
        drop(d.left);
        coop!();
        d = pair(log, "new");
        log.note("assigned");
        drop(d.right);
        coop!();
        log.note(d.count);
        d.left.touch();
        1
    }

    #[cps]
    fn the_same_part_again(log: &Log, mut d: Pair) -> u32 {
        log.note(d.right.is_some());
        drop(d.left);
        coop!();
        d = pair(log, "new");
        log.note("assigned");
        drop(d.left);
        coop!();
        log.note(d.right.is_some());
        coop!();
        d.count
    }

    #[cps]
    fn kept_to_the_end(log: &Log, mut d: Pair) {
        log.note(d.right.is_some());
        drop(d.left);
        coop!();
        d = pair(log, "new");
        log.note("assigned");
        coop!();
        drop(d.left);
        coop!();
        log.note("end");
    }

    #[cps]
    fn by_what_a_suspension_yields(log: &Log, mut d: Pair, other: Tracked) {
        log.note(d.right.is_some());
        drop(d.left);
        coop!();
        d = Pair {
            left: call!(give(other)),
            right: None,
            count: 2,
        };
        log.note("assigned");
        drop(d.left);
        coop!();
        log.note(d.count);
    }

    #[cps]
    fn in_a_native_branch(log: &Log, mut d: Pair, yes: bool) {
        log.note(d.count);
        drop(d.left);
        coop!();
        if yes {
            d = pair(log, "new");
            log.note("assigned");
            drop(d.right);
        }
        coop!();
        log.note("end");
    }
}

fn pair(log: &Log, name: &str) -> Pair {
    Pair {
        left: log.tracked(format!("{name} left")),
        right: Some(log.tracked(format!("{name} right"))),
        count: 1,
    }
}

#[test]
fn in_straight_lines() {
    assert_same!(|log| taken_apart_again(log, pair(log, "old")));
    assert_same!(|log| the_same_part_again(log, pair(log, "old")));
    assert_same!(|log| kept_to_the_end(log, pair(log, "old")));
    let other = |log: &Log| log.tracked("other");
    assert_same!(|log| by_what_a_suspension_yields(log, pair(log, "old"), other(log)));
}

#[test]
fn in_branches_and_turns() {
    for yes in [false, true] {
        assert_same!(|log| taken_apart_on_some_ways(log, pair(log, "old"), yes));
        assert_same!(|log| in_a_native_branch(log, pair(log, "old"), yes));
    }
}
