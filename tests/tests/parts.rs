//! Parts of locals given away, copied, needed by themselves, put back.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(clippy::boxed_local)] // It is what is moved out of.

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Pair {
    left: Tracked,
    right: Tracked,
    n: u32,
}

#[derive(Debug)]
struct Tree {
    value: Tracked,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

#[derive(Debug)]
struct Outer {
    inner: Pair,
    list: Vec<Tracked>,
    r#type: Tracked,
}

/// Has a drop of its own, so that nothing can be moved out of it.
#[derive(Debug)]
struct Guard<'l> {
    log: &'l Log,
    id: u32,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.log.note(format_args!("release {}", self.id));
    }
}

#[both]
mod cases {
    #[cps]
    fn named_by_matches(log: &Log, pair: Pair) -> bool {
        drop(pair.left);
        coop!();
        log.note(matches!(pair.right.name(), "right"));
        coop!();
        matches!(pair.n, 2..)
    }

    #[cps]
    fn built_again_beside_a_move(log: &Log, t: (Outer, u32)) -> usize {
        let moved = t.0.inner.left;
        let r = &t.0.inner.right;
        let length = call!(look(&moved));
        r.touch();
        let again = &t.0.inner.n;
        coop!();
        log.note(again);
        length + t.0.list.len() + t.0.r#type.name().len()
    }

