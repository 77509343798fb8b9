//! Names: what the user calls things never meets what the expansion calls things.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::never_loop, clippy::while_immutable_condition)]

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn locals(log: &Log) -> u32 {
        let cx = 1;
        let frame = 2;
        let ret = call!(give(3));
        let value = 4;
        let iter = 5;
        let next = call!(give(6)) + ret;
        coop!();
        let this = cx + frame;
        let give_ = value + iter;
        let state = call!(give(this)) + next;
        let body = 7;
        let step = call!(give(body)) + give_;
        let cell = 8;
        let leg = state;
        let start = step;
        coop!();
        let keep = leg + cell;
        let residual = call!(give(start));
        let output = residual + keep;
        let taken = call!(give(output));
        let arg0 = call!(give(1));
        let operand = arg0 + call!(give(taken));
        let (token, item, callee) = (call!(give(operand)), 9, call!(give(10)));
        log.note(token + item + callee + value + iter + frame + cx + ret);
        token
    }

    #[cps]
    fn macros(call: u32, coop: u32) -> u32 {
        coop!();
        let thunk = call!(give(coop));
        thunk + call
    }

    #[cps]
    fn parameters(cx: u32, frame: Vec<u32>, ret: &str, value: Option<u32>, iter: u32) -> u32 {
        coop!();
        let mut sum = call!(give(cx)) + iter;
        for next in frame {
            coop!();
            sum += next;
        }
        if let Some(value) = call!(give(value)) {
            sum += value;
        }
        sum + ret.len() as u32
    }

    #[cps]
    fn underscored(log: &Log) -> u32 {
        let _cx = 1;
        let __frame = 2;
        let _ret = call!(give(3));
        let __value = log.value("value", _cx + __frame);
        let __0 = 7;
        coop!();
        _ret + __value + __0 + call!(give(_cx))
    }

    #[cps]
    fn raw(r#type: u32, r#match: &str) -> u32 {
        let r#fn = r#type + 1;
        coop!();
        let r#loop = call!(give(r#fn));
        'r#while: loop {
            coop!();
            break 'r#while;
        }
        r#loop + r#match.len() as u32
    }

    #[cps]
    fn labels(log: &Log) -> u32 {
        let mut n = 0;
        'cps: loop {
            'frame: loop {
                coop!();
                n += 1;
                if n < 3 {
                    continue 'cps;
                }
                break 'frame;
            }
            'l: for i in 0..2 {
                coop!();
                'leg: while i == 1 {
                    coop!();
                    break 'leg;
                }
                continue 'l;
            }
            break 'cps;
        }
        let value = 'body: {
            coop!();
            if n == 3 {
                break 'body 5;
            }
            6
        };
        log.note(value);
        n + value
    }

    #[cps]
    fn non_ascii(größe: u32) -> u32 {
        let 長さ = größe + 1;
        coop!();
        call!(give(長さ)) * größe
    }

    #[cps]
    fn generics<A: Send, F: Send, T: Send, N: Send>(a: A, f: F, t: T, n: N) -> (A, F, T, N) {
        coop!();
        let a = call!(give(a));
        let n = call!(give(n));
        (a, f, t, n)
    }

    #[cps]
    fn generics_of_the_callee<Frame: Send, Context: Send, R: Send + Default>(
        frame: Frame,
        context: Context,
    ) -> (Frame, Context, R) {
        let frame = call!(give::<Frame>(frame));
        let made: R = call!(give(R::default()));
        coop!();
        (frame, context, made)
    }

    #[cps]
    fn lifetimes<'leg, 'frame: 'leg, 'a>(
        leg: &'leg str,
        frame: &'frame str,
        _: &'a str,
    ) -> &'leg str {
        coop!();
        if call!(give(leg.len())) > 1 {
            leg
        } else {
            frame
        }
    }

    #[cps]
    fn calls_generics() -> (u8, (u16, char, bool)) {
        let (a, _, _, n) = call!(generics(1, 'f', "t", 2u16));
        let (frame, context, made) = call!(generics_of_the_callee::<_, _, bool>(n, 'c'));
        (a, (frame, context, made))
    }

    /// Locals with the names of what the expansion binds around them.
    #[cps]
    fn around(log: &Log, callee: u32, held: String, never: Option<u32>) -> Result<u32, u32> {
        let unused = callee;
        let (verdict, message, handle, mailbox, index) = (1, 2, 3, 4, 5);
        let value_2 = call!(give(verdict)) + call!(give(message));
        let Some(result) = never else {
            call!(give(held.len()));
            return Err(value_2 + unused);
        };
        let turn = 'exit1: {
            'next1: loop {
                coop!();
                if result > 1 {
                    break 'exit1 handle;
                }
                break 'next1;
            }
            mailbox
        };
        coop!();
        log.note(held);
        let residual = call!(give(Ok::<u32, u32>(turn)))?;
        Ok(residual + index + result + callee)
    }

    /// Types, generics and constants with the names of what the expansion makes.
    #[allow(dead_code)]
    pub(super) mod made {
        use super::*;

        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Attempt {
            Start,
            Coop1,
            Call1,
        }
        use Attempt::{Call1, Coop1, Start};
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct MustDiverge;
        pub(crate) struct Infallible;
        pub(crate) struct ControlFlow;
        pub(crate) struct Site;
        pub(crate) mod points {}
        pub(crate) mod result {}
        pub(crate) const VALUE: u32 = 4;
        pub(crate) fn value() -> u32 {
            1
        }
        pub(crate) fn frame() -> u32 {
            2
        }
        pub(crate) fn cx() -> u32 {
            3
        }
        pub(crate) fn take() -> u32 {
            4
        }

        #[cps]
        fn generic<Start: Send, Kept: Send, const FRAME: usize>(
            value: Start,
            list: [Kept; FRAME],
        ) -> (Start, usize) {
            let held = list.len();
            coop!();
            (call!(give(value)), held + FRAME)
        }

        #[cps]
        pub(crate) fn used(log: &Log, n: Option<u32>) -> u32 {
            let states = [Start, Coop1, Call1];
            let Some(n) = n else {
                coop!();
                log.note(format!("{states:?} {MustDiverge:?}"));
                return value() + frame() + cx() + take();
            };
            let (first, rest) = call!(generic(states[0], [n, VALUE]));
            log.note(format!("{first:?}"));
            rest as u32
        }
    }

    /// Types that have the names of what the expansion uses.
    pub(super) mod types {
        use super::*;

        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(crate) struct Frame(u32);
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Context;
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Thunk;
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Leg;
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Ret;
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Keep;
        pub(crate) trait KeepDrop {
            fn keep(self) -> u32;
        }
        impl KeepDrop for Frame {
            fn keep(self) -> u32 {
                self.0
            }
        }
        pub(crate) trait Try {
            fn branch(self) -> u32;
        }
        impl Try for Frame {
            fn branch(self) -> u32 {
                self.0 * 2
            }
        }

        #[cps]
        pub(crate) fn used(log: &Log, frame: Frame) -> (Frame, u32) {
            let all = (Context, Thunk, Leg, Ret, Keep);
            coop!();
            log.note(format!("{all:?}"));
            let n = call!(give(frame.keep())) + frame.branch();
            let checked: Option<u32> = call!(optional(log, frame));
            coop!();
            (Frame(n), checked.map_or(0, |n| n + 1))
        }

        #[cps]
        fn optional(log: &Log, frame: Frame) -> Option<u32> {
            let n = call!(give(frame.0.checked_sub(1)))?;
            log.note(n);
            Some(n)
        }

        #[cps]
        pub(crate) fn made(log: &Log, n: u32) -> (Frame, u32) {
            call!(used(log, Frame(n)))
        }
    }

    /// std's names, taken.
    #[allow(dead_code)]
    pub(super) mod shadows {
        use super::*;

        pub(crate) struct Some<T>(pub(crate) T);
        pub(crate) struct None;
        #[allow(non_snake_case)]
        pub(crate) fn Ok(n: u32) -> u32 {
            n + 1
        }
        #[allow(non_snake_case)]
        pub(crate) fn Err(n: u32) -> u32 {
            n + 2
        }
        pub(crate) struct Option;
        pub(crate) struct Result;
        pub(crate) struct Box;
        pub(crate) struct Iterator;
        pub(crate) struct IntoIterator;
        pub(crate) trait FnOnce {}
        pub(crate) trait Send {}
        pub(crate) trait Copy {}
        pub(crate) fn drop(n: u32) -> u32 {
            n
        }
        macro_rules! unreachable {
            () => {
                7
            };
        }

        #[cps]
        pub(crate) fn used(log: &Log, text: &str) -> std::option::Option<u32> {
            let mut sum = Ok(1) + Err(2) + unreachable!();
            for letter in text.chars() {
                coop!();
                sum += letter.to_digit(10)?;
            }
            while let std::option::Option::Some(rest) = sum.checked_sub(10) {
                coop!();
                sum = rest;
            }
            let some = Some(sum);
            let taken = if sum > 3 { Some(drop(sum)) } else { some };
            coop!();
            log.note(taken.0);
            std::option::Option::Some(call!(super::give(taken.0)))
        }
    }

    /// Modules that have the names of crates.
    pub(super) mod crates {
        use super::*;

        #[allow(dead_code)]
        mod std {}
        #[allow(dead_code)]
        mod core {}
        #[allow(dead_code)]
        mod insideout {}
        #[allow(dead_code)]
        mod expansion {}

        #[cps]
        pub(crate) fn used(log: &Log, upto: u32) -> u32 {
            let mut sum = 0;
            for n in 0..upto {
                coop!();
                sum += n;
            }
            log.note(sum);
            call!(give(sum))
        }
    }
}

