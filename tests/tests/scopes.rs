//! Where locals end: at the end of their scope and in Rust's order, whether the function ends, jumps out
//! or is dropped.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::sync::{Mutex, MutexGuard};

use behaviour::{Log, Tracked, assert_same, both};

/// A value that has a drop and borrows: `&Log` lives long enough.
struct Scope<'a>(&'a Log, &'static str);

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        self.0.note(format!("leave {}", self.1));
    }
}

#[both]
mod cases {
    #[cps]
    fn guards(log: &Log) {
        let _first = log.tracked("first");
        let second = log.tracked("second");
        coop!();
        let _third = log.tracked("third");
        second.touch();
        coop!();
        log.note("last statement");
    }

    #[cps]
    fn borrowing_guards(log: &Log) -> u8 {
        let _outer = Scope(log, "outer");
        coop!();
        {
            let _inner = Scope(log, "inner");
            coop!();
        }
        call!(give(1))
    }

    #[cps]
    fn lock_held(log: &Log, lock: &Mutex<u32>) -> u32 {
        {
            let mut held = lock.lock().unwrap();
            *held += 1;
        }
        coop!();
        log.note(lock.try_lock().is_ok());
        let n = *lock.lock().unwrap();
        coop!();
        log.note(lock.try_lock().is_ok());
        n
    }

    #[cps]
    fn parameters(
        log: &Log,
        _: Tracked,
        _named: Tracked,
        used: Tracked,
        (a, _b): (Tracked, Tracked),
    ) {
        let _local = log.tracked("local");
        coop!();
        used.touch();
        a.touch();
        coop!();
        log.note("end of body");
    }

    #[cps]
    fn parameters_consumed(log: &Log, a: Tracked, b: Tracked, c: Tracked) -> Tracked {
        let _local = log.tracked("local");
        coop!();
        drop(b);
        coop!();
        log.note(c.name());
        a
    }

    #[cps]
    fn mutable_parameter_patterns(log: &Log, mut a: Tracked, [b, mut c]: [Tracked; 2]) {
        a.rename("a renamed");
        coop!();
        c.rename("c renamed");
        b.touch();
        coop!();
        log.note("end of body");
    }

    #[cps]
    fn inner_blocks(log: &Log) -> usize {
        let outer = log.tracked("outer");
        let length = {
            let one = log.tracked("one");
            coop!();
            {
                let _two = log.tracked("two");
                coop!();
                one.touch();
            }
            log.note("left two");
            coop!();
            one.name().len()
        };
        log.note("left one");
        coop!();
        length + outer.name().len()
    }

    #[cps]
    fn branches(log: &Log, yes: bool) {
        let _outer = log.tracked("outer");
        if yes {
            let _then = log.tracked("then");
            coop!();
            log.note("in then");
        } else {
            let _else = log.tracked("else");
            log.note("in else");
            coop!();
        }
        log.note("after if");
        match yes {
            true => {
                let _arm = log.tracked("arm");
                coop!();
            }
            false => drop(log.tracked("at once")),
        }
        log.note("after match");
    }

    #[cps]
    fn loop_bodies(log: &Log) {
        let _outer = log.tracked("outer");
        for i in 0..3 {
            let before = log.tracked(format!("before {i}"));
            coop!();
            let _after = log.tracked(format!("after {i}"));
            if i == 1 {
                continue;
            }
            coop!();
            before.touch();
        }
        log.note("after for");
        let mut n = 0;
        loop {
            let _turn = log.tracked(format!("turn {n}"));
            coop!();
            if n == 1 {
                break;
            }
            n += 1;
        }
        log.note("after loop");
    }

    #[cps]
    fn tail_is_made_before_locals_end(log: &Log) -> Tracked {
        let _local = log.tracked("local");
        coop!();
        log.tracked("result")
    }

    #[cps]
    fn tail_suspends(log: &Log) -> Tracked {
        let local = log.tracked("local");
        call!(give(log.tracked(format!("after {}", local.name()))))
    }

    #[cps]
    fn statement_temporaries(log: &Log) {
        log.tracked("statement");
        coop!();
        let _ = log.tracked("wildcard");
        coop!();
        _ = log.tracked("assigned to wildcard");
        let length = log.tracked("temporary").name().len();
        coop!();
        log.note(length);
    }

    #[cps]
    fn wildcard_does_not_consume(log: &Log, value: Tracked) {
        let _ = value;
        coop!();
        log.note("still there");
    }

    #[cps]
    fn value_of_a_call_ignored(log: &Log) {
        call!(give(log.tracked("statement")));
        log.note("between");
        let _ = call!(give(log.tracked("wildcard")));
        log.note("after");
        let _kept = call!(give(log.tracked("kept")));
        log.note("end of body");
        coop!();
    }

    #[cps]
    fn assignment_drops_the_old_value(log: &Log) {
        let mut value = log.tracked("old");
        coop!();
        value.touch();
        value = log.tracked("new");
        log.note("assigned");
        coop!();
        value.touch();
        value = call!(give(log.tracked("newest")));
        log.note("assigned again");
        value.touch();
        coop!();
    }

