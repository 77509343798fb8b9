//! Broken invariants, which no expansion breaks, end in a panic that says which.
#![cfg(feature = "std")]
#![forbid(unsafe_code)]

mod common;

use common::panics;
use cps_core::Thunk;
use cps_core::expansion::Context;

#[test]
fn a_frame_is_taken_once() {
    let thunk = Thunk::new(7, |mut cx: Context<'_, u8, u8>| {
        let frame = cx.take();
        let again = cx.take();
        cx.done(frame + again)
    });
    assert_eq!(panics(|| thunk.run()), "a leg takes its frame once");
}

#[test]
#[cfg(debug_assertions)]
fn a_token_is_for_the_call_that_it_was_made_for() {
    use cps_core::expansion::Ret;
    use std::cell::Cell;

    thread_local!(static STASHED: Cell<Option<Ret<u8>>> = const { Cell::new(None) });
    fn value() -> Thunk<'static, String> {
        Thunk::new((), |cx: Context<'_, (), String>| cx.done("value".into()))
    }
    fn stash() -> Thunk<'static, u8> {
        Thunk::new(false, |mut cx: Context<'_, bool, u8>| {
            assert!(!cx.take(), "stops at the value that is not taken");
            let callee = Thunk::new((), |cx: Context<'_, (), u8>| cx.done(1));
            cx.call(
                |ret| {
                    STASHED.set(Some(ret));
                    true
                },
                callee,
            )
        })
    }
    panics(|| stash().run());
    let thunk = Thunk::new(false, |mut cx: Context<'_, bool, u8>| {
        if cx.take() {
            let wrong = cx.callee.returned(STASHED.take().unwrap());
            return cx.done(wrong);
        }
        cx.call(|_: Ret<String>| true, value())
    });
    assert_eq!(panics(|| thunk.run()), "the token is for another value");
}
