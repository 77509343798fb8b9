//! Locals that are assigned after they may be gone, and operands that a later operand changes.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both, forever};

#[derive(Clone, Copy)]
struct Point {
    x: u32,
    y: u32,
}

impl Point {
    fn sum(&self) -> u32 {
        self.x + self.y
    }

    fn move_by(&mut self, by: u32) {
        self.x += by;
    }

    fn shift(&mut self) -> u32 {
        self.x += 1;
        self.x
    }
}

fn call_twice(f: impl Fn() -> u32, by: u32) -> u32 {
    f() * f() * 10 + by
}

#[both]
mod cases {
    #[cps]
    fn assigned_in_a_branch_where_it_may_be_gone(log: &Log, mut t: Tracked, yes: bool, anew: bool) {
        if yes {
            drop(t);
            coop!();
        }
        coop!();
        if anew {
            t = log.tracked("new");
            log.note("assigned");
            t.touch();
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn moved_then_assigned_in_a_branch(log: &Log, anew: bool) {
        let mut u = log.tracked("u");
        let v = u;
        coop!();
        if anew {
            u = log.tracked("new");
            u.touch();
        }
        coop!();
        v.touch();
    }

    #[cps]
    #[allow(unused_variables)]
    fn assigned_after_a_block_took_it(log: &Log, mut t: Tracked, o: Tracked) {
        {
            let v = t;
            coop!();
            v.touch();
        }
        coop!();
        t = log.tracked("new");
        t.touch();
    }

    #[cps]
    fn receivers_are_copied_before_arguments(mut b: u32, mut p: Point) -> (u32, u32, u32) {
        let a = b.wrapping_add(if call!(give(true)) {
            b = 1;
            9
        } else {
            0
        });
        let x = p.x.wrapping_mul({
            coop!();
            p.x = 5;
            p.x
        });
        let y = p.y.max({
            coop!();
            p = Point { x: 1, y: 2 };
            p.x
        });
        (a + b, x + p.x, y)
    }

    #[cps]
    fn operands_are_copied_in_order(log: &Log, mut n: u32, mut p: Point) -> Vec<bool> {
        let mut all = vec![
            n == {
                coop!();
                n = 3;
                3
            },
            n < {
                coop!();
                n = 2;
                3
            },
            p.x == {
                coop!();
                p.x = 8;
                8
            },
            p.x != call!(give(p.x)),
        ];
        log.note(n);
        log.note(p.x);
        all.push(
            p.y == {
                p = Point { x: 0, y: 9 };
                coop!();
                9
            },
        );
        log.note(p.x);
        all
    }

    #[cps]
    fn taken_apart(log: &Log, yes: bool) -> usize {
        let mut one = log.tracked("one");
        one.touch();
        let mut pair = (log.tracked("left"), log.tracked("right"));
        (pair.1, one) = (
            {
                coop!();
                log.tracked("new right")
            },
            log.tracked("new one"),
        );
        log.note("assigned");
        coop!();
        let mut list = [log.tracked("first"), log.tracked("second")];
        [list[1], _] = [log.tracked("new second"), {
            coop!();
            log.tracked("no one's")
        }];
        if yes {
            drop(one);
        }
        coop!();
        (one, _) = (log.tracked("last"), 1);
        one.touch();
        coop!();
        let kept = log.tracked("kept");
        _ = kept;
        coop!();
        log.note("end");
        pair.0.name().len() + list.len()
    }

    #[cps]
    fn next(point: &mut Point) -> u32 {
        coop!();
        point.x += 1;
        point.x
    }

    #[cps]
    fn compared_with_what_changes_it(point: &mut Point) -> Vec<bool> {
        vec![
            point.x == call!(next(point)),
            point.x < {
                point.shift();
                coop!();
                point.x
            },
            point.y != call!(next(point)),
            point.x + 1 == call!(next(point)),
        ]
    }

    #[cps]
    fn called_with_what_it_says_itself(mut point: Point) -> (u32, u32) {
        point.move_by(call!(give(point.sum())));
        let mut pair = (point, 1);
        pair.0.move_by(call!(give(pair.0.sum())));
        (point.x, pair.0.x)
    }

    #[cps]
    fn argument(list: &mut Vec<u32>, a: u32, b: u32) -> u32 {
        coop!();
        list.push(a);
        a * 10 + b
    }

    #[cps]
    fn arguments_are_copied_in_order(mut n: u32, mut point: Point) -> (Vec<u32>, Vec<u32>) {
        let mut list = vec![];
        let first = call!(argument(&mut list, n, {
            n += 1;
            n
        }));
        let second = call!(argument(&mut list, n + 1, {
            n += 1;
            n
        }));
        let third = call!(argument(&mut list, point.x, point.shift()));
        let counted = call_twice(move || n, {
            n += 1;
            coop!();
            n
        });
        (list, vec![first, second, third, counted])
    }
}

#[test]
fn assignment_to_what_may_be_gone() {
    assert_same!(|log| assigned_after_a_block_took_it(log, log.tracked("t"), log.tracked("o")));
    assert_same!(|log| moved_then_assigned_in_a_branch(log, false));
    assert_same!(|log| moved_then_assigned_in_a_branch(log, true));
    for (yes, anew) in [(false, false), (false, true), (true, false), (true, true)] {
        assert_same!(|log| assigned_in_a_branch_where_it_may_be_gone(
            log,
            log.tracked("t"),
            yes,
            anew
        ));
    }
}

#[test]
fn operands_that_later_operands_change() {
    assert_same!(|_log| receivers_are_copied_before_arguments(6, Point { x: 1, y: 10 }));
    assert_same!(|log| operands_are_copied_in_order(log, 1, Point { x: 1, y: 1 }));
}

#[test]
fn assignments_that_take_values_apart() {
    assert_same!(|log| taken_apart(log, true));
    assert_same!(|log| taken_apart(log, false));
}

#[test]
fn what_calls_change() {
    assert_same!(|_log| compared_with_what_changes_it(forever(Point { x: 1, y: 2 })));
    assert_same!(|_log| called_with_what_it_says_itself(Point { x: 1, y: 2 }));
    assert_same!(|_log| arguments_are_copied_in_order(1, Point { x: 1, y: 2 }));
}
