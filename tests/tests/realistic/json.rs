//! A JSON parser by recursive descent: borrowed input, errors with their place, escapes, surrogate pairs.

use std::collections::BTreeMap;
use std::fmt;

use behaviour::{Log, assert_same, both};

const DEEPEST: usize = 16;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Unexpected(u8),
    EndOfInput,
    BadEscape,
    BadNumber,
    TooDeep,
    Trailing,
}

#[derive(Clone, Debug, PartialEq)]
struct Error {
    kind: Kind,
    at: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} at byte {}", self.kind, self.at)
    }
}

#[both]
mod cases {
    #[derive(Debug)]
    pub(super) struct Parser<'text> {
        text: &'text str,
        at: usize,
        depth: usize,
        log: &'text Log,
    }

    #[cps]
    impl<'text> Parser<'text> {
        fn fail<T>(&self, kind: Kind) -> Result<T, Error> {
            Err(Error { kind, at: self.at })
        }

        fn peek(&self) -> Option<u8> {
            self.text.as_bytes().get(self.at).copied()
        }

        #[cps]
        fn space(&mut self) {
            while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
                self.at += 1;
                if self.at.is_multiple_of(4) {
                    coop!();
                }
            }
        }

        #[cps]
        fn expect(&mut self, byte: u8) -> Result<(), Error> {
            call!(self.space());
            match self.peek() {
                Some(found) if found == byte => {
                    self.at += 1;
                    Ok(())
                }
                Some(other) => self.fail(Kind::Unexpected(other)),
                None => self.fail(Kind::EndOfInput),
            }
        }

        #[cps]
        fn value(&mut self) -> Result<Value, Error> {
            call!(self.space());
            let Some(first) = self.peek() else {
                coop!();
                return self.fail(Kind::EndOfInput);
            };
            coop!();
            if self.depth > DEEPEST {
                return self.fail(Kind::TooDeep);
            }
            match first {
                b'{' => {
                    self.depth += 1;
                    let object = call!(self.object())?;
                    self.depth -= 1;
                    Ok(Value::Object(object))
                }
                b'[' => {
                    self.depth += 1;
                    let list = call!(self.list());
                    self.depth -= 1;
                    list.map(Value::List)
                }
                b'"' => Ok(Value::Text(call!(self.string())?)),
                b'-' | b'0'..=b'9' => call!(self.number()).map(Value::Number),
                b't' => call!(self.word("true", Value::Bool(true))),
                b'f' => call!(self.word("false", Value::Bool(false))),
                b'n' => call!(self.word("null", Value::Null)),
                other => self.fail(Kind::Unexpected(other)),
            }
        }

        #[cps]
        fn word(&mut self, word: &'static str, value: Value) -> Result<Value, Error> {
            for expected in word.bytes() {
                match self.peek() {
                    Some(byte) if byte == expected => self.at += 1,
                    Some(byte) => return self.fail(Kind::Unexpected(byte)),
                    None => return self.fail(Kind::EndOfInput),
                }
                coop!();
            }
            Ok(value)
        }

        #[cps]
        fn object(&mut self) -> Result<BTreeMap<String, Value>, Error> {
            let mut members = BTreeMap::new();
            call!(self.expect(b'{'))?;
            call!(self.space());
            if self.peek() == Some(b'}') {
                self.at += 1;
                return Ok(members);
            }
            loop {
                call!(self.space());
                let key = call!(self.string())?;
                call!(self.expect(b':'))?;
                let value = call!(self.value())?;
                if let Some(before) = members.insert(key, value) {
                    self.log.note(format!("replaced {before:?}"));
                }
                call!(self.space());
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    Some(other) => return self.fail(Kind::Unexpected(other)),
                    None => return self.fail(Kind::EndOfInput),
                }
            }
            self.at += 1;
            Ok(members)
        }

        #[cps]
        fn list(&mut self) -> Result<Vec<Value>, Error> {
            call!(self.expect(b'['))?;
            let mut items = vec![];
            let closed = loop {
                call!(self.space());
                if self.peek() == Some(b']') && items.is_empty() {
                    break true;
                }
                items.push(call!(self.value())?);
                call!(self.space());
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        continue;
                    }
                    Some(b']') => break true,
                    _ => break false,
                }
            };
            if !closed {
                return match self.peek() {
                    Some(other) => self.fail(Kind::Unexpected(other)),
                    None => self.fail(Kind::EndOfInput),
                };
            }
            self.at += 1;
            Ok(items)
        }

        #[cps]
        fn string(&mut self) -> Result<String, Error> {
            call!(self.expect(b'"'))?;
            let mut out = String::new();
            let mut run = self.at;
            loop {
                match self.peek() {
                    None => return self.fail(Kind::EndOfInput),
                    Some(b'"') => {
                        out.push_str(&self.text[run..self.at]);
                        self.at += 1;
                        break Ok(out);
                    }
                    Some(b'\\') => {
                        out.push_str(&self.text[run..self.at]);
                        self.at += 1;
                        let c = call!(self.escape())?;
                        out.push(c);
                        run = self.at;
                    }
                    Some(byte @ 0..=0x1f) => return self.fail(Kind::Unexpected(byte)),
                    Some(_) => self.at += 1,
                }
                coop!();
            }
        }

        #[cps]
        fn escape(&mut self) -> Result<char, Error> {
            let Some(kind) = self.peek() else {
                return self.fail(Kind::EndOfInput);
            };
            self.at += 1;
            Ok(match kind {
                b'"' | b'\\' | b'/' => kind as char,
                b'n' => '\n',
                b't' => '\t',
                b'r' => '\r',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'u' => {
                    let high = call!(self.hex())?;
                    let code = if (0xd800..0xdc00).contains(&high) {
                        if !self.text[self.at..].starts_with("\\u") {
                            return self.fail(Kind::BadEscape);
                        }
                        self.at += 2;
                        let low = match call!(self.hex())? {
                            low @ 0xdc00..=0xdfff => low - 0xdc00,
                            _ => return self.fail(Kind::BadEscape),
                        };
                        0x10000 + ((high - 0xd800) << 10 | low)
                    } else {
                        high
                    };
                    match char::from_u32(code) {
                        Some(c) => c,
                        None => return self.fail(Kind::BadEscape),
                    }
                }
                _ => return self.fail(Kind::BadEscape),
            })
        }

        #[cps]
        fn hex(&mut self) -> Result<u32, Error> {
            let mut code = 0;
            for _ in 0..4 {
                let digit = self.peek().and_then(|byte| (byte as char).to_digit(16));
                let Some(digit) = digit else {
                    return self.fail(Kind::BadEscape);
                };
                coop!();
                code = code * 16 + digit;
                self.at += 1;
            }
            Ok(code)
        }

        #[cps]
        fn number(&mut self) -> Result<f64, Error> {
            let from = self.at;
            while let Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') = self.peek() {
                self.at += 1;
                coop!();
            }
            let text = &self.text[from..self.at];
            let kind = Kind::BadNumber;
            text.parse().map_err(|_| Error { kind, at: from })
        }
    }

    #[cps]
    fn parse(log: &'static Log, text: &'static str) -> Result<Value, Error> {
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
            log,
        };
        let value = call!(parser.value())?;
        call!(parser.space());
        match parser.peek() {
            None => Ok(value),
            Some(_) => parser.fail(Kind::Trailing),
        }
    }
}

