//! Hand-written expansions in the shape that the macro emits: they infer, run, and need no unsafe
//! code.
#![forbid(unsafe_code)]

use core::ops::ControlFlow;
use std::error::Error;

use cps_core::Thunk;
use cps_core::expansion::{Context, FromResidual, Keep, Try};

/// ```text
/// fn count(upto: usize, names: Vec<String>) -> usize {
///     let mut n = 0;
///     let mut acc = Vec::new();
///     while n < upto { n += 1; acc.push(names[n % names.len()].len()); coop!(); }
///     for x in acc { coop!(); n += x; }
///     n
/// }
/// ```
fn count(upto: usize, names: Vec<String>) -> Thunk<'static, usize> {
    enum Frame<A, B, C, D, E, F> {
        Start { upto: A, names: B },
        While1 { upto: A, names: B, n: C, acc: D },
        Coop1 { upto: A, names: B, n: C, acc: D },
        For2 { n: C, iter: E },
        Coop2 { n: C, iter: E, x: F },
    }
    Thunk::new(
        Frame::Start { upto, names },
        |mut cx: Context<'_, Frame<_, _, _, _, _, _>, usize>| {
            let mut frame = cx.take();
            loop {
                frame = match frame {
                    Frame::Start { upto, names } => {
                        let n = 0;
                        let acc = Vec::new();
                        Frame::While1 {
                            upto,
                            names,
                            n,
                            acc,
                        }
                    }
                    Frame::While1 {
                        upto,
                        names,
                        mut n,
                        mut acc,
                    } => {
                        if n < upto {
                            n += 1;
                            acc.push(names[n % names.len()].len());
                            return cx.coop(Frame::Coop1 {
                                upto,
                                names,
                                n,
                                acc,
                            });
                        }
                        let iter = IntoIterator::into_iter(acc);
                        Frame::For2 { n, iter }
                    }
                    Frame::Coop1 {
                        upto,
                        names,
                        n,
                        acc,
                    } => Frame::While1 {
                        upto,
                        names,
                        n,
                        acc,
                    },
                    Frame::For2 { n, mut iter } => match Iterator::next(&mut iter) {
                        Some(x) => return cx.coop(Frame::Coop2 { n, iter, x }),
                        None => return cx.done(n),
                    },
                    Frame::Coop2 { mut n, iter, x } => {
                        n += x;
                        Frame::For2 { n, iter }
                    }
                }
            }
        },
    )
}

#[test]
fn loops_infer_their_locals() {
    let names = vec!["ab".to_string(), "cde".to_string()];
    assert_eq!(count(4, names).run(), 4 + 3 + 2 + 3 + 2);
}

/// `coop!(); buf.fill(value); buf.len()`
fn fill<'cps>(buf: &'cps mut [u8], value: u8) -> Thunk<'cps, usize> {
    enum Frame<B, V> {
        Start { buf: B, value: V },
        Coop1 { buf: B, value: V },
    }
    Thunk::new(
        Frame::Start { buf, value },
        |mut cx: Context<'_, Frame<_, _>, usize>| match cx.take() {
            Frame::Start { buf, value } => cx.coop(Frame::Coop1 { buf, value }),
            Frame::Coop1 { buf, value } => {
                buf.fill(value);
                let len = buf.len();
                cx.done(len)
            }
        },
    )
}

/// ```text
/// let mut buf = [0; 16];
/// let n = call!(fill(&mut buf, 7));
/// let k: usize = text.parse()?;
/// Ok(n + k + buf[3] as usize)
/// ```
fn parse(text: String) -> Thunk<'static, Result<usize, Box<dyn Error + Send + Sync>>> {
    enum Frame<S, B, R1> {
        Start { text: S },
        Call1 { text: S, buf: B, ret: R1 },
    }
    Thunk::new(
        Frame::Start { text },
        |mut cx: Context<'_, Frame<_, _, _>, Result<usize, Box<dyn Error + Send + Sync>>>| match cx
            .take()
        {
            Frame::Start { text } => {
                let buf = [0u8; 16];
                cx.call_with(
                    0,
                    |ret| Frame::Call1 { text, buf, ret },
                    move |lent| {
                        let Frame::Call1 { buf, .. } = lent.frame() else {
                            unreachable!()
                        };
                        fill(&mut *buf, 7)
                    },
                )
            }
            Frame::Call1 { text, buf, ret } => {
                let n = cx.callee.returned(ret);
                let k: usize = match Try::branch(text.parse()) {
                    ControlFlow::Continue(value) => value,
                    ControlFlow::Break(residual) => {
                        return cx.done(FromResidual::from_residual(residual));
                    }
                };
                cx.done(Ok(n + k + buf[3] as usize))
            }
        },
    )
}

