//! `?` in expansions does what `?` does.
#![forbid(unsafe_code)]

use core::ops::ControlFlow;
use core::task::Poll;
use std::num::ParseIntError;

use cps_core::expansion::{FromResidual, Try};

/// What the macro makes of `$value?`.
macro_rules! attempt {
    ($value:expr) => {
        match Try::branch($value) {
            ControlFlow::Continue(value) => value,
            ControlFlow::Break(residual) => return FromResidual::from_residual(residual),
        }
    };
}

/// The same body with `?` and with its expansion.
macro_rules! both {
    (($($arg:ident: $type:ty),*) -> $out:ty { $($body:tt)* }) => {{
        fn plain($($arg: $type),*) -> $out {
            macro_rules! q { ($value:expr) => { $value? }; }
            $($body)*
        }
        fn expanded($($arg: $type),*) -> $out {
            macro_rules! q { ($value:expr) => { attempt!($value) }; }
            $($body)*
        }
        (plain as fn($($type),*) -> $out, expanded as fn($($type),*) -> $out)
    }};
}

#[test]
fn options() {
    let (plain, expanded) = both!((a: Option<u8>) -> Option<u16> { Some(q!(a) as u16 + 1) });
    for a in [None, Some(3)] {
        assert_eq!(plain(a), expanded(a));
    }
}

#[test]
fn results_convert_their_error() {
    let (plain, expanded) = both!((a: &str) -> Result<i32, Box<dyn std::error::Error>> { Ok(q!(a.parse::<i32>()) + 1) });
    for a in ["1", "x", ""] {
        assert_eq!(
            plain(a).map_err(|e| e.to_string()),
            expanded(a).map_err(|e| e.to_string())
        );
    }
}

#[test]
fn the_type_of_a_parse_is_inferred_from_what_follows() {
    let (plain, expanded) = both!((a: &str) -> Result<u8, ParseIntError> {
        let n: u8 = q!(a.parse());
        Ok(n)
    });
    assert_eq!(plain("300"), expanded("300"));
    assert_eq!(plain("30"), expanded("30"));
}

#[test]
fn control_flow() {
    let (plain, expanded) = both!((a: ControlFlow<u8, u16>) -> ControlFlow<u8, u32> {
        ControlFlow::Continue(q!(a) as u32)
    });
    for a in [ControlFlow::Break(1), ControlFlow::Continue(2)] {
        assert_eq!(plain(a), expanded(a));
    }
}

#[test]
fn polls() {
    type Inner = Poll<Result<u8, u8>>;
    let (plain, expanded) = both!((a: Inner) -> Poll<Result<u16, u16>> {
        q!(a).map(|n| Ok(n as u16))
    });
    for a in [Poll::Pending, Poll::Ready(Ok(1)), Poll::Ready(Err(2))] {
        assert_eq!(plain(a), expanded(a));
    }
    type Stream = Poll<Option<Result<u8, u8>>>;
    let (plain, expanded) = both!((a: Stream) -> Poll<Option<Result<u16, u16>>> {
        q!(a).map(|n| n.map(|n| Ok(n as u16)))
    });
    for a in [
        Poll::Pending,
        Poll::Ready(None),
        Poll::Ready(Some(Ok(1))),
        Poll::Ready(Some(Err(2))),
    ] {
        assert_eq!(plain(a), expanded(a));
    }
}
