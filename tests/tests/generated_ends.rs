//! What random programs of `generate` found about the ends of values, each made as small as it goes.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::blocks_in_conditions, clippy::redundant_pattern_matching)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn not_matched_by_let_else(
        log: &Log,
        t: Tracked,
        r: Result<(Tracked, Tracked), Tracked>,
    ) -> usize {
        let list = Box::new('block: {
            let Ok((a, b)) = r else {
                log.note("else");
                break 'block Vec::new();
            };
            vec![a, b]
        });
        coop!();
        log.note("behind it");
        list.len() + t.name().len()
    }

    #[cps]
    fn consumed_in_a_branch_of_a_block(log: &Log, yes: bool, t: Tracked) {
        {
            if yes {
                drop(t);
            }
            log.note("in the block");
        }
        coop!();
        log.note("behind it");
    }

    #[cps]
    fn consumed_where_ways_meet_within_a_branch(log: &Log, yes: bool, (a, b): (Tracked, Tracked)) {
        let (_n, (u, _m)) = (1, (b, 2));
        let _v = if yes {
            coop!();
            u
        } else if log.alive() == 0 {
            u
        } else {
            a
        };
        log.note("end");
    }

    #[cps]
    fn consumed_in_the_value_of_a_block(log: &Log, yes: bool, t: Tracked) -> u32 {
        let o = {
            log.note("begin");
            if yes { None } else { Some(t) }
        };
        coop!();
        log.note("behind it");
        o.is_some().into()
    }

    #[cps]
    fn consumed_in_matches(log: &Log, yes: bool, t: Tracked) -> bool {
        if matches!((t, yes), (t, true) if t.name().len() == 1) {
            log.note("yes");
        }
        coop!();
        log.note("behind it");
        yes
    }

    #[cps]
    #[allow(unused_variables)]
    fn patterns_among_parameters(
        log: &Log,
        (a, b): (Tracked, Tracked),
        mut c: Tracked,
        [d]: [Tracked; 1],
        e: Tracked,
    ) {
        coop!();
        c.rename("renamed");
        drop(d);
        coop!();
        log.note("end");
    }

    #[cps]
    fn unmatched_before_else(log: &Log, t: Option<Tracked>) -> u32 {
        if if let None = call!(give(t)) {
            log.note("none");
            true
        } else {
            log.note("else");
            false
        } {
            log.note("it was none");
        }
        3
    }

    #[cps]
    fn unmatched_before_else_where_all_suspends(log: &Log, t: Option<Tracked>) {
        if let None = call!(give(t)) {
            coop!();
            log.note("none");
        } else {
            log.note("else");
            coop!();
            log.note("end");
        }
    }

    #[cps]
    fn nothing_is_bound(log: &Log, yes: bool) {
        let _ = match yes {
            true => [call!(give(log.tracked("yes")))],
            false => [log.tracked("no")],
        };
        log.note("behind it");
        coop!();
        log.note("end");
    }

    #[cps]
    fn nothing_is_matched(log: &Log, yes: bool, _t: Tracked) -> bool {
        let None = (if yes {
            coop!();
            Some(log.tracked("yes"))
        } else {
            log.note("no");
            None
        }) else {
            log.note("some");
            return false;
        };
        coop!();
        true
    }

    #[cps]
    fn consumed_in_a_block_of_a_native_branch(log: &Log, yes: bool, t: Tracked) -> Option<Tracked> {
        match yes {
            true => {
                let mut i = 0;
                loop {
                    i += 1;
                    if i > 1 {
                        return Some(t);
                    }
                    log.note(i);
                }
            }
            false => {
                coop!();
                log.note("no");
                {
                    {
                        if !yes && log.alive() > 1 {
                            drop(t);
                        }
                    }
                    log.note("inside");
                }
                coop!();
                None
            }
        }
    }

    #[cps]
    fn else_behind_what_does_not_match(log: &Log, yes: bool, kept: Option<Tracked>) -> bool {
        let Some(t) = (match yes {
            true => None,
            false => Some(Ok::<_, Tracked>(log.tracked("unmatched"))),
        }) else {
            log.note("nothing");
            coop!();
            return false;
        };
        let Err(_t) = t else {
            log.note("a place stays");
            coop!();
            let None = Some(call!(give(log.tracked("value")))) else {
                log.note("a value ends first");
                coop!();
                log.note("behind it");
                let None = kept else {
                    coop!();
                    return true;
                };
                return false;
            };
            return true;
        };
        true
    }

    #[cps]
    #[allow(clippy::match_single_binding)]
    fn consumed_in_what_matches_looks_at(log: &Log, o: Option<u32>, t: Tracked) -> bool {
        if matches!(match t { u => { u.touch(); o } }, Some(n) if n % 2 == 0) {
            log.note("even");
            coop!();
        }
        log.note("behind");
        coop!();
        true
    }

    #[cps]
    fn copied_in_the_value_of_a_break(log: &Log, yes: bool, n: u32) -> u32 {
        let rest = n % 3;
        let m = 'block: {
            if n > 1 {
                coop!();
                break 'block if yes {
                    let own = move || rest;
                    own()
                } else {
                    log.note("no");
                    7
                };
            }
            3
        };
        m + rest
    }

    #[cps]
    #[allow(unused_assignments)]
    fn assigned_in_a_loop_that_carries(
        log: &Log,
        mut t: Tracked,
        yes: bool,
        kept: (Tracked, [u32; 40]),
    ) -> u32 {
        drop(t);
        let mut i = 0;
        while i < 2 && call!(give(kept.1[0] == 1)) {
            i += 1;
            t = log.tracked("new");
            t.touch();
            if yes {
                return 5;
            }
            drop(t);
        }
        kept.0.touch();
        kept.1[1]
    }
}