#[test]
fn a_callee_borrows_from_the_frame_and_errors_convert() {
    assert_eq!(parse("12".into()).run().unwrap(), 16 + 12 + 7);
    assert!(
        parse("x".into())
            .run()
            .unwrap_err()
            .to_string()
            .contains("digit")
    );
}

/// `coop!(); into.push_str(prefix); into.push_str(name); name.len()`
fn join<'cps, 'x: 'cps, 'y: 'cps>(
    into: &'cps mut String,
    prefix: &'x str,
    name: &'y str,
) -> Thunk<'cps, usize> {
    enum Frame<A, B, C> {
        Start { into: A, prefix: B, name: C },
        Coop1 { into: A, prefix: B, name: C },
    }
    Thunk::new(
        Frame::Start { into, prefix, name },
        |mut cx: Context<'_, Frame<_, _, _>, usize>| match cx.take() {
            Frame::Start { into, prefix, name } => cx.coop(Frame::Coop1 { into, prefix, name }),
            Frame::Coop1 { into, prefix, name } => {
                into.push_str(prefix);
                into.push_str(name);
                cx.done(name.len())
            }
        },
    )
}

/// `let mut text = String::new(); let n = call!(join(&mut text, prefix, name)); (text, n)`: the
/// callee borrows from the frame and takes what the caller borrows.
fn greet<'x, 'y, 'cps>(prefix: &'x str, name: &'y str) -> Thunk<'cps, (String, usize)>
where
    'x: 'cps,
    'y: 'cps,
{
    enum Frame<P, N, S, R1> {
        Start { prefix: P, name: N },
        Call1 { text: S, ret: R1 },
    }
    Thunk::new(
        Frame::Start { prefix, name },
        |mut cx: Context<'_, Frame<_, _, _, _>, (String, usize)>| match cx.take() {
            Frame::Start { prefix, name } => {
                let text = String::new();
                cx.call_with(
                    0,
                    |ret| Frame::Call1 { text, ret },
                    move |lent| {
                        let Frame::Call1 { text, .. } = lent.frame() else {
                            unreachable!()
                        };
                        join(&mut *text, prefix, name)
                    },
                )
            }
            Frame::Call1 { text, ret } => {
                let n = cx.callee.returned(ret);
                cx.done((text, n))
            }
        },
    )
}

#[test]
fn a_callee_borrows_from_the_frame_and_from_the_callers_arguments() {
    let name = String::from("you");
    assert_eq!(greet("hey ", &name).run(), ("hey you".to_string(), 3));
}

/// `let u = t.clone(); coop!(); (u, t)`, where for all the function knows `t` is kept for its drop
/// only.
fn pair<'cps, P: Clone + Send + 'cps>(p: P) -> Thunk<'cps, (P, P)> {
    enum Frame<A, B, C> {
        Start { p: A },
        Coop1 { k: C, u: B, p: A },
    }
    Thunk::new(
        Frame::Start { p },
        |mut cx: Context<'_, Frame<_, _, _>, (P, P)>| match cx.take() {
            Frame::Start { p } => {
                let u = p.clone();
                let k = 7;
                cx.coop(Frame::Coop1 {
                    k: Keep::of(k).keep(),
                    u,
                    p,
                })
            }
            Frame::Coop1 { k: (), u, p } => cx.done((u, p)),
        },
    )
}

#[test]
fn a_generic_function_conjures_its_step_again() {
    let word = String::from("word");
    assert_eq!(pair(3u8).run(), (3, 3));
    assert_eq!(pair(word.as_str()).run(), ("word", "word"));
    assert_eq!(pair(word.clone()).run(), (word.clone(), word));
}

/// `let mut sum = 0; for x in items { coop!(); sum += x; } sum`
fn total<'cps, I>(items: I) -> Thunk<'cps, u32>
where
    I: IntoIterator<Item = u32> + Send + 'cps,
    I::IntoIter: Send,
{
    enum Frame<A, It, S> {
        Start { items: A },
        For1 { it: It, sum: S },
        Coop1 { it: It, sum: S, x: u32 },
    }
    Thunk::new(
        Frame::Start { items },
        |mut cx: Context<'_, Frame<_, _, _>, u32>| {
            let mut frame = cx.take();
            loop {
                frame = match frame {
                    Frame::Start { items } => {
                        let sum = 0;
                        let it = IntoIterator::into_iter(items);
                        Frame::For1 { it, sum }
                    }
                    Frame::For1 { mut it, sum } => match Iterator::next(&mut it) {
                        Some(x) => return cx.coop(Frame::Coop1 { it, sum, x }),
                        None => return cx.done(sum),
                    },
                    Frame::Coop1 { it, mut sum, x } => {
                        sum += x;
                        Frame::For1 { it, sum }
                    }
                }
            }
        },
    )
}

#[test]
fn impl_trait_arguments() {
    assert_eq!(total(vec![1, 2, 3]).run(), 6);
    assert_eq!(total((1..5).map(|x| x * 2)).run(), 20);
}
