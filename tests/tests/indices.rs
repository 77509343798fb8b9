//! References to elements whose index changes while they are held.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::needless_range_loop)]

use behaviour::{Log, Tracked, assert_same, both};
use std::collections::BTreeMap;

#[both]
mod cases {
    #[cps]
    fn words(text: &str) -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        let mut words = Vec::new();
        let mut at = 0;
        while at < letters.len() {
            let rest = &letters[at..];
            coop!();
            let end = rest.iter().position(|letter| *letter == ' ');
            at += end.unwrap_or(rest.len());
            let letters = &rest[..end.unwrap_or(rest.len())];
            coop!();
            words.push(letters.iter().collect());
            at += 1;
        }
        words
    }

    #[cps]
    fn slices_of_slices(
        log: &Log,
        mut node: &'static [Vec<u32>],
        other: &'static [Vec<u32>],
    ) -> u32 {
        let own = vec![log.tracked("a"), log.tracked("b"), log.tracked("c")];
        let all = &own;
        let rest = &all[1..];
        coop!();
        let last = &rest[1..];
        let list = &node[0];
        coop!();
        let names = &last[0];
        node = other;
        let numbers = &list[1..];
        coop!();
        names.touch();
        let number = &numbers[0];
        coop!();
        *number + node[0][0]
    }

    #[cps]
    fn exclusive(log: &Log, mut grid: [[u32; 3]; 2], mut list: Vec<Tracked>) -> [[u32; 3]; 2] {
        let (mut x, mut y) = (0, 1);
        let cell = &mut grid[y][x];
        (x, y) = (2, 0);
        coop!();
        *cell = 7;
        let row = &mut grid[y][..x];
        x = 1;
        coop!();
        row[x] = 9;
        let mut last = list.len();
        let tail = &mut list[last - 1..last];
        last -= 1;
        coop!();
        tail[0].rename("last");
        log.note(last);
        grid
    }

    #[cps]
    fn in_order(log: &Log, list: Vec<u32>, from: usize) -> u32 {
        let mut by = (from, 200u8);
        let one = &list[by.0];
        by.0 += 1;
        coop!();
        log.note(one);
        let other = &list[by.0 + by.1 as usize * 2];
        by.1 = 0;
        coop!();
        *other + u32::from(by.1)
    }

    #[cps]
    fn keys(log: &Log, map: BTreeMap<&'static str, Tracked>) {
        let mut key = "a";
        let first = &map[key];
        key = "b";
        coop!();
        first.touch();
        let second = &map[key];
        log.note(key);
        coop!();
        second.touch();
    }
}

#[test]
fn shared() {
    assert_same!(|_log| words("some of the words"));
}

#[test]
fn of_references() {
    let lists: &[Vec<u32>] = behaviour::forever([vec![1, 2], vec![30, 40]]);
    assert_same!(|log| slices_of_slices(log, lists, &lists[1..]));
}

#[test]
fn of_an_exclusive_borrow() {
    assert_same!(|log| exclusive(log, [[1; 3]; 2], vec![log.tracked("a"), log.tracked("b")]));
}

#[test]
fn out_of_bounds() {
    for from in [0, 1, 2, 3] {
        assert_same!(|log| in_order(log, vec![1, 2, 3], from));
    }
}

#[test]
fn of_a_map() {
    assert_same!(|log| keys(
        log,
        BTreeMap::from([("a", log.tracked("a")), ("b", log.tracked("b"))])
    ));
}
