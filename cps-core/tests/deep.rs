//! Chains far deeper than a stack.
#![cfg(feature = "std")]
#![forbid(unsafe_code)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::panics;
use cps_core::Thunk;
use cps_core::expansion::Context;

static ALIVE: AtomicU64 = AtomicU64::new(0);

/// A local that counts.
struct Counted;

impl Counted {
    fn new() -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Counted
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Copy)]
enum End {
    Return,
    Coop,
    Panic,
}

/// ```text
/// let local = Counted::new();
/// if n > 0 { return call!(depth(n - 1, end)) + 1 }
/// match end { End::Return => {} End::Coop => coop!(), End::Panic => panic!("bottom") }
/// 0
/// ```
fn depth(n: u64, end: End) -> Thunk<'static, u64> {
    enum Frame<N, E, L, R1> {
        Start { n: N, end: E },
        Call1 { local: L, ret: R1 },
        Coop1 { local: L },
    }
    Thunk::new(
        Frame::Start { n, end },
        |mut cx: Context<'_, Frame<_, _, _, _>, u64>| match cx.take() {
            Frame::Start { n, end } => {
                let local = Counted::new();
                if n > 0 {
                    let callee = depth(n - 1, end);
                    return cx.call(|ret| Frame::Call1 { local, ret }, callee);
                }
                match end {
                    End::Return => cx.done(0),
                    End::Coop => cx.coop(Frame::Coop1 { local }),
                    End::Panic => panic!("bottom"),
                }
            }
            Frame::Call1 { local: _local, ret } => {
                let below = cx.callee.returned(ret);
                cx.done(below + 1)
            }
            Frame::Coop1 { local: _local } => cx.done(0),
        },
    )
}

/// One test, since they count together.
#[test]
fn a_million_calls_run_and_drop_and_ten_thousand_panic() {
    const MILLION: u64 = 1_000_000;
    assert_eq!(depth(MILLION, End::Return).run(), MILLION);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);

    let dropped = Arc::new(AtomicU64::new(0));
    let heard = dropped.clone();
    let continuation = depth(MILLION, End::Coop).start_with(move |_| {
        heard.store(1 + ALIVE.load(Ordering::Relaxed), Ordering::Relaxed);
    });
    let suspended = continuation.trampoline().unwrap();
    assert_eq!(ALIVE.load(Ordering::Relaxed), MILLION + 1);
    drop(suspended);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
    assert_eq!(
        dropped.load(Ordering::Relaxed),
        1,
        "the receiver hears last"
    );

    std::panic::set_hook(Box::new(|_| ()));
    assert_eq!(panics(|| depth(10_000, End::Panic).run()), "bottom");
    drop(std::panic::take_hook());
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}