    #[cps]
    fn assignment_in_a_loop(log: &Log) -> Tracked {
        let mut last = log.tracked("none");
        for i in 0..3 {
            coop!();
            last.touch();
            last = log.tracked(format!("value {i}"));
        }
        last
    }

    #[cps]
    fn fields_dropped_with_their_owner(log: &Log) {
        let mut pair = (log.tracked("left"), log.tracked("right"));
        coop!();
        pair.0 = log.tracked("other left");
        coop!();
        pair.1.touch();
    }

    #[cps]
    fn early_return(log: &Log, at: u32) -> Option<u32> {
        let _a = log.tracked("a");
        coop!();
        let _b = log.tracked("b");
        if at == 0 {
            return None;
        }
        coop!();
        let _c = log.tracked("c");
        let n = call!(give(if at == 1 { None } else { Some(at) }))?;
        coop!();
        Some(n)
    }

    #[cps]
    fn callee_ends_before_its_caller(log: &Log) -> usize {
        #[cps]
        fn inner(log: &Log, parameter: Tracked) -> usize {
            let _local = log.tracked("inner local");
            coop!();
            parameter.name().len()
        }
        let outer = log.tracked("outer local");
        let n = call!(inner(log, log.tracked("inner parameter")));
        log.note("back");
        coop!();
        n + outer.name().len()
    }

    #[cps]
    fn scrutinee_moved_into_its_pattern(log: &Log, pair: (Tracked, Option<Tracked>)) {
        match pair {
            (first, Some(second)) => {
                coop!();
                drop(first);
                log.note("first is gone");
                coop!();
                second.touch();
            }
            (_first, None) => coop!(),
        }
        log.note("after match");
    }

    #[cps]
    fn operands_waiting(log: &Log) -> usize {
        let pair = (log.tracked("early"), call!(give(log.tracked("late"))));
        coop!();
        pair.0.name().len() + pair.1.name().len()
    }

    #[cps]
    fn unfinished_vec(log: &Log) -> usize {
        let parts = [
            log.tracked("one"),
            log.tracked("two"),
            call!(give(log.tracked("three"))),
            {
                coop!();
                log.tracked("four")
            },
        ];
        parts.len()
    }

    #[cps]
    fn closure_owns(log: &Log) -> usize {
        let owned = log.tracked("owned");
        let other = log.tracked("other");
        let length = move || owned.name().len();
        coop!();
        let first = length();
        coop!();
        other.touch();
        first + length()
    }
}

/// A guard that cannot be sent is no use across a suspension; inside one leg it is.
#[allow(dead_code)]
fn guards_of_a_mutex_stay_on_their_thread(guard: MutexGuard<'_, u32>) -> u32 {
    *guard
}

#[test]
fn locals_end_with_their_scope() {
    assert_same!(|log| guards(log));
    assert_same!(|log| borrowing_guards(log));
    assert_same!(|log| inner_blocks(log));
    assert_same!(|log| branches(log, true));
    assert_same!(|log| branches(log, false));
    assert_same!(|log| loop_bodies(log));
    assert_same!(|log| lock_held(log, behaviour::forever(Mutex::new(1))));
}

#[test]
fn parameters_end_after_locals() {
    let four = |log: &Log| (log.tracked("pattern a"), log.tracked("pattern b"));
    assert_same!(|log| parameters(
        log,
        log.tracked("_"),
        log.tracked("_named"),
        log.tracked("used"),
        four(log)
    ));
    assert_same!(|log| parameters_consumed(
        log,
        log.tracked("a"),
        log.tracked("b"),
        log.tracked("c")
    ));
    assert_same!(|log| mutable_parameter_patterns(
        log,
        log.tracked("a"),
        [log.tracked("b"), log.tracked("c")]
    ));
    assert_same!(|log| wildcard_does_not_consume(log, log.tracked("value")));
}

#[test]
fn values_without_a_name_end_where_rust_ends_them() {
    assert_same!(|log| tail_is_made_before_locals_end(log));
    assert_same!(|log| tail_suspends(log));
    assert_same!(|log| statement_temporaries(log));
    assert_same!(|log| value_of_a_call_ignored(log));
    assert_same!(|log| operands_waiting(log));
    assert_same!(|log| unfinished_vec(log));
}

#[test]
fn assignment_ends_the_old_value() {
    assert_same!(|log| assignment_drops_the_old_value(log));
    assert_same!(|log| assignment_in_a_loop(log));
    assert_same!(|log| fields_dropped_with_their_owner(log));
}

#[test]
fn leaving_early_ends_what_is_there() {
    for at in 0..3 {
        assert_same!(|log| early_return(log, at));
    }
    assert_same!(|log| callee_ends_before_its_caller(log));
    assert_same!(|log| scrutinee_moved_into_its_pattern(
        log,
        (log.tracked("a"), Some(log.tracked("b")))
    ));
    assert_same!(|log| scrutinee_moved_into_its_pattern(log, (log.tracked("a"), None)));
    assert_same!(|log| closure_owns(log));
}
