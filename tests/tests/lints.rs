//! The functions of `behaviour::lints`, which compile without a warning, also run.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::lints::{
    Holder, add, choose, count, fib, fill, filled, first_word, reversed, show, sum, trim,
    unsuspended, uses_private,
};
use insideout::thunk;

#[test]
fn they_compute_what_they_say() {
    assert_eq!(add(1, 2), 3);
    assert_eq!(unsuspended("a"), "a!");
    assert_eq!(count([1, 2, 3]), 3);
    assert_eq!(first_word("two words", "none"), "two");
    assert_eq!(first_word("one", "none"), "none");
    assert_eq!(trim(" text "), "text");
    assert_eq!(sum(&["1", "2"]), Ok(3));
    assert_eq!(sum(&["999", "2", "x"]), Ok(1001));
    assert!(sum(&["1", "x"]).is_err());
    assert_eq!(filled(), [7; 3]);
    assert_eq!(reversed("text"), "txet");
    assert_eq!(show(&'x', 5), "xxx0");
    assert_eq!([None, Some(0), Some(1), Some(6)].map(choose), [2, 9, 2, 7]);
    assert_eq!(fib(10), 55);
    assert_eq!(uses_private(2), 5);
}

#[test]
fn their_thunks_do_too() {
    let mut slots = [0; 2];
    thunk!(fill(&mut slots, 3)).run();
    assert_eq!(slots, [3; 2]);
    let mut holder = Holder::new();
    assert_eq!(thunk!(holder.put(1)).run(), None);
    assert_eq!(thunk!(holder.put(2)).run(), Some(1));
    assert_eq!(thunk!(holder.get()).run(), Some(&2));
    assert_eq!(thunk!(holder.take()).run(), Some(2));
    behaviour::lints::nothing();
    thunk!(behaviour::lints::unused(1, "unused", vec![2])).run();
}