/// Functions that a macro writes, with names from both sides.
mod generated {
    use insideout::prelude::*;

    macro_rules! counting {
        ($name:ident, $limit:expr, $parameter:ident: $type:ty, $body:block) => {
            #[cps]
            pub(crate) fn $name($parameter: $type) -> $type {
                let mut frame = 0;
                while frame < $limit {
                    frame += 1;
                    coop!();
                }
                let after = $body;
                coop!();
                after + frame
            }
        };
    }

    counting!(double, 3, n: u32, { n * 2 });
    counting!(square, 2 + 2, frame: u64, { frame * frame });

    macro_rules! counting {
        ($name:ident, $value:expr) => {
            #[cps]
            pub(crate) fn $name() -> u32 {
                let value = 1;
                coop!();
                call!(double($value)) + value
            }
        };
    }

    counting!(seven, 3 - 1);

    pub(crate) struct Counter(pub(crate) u32);

    /// The attribute is the macro's word, `self` is not.
    macro_rules! method {
        ($name:ident, $me:ident, $value:expr) => {
            impl Counter {
                #[cps]
                pub(crate) fn $name(&mut $me, by: u32) -> u32 {
                    #[cfg(all())]
                    coop!();
                    $me.0 += by;
                    coop!();
                    $value
                }
            }
        };
    }

