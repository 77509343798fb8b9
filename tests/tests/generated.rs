//! What random programs of `generate` found, each made as small as it goes.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(
    clippy::blocks_in_conditions,
    clippy::match_single_binding,
    clippy::needless_late_init,
    irrefutable_let_patterns
)]

use behaviour::{Log, assert_same, both};

#[derive(Debug)]
struct Machine {
    state: u32,
}

enum Form {
    Dot(u32),
    Label(String),
}

#[both]
mod cases {
    #[cps]
    fn else_behind_a_value_that_suspends(value: Option<u32>) -> u32 {
        let Some(n) = call!(give(value)).filter(|n| *n > 1) else {
            return 0;
        };
        let Ok(m) = (match call!(give(n)) {
            3 => Err(n),
            m => Ok(m + 1),
        }) else {
            return n;
        };
        m
    }

    #[cps]
    fn unused_item_of_a_loop() -> u32 {
        let mut n = 0;
        for _s in Vec::<Option<u32>>::new().into_iter().take(3) {
            n += 1;
            coop!();
        }
        n
    }

    #[cps]
    fn thunk_of_a_value_that_suspends(n: u32) -> u32 {
        thunk!(give(call!(give(n)))).run()
    }

    #[cps]
    fn reference_into_what_is_borrowed_by_a_call(log: &Log, machine: &mut Machine) -> u32 {
        let q = &mut machine.state;
        let n = call!(give(*q));
        *q += 1;
        log.note(n);
        machine.state
    }

    #[cps]
    fn deferred_and_read_in_a_guard(n: Option<u32>) -> u64 {
        let z;
        if call!(give(n.is_some())) {
            z = 5u64;
        } else {
            z = 2;
        }
        match n {
            Some(n) if z != 1 => u64::from(n),
            _ => 1,
        }
    }

    #[cps]
    fn deferred_beside_a_loop(yes: bool) -> u32 {
        let mut i = 0;
        loop {
            i += 1;
            if i > 3 {
                break;
            }
            let a = i;
            let _z: Option<u32>;
            if yes {
                let mut j = 0;
                loop {
                    j += 1;
                    if j > 1 {
                        break;
                    }
                    let _k = a;
                    coop!();
                }
                _z = None;
            } else {
                _z = None;
            }
        }
        i
    }

    #[cps]
    fn question_in_matches(n: Option<u32>) -> Option<bool> {
        coop!();
        Some(matches!(Some(n?), Some(n) if n % 2 == 0))
    }

    #[cps]
    fn matched_again_after_a_suspension(log: &Log, yes: bool, form: Form) -> usize {
        if yes && let Form::Dot(x) = form {
            log.note(x);
        }
        coop!();
        if yes && let Form::Label(mut name) = form {
            name.push('!');
            return name.len();
        }
        0
    }

    #[cps]
    fn receiver_that_is_taken_behind_a_suspension(n: Option<u32>) -> Vec<u32> {
        let mut all = Vec::new();
        for n in n.map(|n| vec![n; 2]).unwrap_or(vec![call!(give(7))]) {
            coop!();
            all.push(n);
        }
        all
    }

    #[cps]
    #[allow(unreachable_code, clippy::diverging_sub_expression)]
    fn values_behind_what_leaves(log: &Log, yes: bool) -> u32 {
        let _ = if call!(give(yes)) {
            log.note("yes");
            return 1;
            "never"
        } else {
            return 2;
            "never"
        };
        3
    }

    #[cps]
    #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::unit_arg)]
    fn values_beside_what_leaves(log: &Log, yes: bool) -> (bool, u32) {
        coop!();
        let _z;
        if {
            log.note("condition");
            if yes {
                return (yes, 1);
            } else {
                return (yes, 2);
            }
        } {
            _z = 3;
        } else {
            _z = 4;
        }
        (yes, _z)
    }

