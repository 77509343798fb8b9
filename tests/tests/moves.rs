//! Values that are consumed before, after and between suspensions, always or on some paths only.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::sync::Arc;

use behaviour::{Log, Tracked, assert_same, both};

fn take(value: Tracked) {
    value.touch();
}

struct Holder {
    held: Tracked,
    other: Tracked,
}

#[both]
mod cases {
    #[cps]
    fn before_and_after(log: &Log) {
        let a = log.tracked("a");
        let b = log.tracked("b");
        take(a);
        coop!();
        take(b);
        coop!();
        log.note("both are gone");
    }

    #[cps]
    fn into_another_name(log: &Log, value: Tracked) -> Tracked {
        let first = value;
        coop!();
        let second = first;
        coop!();
        log.note("moved twice");
        second.renamed("moved")
    }

    #[cps]
    fn into_an_aggregate(log: &Log, a: Tracked, b: Tracked) -> usize {
        let pair = (a, log.tracked("made"));
        coop!();
        let (first, second) = pair;
        let holder = Holder {
            held: b,
            other: first,
        };
        coop!();
        drop(second);
        let Holder { held, other } = holder;
        coop!();
        held.name().len() + other.name().len()
    }

    #[cps]
    fn into_a_vec(log: &Log, a: Tracked, b: Tracked) -> Vec<Tracked> {
        let mut all = vec![a];
        coop!();
        all.push(b);
        coop!();
        log.note(all.len());
        all
    }

    #[cps]
    fn into_a_call(log: &Log, value: Tracked) -> Tracked {
        let back = call!(give(value));
        log.note("came back");
        let back = call!(give(call!(give(back))));
        coop!();
        back
    }

    #[cps]
    fn by_visible_type(
        log: &Log,
        option: Option<Tracked>,
        text: String,
        list: Vec<Tracked>,
    ) -> usize {
        let value = option.unwrap();
        coop!();
        let bytes = text.into_bytes();
        coop!();
        let names: Vec<String> = list
            .into_iter()
            .map(|value| value.name().to_owned())
            .collect();
        coop!();
        log.note(value.name());
        bytes.len() + names.len()
    }

    #[cps]
    fn by_a_method_of_a_block(log: &Log, value: Tracked) {
        { value }.consume();
        coop!();
        log.note("after");
    }

