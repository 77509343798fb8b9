//! Legs that leave their frame where it is: what stays in it is neither moved nor dropped too early
//! or too often.
#![cfg(feature = "std")]
#![forbid(unsafe_code)]

mod common;

use common::{Local, Log, legs, panics};
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};

/// What is to happen in the second turn.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Break,
    Return,
    Panic,
    CalleePanics,
    MakingCalleePanics,
}

struct Big {
    room: [u64; 64],
    local: Local,
}

impl Drop for Big {
    fn drop(&mut self) {
        let panicking = std::thread::panicking();
        let when = if panicking { " unwinding" } else { "" };
        self.local.say(format!("big ends{when}"));
    }
}

fn add<'cps>(room: &'cps mut [u64; 64], panics: bool) -> Thunk<'cps, u64> {
    Thunk::new(
        (room, panics),
        |mut cx: Context<'_, (&'cps mut [u64; 64], bool), u64>| {
            let (room, panics) = cx.take();
            assert!(!panics, "callee");
            room[0] += 1;
            cx.done(room[0])
        },
    )
}

/// ```text
/// fn turns(log: Log, then: Then) -> u64 {
///     let mut big = Big { room: [0; 64], local: log.local("big") };
///     loop {
///         let turn = log.local("turn");
///         log.say(address(&big));
///         coop!();
///         if big.room[0] == 1 { match then { Return => return 1, Break => break, Panic => panic!(), _ => {} } }
///         call!(add(&mut big.room, then == CalleePanics));
///     }
///     big.room[0] + 10
/// }
/// ```
fn turns(log: Log, then: Then) -> Thunk<'static, u64> {
    enum Frame<L, N, B, S, R> {
        Start {
            then: N,
            log: L,
        },
        Loop1 {
            at: AtLoop1<S, R>,
            big: B,
            then: N,
            log: L,
        },
        EndLoop1 {
            big: B,
            log: L,
        },
    }
    enum AtLoop1<S, R> {
        Running,
        Loop1 {},
        Coop1 { turn: S },
        Call1 { ret: R, turn: S },
    }
    Thunk::new(
        Frame::Start { then, log },
        |mut cx: Context<'_, Frame<_, _, _, _, _>, u64>| match cx.frame() {
            Frame::Start { .. } => cx.moved(|mut cx| match cx.take() {
                Frame::Start { log, then } => {
                    let big = Big {
                        room: [0; 64],
                        local: log.local("big"),
                    };
                    cx.again(Frame::Loop1 {
                        at: AtLoop1::Loop1 {},
                        big,
                        then,
                        log,
                    })
                }
                _ => unreachable!(),
            }),
            Frame::Loop1 { .. } => {
                let value: u64 = 'done: {
                    let (frame, mut turn_of_cx) = cx.split();
                    let Frame::Loop1 {
                        at: slot,
                        big,
                        then,
                        log,
                    } = frame
                    else {
                        unreachable!()
                    };
                    match std::mem::replace(slot, AtLoop1::Running) {
                        AtLoop1::Loop1 {} => {
                            let turn = log.local("turn");
                            log.say(format!("at {:p}", &raw const *big));
                            *slot = AtLoop1::Coop1 { turn };
                            return cx.stay().coop();
                        }
                        AtLoop1::Coop1 { turn } => 'exit: {
                            let turn = turn;
                            if big.room[0] == 1 {
                                match then {
                                    Then::Return => break 'done 1,
                                    Then::Break => break 'exit,
                                    Then::Panic => panic!("leg"),
                                    _ => {}
                                }
                            }
                            return cx.stay().call_with(
                                0,
                                |frame, ret| {
                                    if let Frame::Loop1 { at, .. } = frame {
                                        *at = AtLoop1::Call1 { ret, turn };
                                    }
                                },
                                |lent| match lent.frame() {
                                    Frame::Loop1 { big, then, .. } => {
                                        let second = big.room[0] == 1;
                                        assert!(
                                            *then != Then::MakingCalleePanics || !second,
                                            "making"
                                        );
                                        add(&mut big.room, *then == Then::CalleePanics && second)
                                    }
                                    _ => unreachable!(),
                                },
                            );
                        }
                        AtLoop1::Call1 { ret, turn } => {
                            let _turn = turn;
                            turn_of_cx.returned(ret);
                            drop(_turn);
                            *slot = AtLoop1::Loop1 {};
                            return cx.stay().again();
                        }
                        AtLoop1::Running => unreachable!(),
                    }
                    return cx.stay().leave(|frame| match frame {
                        Frame::Loop1 { log, big, .. } => Frame::EndLoop1 { big, log },
                        _ => unreachable!(),
                    });
                };
                cx.done(value)
            }
            Frame::EndLoop1 { .. } => cx.moved(|mut cx| match cx.take() {
                Frame::EndLoop1 { log, big } => {
                    log.say("behind");
                    cx.done(big.room[0] + 10)
                }
                _ => unreachable!(),
            }),
        },
    )
}

/// The log of a run, and whether all that it says of addresses is the same.
fn run(then: Then) -> (Result<u64, String>, Vec<String>) {
    let log = Log::default();
    let thunk = turns(log.clone(), then);
    let mut value = Ok(0);
    let message = match then {
        Then::Break | Then::Return => {
            value = Ok(thunk.run());
            String::new()
        }
        _ => panics(|| thunk.run()),
    };
    if !message.is_empty() {
        value = Err(message);
    }
    let (at, said): (Vec<_>, _) = log
        .take()
        .into_iter()
        .partition(|line| line.starts_with("at "));
    assert_eq!(at.len(), 2);
    assert_eq!(at[0], at[1], "what stays in the frame was moved");
    (value, said)
}

