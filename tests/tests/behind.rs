//! References into places that lie behind other references, which change; and values that live as long as a
//! reference to them.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::useless_vec, clippy::redundant_slicing)]

use behaviour::{Log, assert_same, both, forever};
use std::fmt::Debug;

struct Node {
    value: u32,
    next: Option<Box<Node>>,
}

fn list() -> &'static Node {
    let last = Node {
        value: 2,
        next: None,
    };
    let first = Node {
        value: 1,
        next: Some(Box::new(last)),
    };
    forever(first)
}

impl Node {
    fn next(&self) -> &Node {
        self.next.as_ref().expect("there is one")
    }
}

struct Walker<'a> {
    node: &'a Node,
    name: String,
    numbers: Vec<u32>,
}

impl Walker<'_> {
    fn advance(&mut self) -> u32 {
        let value = self.node.value;
        self.node = self.node.next();
        value
    }

    fn look(&self) -> usize {
        self.name.len()
    }
}

fn walker(node: &Node) -> Walker<'_> {
    Walker {
        node,
        name: "abc".into(),
        numbers: vec![4, 5],
    }
}

fn advance(node: &mut &Node) {
    *node = node.next();
}

fn decimal(a: &u32, b: u32) -> u32 {
    a * 10 + b
}

#[both]
mod cases {
    #[cps]
    fn by_assignment(log: &Log, root: &Node) -> u32 {
        let mut node = root;
        let value = &node.value;
        node = node.next();
        coop!();
        log.note(node.value);
        *value
    }

    #[cps]
    fn by_assignment_of_a_part(log: &Log, root: &Node) -> u32 {
        let mut walker = walker(root);
        let value = &walker.node.value;
        walker.node = walker.node.next();
        coop!();
        log.note(walker.node.value + walker.numbers[0]);
        *value
    }

    #[cps]
    fn between_suspensions(log: &Log, root: &Node) -> u32 {
        let mut node = root;
        let value = &node.value;
        coop!();
        let again = value;
        node = node.next();
        coop!();
        log.note(node.value + again + value);
        let boxed = Box::new(node);
        let within = &boxed.value;
        coop!();
        *within
    }

    #[cps]
    fn in_turns(log: &Log, root: &Node) -> u32 {
        let mut next = Some(root);
        let mut sum = 0;
        while let Some(node) = next {
            let value = &node.value;
            next = node.next.as_deref();
            coop!();
            sum = sum * 10 + value;
            log.note(sum);
        }
        sum
    }

