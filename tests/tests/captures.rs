//! Names that format strings capture, in std's macros and in those of others, and `self` among them.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

macro_rules! info {
    ($log:expr, $($words:tt)*) => {
        $log.note(format!($($words)*))
    };
}

macro_rules! bail {
    ($($words:tt)*) => {
        return Err(format!($($words)*))
    };
}

macro_rules! tokens {
    ($($token:tt)*) => {
        [$(stringify!($token)),*]
    };
}

#[both]
mod cases {
    #[cps]
    fn by_anothers_macro(log: &Log, n: u32, t: Tracked) -> Result<String, String> {
        let width = 4;
        let text = format!("<{n}>");
        coop!();
        info!(log, "{{n}} {text:>width$}");
        let n = n + 1;
        coop!();
        let first = call!(give(n));
        if first > 7 {
            bail!("{first} beside {t:?} is too {}", "much");
        }
        let other = log.tracked("other");
        {
            let n = log.tracked("inner");
            coop!();
            info!(log, r"{n:?} {other:?}");
        }
        coop!();
        Ok(text)
    }

    #[cps]
    fn no_format_string(n: u32) -> String {
        let a = vec![n];
        let kept = tokens!("{n}" r"{ n } \" "\u{a}{n}" "{" 'n');
        coop!();
        let words = (stringify!(r"{n}"), concat!("{n}", 1), kept);
        drop(a);
        coop!();
        format!("{words:?} {n}\u{a}")
    }

    #[derive(Clone, Debug)]
    struct Counter {
        count: u32,
    }

    #[cps]
    impl Counter {
        #[cps]
        fn shown(&self) -> String {
            coop!();
            format!("{self:?}")
        }

        #[cps]
        fn beside_this(mut self, log: &Log) -> String {
            let this = log.tracked("this");
            let text = format!("{self:?}");
            coop!();
            self.count += 1;
            let show = || format!("{self:?} {this:?}");
            let last = show();
            coop!();
            info!(log, "{this:?} {last}");
            text + &format!("{self:?} {}", call!(self.shown()))
        }

        #[cps]
        fn changed(&mut self, log: &Log) {
            for turn in 0..3 {
                info!(log, "{turn} {self:?}");
                coop!();
                self.count += turn;
            }
        }
    }

    #[cps]
    fn methods(log: &Log) -> String {
        let mut counter = Counter { count: 3 };
        call!(counter.changed(log));
        let text = call!(counter.shown());
        text + &call!({ counter }.beside_this(log))
    }
}

#[test]
fn names_of_locals() {
    for n in [5, 7] {
        assert_same!(|log| by_anothers_macro(log, n, log.tracked("t")));
    }
}

#[test]
fn text_that_is_no_format_string() {
    assert_same!(|_log| no_format_string(7));
}

#[test]
fn self_is_captured() {
    assert_same!(|log| methods(log));
}