#[test]
fn a_loop_is_left_with_its_frame() {
    let (value, said) = run(Then::Break);
    assert_eq!(value, Ok(11));
    assert_eq!(
        said,
        ["drop turn", "drop turn", "behind", "big ends", "drop big"]
    );
}

#[test]
fn a_value_ends_what_is_left_in_the_frame() {
    let (value, said) = run(Then::Return);
    assert_eq!(value, Ok(1));
    assert_eq!(said, ["drop turn", "drop turn", "big ends", "drop big"]);
}

#[test]
fn a_panic_drops_what_is_left_in_the_frame_while_it_unwinds() {
    for (then, message) in [
        (Then::Panic, "leg"),
        (Then::CalleePanics, "callee"),
        (Then::MakingCalleePanics, "making"),
    ] {
        let (value, said) = run(then);
        assert_eq!(value, Err(message.to_owned()));
        assert_eq!(
            said,
            ["drop turn", "drop turn", "big ends unwinding", "drop big"]
        );
    }
}

#[test]
fn a_leg_that_goes_on_at_once_is_no_leg_of_its_own() {
    let log = Log::default();
    let count = |then| legs(turns(log.clone(), then).into_continuation());
    // To the first suspension, to the call, the callee, to the second suspension, and to the end.
    assert_eq!(count(Then::Return), 5);
    assert_eq!(count(Then::Break), 5);
}

#[test]
fn a_dropped_continuation_drops_what_is_left_in_the_frame() {
    let log = Log::default();
    for bounces in 0..5 {
        let mut continuation = turns(log.clone(), Then::Return).into_continuation();
        for _ in 0..bounces {
            continuation = continuation.bounce().expect("it goes on");
        }
        log.take();
        drop(continuation);
        let expected: &[&str] = match bounces {
            0 => &[],
            _ => &["drop turn", "big ends", "drop big"],
        };
        assert_eq!(log.take(), expected, "after {bounces} legs");
    }
}

/// ```text
/// fn offered(log: Log, accepts: bool) -> bool { loop { let verdict = migrate!(..).is_ok(); if turns == 2 { return verdict } } }
/// ```
fn offered(log: Log, accepts: bool) -> Thunk<'static, Vec<bool>> {
    enum Frame {
        Loop1 {
            at: At,
            log: Log,
            verdicts: Vec<bool>,
        },
    }
    enum At {
        Loop1(bool),
        Migrate1 {
            verdict: Result<(), ()>,
            accepts: bool,
        },
        Running,
    }
    let start = Frame::Loop1 {
        at: At::Loop1(accepts),
        log,
        verdicts: Vec::new(),
    };
    Thunk::new(start, |mut cx: Context<'_, Frame, Vec<bool>>| {
        let (frame, _) = cx.split();
        let Frame::Loop1 { at, log, verdicts } = frame;
        match std::mem::replace(at, At::Running) {
            At::Loop1(accepts) => {
                log.say("offers");
                *at = At::Migrate1 {
                    verdict: Ok(()),
                    accepts,
                };
                let give = move |continuation: Continuation, _| match accepts {
                    true => {
                        continuation.run();
                        Ok(())
                    }
                    false => Err(continuation),
                };
                cx.stay().migrate(give, |frame| {
                    if let Frame::Loop1 {
                        at: At::Migrate1 { verdict, .. },
                        ..
                    } = frame
                    {
                        *verdict = Err(());
                    }
                })
            }
            At::Migrate1 { verdict, accepts } => {
                verdicts.push(verdict.is_ok());
                if verdicts.len() == 2 {
                    let value = verdicts.clone();
                    return cx.done(value);
                }
                *at = At::Loop1(accepts);
                cx.stay().again()
            }
            At::Running => unreachable!(),
        }
    })
}

#[test]
fn a_refusal_is_noted_in_the_frame_that_stays() {
    let log = Log::default();
    assert_eq!(offered(log.clone(), false).run(), [false, false]);
    assert_eq!(offered(log.clone(), true).run(), [true, true]);
    assert_eq!(log.take(), ["offers"; 4]);
}

#[test]
fn a_frame_that_was_taken_does_not_stay() {
    let thunk = Thunk::new(7, |mut cx: Context<'_, u8, u8>| {
        let _ = cx.take();
        cx.stay().coop()
    });
    assert_eq!(
        panics(|| thunk.run()),
        "a frame that was taken stays nowhere"
    );
}

/// ```text
/// fn leaves(first: Local, second: Local) { loop { break; } }
/// ```
#[test]
fn a_panic_between_two_frames_drops_each_local_once() {
    let log = Log::default();
    let thunk = Thunk::new(
        Some((log.bomb("first"), log.local("second"))),
        |cx: Context<'_, Option<(Local, Local)>, ()>| {
            cx.stay().leave(|frame| {
                let (first, _second) = frame.expect("it leaves once");
                drop(first);
                None
            })
        },
    );
    assert_eq!(panics(|| thunk.run()), "drop of first");
    assert_eq!(log.take(), ["drop first", "drop second"]);
}
