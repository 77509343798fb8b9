//! Panics travel from callee to caller, and nothing is freed twice or forgotten.
#![cfg(feature = "std")]
#![forbid(unsafe_code)]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Leaf, Local, Log, legs, message, nest, panics};
use cps_core::expansion::Context;
use cps_core::{Continuation, Outcome, Thunk};

/// What a panic below `depth` calls drops.
fn unwound(depth: u32) -> Vec<String> {
    (0..=depth)
        .map(|level| format!("drop local {level}"))
        .collect()
}

#[test]
fn a_panic_unwinds_through_ten_calls() {
    let log = Log::default();
    let thunk = nest(10, log.clone(), Leaf::Panic);
    assert_eq!(panics(|| thunk.run()), "leaf");
    assert_eq!(log.take(), unwound(10));
}

#[test]
fn a_panic_reaches_the_receiver_and_not_who_runs_it() {
    let log = Log::default();
    let continuation = nest(2, log.clone(), Leaf::Panic).start_with(log.receiver());
    assert!(continuation.trampoline().is_none());
    let mut expected = unwound(2);
    expected.push("panicked: leaf".into());
    assert_eq!(log.take(), expected);
}

#[test]
fn a_panic_of_a_detached_call_reaches_who_runs_it() {
    let log = Log::default();
    let ways: [fn(Continuation); 3] = [
        |continuation| continuation.run(),
        |continuation| drop(continuation.trampoline()),
        |continuation| assert_eq!(legs(continuation), 3),
    ];
    for run in ways {
        let continuation = nest(2, log.clone(), Leaf::Panic).into_continuation();
        assert_eq!(panics(|| run(continuation)), "leaf");
        assert_eq!(log.take(), unwound(2));
    }
}

#[test]
fn a_panic_can_be_held_between_two_legs() {
    let log = Log::default();
    let hold = || {
        let mut next = nest(1, log.clone(), Leaf::Panic).start_with(log.receiver());
        for _ in 0..2 {
            next = next.bounce().unwrap();
        }
        assert_eq!(log.take(), ["drop local 0"]);
        next
    };
    drop(hold());
    assert_eq!(log.take(), ["drop local 1", "dropped"]);

    let panicked = hold();
    std::thread::spawn(move || panicked.run()).join().unwrap();
    assert_eq!(log.take(), ["drop local 1", "panicked: leaf"]);

    assert!(hold().bounce().is_none());
    assert_eq!(log.take(), ["drop local 1", "panicked: leaf"]);
}

/// `let value = catch_unwind(|| call!(callee)); ..`, as far as a leg can
#[test]
fn a_leg_may_catch_its_callees_panic() {
    let log = Log::default();
    enum Frame<G, R1> {
        Start { log: G },
        Call1 { ret: R1 },
    }
    let thunk = Thunk::new(
        Frame::Start { log: log.clone() },
        |mut cx: Context<'_, Frame<_, _>, String>| match cx.take() {
            Frame::Start { log } => cx.call(|ret| Frame::Call1 { ret }, nest(1, log, Leaf::Panic)),
            Frame::Call1 { ret } => {
                let caught = catch_unwind(AssertUnwindSafe(|| cx.callee.returned(ret)));
                cx.done(message(&*caught.unwrap_err()))
            }
        },
    );
    assert_eq!(thunk.run(), "leaf");
    assert_eq!(log.take(), unwound(1));
}

/// How a leg ends whose leftover panics while it is dropped.
#[derive(Clone, Copy)]
enum Ends {
    Done,
    Coop,
    Call,
    CallWith,
    Give,
    GiveBig,
}

