//! Types that only code before a suspension tells of locals that are assigned behind it: they are
//! the same there.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::needless_late_init, clippy::redundant_locals)]

use behaviour::{Log, Tracked, assert_same, both};
use std::mem::size_of_val;

#[both]
mod cases {
    #[cps]
    fn given_away_and_assigned(log: &Log) -> usize {
        let mut n = 200u8;
        log.note(call!(give(n)));
        n = 100;
        log.note(size_of_val(&n));
        let mut o = Some((1u8, log.tracked("o")));
        drop(o);
        coop!();
        coop!();
        o = Some((3, log.tracked("new")));
        log.note(size_of_val(&o));
        size_of_val(&n)
    }

    #[cps]
    fn given_away_on_some_ways(log: &Log, yes: bool, t: Tracked) {
        let mut o = (t, 1u8);
        if yes {
            drop(o);
        }
        coop!();
        o = (log.tracked("new"), 2);
        log.note(size_of_val(&o.1));
        coop!();
        o.0.touch();
    }

    #[cps]
    fn assigned_on_one_way_only(log: &Log, yes: bool) -> usize {
        let n;
        if yes {
            n = 5u8;
            coop!();
            log.note(n);
            1
        } else {
            coop!();
            n = 7;
            size_of_val(&n)
        }
    }

    #[cps]
    fn beside_others_of_the_name(log: &Log, turns: u32) -> usize {
        let mut n = 200u8;
        log.note(n);
        log.note(give(n));
        let mut i = 0;
        while i < turns {
            i += 1;
            let n = "inner";
            coop!();
            log.note(n);
            {
                let n = (i, n);
                coop!();
                log.note(n.1);
            }
        }
        n = 7;
        size_of_val(&n)
    }

    #[cps]
    fn in_a_loop_that_carries(log: &Log, all: [u32; 64], turns: u32) -> u32 {
        let mut sum = 0;
        let mut list = vec![1u8];
        drop(list);
        for turn in 0..turns {
            coop!();
            list = all.iter().map(|n| (n % 7) as _).collect();
            sum += all[turn as usize] + u32::from(list[0]);
            coop!();
            drop(list);
        }
        list = [1, 2].into_iter().collect();
        log.note(list.len());
        sum
    }

    #[cps]
    fn borrowed_from_a_local(_log: &Log, list: Vec<u32>) -> u32 {
        let mut largest = list.iter().max();
        let taken = largest;
        let copied = taken.copied();
        coop!();
        let list = list;
        largest = list.iter().min();
        copied.unwrap_or(0) - largest.copied().unwrap_or(0)
    }

    #[cps]
    fn told_in_a_loop(upto: usize) -> usize {
        let mut all = Vec::new();
        while all.len() < upto {
            coop!();
            all.push(String::from("words"));
        }
        all.iter().map(|one| one.len()).sum()
    }

    #[cps]
    fn told_where_a_turn_ends(log: &Log, bytes: &[u8]) -> u32 {
        let mut last = None;
        let mut room = [0u32; 64];
        let mut at = 0;
        loop {
            if at == bytes.len() {
                break;
            }
            at += 1;
            match bytes[at - 1] {
                b'!' => {
                    coop!();
                    last = Some((at as u8, 2));
                    coop!();
                    continue;
                }
                other => log.note(other),
            }
            if last.is_some_and(|(one, _)| one.count_ones() > 1) {
                coop!();
                room[at] += 1;
            }
        }
        room.iter().sum()
    }

    /// Those that a pattern binds, each by its own value.
    #[cps]
    fn told_of_several(log: &Log, bytes: &[u8]) -> u32 {
        let (mut last, mut at) = (None, 0);
        let ((mut ends, _), [mut first, ..]): ((Vec<_>, u8), _) =
            ((Vec::new(), 1), [None, Some(5)]);
        loop {
            if at == bytes.len() {
                break;
            }
            at += 1;
            match bytes[at - 1] {
                b'!' => {
                    coop!();
                    last = Some((at as u8, 2));
                    ends.push(at as u8);
                    first = first.or(Some(7u8));
                    coop!();
                    continue;
                }
                other => log.note(other),
            }
            if last.is_some_and(|(one, _)| one.count_ones() > 1) {
                coop!();
                log.note(ends.iter().map(|one| one.count_ones()).sum::<u32>());
                log.note(first.map_or(0, |one| one.count_ones()));
            }
        }
        last.map_or(0, |(one, two)| u32::from(one) + two)
    }

    #[cps]
    fn told_of_elements(log: &Log, yes: bool) -> u32 {
        let mut slots = [None; 2];
        let (mut others, [.., (mut last, n)]): ((Vec<_>, u8), _) =
            ((vec![], 1), [(None, 1), (None, 2)]);
        if yes {
            coop!();
            slots[1] = Some(7u8);
            others.0.push([1u8]);
            last = Some(5u8);
            coop!();
            log.note(slots.len() + others.0.len());
            return last.map_or(0, |one| one.count_ones());
        }
        let others: u32 = others.0.iter().map(|one| one[0].count_ones()).sum();
        let last = last.map_or(n, |one| one.count_ones());
        slots[1].map_or(0, |one| one.count_ones()) + others + last
    }

    #[cps]
    fn told_where_it_returns(log: &Log, yes: bool) -> Option<usize> {
        let mut found = None;
        let mut texts: Vec<_> = Vec::new();
        if yes {
            coop!();
            found = Some(String::from("found"));
            texts.extend(found.clone());
            coop!();
            log.note(texts.len());
            return None;
        }
        found.map(|text| text.len() + texts.iter().map(|one| one.len()).sum::<usize>())
    }
}

#[test]
fn types_are_those_of_the_function() {
    assert_same!(|log| given_away_and_assigned(log));
    for yes in [false, true] {
        assert_same!(|log| given_away_on_some_ways(log, yes, log.tracked("t")));
        assert_same!(|log| assigned_on_one_way_only(log, yes));
    }
    for turns in 0..3 {
        assert_same!(whole | log | beside_others_of_the_name(log, turns));
        assert_same!(|log| in_a_loop_that_carries(log, [5; 64], turns));
    }
}

#[test]
fn borrows_end_as_ever() {
    assert_same!(|log| borrowed_from_a_local(log, vec![3, 1, 2]));
}

#[test]
fn types_that_are_told_late() {
    for upto in [0, 2] {
        assert_same!(|_log| told_in_a_loop(upto));
    }
    for text in ["", "ab!c", "!!!abc"] {
        assert_same!(|log| told_where_a_turn_ends(log, text.as_bytes()));
        assert_same!(|log| told_of_several(log, text.as_bytes()));
    }
    for yes in [false, true] {
        assert_same!(|log| told_of_elements(log, yes));
        assert_same!(|log| told_where_it_returns(log, yes));
    }
}
