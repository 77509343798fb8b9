//! Panics: through many calls, out of every position, caught by whoever waits, and with the drops
//! of plain unwinding.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::panic::{AssertUnwindSafe, catch_unwind};

use behaviour::{Log, Tracked, assert_same, both, fail, observe};
use insideout::thunk;

fn failing<T>(why: &str) -> T {
    fail(why)
}

/// Panics when it is dropped, unless the thread is panicking already.
#[derive(Debug)]
struct Bomb(Tracked);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fail(format!("bomb {}", self.0.name()));
        }
    }
}

#[both]
mod cases {
    #[cps]
    fn level(log: &Log, n: u32, parameter: Tracked) -> usize {
        let local = log.tracked(format!("local {n}"));
        if n == 0 {
            coop!();
            fail("at the bottom");
        }
        let deeper = call!(level(
            log,
            n - 1,
            log.tracked(format!("parameter {}", n - 1))
        ));
        log.note("never");
        deeper + local.name().len() + parameter.name().len()
    }

    #[cps]
    fn between_suspensions(log: &Log, at: u32) -> u32 {
        let _first = log.tracked("first");
        if at == 0 {
            fail("zero");
        }
        coop!();
        let _second = log.tracked("second");
        if at == 1 {
            fail("one");
        }
        for turn in 2..5 {
            let _turn = log.tracked(format!("turn {turn}"));
            if turn == at {
                fail("in the loop");
            }
            coop!();
        }
        at
    }

    #[cps]
    fn while_operands_wait(log: &Log) -> (Tracked, Tracked, Tracked) {
        (log.tracked("one"), call!(give(log.tracked("two"))), {
            coop!();
            failing("operand")
        })
    }

    #[cps]
    fn in_arguments(log: &Log) -> Tracked {
        #[cps]
        fn three(log: &Log, a: Tracked, b: Tracked, c: Tracked) -> Tracked {
            log.note("never");
            drop((a, b));
            c
        }
        let _local = log.tracked("local");
        call!(three(
            log,
            log.tracked("a"),
            call!(give(log.tracked("b"))),
            failing("argument")
        ))
    }

    #[cps]
    fn of_a_callee_in_a_loop(log: &Log) -> u32 {
        #[cps]
        fn until_two(log: &Log, n: u32) -> u32 {
            let _guard = log.tracked(format!("guard {n}"));
            coop!();
            if n == 2 { fail("two") } else { n }
        }
        let mut sum = 0;
        let _sum = log.tracked("sum");
        for n in 0..4 {
            let _turn = log.tracked(format!("turn {n}"));
            sum += call!(until_two(log, n));
        }
        sum
    }

    #[cps]
    fn caught_by_a_plain_call(log: &Log) -> String {
        let _guard = log.tracked("guard");
        coop!();
        let caught = catch_unwind(AssertUnwindSafe(|| level(log, 2, log.tracked("parameter"))));
        let why = match caught {
            Ok(n) => n.to_string(),
            Err(payload) => *payload.downcast::<String>().unwrap(),
        };
        coop!();
        log.note(&why);
        why
    }

    #[cps]
    fn with_borrowed_arguments(log: &Log) -> usize {
        #[cps]
        fn spoil(list: &mut Vec<Tracked>, value: Tracked) -> usize {
            list.push(value);
            coop!();
            fail("spoiled")
        }
        let mut list = vec![log.tracked("first")];
        let _after = log.tracked("after");
        call!(spoil(&mut list, log.tracked("second"))) + list.len()
    }

    #[cps]
    fn in_a_drop(log: &Log) {
        let _first = log.tracked("first");
        let _bomb = Bomb(log.tracked("fuse"));
        let _last = log.tracked("last");
        coop!();
        log.note("end of body");
    }

    #[cps]
    fn in_a_drop_of_a_callee(log: &Log) -> u32 {
        #[cps]
        fn explosive(log: &Log, _bomb: Bomb) -> u32 {
            let _local = log.tracked("local");
            coop!();
            log.value("result", 1)
        }
        let _outer = log.tracked("outer");
        let result = call!(explosive(log, Bomb(log.tracked("fuse"))));
        log.note("never");
        result
    }

    #[cps]
    fn assertions(log: &Log, n: u32) -> u32 {
        let _guard = log.tracked("guard");
        coop!();
        let list = [1, 2, 3];
        let found = list[call!(give(n)) as usize];
        coop!();
        assert!(found != 3, "found {found}");
        log.note(found);
        found
    }
}

#[test]
fn through_ten_calls() {
    assert_same!(|log| level(log, 10, log.tracked("parameter 10")));
    let payload = catch_unwind(|| {
        let log = Log::forever();
        moved::level(log, 10, log.tracked("parameter 10"))
    });
    assert_eq!(
        payload.unwrap_err().downcast_ref::<String>().unwrap(),
        "at the bottom"
    );
}

#[test]
fn at_every_place() {
    for at in 0..6 {
        assert_same!(|log| between_suspensions(log, at));
    }
    assert_same!(|log| while_operands_wait(log));
    assert_same!(|log| in_arguments(log));
    assert_same!(|log| of_a_callee_in_a_loop(log));
    assert_same!(|log| with_borrowed_arguments(log));
    assert_same!(whole | log | caught_by_a_plain_call(log));
    assert_same!(|log| assertions(log, 0));
    assert_same!(|log| assertions(log, 2));
}

#[test]
fn in_drops() {
    assert_eq!(observe(moved::in_a_drop), observe(plain::in_a_drop));
    assert_eq!(
        observe(moved::in_a_drop_of_a_callee),
        observe(plain::in_a_drop_of_a_callee)
    );
}

#[test]
fn in_the_drop_of_a_suspended_continuation() {
    let log = Log::forever();
    let dropped = thunk!(moved::in_a_drop(log))
        .into_continuation()
        .trampoline()
        .expect("it is suspended at its coop!");
    let payload = catch_unwind(AssertUnwindSafe(|| drop(dropped))).unwrap_err();
    assert_eq!(payload.downcast_ref::<String>().unwrap(), "bomb fuse");
    assert_eq!(log.events(), ["drop last", "drop fuse", "drop first"]);
    assert_eq!(log.alive(), 0);
}