/// `let frame = log.local("frame"); let leftover = log.bomb("leftover");` and then it ends so
fn explodes(log: Log, ends: Ends) -> Thunk<'static, Local> {
    enum Frame<A, R1> {
        Start(Log, Ends),
        Wait { _frame: A },
        Call1 { _frame: A, _ret: R1 },
    }
    /// Never runs.
    fn callee<'cps>(local: Local, _borrowed: &'cps mut Local) -> Thunk<'cps, u8> {
        Thunk::new((local, _borrowed), |_: Context<'_, _, u8>| unreachable!())
    }
    fn owning(local: Local) -> Thunk<'static, u8> {
        Thunk::new(local, |_: Context<'_, _, u8>| unreachable!())
    }
    Thunk::new(
        Frame::Start(log, ends),
        |mut cx: Context<'_, Frame<Local, _>, Local>| {
            let Frame::Start(log, ends) = cx.take() else {
                unreachable!()
            };
            let frame = log.local("frame");
            let captured = log.local("captured");
            let _leftover = log.bomb("leftover");
            match ends {
                Ends::Done => {
                    drop((frame, captured));
                    cx.done(log.local("value"))
                }
                Ends::Coop => {
                    drop(captured);
                    cx.coop(Frame::Wait { _frame: frame })
                }
                Ends::Call => cx.call(
                    |ret| Frame::Call1 {
                        _frame: frame,
                        _ret: ret,
                    },
                    owning(captured),
                ),
                Ends::CallWith => cx.call_with(
                    0,
                    |ret| Frame::Call1 {
                        _frame: frame,
                        _ret: ret,
                    },
                    move |lent| {
                        let Frame::Call1 { _frame: frame, .. } = lent.frame() else {
                            unreachable!()
                        };
                        callee(captured, frame)
                    },
                ),
                Ends::Give => cx.suspend(Frame::Wait { _frame: frame }, move |continuation| {
                    drop(captured);
                    Some(continuation)
                }),
                Ends::GiveBig => {
                    let words = [0usize; 9];
                    cx.suspend(Frame::Wait { _frame: frame }, move |continuation| {
                        drop((captured, words));
                        Some(continuation)
                    })
                }
            }
        },
    )
}

#[test]
fn a_leftover_that_panics_takes_the_cell_with_it() {
    let log = Log::default();
    for (ends, expected) in [
        (
            Ends::Done,
            vec!["drop frame", "drop captured", "drop leftover", "drop value"],
        ),
        (
            Ends::Coop,
            vec!["drop captured", "drop leftover", "drop frame"],
        ),
        (
            Ends::Call,
            vec!["drop leftover", "drop captured", "drop frame"],
        ),
        (
            Ends::CallWith,
            vec!["drop leftover", "drop captured", "drop frame"],
        ),
        (
            Ends::Give,
            vec!["drop leftover", "drop captured", "drop frame"],
        ),
        (
            Ends::GiveBig,
            vec!["drop leftover", "drop captured", "drop frame"],
        ),
    ] {
        assert_eq!(
            panics(|| explodes(log.clone(), ends).run()),
            "drop of leftover"
        );
        assert_eq!(log.take(), expected);
        assert_eq!(
            panics(|| explodes(log.clone(), ends).into_continuation().bounce()),
            "drop of leftover"
        );
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn a_frame_that_panics_in_its_drop_frees_the_rest() {
    enum Frame<A, B, R1> {
        Start(Log),
        Wait { _second: B, _first: A },
        Call1 { _ret: R1, _second: B, _first: A },
    }
    fn inner(log: Log) -> Thunk<'static, ()> {
        Thunk::new(
            Frame::Start(log),
            |mut cx: Context<'_, Frame<_, _, ()>, ()>| {
                let Frame::Start(log) = cx.take() else {
                    unreachable!()
                };
                cx.coop(Frame::Wait {
                    _first: log.local("inner first"),
                    _second: log.bomb("inner second"),
                })
            },
        )
    }
    fn outer(log: Log) -> Thunk<'static, ()> {
        Thunk::new(
            Frame::Start(log),
            |mut cx: Context<'_, Frame<_, _, _>, ()>| {
                let Frame::Start(log) = cx.take() else {
                    unreachable!()
                };
                let (_first, _second) = (log.local("outer first"), log.local("outer second"));
                cx.call(
                    |_ret| Frame::Call1 {
                        _ret,
                        _second,
                        _first,
                    },
                    inner(log),
                )
            },
        )
    }
    let log = Log::default();
    let expected = [
        "drop inner second",
        "drop inner first",
        "drop outer second",
        "drop outer first",
        "dropped",
    ];
    let suspended = outer(log.clone())
        .start_with(log.receiver())
        .trampoline()
        .unwrap();
    assert_eq!(panics(|| drop(suspended)), "drop of inner second");
    assert_eq!(log.take(), expected);

    // By the closure that it is given to: the panic has no one to go to but who runs it.
    let give = nest(0, log.clone(), {
        let suspended = outer(log.clone())
            .start_with(log.receiver())
            .trampoline()
            .unwrap();
        Leaf::give(move |own| {
            drop(suspended);
            Some(own)
        })
    });
    let continuation = give.start_with(log.receiver());
    assert_eq!(panics(|| continuation.trampoline()), "drop of inner second");
    let mut expected = Vec::from(expected.map(String::from));
    expected.extend(["drop local 0".into(), "dropped".into()]);
    assert_eq!(log.take(), expected);
}

