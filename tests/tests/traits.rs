//! Traits: suspending methods required and provided, called through generics and through `dyn`.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    pub(super) trait Source: Send + Sync {
        #[cps]
        fn next(&mut self, log: &Log) -> Option<u32>;

        #[cps]
        fn name(&self) -> String {
            coop!();
            String::from("source")
        }

        fn plain(&self) -> u32 {
            1
        }

        #[cps]
        fn sum(&mut self, log: &Log) -> u32 {
            let mut sum = self.plain();
            while let Some(n) = call!(self.next(log)) {
                log.note(n);
                sum += n;
            }
            sum
        }
    }

    #[derive(Debug)]
    pub(super) struct Count(u32);

    #[cps]
    impl Source for Count {
        #[cps]
        fn next(&mut self, log: &Log) -> Option<u32> {
            let _guard = log.tracked(format!("count {}", self.0));
            coop!();
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
    }

    #[derive(Debug)]
    pub(super) struct Listed {
        items: Vec<u32>,
        held: Tracked,
    }

    #[cps]
    impl Source for Listed {
        #[cps]
        fn next(&mut self, log: &Log) -> Option<u32> {
            log.note(self.held.name());
            coop!();
            self.items.pop()
        }

        #[cps]
        fn name(&self) -> String {
            coop!();
            self.held.name().to_owned()
        }

        fn plain(&self) -> u32 {
            100
        }
    }

    #[cps]
    fn through_generics<S: Source>(log: &Log, mut source: S) -> (u32, String) {
        let first = call!(source.next(log)).unwrap_or(50);
        let sum = call!(source.sum(log));
        (first + sum, call!(source.name()))
    }

    #[cps]
    fn both_of_them(log: &Log) -> [(u32, String); 2] {
        let listed = Listed {
            items: vec![1, 2, 3],
            held: log.tracked("held"),
        };
        [
            call!(through_generics(log, Count(3))),
            call!(through_generics(log, listed)),
        ]
    }

    #[cps]
    fn through_dyn(log: &Log, mut source: Box<dyn Source>) -> (Option<u32>, String) {
        let next = call!(source.next(log));
        coop!();
        (next, call!(source.name()))
    }

    #[cps]
    fn dyn_of_each(log: &Log) -> (Option<u32>, String) {
        let held = log.tracked("held");
        let first = call!(through_dyn(log, Box::new(Count(1))));
        log.note(format!("{first:?}"));
        call!(through_dyn(
            log,
            Box::new(Listed {
                items: vec![9],
                held
            })
        ))
    }
}

#[test]
fn required_and_provided_methods() {
    assert_same!(|log| both_of_them(log));
}

#[test]
fn trait_objects() {
    assert_same!(|log| dyn_of_each(log));
}