    #[cps]
    fn chain_after_a_parameter(o: (u16, Option<u64>)) -> u16 {
        if let (mut i, None) = o
            && i > 1
        {
            coop!();
            i += 1;
            return i;
        }
        3
    }

    #[cps]
    fn matched_by_the_name_of_a_carried_local(log: &Log, half: u32) -> u32 {
        let mut n = half.saturating_mul(2);
        let mut i = 0;
        while i < 2 && matches!(n.checked_add(n), Some(n) if n % 2 == 0) {
            log.note(matches!((n, i), (n @ 1..=4, i) if i + n > 1));
            coop!();
            i += 1;
            n += 1;
        }
        n
    }

    #[cps]
    fn kept_beside_what_a_loop_carries(yes: bool, mut b: Result<char, u32>) -> u32 {
        let z = 1 + if yes {
            1usize
        } else {
            for _o in Vec::<Vec<u32>>::new().into_iter().rev().take(2) {
                coop!();
            }
            if call!(give(yes)) {
                let _r = &mut b;
            } else {
                coop!();
            }
            0
        };
        z as u32
    }

    #[cps]
    fn closure_in_a_branch_of_a_borrow(log: &Log, n: u32, o: Result<u32, u32>) -> u32 {
        let m = 1 + if let Ok(r) = &o {
            if n > 4 {
                let f = move |k: u32| k + 1;
                log.note(f(n));
            }
            *r
        } else if n > 1 {
            coop!();
            n
        } else {
            5
        };
        coop!();
        m
    }

    #[cps]
    fn copied_where_a_pattern_borrows(log: &Log, o: Option<bool>, n: u32) -> u32 {
        let mut z = (vec![n], 2);
        match z {
            (ref mut r, _) => {
                if r.len()
                    == if let Some(true) = o
                        && n > 6
                    {
                        1
                    } else {
                        8
                    }
                {
                    return 1;
                }
                if let o = o
                    && n > 4
                {
                    log.note(o.is_some());
                }
                r.push(n);
            }
        }
        coop!();
        z.0.len() as u32 + z.1
    }

    #[cps]
    fn else_behind_a_literal_of_a_struct(log: &Log, n: u32) -> u32 {
        let Machine { state: 1..=3 } = (Machine { state: n }) else {
            coop!();
            return log.value("else", 7);
        };
        coop!();
        n
    }

    #[cps]
    fn bump(n: &mut u32, by: &u32) -> u32 {
        coop!();
        *n += by;
        *n
    }

    #[cps]
    #[allow(const_item_mutation)]
    fn literal_that_a_callee_changes(n: u32) -> u32 {
        let first = call!(bump(&mut 1, &2));
        let second = call!(bump(&mut 0xf0u32, &(call!(give(n)) | 3)));
        let none = call!(filled(&mut None::<u32>, &(call!(give(n)) | 1)));
        first + second + none + call!(bump(&mut u32::MIN, &(call!(give(n)) | 1)))
    }

    #[cps]
    fn filled(n: &mut Option<u32>, by: &u32) -> u32 {
        coop!();
        *n.get_or_insert(*by)
    }

    #[cps]
    fn clones_in_arguments(log: &Log, turns: u32, words: (u32, Vec<&'static str>)) -> usize {
        if turns > 0 {
            let more = (turns, words.1.clone());
            return call!(clones_in_arguments(log, turns - 1, more))
                + call!(clones_in_arguments(
                    log,
                    turns - 1,
                    (words.0, words.1.clone())
                ));
        }
        coop!();
        log.value("words", words.1.len())
    }

    #[cps]
    #[allow(unreachable_code, unused_variables, clippy::diverging_sub_expression)]
    fn value_of_a_chain_behind_what_leaves(log: &Log, n: Option<u32>) -> u32 {
        let m = 1 + if let Some(1) = call!(give(n))
            && n.is_some()
        {
            log.note("leaves");
            return 3;
            1u32
        } else {
            return call!(give(2));
            2
        };
        log.note("never");
        m
    }

    #[cps]
    #[allow(unreachable_code, unused_variables, clippy::diverging_sub_expression)]
    #[allow(clippy::let_and_return, clippy::never_loop)]
    fn value_of_a_loop_behind_what_leaves(log: &Log, yes: bool) -> u32 {
        let m = 1 + loop {
            log.note("turn");
            if yes {
                break {
                    return 3;
                    1u32
                };
            }
            coop!();
            return 4;
        };
        m
    }
}

impl Machine {
    fn leaked(state: u32) -> &'static mut Self {
        behaviour::forever(Machine { state })
    }
}

