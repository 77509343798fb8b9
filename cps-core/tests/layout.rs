//! How much memory a call takes, and when.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};

thread_local! {
    static ALLOCATED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    static FREED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (count, _) = ALLOCATED.get();
        ALLOCATED.set((count + 1, layout.size()));
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        FREED.set(FREED.get() + 1);
        // SAFETY: passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `f` gives, how often it allocated and freed, and the size of its last allocation.
fn counted<R>(f: impl FnOnce() -> R) -> (R, usize, usize, usize) {
    let (before, freed) = (ALLOCATED.get().0, FREED.get());
    let result = f();
    let (after, size) = ALLOCATED.get();
    (result, after - before, FREED.get() - freed, size)
}

/// `coop!()`
fn empty() -> Thunk<'static, ()> {
    enum Frame {
        Start,
        Coop1,
    }
    Thunk::new(Frame::Start, |mut cx: Context<'_, Frame, ()>| {
        match cx.take() {
            Frame::Start => cx.coop(Frame::Coop1),
            Frame::Coop1 => cx.done(()),
        }
    })
}

/// `let mut i = 0; while i < n { i += 1; coop!(); } i`
fn count(n: u64) -> Thunk<'static, u64> {
    enum Frame<N, I> {
        Start { n: N },
        While1 { n: N, i: I },
        Coop1 { n: N, i: I },
    }
    Thunk::new(
        Frame::Start { n },
        |mut cx: Context<'_, Frame<_, _>, u64>| {
            let mut frame = cx.take();
            loop {
                frame = match frame {
                    Frame::Start { n } => {
                        let i = 0;
                        Frame::While1 { n, i }
                    }
                    Frame::While1 { n, mut i } => {
                        if i < n {
                            i += 1;
                            return cx.coop(Frame::Coop1 { n, i });
                        }
                        return cx.done(i);
                    }
                    Frame::Coop1 { n, i } => Frame::While1 { n, i },
                }
            }
        },
    )
}

/// `let mut i = 0; while i < n { i += 1; suspend!(|c| Some(c)); } i`, with a closure that captures
/// `words` words
fn suspended<const WORDS: usize>(n: u64) -> Thunk<'static, u64> {
    enum Frame<N, I> {
        Start { n: N, i: I },
    }
    Thunk::new(
        Frame::Start { n, i: 0 },
        |mut cx: Context<'_, Frame<_, u64>, u64>| {
            let Frame::Start { n, i } = cx.take();
            if i == n {
                return cx.done(i);
            }
            let captured = std::hint::black_box([7usize; WORDS]);
            cx.suspend(Frame::Start { n, i: i + 1 }, move |continuation| {
                assert_eq!(captured, [7; WORDS]);
                Some(continuation)
            })
        },
    )
}

/// `call!(count(n))`
fn caller(n: u64) -> Thunk<'static, u64> {
    enum Frame<N, R1> {
        Start { n: N },
        Call1 { ret: R1 },
    }
    Thunk::new(
        Frame::Start { n },
        |mut cx: Context<'_, Frame<_, _>, u64>| match cx.take() {
            Frame::Start { n } => cx.call(|ret| Frame::Call1 { ret }, count(n)),
            Frame::Call1 { ret } => {
                let i = cx.callee.returned(ret);
                cx.done(i)
            }
        },
    )
}

#[test]
fn an_empty_function_takes_24_bytes() {
    let (thunk, allocated, freed, size) = counted(empty);
    assert_eq!((allocated, freed, size), (1, 0, 24));
    let ((), allocated, freed, _) = counted(|| thunk.run());
    assert_eq!((allocated, freed), (0, 1), "a plain call is one cell");
}

#[test]
fn two_words_of_locals_take_40_bytes() {
    let (thunk, allocated, _, size) = counted(|| count(3));
    assert_eq!((allocated, size), (1, 40));
    drop(thunk);
}