#[test]
fn consumption_in_some_branch() {
    for yes in [false, true] {
        assert_same!(|log| consumed_where_ways_meet_within_a_branch(
            log,
            yes,
            (log.tracked("a"), log.tracked("b"))
        ));
    }
    for yes in [false, true] {
        assert_same!(|log| consumed_in_a_branch_of_a_block(log, yes, log.tracked("t")));
        assert_same!(|log| consumed_in_the_value_of_a_block(log, yes, log.tracked("t")));
        assert_same!(|log| consumed_in_a_block_of_a_native_branch(log, yes, log.tracked("t")));
        assert_same!(|log| consumed_in_matches(log, yes, log.tracked("t")));
    }
}

#[test]
fn parameters_end_in_order() {
    assert_same!(|log| patterns_among_parameters(
        log,
        (log.tracked("a"), log.tracked("b")),
        log.tracked("c"),
        [log.tracked("d")],
        log.tracked("e")
    ));
}

#[test]
fn what_patterns_leave() {
    for yes in [false, true] {
        assert_same!(|log| nothing_is_bound(log, yes));
        assert_same!(|log| nothing_is_matched(log, yes, log.tracked("t")));
    }
}

#[test]
fn values_that_do_not_match() {
    assert_same!(|log| not_matched_by_let_else(log, log.tracked("t"), Err(log.tracked("e"))));
    let both = |log: &'static Log| (log.tracked("a"), log.tracked("b"));
    assert_same!(|log| not_matched_by_let_else(log, log.tracked("t"), Ok(both(log))));
    for yes in [false, true] {
        assert_same!(|log| else_behind_what_does_not_match(log, yes, None));
        let kept = |log: &'static Log| Some(log.tracked("kept"));
        assert_same!(|log| else_behind_what_does_not_match(log, yes, kept(log)));
    }
}

#[test]
fn scrutinees_of_matches() {
    for n in [None, Some(1), Some(2)] {
        assert_same!(|log| consumed_in_what_matches_looks_at(log, n, log.tracked("t")));
    }
}

#[test]
fn copies_where_code_jumps() {
    for yes in [false, true] {
        for n in [1, 5] {
            assert_same!(|log| copied_in_the_value_of_a_break(log, yes, n));
        }
    }
}

#[test]
fn carried_values() {
    for yes in [false, true] {
        assert_same!(|log| assigned_in_a_loop_that_carries(
            log,
            log.tracked("t"),
            yes,
            (log.tracked("kept"), [1; 40])
        ));
    }
}

#[test]
fn values_end_before_else() {
    assert_same!(|log| unmatched_before_else(log, None));
    assert_same!(|log| unmatched_before_else(log, Some(log.tracked("t"))));
    assert_same!(|log| unmatched_before_else_where_all_suspends(log, None));
    assert_same!(|log| unmatched_before_else_where_all_suspends(log, Some(log.tracked("t"))));
}