    #[cps]
    fn called_on_beside_a_move(log: &Log, mut outer: Outer) -> usize {
        drop(outer.inner.left);
        outer
            .list
            .truncate(outer.list.len() & call!(look(&outer.r#type)));
        outer
            .inner
            .right
            .rename(format!("{} {}", call!(look(&outer.r#type)), outer.inner.n));
        log.note(outer.inner.right.name());
        outer.list.len()
    }

    #[cps]
    fn look(tracked: &Tracked) -> usize {
        coop!();
        tracked.touch();
        tracked.name().len()
    }

    #[cps]
    fn of_a_tuple(log: &Log, pair: (Tracked, Tracked)) -> Tracked {
        let first = pair.0;
        coop!();
        first.touch();
        coop!();
        log.note(pair.1.name());
        drop(first);
        coop!();
        pair.1
    }

    #[cps]
    fn of_a_struct(log: &Log, pair: Pair) -> u32 {
        drop(pair.left);
        coop!();
        log.note(pair.right.name());
        let right = call!(give(pair.right));
        right.touch();
        coop!();
        pair.n
    }

    #[cps]
    fn one_of_two(log: &Log, pair: Pair) -> usize {
        let left = call!(give(pair.left));
        log.note(left.name());
        let n = call!(look(&pair.right)) + call!(look(&left));
        coop!();
        n + pair.n as usize
    }

    #[cps]
    fn borrowed_beside_a_move(log: &Log, pair: Pair) -> u32 {
        drop(pair.left);
        let n = &pair.n;
        let right = &pair.right;
        coop!();
        log.note(right.name());
        *n
    }

    #[cps]
    fn copied(log: &Log, guard: Guard<'static>) -> u32 {
        let id = guard.id;
        coop!();
        log.note("held");
        let more = call!(give(guard.id));
        coop!();
        log.note("still held");
        id + more
    }

    #[cps]
    fn copied_from_a_reference(log: &Log, pairs: &[(u32, &'static str)]) -> u32 {
        let mut sum = 0;
        for pair in pairs {
            sum += call!(give(pair.0));
            let same = pair.0;
            coop!();
            log.note(pair.1);
            sum += same;
        }
        sum
    }

    #[cps]
    fn out_of_a_box(log: &Log, boxed: Box<Tracked>, number: Box<u32>) -> u32 {
        let tracked = *boxed;
        let n = *number;
        coop!();
        log.note(tracked.name());
        n + call!(give(*number))
    }

    #[cps]
    fn fields_of_a_box(log: &Log, pair: Box<Pair>) -> u32 {
        let left = pair.left;
        coop!();
        left.touch();
        pair.right.touch();
        coop!();
        log.note("end");
        pair.n
    }

    #[cps]
    fn trees(log: &Log, tree: Tree) -> usize {
        log.note("down");
        let mut count = 1;
        if let Some(left) = tree.left {
            count += call!(trees(log, *left));
        }
        tree.value.touch();
        if let Some(right) = tree.right {
            coop!();
            count += call!(trees(log, *right));
        }
        coop!();
        count
    }

    #[cps]
    fn nested(log: &Log, outer: Outer) -> Tracked {
        let deep = outer.inner.left;
        coop!();
        deep.touch();
        outer.inner.right.touch();
        for item in outer.list {
            coop!();
            item.touch();
            log.note(outer.inner.n);
        }
        coop!();
        drop(outer.inner.right);
        coop!();
        outer.r#type
    }

    #[cps]
    fn put_back_in_the_leg(mut pair: Pair) -> u32 {
        let left = pair.left;
        pair.left = { left }.renamed("again");
        coop!();
        pair.left.touch();
        coop!();
        pair.n
    }

    #[cps]
    fn changed(log: &Log, mut pair: Pair) -> u32 {
        log.note({ pair.left }.consume_and_say());
        while pair.n < 3 {
            pair.n += 1;
            pair.right.rename(format!("{}", pair.n));
            coop!();
        }
        pair.right.touch();
        pair.n
    }

    #[cps]
    fn into_arguments(log: &Log, pair: Pair) -> (u32, Tracked) {
        let made = Pair {
            left: pair.right,
            right: call!(give(pair.left)),
            n: call!(give(pair.n)),
        };
        coop!();
        log.note(made.right.name());
        (made.n, made.left)
    }

    #[cps]
    fn returned_in_part(log: &Log, pair: Pair, yes: bool) -> Tracked {
        if yes {
            coop!();
            return pair.left;
        }
        log.note("right");
        coop!();
        pair.right
    }

    #[cps]
    fn self_by_loop(log: &Log, outer: Outer) -> u32 {
        call!(outer_items(log, outer))
    }

    #[cps]
    fn outer_items(
        log: &Log,
        Outer {
            inner,
            list,
            r#type: _kept,
        }: Outer,
    ) -> u32 {
        for item in list {
            coop!();
            item.consume();
        }
        log.note(inner.left.name());
        inner.n
    }

    #[derive(Debug)]
    pub(super) struct Jobs {
        name: String,
        items: Vec<Tracked>,
        limit: usize,
    }

    #[cps]
    impl Jobs {
        #[cps]
        pub(super) fn run(self, log: &Log) -> usize {
            let mut done = 0;
            for item in self.items {
                if done >= self.limit {
                    break;
                }
                coop!();
                log.note(&self.name);
                item.consume();
                done += 1;
            }
            done
        }

        #[cps]
        pub(super) fn finish(self) -> (String, usize) {
            let name = self.name;
            coop!();
            (name, self.limit)
        }
    }

    #[cps]
    fn jobs(log: &Log) -> (usize, String, usize) {
        let made = |limit| Jobs {
            name: "jobs".to_owned(),
            items: ["a", "b", "c"].map(|name| log.tracked(name)).into(),
            limit,
        };
        let (jobs, other) = (made(2), made(9));
        let done = call!({ jobs }.run(log));
        let (name, limit) = call!({ other }.finish());
        (done, name, limit)
    }
}

trait Say {
    fn consume_and_say(self) -> &'static str;
}

impl Say for Tracked {
    fn consume_and_say(self) -> &'static str {
        self.consume();
        "said"
    }
}

fn guard(log: &'static Log) -> Guard<'static> {
    Guard { log, id: 7 }
}

fn pair(log: &Log) -> Pair {
    Pair {
        left: log.tracked("left"),
        right: log.tracked("right"),
        n: 1,
    }
}

fn outer(log: &Log) -> Outer {
    Outer {
        inner: pair(log),
        list: ["a", "b"].map(|name| log.tracked(name)).into(),
        r#type: log.tracked("type"),
    }
}

fn tree(log: &Log, depth: usize) -> Tree {
    let below = || (depth > 0).then(|| Box::new(tree(log, depth - 1)));
    let (left, right) = (below(), below());
    let value = log.tracked(format!("{depth}"));
    Tree { value, left, right }
}

#[test]
fn moved_and_needed() {
    assert_same!(|log| of_a_tuple(log, (log.tracked("0"), log.tracked("1"))));
    assert_same!(|log| of_a_struct(log, pair(log)));
    assert_same!(|log| borrowed_beside_a_move(log, pair(log)));
    assert_same!(|log| one_of_two(log, pair(log)));
    assert_same!(|log| nested(log, outer(log)));
    assert_same!(|log| into_arguments(log, pair(log)));
    assert_same!(|log| changed(log, pair(log)));
}

#[test]
fn copied_parts_leave_the_whole() {
    assert_same!(|log| copied(log, guard(log)));
    assert_same!(|log| copied_from_a_reference(log, &[(1, "a"), (2, "b")]));
}

#[test]
fn boxes() {
    assert_same!(|log| out_of_a_box(log, Box::new(log.tracked("t")), Box::new(3)));
    assert_same!(|log| fields_of_a_box(log, Box::new(pair(log))));
}

#[test]
fn put_back_and_returned() {
    assert_same!(|_log| put_back_in_the_leg(pair(_log)));
    assert_same!(|log| returned_in_part(log, pair(log), true));
    assert_same!(|log| returned_in_part(log, pair(log), false));
}

#[test]
fn looked_at_beside_a_move() {
    assert_same!(|log| built_again_beside_a_move(log, (outer(log), 3)));
    assert_same!(|log| called_on_beside_a_move(log, outer(log)));
}

#[test]
fn named_by_a_macro() {
    assert_same!(|log| named_by_matches(log, pair(log)));
}

#[test]
fn of_self() {
    assert_same!(|log| jobs(log));
    assert_same!(|log| self_by_loop(log, outer(log)));
}

#[test]
fn trees_by_value() {
    // The parts of one value end in an order that the text does not tell.
    assert_same!(whole | log | trees(log, tree(log, 2)));
}
