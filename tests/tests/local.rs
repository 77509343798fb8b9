//! `#[cps(local)]` computes what a blocking function does, with locals that cannot change threads.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::Rc;

use behaviour::{Log, both};

type Shared<T> = Rc<RefCell<T>>;

#[both]
mod cases {
    #[cps(local)]
    fn push(list: &Shared<Vec<u32>>, item: u32) -> usize {
        let mut held = list.borrow_mut();
        coop!();
        held.push(item);
        coop!();
        held.len()
    }

    #[cps(local)]
    fn fill(log: &Log, list: Shared<Vec<u32>>, upto: u32) -> Rc<str> {
        let _guard = log.tracked("guard");
        let mut last = Rc::new(Cell::new(0));
        for item in 0..upto {
            let len = call!(push(&list, item));
            last = Rc::new(Cell::new(last.get() + len));
            log.note(format!("{len} {}", last.get()));
        }
        coop!();
        Rc::from(format!("{:?} {}", list.borrow(), last.get()))
    }

    #[cps(local)]
    fn bump(counter: &mut Rc<u32>, text: &mut Rc<String>) {
        coop!();
        *Rc::make_mut(counter) += 1;
        Rc::make_mut(text).push('x');
    }

    #[cps(local)]
    fn bumped(log: &Log) -> (Rc<u32>, Rc<String>) {
        let (mut counter, mut text) = (Rc::new(0), Rc::new(String::new()));
        let before = text.clone();
        while *counter < 3 {
            call!(bump(&mut counter, &mut text));
            log.note(&text);
        }
        assert!(before.is_empty());
        (counter, text)
    }
}

fn same<T: Debug + PartialEq>(plain: impl Fn(&Log) -> T, moved: impl Fn(&Log) -> T) {
    let (blocking, suspended) = (Log::forever(), Log::forever());
    assert_eq!(plain(blocking), moved(suspended));
    assert_eq!(blocking.events(), suspended.events());
}

#[test]
fn guards_and_counted_references_are_held_across_suspensions() {
    let list = || Rc::new(RefCell::new(vec![9]));
    same(
        |log| plain::fill(log, list(), 3),
        |log| moved::fill(log, list(), 3),
    );
    same(plain::bumped, moved::bumped);
}
