//! `docs/diagnostics.md` shows what the cases end in: `<!-- case -->` stands before how the compiler words its first error, `<!-- case 2 -->` its second,
//! and each error code is spoken of.
//!
//! `UPDATE_EXPECT=1 cargo test -p ui-tests --test documented` writes the document anew.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// One error of a case, without the compiler's notes to it.
fn error(case: &str) -> String {
    let (case, which) = case.split_once(' ').unwrap_or((case, "1"));
    let which: usize = which.parse().expect("which error of the case");
    let path = root("ui").join(case).with_extension("stderr");
    let recorded = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{case}: {error}"));
    let errors = recorded
        .split("\n\n")
        .filter(|part| part.starts_with("error"));
    let recorded = errors.skip(which - 1).collect::<Vec<_>>().join("\n\n");
    let note = |line: &&str| {
        let line = line.trim_start();
        ["= ", "note:", "help:"]
            .iter()
            .any(|start| line.starts_with(start))
            || line.is_empty()
    };
    let mut lines = recorded.lines();
    let head = lines
        .by_ref()
        .take_while(|line| !line.trim_start().starts_with("-->"));
    let head: Vec<_> = head.collect();
    let place = recorded.lines().nth(head.len());
    let excerpt = lines.take_while(|line| !note(line));
    let mut shown: Vec<_> = head.into_iter().chain(place).chain(excerpt).collect();
    while shown.last().is_some_and(|line| line.trim() == "|") {
        shown.pop();
    }
    shown.join("\n")
}

/// The document with each case as it is recorded now.
fn renewed(document: &str) -> String {
    let mut new = String::new();
    let mut lines = document.lines().peekable();
    while let Some(line) = lines.next() {
        new += line;
        new.push('\n');
        let case = line
            .strip_prefix("<!-- ")
            .and_then(|line| line.strip_suffix(" -->"));
        let Some(case) = case else { continue };
        new += &format!("\n```text\n{}\n```\n", error(case));
        lines.next_if(|line| line.is_empty());
        if lines.next_if(|line| *line == "```text").is_some() {
            lines
                .by_ref()
                .take_while(|line| *line != "```")
                .for_each(drop);
        } else {
            new.push('\n');
        }
    }
    new
}

#[test]
fn messages_are_what_is_recorded() {
    let path = root("../docs/diagnostics.md");
    let document = fs::read_to_string(&path).expect("the document");
    let new = renewed(&document);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &new).expect("written");
    } else if document != new {
        let differs = document
            .lines()
            .zip(new.lines())
            .find(|(old, new)| old != new);
        panic!("docs/diagnostics.md is out of date: {differs:#?}");
    }
}

#[test]
fn each_error_code_is_spoken_of() {
    let document = fs::read_to_string(root("../docs/diagnostics.md")).expect("the document");
    let mut missing = BTreeSet::new();
    for file in fs::read_dir(root("ui")).expect("the cases") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|end| end == "stderr") {
            let recorded = fs::read_to_string(&path).expect("what is recorded");
            let codes = recorded
                .lines()
                .filter_map(|line| line.strip_prefix("error["));
            let codes = codes.filter_map(|line| line.split(']').next());
            missing.extend(
                codes
                    .filter(|code| !document.contains(code))
                    .map(str::to_owned),
            );
        }
    }
    assert!(
        missing.is_empty(),
        "not in docs/diagnostics.md: {missing:?}"
    );
}