#[test]
fn a_result_that_panics_in_its_drop() {
    let log = Log::default();
    let value = |log: &Log| {
        Thunk::new(log.clone(), |mut cx: Context<'_, Log, Local>| {
            let value = cx.take().bomb("value");
            cx.done(value)
        })
    };
    let continuation = value(&log).into_continuation();
    assert_eq!(panics(|| continuation.trampoline()), "drop of value");
    assert_eq!(log.take(), ["drop value"]);

    let continuation = value(&log).start_with(|outcome: Outcome<Local>| drop(outcome));
    assert_eq!(panics(|| continuation.trampoline()), "drop of value");
    assert_eq!(log.take(), ["drop value"]);
}

#[test]
fn an_argument_that_panics_in_its_drop() {
    let log = Log::default();
    let thunk = Thunk::new(
        (log.bomb("one"), log.local("two")),
        |cx: Context<'_, _, u8>| cx.done(1),
    );
    assert_eq!(panics(|| drop(thunk)), "drop of one");
    assert_eq!(log.take(), ["drop one", "drop two"]);
}

#[test]
fn a_closure_that_panics_drops_the_continuation_it_was_given() {
    let log = Log::default();
    let leaf = || Leaf::give(|_continuation| panic!("giving"));
    let continuation = nest(1, log.clone(), leaf()).start_with(log.receiver());
    assert_eq!(panics(|| continuation.trampoline()), "giving");
    assert_eq!(log.take(), ["drop local 0", "drop local 1", "dropped"]);

    let thunk = nest(1, log.clone(), leaf());
    assert_eq!(panics(|| thunk.run()), "giving", "not that it was dropped");
    assert_eq!(log.take(), ["drop local 0", "drop local 1"]);
}

#[test]
fn a_plain_call_does_not_unwind_before_its_continuation_is_finished() {
    static FINISHED: AtomicBool = AtomicBool::new(false);
    let log = Log::default();
    let elsewhere = Arc::new(std::sync::Mutex::new(None));
    let thread = elsewhere.clone();
    let leaf = Leaf::give(move |continuation| {
        let resumed = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            FINISHED.store(true, Ordering::SeqCst);
            continuation.run();
        });
        *thread.lock().unwrap() = Some(resumed);
        panic!("after giving")
    });
    let thunk = nest(1, log.clone(), leaf);
    assert_eq!(panics(|| thunk.run()), "after giving");
    assert!(FINISHED.load(Ordering::SeqCst));
    assert_eq!(log.take(), ["drop local 0", "back in 1", "drop local 1"]);
    elsewhere.lock().unwrap().take().unwrap().join().unwrap();
}

