//! Attributes, visibility and names of functions; functions in functions and in modules.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    /// Documented,
    /// # Twice
    #[doc(alias = "other")]
    #[cps]
    #[must_use]
    #[inline]
    #[doc = "thrice"]
    pub(super) fn attributes(#[allow(unused)] n: u32, #[allow(unused_variables)] m: u32) -> u32 {
        coop!();
        n
    }

    #[cps]
    #[allow(unused_variables, clippy::needless_return)]
    #[inline(always)]
    #[cfg(unix)]
    fn allowed(log: &Log, n: u32) -> u32 {
        let unused = 1;
        coop!();
        return n;
    }

    #[cps]
    #[cfg(any())]
    fn not_there() -> Missing {
        coop!();
    }

    #[cps]
    #[cold]
    #[track_caller]
    fn tracked(n: u32) -> u32 {
        coop!();
        n
    }

    #[allow(dead_code)]
    #[expect(clippy::too_many_arguments)]
    #[cps]
    fn too_many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
        coop!();
        a + b + c + d + e + f + g + h
    }

    #[cps]
    fn r#match(r#type: u32) -> u32 {
        coop!();
        r#type + 1
    }

    #[cps]
    fn calls_raw() -> u32 {
        call!(r#match(3)) + r#match(4)
    }

    pub(super) mod deep {
        pub(in super::super) mod deeper {
            use super::super::*;

            #[cps]
            pub(in super::super) fn inside(n: u32) -> u32 {
                if n == 0 {
                    0
                } else {
                    call!(super::super::outside(n - 1)) + 1
                }
            }
        }
        pub(super) use self::deeper::inside;
        pub(super) use self::deeper::inside as renamed;
    }

    use deep::renamed as twice_renamed;

    #[cps]
    fn outside(n: u32) -> u32 {
        if n == 0 {
            return 100;
        }
        coop!();
        call!(deep::inside(n - 1))
            + call!(deep::renamed(0))
            + call!(twice_renamed(0))
            + call!(deep::deeper::inside(0))
    }

    #[cps]
    fn with_locals_of_its_own(n: u32) -> u32 {
        #[cps]
        fn even(n: u32) -> bool {
            if n == 0 { true } else { call!(odd(n - 1)) }
        }
        #[cps]
        fn odd(n: u32) -> bool {
            if n == 0 { false } else { call!(even(n - 1)) }
        }
        mod inner {
            use super::*;
            #[cps]
            pub(super) fn three() -> u32 {
                coop!();
                3
            }
        }
        let yes = call!(even(n));
        coop!();
        if yes { call!(inner::three()) } else { 0 }
    }
}

#[test]
fn attributes_and_names() {
    assert_same!(|_log| attributes(1, 2));
    assert_same!(|log| allowed(log, 2));
    assert_same!(|_log| tracked(2));
    assert_same!(whole | _log | calls_raw());
    assert_same!(|_log| outside(6));
    assert_same!(|_log| with_locals_of_its_own(6));
}
