//! What may cross threads, and how lifetimes relate.
#![cfg(feature = "std")]
#![forbid(unsafe_code)]

use std::rc::Rc;

use cps_core::expansion::{Context, Leg, Ret};
use cps_core::{
    Call, Calls, Continuation, LocalContinuation, LocalThunk, Outcome, Thunk, dispatch,
};

/// Does not compile if the type implements the trait: the method is then ambiguous.
macro_rules! lacks {
    ($type:ty: $trait:ident) => {{
        struct Implements;
        trait Ambiguous<A> {
            fn method() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        impl<T: ?Sized + $trait> Ambiguous<Implements> for T {}
        <$type as Ambiguous<_>>::method();
    }};
}

fn sends<T: Send>() {}
fn shares<T: Sync>() {}

#[test]
fn continuations_and_thunks_may_go_anywhere() {
    sends::<Continuation>();
    shares::<Continuation>();
    sends::<Thunk<'static, u8>>();
    shares::<Thunk<'static, u8>>();
    lacks!(Thunk<'static, Rc<u8>>: Send);
    lacks!(Thunk<'static, Rc<u8>>: Sync);
    sends::<Outcome<u8>>();
    sends::<Call>();
    shares::<Call>();
    sends::<dispatch::Home>();
    shares::<dispatch::Home>();
}

#[test]
fn frames_may_hold_tokens_for_any_value() {
    sends::<Ret<Rc<u8>>>();
    shares::<Ret<Rc<u8>>>();
    assert_eq!(size_of::<Ret<String>>(), 0);
    assert_eq!(align_of::<Ret<String>>(), 1);
}

#[test]
fn what_belongs_to_a_leg_or_a_thread_stays_there() {
    lacks!(Context<'static, u8, u8>: Send);
    lacks!(Context<'static, u8, u8>: Sync);
    lacks!(Leg<'static, 'static>: Send);
    lacks!(Leg<'static, 'static>: Sync);
    lacks!(dispatch::Entered: Send);
    lacks!(dispatch::Entered: Sync);
    lacks!(dispatch::Rooms: Send);
    lacks!(dispatch::Rooms: Sync);
    lacks!(Calls<'static>: Send);
    lacks!(Calls<'static>: Sync);
    lacks!(LocalThunk<'static, u8>: Send);
    lacks!(LocalThunk<'static, u8>: Sync);
    lacks!(LocalContinuation: Send);
    lacks!(LocalContinuation: Sync);
}

#[test]
fn a_thunk_is_covariant_in_its_lifetime_and_its_value() {
    fn shorter<'short>(
        thunk: Thunk<'static, &'static str>,
        _until: &'short str,
    ) -> Thunk<'short, &'short str> {
        thunk
    }
    let text = String::from("short");
    let thunk = Thunk::new("long", |mut cx: Context<'_, _, _>| {
        let word = cx.take();
        cx.done(word)
    });
    assert_eq!(shorter(thunk, &text).run(), "long");
}
