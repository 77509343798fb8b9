//! A radix tree: edges with several letters that split, walks in order, removal that merges again.

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Node {
    label: String,
    value: Option<Tracked>,
    children: Vec<Node>,
}

impl Node {
    fn new(label: &str, value: Option<Tracked>) -> Node {
        let (label, children) = (label.to_owned(), Vec::new());
        Node {
            label,
            value,
            children,
        }
    }
}

fn common(a: &str, b: &str) -> usize {
    let pairs = a.char_indices().zip(b.chars());
    pairs
        .take_while(|((_, a), b)| a == b)
        .map(|((at, c), _)| at + c.len_utf8())
        .last()
        .unwrap_or(0)
}

#[both]
mod cases {
    #[cps]
    fn insert(log: &Log, node: &mut Node, key: &str, value: Tracked) -> Option<Tracked> {
        if key.is_empty() {
            return node.value.replace(value);
        }
        coop!();
        let found = node
            .children
            .binary_search_by(|child| child.label.chars().next().cmp(&key.chars().next()));
        match found {
            Ok(at) => {
                let child = &mut node.children[at];
                let shared = common(&child.label, key);
                if shared < child.label.len() {
                    log.note(format_args!("split {} at {shared}", child.label));
                    let lower = child.label.split_off(shared);
                    let upper = Node::new(&child.label, None);
                    let mut lower_node = std::mem::replace(child, upper);
                    lower_node.label = lower;
                    child.children.push(lower_node);
                }
                call!(insert(log, &mut node.children[at], &key[shared..], value))
            }
            Err(at) => {
                node.children.insert(at, Node::new(key, Some(value)));
                None
            }
        }
    }

    #[cps]
    fn touch(mut node: &Node, mut key: &str) -> bool {
        'down: loop {
            coop!();
            if key.is_empty() {
                let Some(value) = &node.value else {
                    break false;
                };
                value.touch();
                break true;
            }
            for child in &node.children {
                if let Some(rest) = key.strip_prefix(&*child.label) {
                    (node, key) = (child, rest);
                    continue 'down;
                }
            }
            return false;
        }
    }

    /// Removes a value, and the nodes that are of no use any more.
    #[cps]
    fn remove(log: &Log, node: &mut Node, key: &str) -> Option<Tracked> {
        if key.is_empty() {
            coop!();
            return node.value.take();
        }
        let at = node
            .children
            .iter()
            .position(|child| key.starts_with(&child.label))?;
        let rest = &key[node.children[at].label.len()..];
        let removed = call!(remove(log, &mut node.children[at], rest))?;
        let child = &mut node.children[at];
        match (&child.value, child.children.len()) {
            (None, 0) => {
                node.children.remove(at);
            }
            (None, 1) => {
                let only = child.children.remove(0);
                let label = child.label.clone() + &only.label;
                log.note(format_args!("merge {label}"));
                *child = Node { label, ..only };
            }
            _ => {}
        }
        coop!();
        Some(removed)
    }

    #[cps]
    fn walk(node: Node, prefix: String, out: &mut Vec<(String, Tracked)>) {
        let Node {
            label,
            value,
            children,
        } = node;
        let prefix = prefix + &label;
        if let Some(value) = value {
            coop!();
            out.push((prefix.clone(), value));
        }
        for child in children {
            call!(walk(child, prefix.clone(), out));
        }
    }

    /// The same without recursion, by a stack of where it stands.
    #[cps]
    fn with_prefix(root: &Node, prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut stack = vec![(root, String::new())];
        while let Some((node, mut key)) = stack.pop() {
            key.push_str(&node.label);
            if !key.starts_with(prefix) && !prefix.starts_with(&key) {
                continue;
            }
            coop!();
            if let Some(value) = &node.value
                && key.starts_with(prefix)
            {
                found.push(format!("{key}={}", value.name()));
            }
            stack.extend(node.children.iter().rev().map(|child| (child, key.clone())));
        }
        found
    }

    #[cps]
    fn life(log: &Log, words: &[&str], gone: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut root = Node::new("", None);
        for (at, word) in words.iter().enumerate() {
            let value = log.tracked(format!("{word}{at}"));
            if let Some(before) = call!(insert(log, &mut root, word, value)) {
                before.touch();
            }
        }
        for word in gone {
            match call!(remove(log, &mut root, word)) {
                Some(value) => value.consume(),
                None => log.note(format_args!("no {word}")),
            }
        }
        for key in ["test", "tes", "grau"] {
            log.note(call!(touch(&root, key)));
        }
        let found = call!(with_prefix(&root, "te"));
        let mut all = Vec::new();
        call!(walk(root, String::new(), &mut all));
        (found, all.into_iter().map(|(key, _)| key).collect())
    }
}

const WORDS: &[&str] = &[
    "test", "team", "toast", "testing", "te", "test", "tea", "grün", "grau",
];

#[test]
fn lives() {
    let (found, all) = moved::life(Log::forever(), WORDS, &["te", "toast", "tom"]);
    assert_eq!(
        found,
        ["tea=tea6", "team=team1", "test=test5", "testing=testing3"]
    );
    assert_eq!(all, ["grau", "grün", "tea", "team", "test", "testing"]);
    assert_same!(|log| life(log, WORDS, &["te", "toast", "tom"]));
    assert_same!(|log| life(log, WORDS, WORDS));
}