    #[cps]
    fn in_one_expression(log: &Log, root: &Node, leave: bool) -> u32 {
        let mut node = root;
        let value = &node.value;
        'done: {
            if leave {
                (node, _) = (node.next(), 1);
                break 'done;
            }
            log.note("on");
        }
        coop!();
        node.value * 10 + value
    }

    #[cps]
    fn by_methods(log: &Log, root: &Node) -> u32 {
        let mut walker = walker(root);
        let value = &walker.node.value;
        walker.advance();
        coop!();
        let name = &walker.name;
        let length = walker.look();
        coop!();
        log.note(format!("{name} {length} {value}"));
        value + walker.node.value * 10
    }

    #[cps]
    fn by_calls(walker: &mut Walker<'_>) -> u32 {
        let value = &walker.node.value;
        coop!();
        call!(step(walker));
        let later = &walker.node.value;
        coop!();
        value * 10 + later
    }

    #[cps]
    fn step(walker: &mut Walker<'_>) {
        coop!();
        walker.advance();
    }

    #[cps]
    fn by_functions(log: &Log, root: &Node) -> u32 {
        let mut node = root;
        let value = &node.value;
        advance(&mut node);
        coop!();
        log.note(node.value);
        let node = &mut node;
        coop!();
        let later = &node.value;
        coop!();
        value + later * 10
    }

    #[cps]
    fn exclusive(log: &Log, a: &mut [u32; 2], b: &mut [u32; 2]) -> u32 {
        let mut pair = a;
        let first = &mut pair[0];
        pair = b;
        coop!();
        *first += 1;
        log.note(*first);
        pair[0] += *first;
        coop!();
        *first + pair[0]
    }

    #[cps]
    fn elements(log: &Log, root: &Node) -> u32 {
        let mut walker = walker(root);
        let (from, by) = (0, 1);
        let all = &walker.numbers[..];
        let first = &walker.numbers[from];
        let second = &walker.numbers[from + by..][0];
        let text: &str = &walker.name;
        let shown: &dyn Debug = &walker.numbers;
        coop!();
        log.note(format!("{all:?} {first} {second} {text} {shown:?}"));
        coop!();
        log.note(all.len() + text.len());
        let last = &mut walker.numbers[by..];
        coop!();
        last[0] = 9;
        coop!();
        last[0] += 1;
        walker.numbers[1]
    }

    #[cps]
    fn values(log: &Log, n: usize) -> usize {
        let tracked = &log.tracked("tracked");
        coop!();
        tracked.touch();
        let list = &mut vec![log.tracked("a"), log.tracked("b")];
        coop!();
        list.truncate(n);
        let length = list.len();
        coop!();
        let part = &(log.tracked("pair"), 5).1;
        let constant: &'static [u8] = &[1, 2, 3];
        let shown: &dyn Debug = &format!("{n}");
        {
            let inner = &log.tracked("inner");
            coop!();
            inner.touch();
            log.note("end of block");
        }
        log.note(format!("{shown:?}"));
        length + part + constant.len()
    }

    #[cps]
    fn operands(log: &Log, root: &Node) -> u32 {
        let mut node = root;
        let assigned = decimal(&node.value, {
            node = node.next();
            coop!();
            node.value
        });
        let mut two = walker(root);
        let called = decimal(&two.node.value, {
            two.advance();
            coop!();
            two.node.value
        });
        node = root;
        let pair = (
            &node.value,
            {
                node = node.next();
                coop!();
                node.value
            },
            &node.value,
        );
        log.note(format!("{pair:?}"));
        assigned * 100 + called
    }

    #[cps]
    fn arguments(root: &Node) -> u32 {
        let mut node = root;
        let assigned = call!(decimal_later(&node.value, {
            node = node.next();
            node.value
        }));
        let mut two = walker(root);
        let called = call!(decimal_later(&two.node.value, two.advance() + 5));
        let own = call!(decimal_later(&two.numbers[0], two.look() as u32));
        assigned * 10000 + called * 100 + own
    }

    #[cps]
    fn decimal_later(a: &u32, b: u32) -> u32 {
        coop!();
        a * 10 + b
    }

    #[cps]
    fn indices(log: &Log, out: usize) -> u32 {
        let list = vec![1, 2, 3];
        let mut at = 0;
        let first = decimal(&list[at], {
            at += 1;
            coop!();
            list[at]
        });
        let second = list[at].max({
            at += 1;
            coop!();
            1
        });
        let third = call!(decimal_later(&list[at], {
            at = 0;
            list[at]
        }));
        log.note(format!("{first} {second} {third}"));
        // Without such an element, nothing more happens.
        decimal(&list[out], {
            log.note("behind");
            coop!();
            1
        })
    }
}

#[test]
fn assignments() {
    assert_same!(|log| by_assignment(log, list()));
    assert_same!(|log| by_assignment_of_a_part(log, list()));
    assert_same!(|log| between_suspensions(log, list()));
    assert_same!(|log| in_turns(log, list()));
    assert_same!(|log| in_one_expression(log, list(), true));
    assert_same!(|log| in_one_expression(log, list(), false));
    assert_same!(|log| exclusive(log, forever([1, 2]), forever([3, 4])));
}

#[test]
fn calls() {
    assert_same!(|log| by_methods(log, list()));
    assert_same!(|_log| by_calls(forever(walker(list()))));
    assert_same!(|log| by_functions(log, list()));
}

#[test]
fn places_in_lists() {
    assert_same!(|log| elements(log, list()));
}

#[test]
fn values_that_live_on() {
    for n in 0..3 {
        assert_same!(|log| values(log, n));
    }
}

#[test]
fn what_later_operands_change() {
    assert_same!(|log| operands(log, list()));
    assert_same!(|_log| arguments(list()));
    assert_same!(|log| indices(log, 2));
    assert_same!(|log| indices(log, 3));
}
