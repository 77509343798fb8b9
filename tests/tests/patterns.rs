//! Patterns of every kind, in every place where one may stand: what they bind is held across suspensions, or
//! borrowed within a leg.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(
    clippy::manual_contains,
    clippy::manual_range_patterns,
    clippy::redundant_pattern_matching,
    clippy::toplevel_ref_arg,
    clippy::too_many_arguments
)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    x: i32,
    y: i32,
}

#[derive(Debug)]
struct Wide {
    name: Tracked,
    r#type: u32,
    rest: Vec<u32>,
}

#[derive(Debug)]
enum Tree {
    Leaf(u32),
    Node(Box<Tree>, Box<Tree>),
    Tagged { tag: &'static str, of: Box<Tree> },
}

#[derive(Debug)]
struct Wrapped(u32);

const LIMIT: u32 = 7;

fn forest() -> Tree {
    Tree::Node(
        Box::new(Tree::Tagged {
            tag: "left",
            of: Box::new(Tree::Leaf(3)),
        }),
        Box::new(Tree::Node(Box::new(Tree::Leaf(4)), Box::new(Tree::Leaf(9)))),
    )
}

#[both]
mod cases {
    #[cps]
    fn guards(log: &Log, n: Option<u32>, limit: u32) -> &'static str {
        let text = match n {
            Some(n) if n > limit && log.value("first", true) => {
                coop!();
                log.note(n);
                "above"
            }
            Some(n) if log.value("second", n == limit) => "equal",
            Some(n @ (1 | 2)) => {
                let n = call!(give(n));
                log.note(n);
                "small"
            }
            Some(_) if limit > 100 => unreachable!(),
            Some(_) => "below",
            None => {
                coop!();
                "none"
            }
        };
        log.note(text);
        text
    }

    #[cps]
    fn guard_after_a_move(log: &Log, of: Option<Tracked>, yes: bool) -> Option<Tracked> {
        match of {
            Some(tracked) if yes => {
                coop!();
                tracked.touch();
                Some(tracked)
            }
            Some(other) => {
                log.note("not");
                coop!();
                other.consume();
                None
            }
            None => None,
        }
    }

    #[cps]
    fn guard_with_if_let_inside(log: &Log, n: Option<u32>, list: Vec<u32>) -> u32 {
        match n {
            Some(n) if matches!(list.first(), Some(first) if *first == n) => call!(give(n)),
            Some(n) if list.iter().any(|other| *other == n) => {
                coop!();
                log.note("contained");
                n + 1
            }
            _ => 0,
        }
    }

    #[cps]
    fn at_patterns(log: &Log, n: u32, pair: (u32, Option<u32>)) -> u32 {
        let whole @ (a, b) = pair;
        coop!();
        log.note(format!("{whole:?} {a} {b:?}"));
        let kind = match n {
            low @ 0..=3 => call!(give(low)),
            mid @ (4 | 5 | 6) => {
                coop!();
                mid * 10
            }
            LIMIT => 70,
            high @ 8.. if high % 2 == 0 => call!(give(high)) * 2,
            high => high,
        };
        if let some @ Some(_) = b {
            coop!();
            log.note(format!("{some:?}"));
        }
        kind + a
    }

