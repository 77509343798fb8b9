//! Borrows that have ended before a suspension, of locals that live on.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};
use std::collections::BTreeMap;

#[both]
mod cases {
    #[cps]
    fn of_an_entry(log: &Log, key: &'static str) -> usize {
        let mut map = BTreeMap::new();
        let count = map.entry(key).or_insert(0);
        *count += 1;
        coop!();
        log.note(map[key]);
        map.len()
    }

    #[cps]
    fn of_parts(log: &Log, mut pair: (String, Vec<Tracked>)) -> usize {
        let (name, list) = &mut pair;
        name.push('x');
        list.push(log.tracked(name.as_str()));
        coop!();
        let last = pair.1.last_mut().expect("one was pushed");
        last.touch();
        coop!();
        let (left, right) = pair.1.split_at_mut(1);
        std::mem::swap(&mut left[0], &mut right[0]);
        coop!();
        log.note(&pair.0);
        pair.1.len()
    }

    #[cps]
    fn in_turns(log: &Log, upto: usize) -> Vec<usize> {
        let mut list = vec![0];
        for n in 0..upto {
            let _turn = log.tracked("turn");
            let first = list.first_mut().expect("there is one");
            *first += n;
            coop!();
            list.push(n);
            let last = list.last_mut();
            if let Some(last) = last {
                *last += 1;
                coop!();
            }
        }
        list
    }
}

#[test]
fn before_a_suspension() {
    assert_same!(|log| of_an_entry(log, "key"));
    assert_same!(|log| of_parts(log, ("name".into(), vec![log.tracked("one")])));
    assert_same!(|log| in_turns(log, 3));
}
