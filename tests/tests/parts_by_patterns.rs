//! Parts of locals that patterns take, with others used behind a suspension.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Three {
    a: Tracked,
    b: Option<Tracked>,
    n: u32,
}

#[derive(Debug)]
struct Outer {
    three: Three,
    with: Tracked,
}

#[derive(Debug)]
struct Wrap(Tracked, Tracked, u32);

#[both]
mod cases {
    #[cps]
    fn of_a_struct(mut t: Three) -> Option<Tracked> {
        let Three { a, .. } = t;
        coop!();
        a.touch();
        t.b.take()
    }

    #[cps]
    fn copied(log: &Log, t: Three) -> u32 {
        let Three { n, .. } = t;
        coop!();
        t.a.touch();
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn copied_beside_a_move(log: &Log, t: Three) -> u32 {
        let Three { n, a: first, .. } = t;
        coop!();
        if let Some(b) = &t.b {
            b.touch();
        }
        coop!();
        log.note(first.name());
        n
    }

    #[cps]
    fn of_a_tuple(t: (Tracked, Tracked, u32)) -> u32 {
        let (a, _, n) = t;
        coop!();
        t.1.touch();
        coop!();
        a.touch();
        n + t.2
    }

    #[cps]
    fn before_the_rest(t: Wrap) -> u32 {
        let Wrap(_one, ..) = t;
        coop!();
        t.1.touch();
        coop!();
        t.2
    }

    #[cps]
    fn if_it_is_so(log: &Log, t: Three) -> u32 {
        if let Three { b: Some(b), .. } = t {
            b.touch();
            coop!();
            t.a.touch();
        } else {
            log.note("else");
        }
        coop!();
        t.a.touch();
        coop!();
        t.n
    }

    #[cps]
    fn in_some_arms(yes: bool, t: Three) -> u32 {
        match t {
            Three { b: Some(b), .. } if yes => {
                b.touch();
                coop!();
                t.a.touch();
            }
            Three { a, n: 3, .. } => {
                a.touch();
                coop!();
            }
            _ => {}
        }
        coop!();
        t.n
    }

    #[cps]
    fn else_it_returns(t: Three) -> u32 {
        let Three { b: Some(b), .. } = t else {
            coop!();
            return 0;
        };
        coop!();
        t.a.touch();
        b.touch();
        t.n
    }

    #[cps]
    fn of_a_part(mut outer: Outer) -> u32 {
        let Three { a, .. } = outer.three;
        coop!();
        outer.three.b.take();
        coop!();
        outer.with.touch();
        a.touch();
        outer.three.n
    }

    #[cps]
    fn within_a_part(outer: Outer) -> u32 {
        let Outer {
            three: Three { a, n, .. },
            ..
        } = outer;
        coop!();
        if let Some(b) = &outer.three.b {
            b.touch();
        }
        outer.with.touch();
        coop!();
        drop(a);
        n
    }

    #[cps]
    fn where_a_loop_ends(t: (Tracked, Tracked)) -> u32 {
        let mut turns = 0;
        loop {
            let _before = &t.0;
            coop!();
            turns += 1;
            if turns > 2 {
                let (a, _) = t;
                coop!();
                t.1.touch();
                coop!();
                a.touch();
                break;
            }
        }
        turns
    }

    #[cps]
    fn kept_on_two_ways(log: &Log, yes: bool, mut t: Three) -> u32 {
        let Three { b, .. } = t;
        let n = if yes {
            while t.n > 2 {
                log.note(t.n);
                t.n -= 1;
            }
            t.a.touch();
            coop!();
            1
        } else {
            coop!();
            2
        };
        log.note(b.is_some());
        n
    }

    #[cps]
    fn all_in_a_native_branch(yes: bool, t: (Tracked, Tracked)) {
        t.1.touch();
        if yes {
            let (_one, _other) = t;
        }
        coop!();
    }

    #[cps]
    fn all_in_a_native_arm(yes: bool, t: Three) {
        t.a.touch();
        match t {
            Three {
                a,
                b: Some(b),
                n: 0..5,
            } if yes => {
                a.touch();
                b.touch();
            }
            Three { b: None, a, .. } => a.touch(),
            _ => {}
        }
        coop!();
    }

    /// Behind a loop that is left on several ways it lives on, where none of its parts was taken.
    #[cps]
    fn taken_where_a_native_loop_is_left(log: &Log, way: u32, t: (Tracked, u32)) {
        if way == 0 {
            let (_a, ..) = t;
            coop!();
            log.note(t.1);
            return;
        }
        let mut turns = 0;
        loop {
            turns += 1;
            if way == 1 {
                let (_a, ..) = t;
                break;
            }
            if turns == way {
                break;
            }
        }
        coop!();
        log.note("behind");
    }

    /// What the first condition took is gone where the second fails.
    #[cps]
    fn taken_by_the_first_of_two_in_an_operand(log: &Log, yes: bool, t: (Tracked, u32)) -> u32 {
        log.note(t.1);
        let n = 1 + if let (a, 1..) = t
            && yes
        {
            a.touch();
            return 7;
        } else {
            3
        };
        coop!();
        log.note("behind");
        n
    }

    #[cps]
    fn behind_references(shared: &[Three], list: Vec<Three>) -> u32 {
        let mut sum = 0;
        for t in shared {
            let Three { a, .. } = t;
            coop!();
            a.touch();
            t.a.touch();
            sum += t.n;
        }
        for t in list {
            let Three { a, .. } = t;
            a.touch();
            coop!();
            a.touch();
            sum += t.n;
        }
        sum
    }

    #[cps]
    fn behind_an_exclusive_reference(list: &mut [Three]) -> u32 {
        let mut sum = 0;
        for t in list {
            let Three { a, n, .. } = t;
            a.touch();
            *n += 1;
            coop!();
            t.a.touch();
            sum += t.n;
        }
        sum
    }
}

fn three(log: &Log) -> Three {
    Three {
        a: log.tracked("a"),
        b: Some(log.tracked("b")),
        n: 3,
    }
}

fn outer(log: &Log) -> Outer {
    Outer {
        three: three(log),
        with: log.tracked("with"),
    }
}

#[test]
fn taken_for_certain() {
    assert_same!(|log| of_a_struct(three(log)));
    assert_same!(|log| copied(log, three(log)));
    assert_same!(|log| copied_beside_a_move(log, three(log)));
    assert_same!(|log| of_a_tuple((log.tracked("a"), log.tracked("b"), 3)));
    assert_same!(|log| before_the_rest(Wrap(log.tracked("a"), log.tracked("b"), 3)));
    assert_same!(|log| where_a_loop_ends((log.tracked("a"), log.tracked("b"))));
    assert_same!(|log| of_a_part(outer(log)));
    assert_same!(whole | log | within_a_part(outer(log)));
}

#[test]
fn taken_on_some_ways() {
    for b in [false, true] {
        let three = |log: &Log| Three {
            b: b.then(|| log.tracked("b")),
            ..three(log)
        };
        assert_same!(|log| if_it_is_so(log, three(log)));
        assert_same!(|log| else_it_returns(three(log)));
        for yes in [false, true] {
            assert_same!(|log| all_in_a_native_branch(yes, (log.tracked("a"), log.tracked("b"))));
            assert_same!(|log| all_in_a_native_arm(yes, three(log)));
            assert_same!(|log| kept_on_two_ways(log, yes, three(log)));
            assert_same!(|log| in_some_arms(yes, three(log)));
        }
    }
}

#[test]
fn taken_on_some_ways_out_of_a_loop() {
    for way in 0..3 {
        assert_same!(|log| taken_where_a_native_loop_is_left(log, way, (log.tracked("t"), 7)));
    }
}

#[test]
fn taken_by_a_condition() {
    for yes in [false, true] {
        let t = |log: &Log| (log.tracked("t"), 7);
        assert_same!(|log| taken_by_the_first_of_two_in_an_operand(log, yes, t(log)));
    }
}

#[test]
fn taken_of_references() {
    let log = Log::default();
    let (shared, list) = ([three(&log), three(&log)], || vec![three(&log)]);
    let sums = [
        plain::behind_references(&shared, list()),
        moved::behind_references(&shared, list()),
    ];
    assert_eq!(sums, [9, 9]);
    let mut list = [three(&log)];
    let sums = [
        plain::behind_an_exclusive_reference(&mut list),
        moved::behind_an_exclusive_reference(&mut list),
    ];
    assert_eq!(sums, [4, 5]);
}
