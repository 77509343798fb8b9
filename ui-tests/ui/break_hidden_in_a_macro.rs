//! What the macro hides would leave a loop that suspends, or begin its next turn.

use insideout::prelude::*;

macro_rules! stop_if {
    ($cond:expr) => {
        if $cond {
            break;
        }
    };
}

macro_rules! next {
    () => {
        continue
    };
}

#[cps]
fn stops(upto: u32) {
    let mut n = 0;
    loop {
        coop!();
        n += 1;
        stop_if!(n == upto);
    }
}

#[cps]
fn goes_on() {
    loop {
        if std::env::args().count() == 1 {
            next!();
        }
        coop!();
        next!();
    }
}

fn main() {}
