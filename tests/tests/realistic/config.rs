//! A reader of configuration files: sections, typed values, lists over several lines, comments, errors
//! with their line.

use std::collections::BTreeMap;
use std::error;
use std::fmt;
use std::num::ParseIntError;

use behaviour::{Log, assert_same, both};

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(i64),
    Switch(bool),
    Text(String),
    List(Vec<Value>),
}

type Section = BTreeMap<String, Value>;

#[derive(Debug)]
enum Error {
    Line(usize, &'static str),
    Number(usize, ParseIntError),
    Twice { line: usize, key: String },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Line(line, why) => write!(out, "line {line}: {why}"),
            Error::Number(line, why) => write!(out, "line {line}: {why}"),
            Error::Twice { line, key } => write!(out, "line {line}: `{key}` again"),
        }
    }
}

impl error::Error for Error {}

/// What stands in a line before a comment.
fn uncommented(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return line[..at].trim(),
            _ => {}
        }
    }
    line.trim()
}

#[both]
mod cases {
    #[cps]
    fn scalar(line: usize, text: &str) -> Result<Value, Error> {
        coop!();
        Ok(match text {
            "true" | "yes" | "on" => Value::Switch(true),
            "false" | "no" | "off" => Value::Switch(false),
            _ if text.starts_with('"') => {
                let inner = text[1..]
                    .strip_suffix('"')
                    .ok_or(Error::Line(line, "unclosed text"))?;
                let mut out = String::new();
                let mut chars = inner.chars();
                while let Some(c) = chars.next() {
                    coop!();
                    out.push(match c {
                        '\\' => match chars.next() {
                            Some('n') => '\n',
                            Some(c @ ('"' | '\\')) => c,
                            _ => return Err(Error::Line(line, "unknown escape")),
                        },
                        '"' => return Err(Error::Line(line, "text after text")),
                        c => c,
                    });
                }
                Value::Text(out)
            }
            _ => {
                let (digits, radix) = match text.strip_prefix("0x") {
                    Some(digits) => (digits, 16),
                    None => (text, 10),
                };
                let digits = digits.replace('_', "");
                Value::Number(
                    i64::from_str_radix(&digits, radix).map_err(|why| Error::Number(line, why))?,
                )
            }
        })
    }

    #[cps]
    fn value<'t>(
        lines: &mut (impl Iterator<Item = (usize, &'t str)> + Send),
        line: usize,
        text: &str,
    ) -> Result<Value, Error> {
        let Some(mut rest) = text.strip_prefix('[') else {
            return call!(scalar(line, text));
        };
        let mut items = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix(']') {
                return match after.trim() {
                    "" => Ok(Value::List(items)),
                    _ => Err(Error::Line(line, "text after a list")),
                };
            }
            if rest.is_empty() {
                let (_, next) = lines.next().ok_or(Error::Line(line, "unclosed list"))?;
                coop!();
                let owned = uncommented(next).to_owned();
                let more = call!(continued(line, &mut items, &owned))?;
                if more {
                    continue;
                }
                return Ok(Value::List(items));
            }
            let end = rest
                .find([',', ']'])
                .ok_or(Error::Line(line, "unclosed list"))?;
            items.push(call!(scalar(line, rest[..end].trim()))?);
            rest = rest[end..].strip_prefix(',').unwrap_or(&rest[end..]);
        }
    }

    /// A further line of a list; whether there are more.
    #[cps]
    fn continued(line: usize, items: &mut Vec<Value>, text: &str) -> Result<bool, Error> {
        let (text, more) = match text.strip_suffix(']') {
            Some(text) => (text, false),
            None => (text, true),
        };
        for item in text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
        {
            items.push(call!(scalar(line, item))?);
        }
        Ok(more)
    }

    #[cps]
    fn read(
        log: &Log,
        text: &str,
    ) -> Result<BTreeMap<String, Section>, Box<dyn error::Error + Send + Sync>> {
        let mut sections: BTreeMap<String, Section> = BTreeMap::new();
        let mut name = String::from("main");
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        while let Some((number, line)) = lines.next() {
            let line = uncommented(line);
            coop!();
            if line.is_empty() {
                continue;
            } else if let Some(rest) = line.strip_prefix('[') {
                let inner = rest.strip_suffix(']').ok_or("a section without end")?;
                name = inner.trim().to_lowercase();
                log.note(&name);
                sections.entry(name.clone()).or_default();
                continue;
            }
            let (key, text) = line.split_once('=').ok_or(Error::Line(number, "no `=`"))?;
            let key = key.trim().to_owned();
            if key.is_empty() {
                Err(Error::Line(number, "no key"))?;
            }
            let value = call!(value(&mut lines, number, text.trim()))?;
            let section = sections.entry(name.clone()).or_default();
            if section.contains_key(&key) {
                return Err(Error::Twice { line: number, key }.into());
            }
            section.insert(key, value);
        }
        Ok(sections)
    }

    #[cps]
    fn shown(log: &Log, text: &str) -> Result<Vec<String>, String> {
        let sections = call!(read(log, text)).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        for (name, section) in sections {
            for (key, value) in section {
                coop!();
                out.push(format!("{name}.{key} = {value:?}"));
            }
        }
        Ok(out)
    }
}

const TEXT: &str = r##"
depth = 0x1f # hexadecimal
name = "a # \"b\" \\"
[ Server ]
ports = [80, 443, 8_080]
on = yes
hosts = [
    "a", "b", # two
    "c"]
[empty]
"##;

#[test]
fn files() {
    let found = moved::shown(Log::forever(), TEXT).unwrap();
    let expected = [
        r##"main.depth = Number(31)"##,
        r##"main.name = Text("a # \"b\" \\")"##,
        r##"server.hosts = List([Text("a"), Text("b"), Text("c")])"##,
        r##"server.on = Switch(true)"##,
        r##"server.ports = List([Number(80), Number(443), Number(8080)])"##,
    ];
    assert_eq!(found, expected);
    assert_same!(|log| shown(log, TEXT));
}

#[test]
fn errors() {
    for (text, error) in [
        ("a", "line 1: no `=`"),
        ("\n= 1", "line 2: no key"),
        ("a = 1\na = 2", "line 2: `a` again"),
        ("a = 1x", "line 1: invalid digit found in string"),
        ("a = \"x", "line 1: unclosed text"),
        ("a = \"\\q\"", "line 1: unknown escape"),
        ("a = [1, 2] 3", "line 1: text after a list"),
        ("a = [1,\n2,", "line 1: unclosed list"),
        ("[a", "a section without end"),
    ] {
        assert_eq!(
            moved::shown(Log::forever(), text),
            Err(error.to_owned()),
            "{text}"
        );
        assert_same!(|log| shown(log, text));
    }
}
