//! Functions that macros write.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(dead_code)] // The halves call each other's siblings only.

use behaviour::{Log, assert_same, both};

macro_rules! counting {
    ($(#[$meta:meta])* $name:ident($($p:ident: $t:ty),*) -> $r:ty $body:block) => {
        #[cps]
        $(#[$meta])*
        pub(super) fn $name($($p: $t),*) -> $r {
            let mut frame = 0;
            while frame < 3 {
                frame += 1;
                coop!();
            }
            let after = $body;
            coop!();
            after + frame
        }
    };
}

macro_rules! suspension {
    ($name:ident) => {
        macro_rules! $name {
            () => {
                7
            };
        }
    };
}

#[both]
mod cases {
    suspension!(seven);

    counting! {
        /// Squares.
        square(n: u32) -> u32 { n * n }
    }
    counting!(clash(frame: u32, after: u32) -> u32 { frame * frame + after + seven!() });
    counting!(suspends(log: &Log, n: u32) -> u32 {
        let guard = log.tracked("guard");
        coop!();
        if n == 3 { return 1; }
        guard.touch();
        call!(square(n))
    });

    macro_rules! family {
        ($($name:ident $value:literal),*) => {
            $(
                #[cps]
                fn $name(log: &Log, mut n: u32) -> u32 {
                    for i in 0..$value {
                        log.note(i);
                        coop!();
                        n += i + $value;
                    }
                    n
                }
            )*
            #[cps]
            pub(super) fn all(log: &Log) -> u32 {
                let mut sum = 0;
                $(sum += call!($name(log, sum));)*
                sum
            }
        };
    }
    family!(one 1, two 2, three 3);

    macro_rules! methods {
        ($type:ident, $($name:ident: $ty:ty),*) => {
            #[derive(Debug, Default)]
            struct $type { $($name: $ty),* }
            #[cps]
            impl $type {
                $(
                    #[cps]
                    fn $name(&mut self, value: $ty) -> $ty {
                        coop!();
                        std::mem::replace(&mut self.$name, value)
                    }
                )*
            }
        };
    }
    methods!(Settings, depth: u32, name: String);

    #[cps]
    fn settings() -> String {
        let mut settings = Settings::default();
        call!(settings.depth(3));
        call!(settings.name("x".to_owned()));
        let name = call!(settings.name("y".to_owned()));
        let depth = call!(settings.depth(5));
        format!("{settings:?} {name} {depth}")
    }
}

#[test]
fn functions_written_by_macros() {
    assert_same!(|_log| square(3));
    assert_same!(|_log| clash(3, 4));
    assert_same!(|log| suspends(log, 3));
    assert_same!(|log| suspends(log, 4));
    assert_same!(|log| all(log));
    assert_same!(|_log| settings());
}
