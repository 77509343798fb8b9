//! Runs the comparisons that it is asked for by number, and says of each how it ended.

#![allow(warnings)]

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

mod prelude;
// The programs' modules follow here.

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    for wanted in std::env::args().skip(1) {
        let (name, compare) = PROGRAMS.iter().find(|(name, _)| *name == wanted).expect("a program");
        println!("begin {name}");
        match catch_unwind(AssertUnwindSafe(compare)) {
            Ok(()) => println!("same"),
            Err(payload) => {
                let text = payload.downcast_ref::<String>().cloned();
                let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()));
                println!("differs {}", text.unwrap_or_default().replace('\n', "\u{b6}"));
            }
        }
        std::io::stdout().flush().expect("somebody listens");
    }
}
