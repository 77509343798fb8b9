//! What is left of locals that only some ways take apart: it ends where the local does.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Pair {
    left: Tracked,
    right: Option<Tracked>,
    count: u32,
}

#[both]
mod cases {
    #[cps]
    fn where_it_does_not_match(log: &Log, d: Pair) -> u32 {
        let n = d.count;
        if let Pair {
            left,
            right: None,
            count: 3 | 4,
        } = d
        {
            coop!();
            left.touch();
        }
        log.note("behind");
        coop!();
        log.note("end");
        n
    }

    #[cps]
    fn where_it_does_not_match_with_more_unnamed(log: &Log, d: Pair) -> u32 {
        let n = d.count;
        if let Pair { left, count: 3, .. } = d {
            coop!();
            left.touch();
        } else {
            log.note("else");
        }
        coop!();
        log.note("end");
        n
    }

    #[cps]
    fn in_an_else_that_suspends(log: &Log, d: Pair) -> u32 {
        let n = d.count;
        if let Pair { left, count: 3, .. } = d {
            left.touch();
        } else {
            coop!();
            log.note("else");
        }
        coop!();
        log.note("end");
        n
    }

    #[cps]
    fn in_no_arm(log: &Log, d: Pair) -> u32 {
        let n = d.count;
        match d {
            Pair {
                right: Some(right), ..
            } if n > 5 => {
                right.touch();
                coop!();
            }
            Pair { left, count: 3, .. } => {
                coop!();
                left.touch();
            }
            _ => log.note("else"),
        }
        coop!();
        log.note("end");
        n
    }

    #[cps]
    fn else_it_returns(log: &Log, d: Pair) -> u32 {
        log.note(d.count);
        let Pair { left, count: 3, .. } = d else {
            coop!();
            log.note("else");
            return 0;
        };
        coop!();
        left.touch();
        1
    }

    #[cps]
    fn taken_in_a_native_branch(log: &Log, yes: bool, d: Pair) -> u32 {
        if yes {
            drop(d.left);
        }
        coop!();
        log.note(d.right.is_some());
        coop!();
        d.count
    }

    #[cps]
    fn taken_by_a_call_in_an_arm(log: &Log, yes: bool, d: Pair) -> u32 {
        let n = match d.count {
            2 if yes => d.left.name().len(),
            3 => { d.right }.map_or(0, |right| right.name().len()),
            _ => 7,
        };
        coop!();
        log.note(n);
        d.left.touch();
        d.count
    }

    #[cps]
    fn taken_by_the_first_of_two_conditions(log: &Log, yes: bool, d: Pair) -> u32 {
        if let Pair {
            right: Some(right), ..
        } = d
            && yes
        {
            log.note(right.name());
        } else {
            coop!();
        }
        d.left.touch();
        d.count
    }

    #[cps]
    fn a_part_taken_by_the_first_of_two_conditions(log: &Log, yes: bool, d: Pair) -> u32 {
        if let Some(right) = d.right
            && yes
        {
            log.note(right.name());
        } else {
            coop!();
            log.note("else");
        }
        coop!();
        d.left.touch();
        d.count
    }

    #[cps]
    fn what_a_pattern_names_besides(log: &Log, d: Pair) -> u32 {
        let n = d.count;
        let Pair {
            left,
            right: _,
            count: _,
        } = d;
        coop!();
        left.touch();
        log.note("end");
        n
    }

    #[cps]
    fn what_only_a_pattern_names(log: &Log, d: Pair) {
        let Pair {
            left,
            right: _,
            count: _,
        } = d;
        coop!();
        left.touch();
        log.note("end");
    }

    #[cps]
    fn what_a_tuple_has_besides(log: &Log, pair: (Tracked, Tracked)) {
        let (first, _) = pair;
        coop!();
        first.touch();
        log.note("end");
    }

    #[cps]
    fn what_a_parameter_leaves(log: &Log, (first, _): (Tracked, Tracked)) {
        coop!();
        first.touch();
        log.note("end");
    }

    #[cps]
    fn what_a_native_way_leaves(log: &Log, d: Pair) -> u32 {
        let n = d.count;
        if let Pair { left, count: 3, .. } = d {
            left.touch();
        }
        coop!();
        log.note("end");
        n
    }
}

fn pair(log: &Log, right: bool, count: u32) -> Pair {
    Pair {
        left: log.tracked("left"),
        right: right.then(|| log.tracked("right")),
        count,
    }
}

#[test]
fn of_what_does_not_match() {
    for right in [false, true] {
        assert_same!(|log| what_a_native_way_leaves(log, pair(log, right, 2)));
        assert_same!(|log| else_it_returns(log, pair(log, right, 2)));
        assert_same!(|log| in_an_else_that_suspends(log, pair(log, right, 2)));
        assert_same!(|log| where_it_does_not_match_with_more_unnamed(log, pair(log, right, 2)));
        for count in [2, 3] {
            assert_same!(|log| where_it_does_not_match(log, pair(log, right, count)));
        }
    }
    for (right, count) in [(false, 2), (true, 2), (false, 9)] {
        assert_same!(|log| in_no_arm(log, pair(log, right, count)));
    }
}

#[test]
fn of_what_native_ways_take() {
    for yes in [false, true] {
        for right in [false, true] {
            assert_same!(|log| taken_in_a_native_branch(log, yes, pair(log, right, 2)));
            assert_same!(|log| taken_by_the_first_of_two_conditions(log, yes, pair(log, right, 2)));
            assert_same!(|log| a_part_taken_by_the_first_of_two_conditions(
                log,
                yes,
                pair(log, right, 2)
            ));
            for count in [2, 3] {
                assert_same!(|log| taken_by_a_call_in_an_arm(log, yes, pair(log, right, count)));
            }
        }
    }
}

#[test]
fn of_what_a_pattern_names() {
    for right in [false, true] {
        assert_same!(|log| what_a_pattern_names_besides(log, pair(log, right, 2)));
        assert_same!(|log| what_only_a_pattern_names(log, pair(log, right, 2)));
    }
    assert_same!(|log| what_a_tuple_has_besides(log, (log.tracked("0"), log.tracked("1"))));
    assert_same!(|log| what_a_parameter_leaves(log, (log.tracked("0"), log.tracked("1"))));
}