    #[cps]
    fn ref_bindings(log: &Log, mut wide: Wide) -> Wide {
        {
            let Wide { ref name, .. } = wide;
            name.touch();
        }
        coop!();
        {
            let Wide {
                ref mut rest,
                ref mut name,
                ..
            } = wide;
            rest.push(1);
            name.rename("renamed");
        }
        coop!();
        let Wide {
            r#type: ref kind, ..
        } = wide;
        log.note(kind);
        match wide {
            Wide {
                ref rest,
                r#type: 0..=5,
                ..
            } if rest.len() > 1 => log.note(rest.len()),
            Wide { ref mut r#type, .. } => *r#type += 1,
        }
        coop!();
        wide.name.touch();
        wide
    }

    #[cps]
    fn ref_to_a_local_across(log: &Log, wide: Wide) -> u32 {
        let ref whole = wide;
        log.note(whole.r#type);
        let ref n = whole.r#type;
        *n + call!(give(1))
    }

    #[cps]
    fn references_matched(log: &Log, points: &[Point], one: &Point) -> i32 {
        let &Point { x, y } = one;
        coop!();
        let mut sum = x * y;
        for &Point { x, y } in points {
            coop!();
            sum += x + y;
        }
        for Point { x, .. } in points {
            coop!();
            sum += *x;
        }
        for (i, &point) in points.iter().enumerate() {
            log.note(i);
            coop!();
            sum += point.y;
        }
        sum
    }

    #[cps]
    fn slices(log: &Log, list: &[u32]) -> String {
        match list {
            [] => {
                coop!();
                "empty".to_owned()
            }
            [one] => format!("one {}", call!(give(*one))),
            [first, .., last] if first == last => {
                coop!();
                format!("same {first}")
            }
            &[a, b] => {
                coop!();
                format!("two {a} {b}")
            }
            [first, middle @ .., last] => {
                coop!();
                log.note(format!("{middle:?}"));
                let inner = call!(slices(log, middle));
                format!("{first} ({inner}) {last}")
            }
        }
    }

    #[cps]
    fn slices_owned(log: &Log, list: [Tracked; 3]) -> Tracked {
        let [first, rest @ ..] = list;
        coop!();
        first.touch();
        for t in rest {
            coop!();
            log.note(t.name());
        }
        first
    }

    #[cps]
    fn bytes_matched(mut bytes: &[u8]) -> Vec<u32> {
        let mut out = Vec::new();
        while let [first, rest @ ..] = bytes {
            bytes = rest;
            out.push(match first {
                b'0'..=b'9' => call!(give(u32::from(first - b'0'))),
                b'a' | b'b' => {
                    coop!();
                    100
                }
                &other if other.is_ascii_whitespace() => continue,
                b'!' => break,
                _ => 999,
            });
            coop!();
        }
        out
    }

    #[cps]
    fn nested(log: &Log, tree: Tree) -> u32 {
        match tree {
            Tree::Leaf(n) => {
                coop!();
                n
            }
            Tree::Node(left, right) => {
                let left = call!(nested(log, *left));
                log.note(left);
                left + call!(nested(log, *right))
            }
            Tree::Tagged { tag, of } => {
                coop!();
                log.note(tag);
                call!(nested(log, *of)) * 10
            }
        }
    }

    #[cps]
    fn deep(log: &Log, value: Result<Option<(Point, [u32; 2])>, String>) -> i32 {
        if let Ok(Some((Point { x, y: 1..=9 }, [1, a] | [a @ 100, _]))) = value {
            coop!();
            log.note(a);
            return x;
        }
        coop!();
        match value {
            Ok(Some((point @ Point { x: -1, y }, [1, b]))) => {
                coop!();
                log.note(format!("{point:?} {b}"));
                y
            }
            Ok(Some(_) | None) => {
                coop!();
                0
            }
            Err(text) => {
                coop!();
                text.len() as i32
            }
        }
    }

    #[cps]
    fn tuples(log: &Log, triple: (Tracked, (u32, Wrapped), Option<Tracked>)) -> u32 {
        let (first, (n, Wrapped(m)), maybe) = triple;
        coop!();
        first.touch();
        let (.., last) = (1, 2, call!(give(n)));
        let (head, ..) = (m, 'x', "y");
        coop!();
        if let Some(tracked) = maybe {
            coop!();
            log.note(tracked.name());
        }
        last + head
    }

    #[cps]
    fn arguments(
        log: &Log,
        (a, mut b): (u32, Tracked),
        Point { x, y: height }: Point,
        [first, .., last]: [u32; 4],
        &n: &u32,
        mut list: Vec<u32>,
        ref kept: Tracked,
        Wide { name, r#type, .. }: Wide,
        whole @ Point { x: other, .. }: Point,
        _: u8,
        _unused: Tracked,
    ) -> (u32, i32) {
        log.note(kept.name());
        b.rename("b");
        coop!();
        kept.touch();

        list.push(first);
        b.touch();
        name.touch();
        coop!();
        log.note(format!("{list:?} {whole:?}"));
        (a + last + n + r#type, x + height + other)
    }

    #[cps]
    fn slice_arguments(
        [a, b]: [Tracked; 2],
        &[c, d]: &[u32; 2],
        &mut (ref mut e, f): &mut (u32, u32),
    ) -> u32 {
        *e += 1;
        coop!();
        a.touch();
        coop!();
        b.consume();
        c + d + f
    }

    #[cps]
    fn mutable_bindings(log: &Log, pair: (u32, Vec<u32>)) -> Vec<u32> {
        let (mut n, mut list) = pair;
        while n > 0 {
            n -= 1;
            list.push(call!(give(n)));
        }
        for mut item in list.clone() {
            item += 1;
            coop!();
            item *= 2;
            log.note(item);
        }
        if let Some(mut last) = list.pop() {
            last += 5;
            coop!();
            last += 5;
            list.push(last);
        }
        list
    }

    #[cps]
    fn while_let_with_a_stack(log: &Log, root: Tree) -> u32 {
        let mut stack = vec![(root, 0)];
        let mut sum = 0;
        while let Some((tree, depth)) = stack.pop() {
            match tree {
                Tree::Leaf(n) if n > 5 => {
                    coop!();
                    sum += n * depth;
                }
                Tree::Leaf(n) => sum += call!(give(n)),
                Tree::Node(left, right) => {
                    stack.push((*right, depth + 1));
                    coop!();
                    stack.push((*left, depth + 1));
                }
                Tree::Tagged { tag, of } => {
                    log.note(tag);
                    stack.push((*of, depth));
                }
            }
        }
        sum
    }
}

fn wide(log: &Log, kind: u32) -> Wide {
    Wide {
        name: log.tracked("wide"),
        r#type: kind,
        rest: vec![9],
    }
}

#[test]
fn match_guards() {
    for n in [None, Some(1), Some(3), Some(5), Some(9)] {
        assert_same!(|log| guards(log, n, 5));
    }
    assert_same!(|log| guard_after_a_move(log, Some(log.tracked("t")), true));
    assert_same!(|log| guard_after_a_move(log, Some(log.tracked("t")), false));
    assert_same!(|log| guard_after_a_move(log, None, false));
    for n in [None, Some(1), Some(2), Some(3)] {
        assert_same!(|log| guard_with_if_let_inside(log, n, vec![1, 2]));
    }
}

#[test]
fn at_and_ref() {
    for n in [2, 5, 7, 8, 9] {
        assert_same!(|log| at_patterns(log, n, (1, Some(2))));
    }
    assert_same!(|log| ref_bindings(log, wide(log, 3)));
    assert_same!(|log| ref_bindings(log, wide(log, 30)));
    assert_same!(|log| ref_to_a_local_across(log, wide(log, 30)));
    static POINTS: [Point; 2] = [Point { x: 1, y: 2 }, Point { x: 3, y: 4 }];
    assert_same!(|log| references_matched(log, &POINTS, &POINTS[1]));
}

#[test]
fn slices_of_references_and_of_values() {
    for list in [&[][..], &[1], &[1, 2], &[1, 2, 1], &[1, 2, 3, 4, 5]] {
        assert_same!(|log| slices(log, list));
    }
    assert_same!(|log| slices_owned(log, ["a", "b", "c"].map(|name| log.tracked(name))));
    assert_same!(|_log| bytes_matched(b"1a x9!7"));
}

#[test]
fn nested_patterns() {
    assert_same!(|log| nested(log, forest()));
    assert_same!(|log| while_let_with_a_stack(log, forest()));
    let point = |x, y| Point { x, y };
    for value in [
        Ok(Some((point(3, 4), [1, 2]))),
        Ok(Some((point(-1, 40), [1, 2]))),
        Ok(Some((point(0, 40), [1, 2]))),
        Ok(None),
        Err("text".to_owned()),
    ] {
        assert_same!(|log| deep(log, value.clone()));
    }
    assert_same!(|log| tuples(
        log,
        (
            log.tracked("first"),
            (4, Wrapped(5)),
            Some(log.tracked("maybe"))
        )
    ));
}

#[test]
fn patterns_as_arguments() {
    assert_same!(|log| arguments(
        log,
        (1, log.tracked("a")),
        Point { x: 1, y: 2 },
        [1, 2, 3, 4],
        &5,
        vec![],
        log.tracked("kept"),
        wide(log, 6),
        Point { x: 7, y: 8 },
        9,
        log.tracked("unused"),
    ));
    assert_same!(|log| slice_arguments(
        ["a", "b"].map(|name| log.tracked(name)),
        &[1, 2],
        behaviour::forever((1, 2))
    ));
    assert_same!(|log| mutable_bindings(log, (3, vec![7])));
}
