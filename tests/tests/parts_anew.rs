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

struct Keeper(Tracked);

impl From<Keeper> for Pair {
    fn from(Keeper(left): Keeper) -> Pair {
        Pair {
            left,
            right: None,
            count: 7,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Point {
    x: u32,
    y: u32,
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
    fn by_what_the_old_one_leaves(log: &Log, mut d: Pair) -> u32 {
        drop(d.left);
        coop!();
        d = Pair {
            left: log.tracked("new left"),
            right: d.right,
            count: d.count + 1,
        };
        log.note("assigned");
        coop!();
        drop(d.right);
        coop!();
        d.left.touch();
        d.count
    }

    #[cps]
    fn in_each_turn(log: &Log) -> u32 {
        let mut d = pair(log, "first");
        let mut turn = 0;
        while turn < 3 {
            turn += 1;
            drop(d.left);
            coop!();
            log.note(d.right.is_some());
            d = pair(log, "new");
            log.note("assigned");
        }
        drop(d.right);
        coop!();
        log.note("end");
        d.left.touch();
        d.count
    }

    #[cps]
    fn behind_a_read_in_a_block(log: &Log, mut d: Pair, yes: bool) -> u32 {
        let guard = log.tracked("guard");
        drop(d.left);
        coop!();
        let other = log.tracked("other");
        log.note(d.right.is_some());
        if yes {
            coop!();
            drop(d.right);
            d = pair(log, "new");
            log.note("assigned");
            other.touch();
        } else {
            d = pair(log, "other new");
        }
        coop!();
        guard.touch();
        d.left.touch();
        d.count + d.right.iter().len() as u32
    }

    #[cps]
    fn ended_before_its_value(log: &Log, mut d: Pair, fails: bool) -> Result<u32, String> {
        drop(d.left);
        coop!();
        log.note(d.right.is_some());
        d = made(log, fails)?;
        log.note("assigned");
        coop!();
        drop(d.right);
        Ok(d.count)
    }

    #[cps]
    fn of_a_type_that_is_told_before(log: &Log) -> u32 {
        let mut d = pair(log, "old");
        drop(d.left);
        coop!();
        log.note(d.right.is_some());
        coop!();
        log.note("between");
        d = call!(give(Keeper(log.tracked("kept")))).into();
        log.note(d.right.is_some());
        coop!();
        drop(d.left);
        coop!();
        d.count
    }

    #[cps]
    fn of_copies(mut p: Point) -> u32 {
        let mut x = p.x;
        coop!();
        x += p.y;
        p = Point { x, y: p.y };
        coop!();
        let y = p.y;
        coop!();
        x += p.x;
        coop!();
        p = Default::default();
        p.x + p.y + x + y
    }

    #[cps]
    fn on_one_way_behind_a_read(log: &Log, mut d: Pair, yes: bool) {
        drop(d.left);
        coop!();
        log.note(d.right.is_some());
        if yes {
            d = pair(log, "new");
            d.left.touch();
        }
        coop!();
        log.note("end");
    }

    #[cps]
    fn in_each_arm(log: &Log, mut d: Pair, n: u32) -> u32 {
        drop(d.left);
        coop!();
        match n {
            0 => {
                coop!();
                d = pair(log, "zero");
            }
            1 => {
                log.note(d.right.is_some());
                d = pair(log, "one");
                coop!();
            }
            _ => {
                drop(d.right);
                d = pair(log, "other");
            }
        }
        coop!();
        drop(d.right);
        coop!();
        d.left.touch();
        d.count
    }

    #[cps]
    fn of_tuples_in_tuples(log: &Log, mut t: (Tracked, (Tracked, Tracked)), n: u32) {
        for turn in 0..n {
            drop(t.1.0);
            coop!();
            t.1.1.touch();
            log.note(turn);
            t = (log.tracked("a"), (log.tracked("b"), t.0));
            log.note("assigned");
            coop!();
            log.note("between");
        }
        drop(t.0);
        coop!();
        t.1.0.touch();
        t.1.1.touch();
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

fn made(log: &Log, fails: bool) -> Result<Pair, String> {
    match fails {
        true => Err("failed".to_owned()),
        false => Ok(pair(log, "new")),
    }
}

fn tuple(log: &Log) -> (Tracked, (Tracked, Tracked)) {
    let [first, second, third] = ["first", "second", "third"].map(|name| log.tracked(name));
    (first, (second, third))
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
    assert_same!(|log| by_what_the_old_one_leaves(log, pair(log, "old")));
    assert_same!(|log| of_a_type_that_is_told_before(log));
    assert_same!(|_log| of_copies(Point { x: 1, y: 2 }));
    let other = |log: &Log| log.tracked("other");
    assert_same!(|log| by_what_a_suspension_yields(log, pair(log, "old"), other(log)));
}

#[test]
fn in_branches_and_turns() {
    assert_same!(|log| in_each_turn(log));
    for n in 0..3 {
        assert_same!(|log| in_each_arm(log, pair(log, "old"), n));
        assert_same!(|log| of_tuples_in_tuples(log, tuple(log), n));
    }
    for yes in [false, true] {
        assert_same!(|log| behind_a_read_in_a_block(log, pair(log, "old"), yes));
        assert_same!(|log| ended_before_its_value(log, pair(log, "old"), yes));
        assert_same!(|log| taken_apart_on_some_ways(log, pair(log, "old"), yes));
        assert_same!(|log| on_one_way_behind_a_read(log, pair(log, "old"), yes));
        assert_same!(|log| in_a_native_branch(log, pair(log, "old"), yes));
    }
}