#[test]
fn else_behind_a_value() {
    for value in [None, Some(1), Some(2), Some(3)] {
        assert_same!(|_log| else_behind_a_value_that_suspends(value));
    }
}

#[test]
fn items_that_nothing_uses() {
    assert_same!(|_log| unused_item_of_a_loop());
}

#[test]
fn thunks_of_values_that_suspend() {
    assert_same!(whole | _log | thunk_of_a_value_that_suspends(3));
}

#[test]
fn references_into_a_parameter() {
    assert_same!(|log| reference_into_what_is_borrowed_by_a_call(log, Machine::leaked(1)));
}

#[test]
fn deferred_locals() {
    for n in [None, Some(1)] {
        assert_same!(|_log| deferred_and_read_in_a_guard(n));
    }
    for yes in [false, true] {
        assert_same!(|_log| deferred_beside_a_loop(yes));
    }
}

#[test]
fn questions_in_matches() {
    for n in [None, Some(1), Some(2)] {
        assert_same!(|_log| question_in_matches(n));
    }
}

#[test]
fn scrutinees() {
    for yes in [false, true] {
        assert_same!(|log| matched_again_after_a_suspension(log, yes, Form::Dot(1)));
        assert_same!(|log| matched_again_after_a_suspension(log, yes, Form::Label("a".into())));
    }
}

#[test]
fn receivers() {
    for n in [None, Some(1), Some(2)] {
        assert_same!(|_log| receiver_that_is_taken_behind_a_suspension(n));
    }
}

#[test]
fn dead_values() {
    for yes in [false, true] {
        assert_same!(|log| values_behind_what_leaves(log, yes));
        assert_same!(|log| values_beside_what_leaves(log, yes));
        assert_same!(|log| value_of_a_loop_behind_what_leaves(log, yes));
    }
    for n in [None, Some(1), Some(2)] {
        assert_same!(|log| value_of_a_chain_behind_what_leaves(log, n));
    }
}

#[test]
fn names_that_are_bound_again() {
    for n in [1, 2, u32::MAX] {
        assert_same!(|log| matched_by_the_name_of_a_carried_local(log, n));
    }
}

#[test]
fn kept_for_their_drop() {
    for yes in [false, true] {
        assert_same!(|_log| kept_beside_what_a_loop_carries(yes, Err(1)));
    }
}

#[test]
fn closures_in_branches() {
    for n in [1, 4, 5] {
        assert_same!(|log| closure_in_a_branch_of_a_borrow(log, n, Ok(1)));
        assert_same!(|log| closure_in_a_branch_of_a_borrow(log, n, Err(1)));
    }
}

#[test]
fn copies_beside_borrows() {
    for n in [4, 5, 7] {
        assert_same!(|log| copied_where_a_pattern_borrows(log, Some(n > 4), n));
    }
}

#[test]
fn literals_of_structs() {
    for n in [1, 4] {
        assert_same!(|log| else_behind_a_literal_of_a_struct(log, n));
    }
}

#[test]
fn literals_are_no_constants_where_they_change() {
    assert_same!(|_log| literal_that_a_callee_changes(4));
    assert_same!(|log| clones_in_arguments(log, 2, (1, vec!["a"])));
}

#[test]
fn chains_of_conditions() {
    assert_same!(|_log| chain_after_a_parameter((3, None)));
}
