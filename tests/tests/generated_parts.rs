//! What random programs of `generate` found about locals that are moved in part, and about what loops carry,
//! each made as small as it goes.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(
    clippy::redundant_allocation,
    clippy::never_loop,
    clippy::redundant_closure_call,
    clippy::redundant_pattern,
    unused_assignments
)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Named {
    name: String,
    sizes: Vec<u32>,
    at: Point,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    x: i64,
    y: u8,
}

impl Point {
    fn shift(&mut self, by: u8) {
        self.y = self.y.wrapping_add(by);
    }
}

#[derive(Debug)]
struct Pair {
    left: Tracked,
    right: Option<Tracked>,
    count: u32,
}

#[derive(Debug)]
struct Deep {
    pair: Pair,
    tracked: Tracked,
}

#[both]
mod cases {
    #[cps]
    fn part_of_a_part_copied_beside_a_move(log: &Log, yes: bool, mut c: Named) -> usize {
        log.note(c.name);
        c.at.shift(c.at.y);
        let sizes = c.sizes;
        c.at.shift(if yes {
            c.at.y
        } else {
            coop!();
            return 0;
        });
        coop!();
        let Point { x, y } = &mut c.at;
        log.note(*x);
        log.note(*y);
        sizes.len()
    }

    #[cps]
    fn copied_behind_a_move_on_several_ways(log: &Log, yes: bool, no: bool, p: Pair) -> u32 {
        drop(p.left);
        let n = Some(if yes {
            p.count
        } else if no {
            coop!();
            p.count
        } else {
            coop!();
            log.note("neither");
            7
        });
        coop!();
        log.note(p.right.is_some());
        coop!();
        n.into_iter().sum()
    }

    #[cps]
    fn parts_of_parts_moved(log: &Log, yes: bool, (d, t): (Deep, Tracked)) -> u32 {
        let mut n = 0;
        if yes {
            drop(d.pair.left);
            coop!();
            n = d.pair.count;
            drop(d.pair.right);
            coop!();
            d.tracked.touch();
        } else {
            coop!();
            d.pair.left.touch();
            coop!();
            drop(d.pair);
        }
        coop!();
        log.note("end");
        d.tracked.touch();
        t.touch();
        n
    }

    #[cps]
    fn assigned_again_behind_a_move_of_a_part(log: &Log, mut pair: (Tracked, Tracked)) {
        let _ = &pair.1;
        drop(pair.0);
        coop!();
        log.note("behind");
        pair = (log.tracked("c"), log.tracked("d"));
        coop!();
        log.note("end");
        pair.0.touch();
    }

    #[cps]
    fn put_away_behind_an_else_that_suspends(log: &Log, t: Option<Tracked>, yes: bool) -> u32 {
        let Some(t) = t else {
            coop!();
            return 7;
        };
        if yes {
            drop(t);
        }
        coop!();
        log.note("behind");
        3
    }

    #[cps]
    fn reference_through_another_of_its_name(
        log: &Log,
        mut all: (Box<&'static str>, u32),
    ) -> usize {
        let r = &mut all;
        let r = &*r.0;
        coop!();
        log.note(r.len());
        coop!();
        (*r).len()
    }

    #[cps]
    fn named_by_a_closure_beside_a_move(log: &Log, pair: Pair, mut n: u32) -> u32 {
        let _ = &pair.left;
        let _right = pair.right;
        let mut more = move || {
            n += 7;
            n
        };
        log.note(more());
        coop!();
        log.note(more());
        (|| pair.count)()
    }

    #[cps]
    fn named_by_a_closure_beside_a_receiver(mut w: Point) -> u8 {
        w.shift(call!(give(3)) & (|| w.y)());
        w.y
    }

    #[cps]
    fn taken_apart_by_arms_behind_an_assignment(
        log: &Log,
        mut pair: (Option<Tracked>, String),
        other: Option<Tracked>,
    ) {
        let _ = &pair.1;
        drop(pair.0);
        coop!();
        pair = (other, String::from("other"));
        match pair {
            (None, text) => log.note(text),
            (_other, _) => {
                coop!();
                log.note("some");
            }
        }
        log.note("end");
    }

    #[cps]
    fn kept_in_a_loop_within_a_loop(
        log: &Log,
        _at @ _: Point,
        t: String,
        mut _r: Result<u32, String>,
    ) -> Option<u32> {
        let mut i = 0;
        while i < 2 {
            i += 1;
            for (n, _) in [t.clone(), t.clone()].into_iter().enumerate() {
                log.note(n);
                coop!();
            }
            break;
        }
        None
    }
}

#[test]
fn parts() {
    let at = Point { x: 1, y: 2 };
    let pair = |log: &Log| Pair {
        left: log.tracked("left"),
        right: Some(log.tracked("right")),
        count: 4,
    };
    for yes in [false, true] {
        assert_same!(|log| part_of_a_part_copied_beside_a_move(
            log,
            yes,
            Named {
                name: String::from("name"),
                sizes: vec![1],
                at
            }
        ));
        for no in [false, true] {
            assert_same!(|log| copied_behind_a_move_on_several_ways(log, yes, no, pair(log)));
        }
        assert_same!(|log| parts_of_parts_moved(
            log,
            yes,
            (
                Deep {
                    pair: pair(log),
                    tracked: log.tracked("tracked")
                },
                log.tracked("other")
            )
        ));
    }
    assert_same!(|log| assigned_again_behind_a_move_of_a_part(
        log,
        (log.tracked("a"), log.tracked("b"))
    ));
}

#[test]
fn parts_that_closures_name() {
    let pair = |log: &Log| Pair {
        left: log.tracked("left"),
        right: Some(log.tracked("right")),
        count: 4,
    };
    assert_same!(|log| named_by_a_closure_beside_a_move(log, pair(log), 1));
    assert_same!(|_log| named_by_a_closure_beside_a_receiver(Point { x: 1, y: 2 }));
}

#[test]
fn parts_that_arms_take() {
    for other in [false, true] {
        assert_same!(|log| taken_apart_by_arms_behind_an_assignment(
            log,
            (Some(log.tracked("first")), String::from("text")),
            other.then(|| log.tracked("other"))
        ));
    }
}

#[test]
fn bindings() {
    for yes in [false, true] {
        let held = |log: &Log| Some(log.tracked("t"));
        assert_same!(|log| put_away_behind_an_else_that_suspends(log, held(log), yes));
        assert_same!(|log| put_away_behind_an_else_that_suspends(log, None, yes));
    }
}

#[test]
fn references() {
    assert_same!(|log| reference_through_another_of_its_name(log, (Box::new("all"), 1)));
}

#[test]
fn loops() {
    let at = Point { x: 1, y: 2 };
    assert_same!(|log| kept_in_a_loop_within_a_loop(log, at, String::from("t"), Ok(1)));
}