    method!(add, self, self.0);
}

#[test]
fn locals_parameters_and_labels() {
    assert_same!(|log| locals(log));
    assert_same!(|_log| macros(1, 2));
    assert_same!(|_log| parameters(1, vec![2, 3], "four", Some(5), 6));
    assert_same!(|log| underscored(log));
    assert_same!(|_log| raw(1, "two"));
    assert_same!(|log| labels(log));
    assert_same!(|_log| non_ascii(3));
    assert_same!(|log| around(log, 1, "held".into(), Some(1)));
    assert_same!(|log| around(log, 1, "held".into(), Some(2)));
    assert_same!(|log| around(log, 1, "held".into(), None));
}

#[test]
fn generics_and_lifetimes() {
    assert_same!(|_log| calls_generics());
    assert_same!(|_log| lifetimes("leg", "frame", "a"));
}

#[test]
fn types_traits_and_modules() {
    assert_same!(|log| types::made(log, 4));
    assert_same!(|log| made::used(log, Some(4)));
    assert_same!(|log| made::used(log, None));
    assert_same!(|log| shadows::used(log, "123"));
    assert_same!(|log| shadows::used(log, "1x3"));
    assert_same!(|log| crates::used(log, 3));
}

#[test]
fn functions_written_by_macros() {
    assert_eq!(generated::double(5), 13);
    assert_eq!(generated::square(5), 29);
    assert_eq!(generated::seven(), 8);
    assert_eq!(generated::Counter(3).add(4), 7);
}