#[test]
fn a_continuation_is_one_pointer() {
    assert_eq!(size_of::<Continuation>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Continuation>>(), size_of::<usize>());
    assert_eq!(size_of::<Thunk<'static, [u64; 9]>>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Thunk<'static, u8>>>(), size_of::<usize>());
}

#[test]
fn suspending_allocates_nothing() {
    let (i, allocated, freed, _) = counted(|| count(100).run());
    assert_eq!((i, allocated, freed), (100, 1, 1));
    let (i, allocated, freed, _) = counted(|| suspended::<0>(100).run());
    assert_eq!((i, allocated, freed), (100, 1, 1));
    let (i, allocated, freed, _) = counted(|| suspended::<4>(100).run());
    assert_eq!((i, allocated, freed), (100, 1, 1));
}

#[test]
fn a_big_closure_is_boxed() {
    let (i, allocated, freed, _) = counted(|| suspended::<5>(100).run());
    assert_eq!((i, allocated, freed), (100, 101, 101));
}

#[test]
fn a_call_allocates_its_cell() {
    let (i, allocated, freed, _) = counted(|| caller(10).run());
    assert_eq!((i, allocated, freed), (10, 2, 2));
}

#[test]
fn starting_allocates_nothing_for_no_one_and_one_cell_for_a_receiver() {
    let ((), allocated, freed, _) = counted(|| empty().into_continuation().run());
    assert_eq!((allocated, freed), (1, 1));
    let (received, allocated, freed, _) = counted(|| {
        let (continuation, allocated, ..) = counted(|| empty().start_with(|_| ()));
        continuation.run();
        allocated
    });
    assert_eq!((received, allocated, freed), (2, 2, 2));
}

/// `for _ in 0..times { call!(count(0)); }`, with what was freed meanwhile as its value
fn calls(times: u64) -> Thunk<'static, usize> {
    enum Frame<N, R1> {
        Start { left: N },
        Call1 { left: N, ret: R1 },
    }
    Thunk::new(
        Frame::Start { left: times },
        |mut cx: Context<'_, Frame<u64, _>, usize>| {
            let left = match cx.take() {
                Frame::Start { left } => left,
                Frame::Call1 { left, ret } => {
                    let _: u64 = cx.callee.returned(ret);
                    left
                }
            };
            if left == 0 {
                return cx.done(FREED.get());
            }
            let left = left - 1;
            cx.call(|ret| Frame::Call1 { left, ret }, count(0))
        },
    )
}

/// `if n > 0 { call!(deep(n - 1)); }`, with what was freed meanwhile as its value
fn deep(n: u64) -> Thunk<'static, usize> {
    enum Frame<N, R1> {
        Start { n: N },
        Call1 { ret: R1 },
    }
    Thunk::new(
        Frame::Start { n },
        |mut cx: Context<'_, Frame<u64, _>, usize>| match cx.take() {
            Frame::Start { n: 0 } => cx.done(FREED.get()),
            Frame::Start { n } => cx.call(|ret| Frame::Call1 { ret }, deep(n - 1)),
            Frame::Call1 { ret } => {
                let _: usize = cx.callee.returned(ret);
                cx.done(FREED.get())
            }
        },
    )
}

#[test]
#[cfg_attr(any(plain_heap, not(feature = "std")), ignore = "nothing is kept")]
fn what_returns_makes_room_for_what_is_called_in_the_same_turn() {
    let (freed_before, allocated, freed, _) = counted(|| {
        let before = FREED.get();
        calls(100).run() - before
    });
    assert_eq!(freed_before, 0, "in the turn all is kept");
    assert_eq!((allocated, freed), (2, 2), "after it nothing is");
}

#[test]
#[cfg_attr(any(plain_heap, not(feature = "std")), ignore = "nothing is kept")]
fn what_is_kept_is_bounded_and_goes_with_the_turn() {
    let (freed_before, allocated, freed, _) = counted(|| {
        let before = FREED.get();
        deep(1000).run() - before
    });
    assert_eq!(freed_before, 1000 - 32);
    assert_eq!((allocated, freed), (1001, 1001));
}
