//! What a continuation is told when it is resumed for another reason than to try again.
//!
//! A suspended `recv!` tries again when it is resumed, and its frame has no room to be told anything else.
//! One that is interrupted is put into an envelope, itself a continuation: it runs one leg of the other, and
//! while that leg runs, the thread's note says what interrupted it. The first that the leg does is the try,
//! which takes the note.

use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};
use std::cell::Cell;

thread_local! {
    /// The [name](crate::waiters::Waiters::name) of where the leg that runs was interrupted; 0 if it was not.
    static NOTE: Cell<usize> = const { Cell::new(0) };
}

/// The continuation, in an envelope that says that it was interrupted where it waited.
pub(crate) fn with(place: usize, continuation: Continuation) -> Continuation {
    type Frame = Option<(Continuation, usize)>;
    let start = Some((continuation, place));
    Thunk::new(start, |mut cx: Context<Frame, ()>| match cx.take() {
        Some((continuation, place)) => cx.suspend(None, move |envelope| {
            drop(envelope);
            deliver(continuation, place)
        }),
        None => cx.done(()),
    })
    .into_continuation()
}

fn deliver(continuation: Continuation, place: usize) -> Option<Continuation> {
    /// Puts the note of the leg around this one back.
    struct Before(usize);
    impl Drop for Before {
        fn drop(&mut self) {
            NOTE.set(self.0);
        }
    }
    let _before = Before(NOTE.replace(place));
    continuation.bounce()
}

/// Says to the leg that begins now that it was interrupted there.
pub(crate) fn leave(place: usize) {
    NOTE.set(place);
}

/// Whether the leg that runs was interrupted there.
#[inline]
pub(crate) fn is_of(place: usize) -> bool {
    NOTE.get() == place
}

/// Whether the leg that runs was interrupted there. Says so once.
#[inline]
pub(crate) fn take(place: usize) -> bool {
    let noted = is_of(place);
    if noted {
        NOTE.set(0);
    }
    noted
}
