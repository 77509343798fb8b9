//! Each message of the table has a case in `ui-tests` that ends in it and a place in `docs/diagnostics.md`,
//! and is in one style.

use crate::messages::{ALL, Message};

/// Bugs have no case, since none is known.
const WITHOUT_A_CASE: [&str; 1] = ["BROKEN"];

/// What the compiler says of the cases in `ui-tests`.
fn recorded() -> String {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui-tests/ui");
    let paths = std::fs::read_dir(cases).expect("the cases");
    let paths = paths.map(|file| file.expect("a file").path());
    let recorded = paths.filter(|path| path.extension().is_some_and(|end| end == "stderr"));
    recorded
        .map(|path| std::fs::read_to_string(path).expect("what is recorded"))
        .collect()
}

/// Whether a text holds a message, with any words in the places of those that differ.
fn holds(text: &str, message: &Message) -> bool {
    [message.what, message.help].iter().all(|part| {
        let line = |line: &str| {
            let words = part.split(['{', '}']).step_by(2);
            let mut rest = line;
            words.into_iter().all(|word| match rest.find(word) {
                Some(at) => {
                    rest = &rest[at + word.len()..];
                    true
                }
                None => false,
            })
        };
        text.lines().any(line)
    })
}

#[test]
fn each_message_has_a_case() {
    let recorded = recorded();
    let missing: Vec<_> = ALL
        .iter()
        .filter(|(name, message)| !WITHOUT_A_CASE.contains(name) && !holds(&recorded, message))
        .map(|(name, _)| name)
        .collect();
    assert!(missing.is_empty(), "no case in ui-tests: {missing:?}");
}

#[test]
fn each_message_is_documented() {
    let document = include_str!("../../docs/diagnostics.md");
    let missing: Vec<_> = ALL
        .iter()
        .filter(|(_, message)| !holds(document, message))
        .map(|(name, _)| name)
        .collect();
    assert!(
        missing.is_empty(),
        "not in docs/diagnostics.md: {missing:?}"
    );
}

#[test]
fn messages_are_in_one_style() {
    for (name, Message { what, help }) in ALL {
        let starts = |text: &str| text.starts_with(|c: char| c.is_lowercase() || "`{".contains(c));
        let ends = |text: &str| !text.ends_with(['.', '!', ' ']);
        assert!(starts(what) && ends(what), "{name}: {what}");
        assert!(starts(help) && ends(help), "{name}: {help}");
        assert!(what.lines().chain(help.lines()).count() == 2, "{name}");
    }
}