#[test]
fn values() {
    let text = r#" { "name": "caf\u00e9 \ud83d\ude00\n", "list": [1, -2.5e2, [], {}, null],
                     "yes": true, "no": false, "name": "again" } "#;
    let list = [1.0, -250.0].map(Value::Number).into_iter();
    let list = list.chain([
        Value::List(vec![]),
        Value::Object(BTreeMap::new()),
        Value::Null,
    ]);
    let expected = [
        ("name", Value::Text("again".into())),
        ("list", Value::List(list.collect())),
        ("yes", Value::Bool(true)),
        ("no", Value::Bool(false)),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value));
    let found = moved::parse(Log::forever(), text);
    assert_eq!(found, Ok(Value::Object(BTreeMap::from(expected))));
    assert_same!(|log| parse(log, text));
    assert_eq!(
        moved::parse(Log::forever(), r#""\ud83d\ude00""#),
        Ok(Value::Text("😀".into()))
    );
}

#[test]
fn errors() {
    for (text, said) in [
        ("", "EndOfInput at byte 0"),
        ("[1, 2", "EndOfInput at byte 5"),
        ("[1 2]", "Unexpected(50) at byte 3"),
        (r#"{"a" 1}"#, "Unexpected(49) at byte 5"),
        (r#""\ud83dx""#, "BadEscape at byte 7"),
        (r#""\q""#, "BadEscape at byte 3"),
        ("tru", "EndOfInput at byte 3"),
        ("1.2.3", "BadNumber at byte 0"),
        ("[] []", "Trailing at byte 3"),
        ("[[[[[[[[[[[[[[[[[[[[1]", "TooDeep at byte 17"),
    ] {
        let error = moved::parse(Log::forever(), text).unwrap_err();
        assert_eq!(error.to_string(), said, "{text}");
        assert_same!(|log| parse(log, text));
    }
}
