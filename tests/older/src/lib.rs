//! A crate of an older edition: what is a word of the language now may be a name there, and the
//! expansions know it.

#![forbid(unsafe_code)]
#![deny(warnings)]

use insideout::prelude::*;

/// Adds to each number what is generated for it.
#[cps]
pub fn add_generated(gen: &mut (dyn FnMut() -> u32 + Send), list: Vec<u32>) -> Vec<u32> {
    let mut sums = Vec::new();
    for n in list {
        #[cfg(not(windows))]
        coop!();
        #[cfg(windows)]
        let gen = n;
        sums.push(format!("{}", n + gen()).parse().unwrap());
        let gen = gen();
        coop!();
        sums.push(gen);
    }
    sums
}

#[test]
fn names_that_are_words_now() {
    let mut n = 0;
    let mut next = || {
        n += 1;
        n
    };
    assert_eq!(add_generated(&mut next, vec![10, 20]), [11, 2, 23, 4]);
}