#[test]
fn a_receiver_that_panics_does_so_where_it_hears() {
    let log = Log::default();
    let receiver = |outcome: Outcome<u32>| panic!("heard {outcome:?}");
    let continuation = nest(0, log.clone(), Leaf::Return).start_with(receiver);
    assert_eq!(panics(|| continuation.trampoline()), "heard Returned(0)");
    let continuation = nest(0, log.clone(), Leaf::Return).start_with(receiver);
    assert_eq!(panics(|| drop(continuation)), "heard Dropped");
    let continuation = nest(0, log.clone(), Leaf::Panic).start_with(receiver);
    assert_eq!(panics(|| continuation.trampoline()), "heard Panicked(..)");
}

/// A payload that panics in its drop, when a second panic pushes it aside.
#[test]
fn a_second_panic_is_dropped() {
    struct Payload(Log);
    impl Drop for Payload {
        fn drop(&mut self) {
            self.0.say("drop payload");
            panic!("payload");
        }
    }
    enum Frame<A> {
        Start(Log),
        Wait { _frame: A },
    }
    struct Throws(Log);
    impl Drop for Throws {
        fn drop(&mut self) {
            self.0.say("drop throws");
            std::panic::panic_any(Payload(self.0.clone()));
        }
    }
    let log = Log::default();
    let thunk = Thunk::new(
        Frame::Start(log.clone()),
        |mut cx: Context<'_, Frame<_>, ()>| {
            let Frame::Start(log) = cx.take() else {
                unreachable!()
            };
            let _leftover = log.bomb("leftover");
            cx.coop(Frame::Wait {
                _frame: Throws(log.clone()),
            })
        },
    );
    assert_eq!(panics(|| thunk.run()), "drop of leftover");
    assert_eq!(log.take(), ["drop leftover", "drop throws", "drop payload"]);
}

/// Broken invariants, which no expansion breaks.
mod broken {
    use super::*;

    #[test]
    fn a_value_is_taken_before_the_leg_ends() {
        enum Frame<R1> {
            Start(Log, Ends),
            Call1 { _ret: R1, ends: Ends },
        }
        /// `log.local("value")`
        fn value(log: Log) -> Thunk<'static, Local> {
            Thunk::new(log, |mut cx: Context<'_, Log, Local>| {
                let value = cx.take().local("value");
                cx.done(value)
            })
        }
        let log = Log::default();
        for ends in [
            Ends::Done,
            Ends::Coop,
            Ends::Call,
            Ends::CallWith,
            Ends::Give,
        ] {
            let thunk = Thunk::new(
                Frame::Start(log.clone(), ends),
                |mut cx: Context<'_, Frame<_>, ()>| {
                    let log = Log::default();
                    match cx.take() {
                        Frame::Start(log, ends) => {
                            cx.call(|ret| Frame::Call1 { _ret: ret, ends }, value(log))
                        }
                        Frame::Call1 { ends, .. } => match ends {
                            Ends::Done => cx.done(()),
                            Ends::Coop => cx.coop(Frame::Start(log, ends)),
                            Ends::Call => {
                                cx.call(|ret| Frame::Call1 { _ret: ret, ends }, value(log))
                            }
                            Ends::CallWith => cx.call_with(
                                0,
                                |ret| Frame::Call1 { _ret: ret, ends },
                                |_| value(Log::default()),
                            ),
                            Ends::Give | Ends::GiveBig => {
                                cx.suspend(Frame::Start(log, ends), |continuation| {
                                    drop(continuation);
                                    None
                                })
                            }
                        },
                    }
                },
            );
            assert_eq!(
                panics(|| thunk.run()),
                "a leg takes its callee's value before it ends"
            );
            assert_eq!(log.take(), ["drop value"]);
        }
    }
}
