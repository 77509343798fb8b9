//! Closures as values: what they hold, until when, and what is left of it behind a suspension.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::redundant_closure_call)]

use behaviour::{Log, Tracked, assert_same, both};

struct Pair {
    left: Tracked,
    right: Option<Tracked>,
    count: u32,
}

#[both]
mod cases {
    #[cps]
    fn by_reference(n: u32, list: Vec<u32>) -> (u32, bool) {
        let add = |x: u32| x + n;
        let longer = |than: usize| list.len() > than;
        let a = add(1) + add(2);
        let b = longer(1);
        coop!();
        let half = |x: u32| if longer_than(&list, 2) { x / 2 } else { x };
        let c = half(a);
        (c + n + call!(give(a)), b)
    }

    #[cps]
    fn by_exclusive_reference(log: &Log) -> u32 {
        let mut count = 0;
        let mut names = vec![log.tracked("first")];
        let mut inc = || {
            count += 1;
            count
        };
        inc();
        inc();
        let mut name = |name: &str| names.push(log.tracked(name));
        name("second");
        name("third");
        coop!();
        names.iter().for_each(Tracked::touch);
        coop!();
        count + call!(give(count))
    }

    #[cps]
    fn not_called(log: &Log, yes: bool) -> usize {
        let held = log.tracked("held");
        let look = || held.name().len();
        if yes {
            let n = look();
            coop!();
            return n;
        }
        coop!();
        log.note("not called");
        0
    }

    #[cps]
    fn in_loops(log: &Log, upto: u32) -> u32 {
        let mut sum = 0;
        let held = log.tracked("held");
        for n in 0..upto {
            let more = |by: u32| {
                held.touch();
                n + by
            };
            let least = (|| more(1).min(more(2)))();
            sum += more(sum);
            coop!();
            sum += least;
            let mut take = || std::mem::take(&mut sum);
            let all = take();
            call!(give(()));
            sum = all;
        }
        sum
    }

    #[cps]
    fn of_parts(log: &Log, mut pair: (Tracked, Vec<u32>)) -> usize {
        let mut push = |n: u32| pair.1.push(n);
        push(1);
        push(2);
        let name = || pair.0.name();
        log.note(name());
        coop!();
        log.note(pair.0.name());
        pair.1.len()
    }

    #[cps]
    fn beside_a_part_that_was_moved(log: &Log, mut pair: Pair, other: Pair, n: u32) -> u32 {
        drop(pair.right);
        coop!();
        log.note((|| format!("{n} {} {:?}", pair.count, pair.left))());
        coop!();
        (|| pair.count += n)();
        coop!();
        let both = (|| {
            let Pair { count, .. } = other;
            (|| pair.count)() + count
        })();
        coop!();
        log.note((|| matches!(pair.count, 3..))());
        coop!();
        log.note((|add: u32| vec![pair.left.name().len(); 3 + add as usize])(n).len());
        both
    }

    #[cps]
    fn beside_matches(mut list: Vec<u32>) -> bool {
        let mut more = |n: u32| list.push(n);
        more(1);
        coop!();
        matches!(list[..], [1] | [.., 2, 1])
    }

    #[cps]
    fn owning(log: &Log) -> usize {
        let kept = log.tracked("kept");
        let _keeps = move || kept.touch();
        let other = log.tracked("other");
        let taken = log.tracked("taken");
        let n = 3;
        let number = move || n;
        let takes = move |by: usize| taken.name().len() + by;
        let m = takes(number());
        coop!();
        other.touch();
        m
    }

    #[cps]
    fn assigned_anew(log: &Log, again: bool) -> usize {
        let mut name = log.tracked("old");
        let _end = || drop(name);
        if again {
            name = log.tracked("new");
            coop!();
            return name.name().len();
        }
        name = log.tracked("another");
        let n = name.name().len();
        coop!();
        n
    }
}

fn longer_than(list: &[u32], n: usize) -> bool {
    list.len() > n
}

#[test]
fn what_refers_is_not_kept() {
    assert_same!(|_log| by_reference(3, vec![1, 2, 3]));
    assert_same!(|log| by_exclusive_reference(log));
    assert_same!(|log| not_called(log, true));
    assert_same!(|log| not_called(log, false));
    assert_same!(|log| in_loops(log, 3));
    assert_same!(|log| of_parts(log, (log.tracked("0"), Vec::new())));
    for list in [vec![], vec![1], vec![3, 2]] {
        assert_same!(|_log| beside_matches(list.clone()));
    }
    let pair = |log: &Log| Pair {
        left: log.tracked("left"),
        right: Some(log.tracked("right")),
        count: 3,
    };
    assert_same!(|log| beside_a_part_that_was_moved(log, pair(log), pair(log), 1));
}

#[test]
fn what_owns_is_kept() {
    assert_same!(|log| owning(log));
    assert_same!(|log| assigned_anew(log, true));
    assert_same!(|log| assigned_anew(log, false));
}
