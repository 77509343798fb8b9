//! The options of `#[cps(..)]`: alone, together, and in blocks. What they refuse is in `ui-tests`.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::rc::Rc;

use insideout::prelude::*;

const WORD: usize = size_of::<usize>();

#[cps(fits = 24)]
fn empty() {
    coop!();
    coop!();
}

#[cps(fits = 3 * WORD + 16)]
fn holds(a: u64) -> u64 {
    let b = a * 2;
    coop!();
    a + b
}

#[cps(local, fits = 40, crate = ::insideout,)]
fn stays(text: Rc<str>) -> usize {
    coop!();
    text.len()
}

#[cps(fits = 2 * WORD + N + 8)]
fn generic<T: Send, const N: usize>(items: [T; N]) -> usize {
    coop!();
    drop(items);
    N
}

struct Held([u8; 8]);

#[cps(crate = insideout)]
trait Boxed {
    #[cps(fits = 40)]
    fn first(&self) -> u8;

    #[cps(fits = 40)]
    fn twice(&self) -> u8 {
        coop!();
        call!(self.first()) * 2
    }

    #[cps(local, fits = 48)]
    fn shared(&self) -> Rc<u8> {
        let first = Rc::new(call!(self.first()));
        coop!();
        first
    }
}

#[cps(crate = ::insideout)]
impl Boxed for Held {
    #[cps(fits = 32)]
    fn first(&self) -> u8 {
        coop!();
        self.0[0]
    }
}

#[test]
fn what_fits_runs() {
    let thunk = thunk!(empty());
    assert_eq!(thunk.size(), 24);
    thunk.run();
    assert!(thunk!(holds(2)).size() <= 40);
    assert_eq!(holds(2), 6);
    assert_eq!(stays("text".into()), 4);
    assert_eq!(generic([1_u8; 8]), 8);
    let held = Held([3; 8]);
    assert_eq!((held.twice(), *held.shared()), (6, 3));
}