    #[cps]
    fn if_without_else(log: &Log, value: Tracked, yes: bool) {
        if yes {
            take(value);
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn if_without_else_suspends(log: &Log, value: Tracked, yes: bool) {
        if yes {
            coop!();
            take(value);
            coop!();
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn on_one_side(log: &Log, value: Tracked, yes: bool) {
        let _late = log.tracked("late");
        if yes {
            drop(value);
            coop!();
        } else {
            value.touch();
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn on_both_sides(log: &Log, value: Tracked, yes: bool) -> Option<Tracked> {
        let kept = if yes {
            coop!();
            Some(value)
        } else {
            drop(value);
            None
        };
        coop!();
        log.note(kept.is_some());
        kept
    }

    #[cps]
    fn in_some_arms(log: &Log, value: Tracked, local: u32) {
        let mine = log.tracked("mine");
        match local {
            0 => take(value),
            1 => {
                coop!();
                take(mine);
            }
            2 => {
                take(value);
                take(mine);
                coop!();
            }
            _ => coop!(),
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn twice_conditionally(log: &Log, value: Tracked, a: bool, b: bool) {
        if a {
            take(value);
            coop!();
        } else if b {
            coop!();
            drop(value);
        }
        coop!();
        log.note("after");
    }

    #[cps]
    fn then_returned_elsewhere(log: &Log, value: Tracked, at: u32) -> Option<Tracked> {
        if at == 0 {
            return Some(value);
        }
        coop!();
        if at == 1 {
            drop(value);
            coop!();
            return None;
        }
        coop!();
        log.note("to the end");
        Some(value)
    }

    #[cps]
    fn out_of_a_loop(log: &Log, value: Tracked, at: u32) -> u32 {
        let mut n = 0;
        loop {
            coop!();
            if n == at {
                take(value);
                break;
            }
            n += 1;
        }
        coop!();
        log.note("after");
        n
    }

    #[cps]
    fn in_a_loop_with_reassignment(log: &Log) -> Tracked {
        let mut current = log.tracked("0");
        for i in 1..4 {
            let previous = current;
            coop!();
            previous.touch();
            current = log.tracked(format!("{i}"));
            coop!();
        }
        current
    }

    #[cps]
    fn in_a_loop_through_a_call(log: &Log) -> Tracked {
        let mut value = log.tracked("value");
        for i in 0..3 {
            value = call!(give(value));
            log.note(i);
        }
        value
    }

    #[cps]
    fn moved_and_given_back_in_a_branch(log: &Log, yes: bool) -> Tracked {
        let mut value = log.tracked("value");
        coop!();
        if yes {
            drop(value);
            value = log.tracked("another");
        }
        coop!();
        value
    }

    #[cps]
    fn option_taken(log: &Log) {
        let mut slot = Some(log.tracked("slot"));
        coop!();
        if let Some(value) = slot.take() {
            coop!();
            value.touch();
        }
        coop!();
        log.note(slot.is_none());
        slot = Some(log.tracked("again"));
        coop!();
        log.note(slot.is_some());
    }

    #[cps]
    fn field_by_field(log: &Log, holder: Holder) {
        let Holder { held, other } = holder;
        coop!();
        drop(other);
        coop!();
        held.touch();
        log.note("after");
    }

    #[cps]
    fn into_a_closure(log: &Log, value: Tracked) -> usize {
        let length = move || value.name().len();
        coop!();
        let n = length();
        coop!();
        log.note(n);
        n
    }

    #[cps]
    fn into_a_closure_that_consumes(log: &Log, value: Tracked) {
        let end = move || drop(value);
        coop!();
        end();
        log.note("after");
    }

    #[cps]
    fn shared(log: &Log, value: Arc<Tracked>) -> usize {
        let other = Arc::clone(&value);
        coop!();
        drop(value);
        coop!();
        log.note(Arc::strong_count(&other));
        other.name().len()
    }

    #[cps]
    fn copies_are_not_moved(log: &Log, n: u32, pair: (u8, char)) -> u32 {
        let m = n;
        let other = pair;
        coop!();
        log.note(format!("{n} {m} {pair:?} {other:?}"));
        coop!();
        n + m
    }

    #[cps]
    fn returned_from_the_middle(log: &Log, values: Vec<Tracked>) -> Option<Tracked> {
        for value in values {
            coop!();
            if value.name() == "b" {
                return Some(value);
            }
        }
        log.note("none");
        None
    }

    #[cps]
    fn consumed_in_the_condition(log: &Log, value: Tracked) {
        fn is_long(value: Tracked) -> bool {
            value.name().len() > 3
        }
        if is_long(value) {
            coop!();
            log.note("long");
        }
        coop!();
        log.note("after");
    }
}

fn holder(log: &Log) -> Holder {
    Holder {
        held: log.tracked("held"),
        other: log.tracked("other"),
    }
}

#[test]
fn consumed_on_every_path() {
    assert_same!(|log| before_and_after(log));
    assert_same!(|log| into_another_name(log, log.tracked("value")));
    assert_same!(|log| into_an_aggregate(log, log.tracked("a"), log.tracked("b")));
    assert_same!(|log| into_a_vec(log, log.tracked("a"), log.tracked("b")));
    assert_same!(|log| into_a_call(log, log.tracked("value")));
    assert_same!(|log| by_a_method_of_a_block(log, log.tracked("value")));
    assert_same!(|log| field_by_field(log, holder(log)));
    assert_same!(|log| consumed_in_the_condition(log, log.tracked("short")));
    assert_same!(|log| by_visible_type(
        log,
        Some(log.tracked("some")),
        "text".into(),
        vec![log.tracked("item")]
    ));
}

#[test]
fn consumed_on_some_paths() {
    for yes in [false, true] {
        assert_same!(|log| if_without_else(log, log.tracked("value"), yes));
        assert_same!(|log| if_without_else_suspends(log, log.tracked("value"), yes));
        assert_same!(|log| on_one_side(log, log.tracked("value"), yes));
        assert_same!(|log| on_both_sides(log, log.tracked("value"), yes));
        assert_same!(|log| moved_and_given_back_in_a_branch(log, yes));
        assert_same!(|log| twice_conditionally(log, log.tracked("value"), yes, true));
        assert_same!(|log| twice_conditionally(log, log.tracked("value"), yes, false));
    }
    for n in 0..4 {
        assert_same!(|log| in_some_arms(log, log.tracked("value"), n));
        assert_same!(|log| then_returned_elsewhere(log, log.tracked("value"), n));
    }
}

#[test]
fn consumed_in_loops() {
    assert_same!(|log| out_of_a_loop(log, log.tracked("value"), 2));
    assert_same!(|log| in_a_loop_with_reassignment(log));
    assert_same!(|log| in_a_loop_through_a_call(log));
    assert_same!(|log| returned_from_the_middle(
        log,
        ["a", "b", "c"].map(|name| log.tracked(name)).into()
    ));
}

#[test]
fn consumed_through_other_owners() {
    assert_same!(|log| option_taken(log));
    assert_same!(|log| into_a_closure(log, log.tracked("value")));
    assert_same!(|log| into_a_closure_that_consumes(log, log.tracked("value")));
    assert_same!(|log| shared(log, Arc::new(log.tracked("value"))));
    assert_same!(|log| copies_are_not_moved(log, 3, (4, 'c')));
}
