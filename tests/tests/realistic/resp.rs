//! A server of the RESP protocol: pipelined commands out of a buffer, a store with ends of life, replies.

use std::collections::HashMap;

use behaviour::{Log, assert_same, both};

#[derive(Clone, Debug, PartialEq)]
enum Reply {
    Simple(&'static str),
    Error(String),
    Integer(i64),
    Bulk(Option<Vec<u8>>),
    Array(Vec<Reply>),
}

#[derive(Clone, Debug, PartialEq)]
enum Stored {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
}

#[derive(Debug, Default)]
struct Store {
    entries: HashMap<Vec<u8>, (Stored, Option<u64>)>,
    now: u64,
}

impl Store {
    fn get(&mut self, key: &[u8]) -> Option<&mut Stored> {
        if let Some((_, Some(end))) = self.entries.get(key)
            && *end <= self.now
        {
            self.entries.remove(key);
        }
        self.entries.get_mut(key).map(|(stored, _)| stored)
    }
}

const WRONG_TYPE: &str = "WRONGTYPE a list, or not one";

#[both]
mod cases {
    #[cps]
    fn line<'b>(input: &mut &'b [u8]) -> Result<Option<&'b [u8]>, String> {
        for at in 0..input.len().saturating_sub(1) {
            if &input[at..at + 2] == b"\r\n" {
                let line = &input[..at];
                *input = &input[at + 2..];
                return Ok(Some(line));
            }
            if at > 64 {
                return Err("ERR line too long".to_owned());
            }
            coop!();
        }
        Ok(None)
    }

    #[cps]
    fn number(text: &[u8]) -> Result<usize, String> {
        coop!();
        let text = std::str::from_utf8(text).map_err(|error| format!("ERR {error}"))?;
        text.parse().map_err(|error| format!("ERR {error}"))
    }

    /// The next command, or `None` if more must be read first.
    #[cps]
    fn command(input: &mut &[u8]) -> Result<Option<Vec<Vec<u8>>>, String> {
        let mut rest = *input;
        let Some(head) = call!(line(&mut rest))? else {
            return Ok(None);
        };
        let words = match head {
            [b'*', count @ ..] => {
                let count = call!(number(count))?;
                let mut words = Vec::with_capacity(count.min(16));
                for _ in 0..count {
                    let size = match call!(line(&mut rest))? {
                        None => return Ok(None),
                        Some([b'$', size @ ..]) => call!(number(size))?,
                        Some(other) => {
                            return Err(format!("ERR expected `$`, found {:?}", other.first()));
                        }
                    };
                    let Some((word, after)) = rest.split_at_checked(size + 2) else {
                        return Ok(None);
                    };
                    let [word @ .., b'\r', b'\n'] = word else {
                        return Err("ERR unterminated".into());
                    };
                    words.push(word.to_vec());
                    rest = after;
                }
                words
            }
            inline => inline
                .split(u8::is_ascii_whitespace)
                .map(<[u8]>::to_vec)
                .collect(),
        };
        *input = rest;
        Ok(Some(words))
    }

    #[cps]
    fn add(store: &mut Store, key: &[u8], by: i64) -> Result<i64, String> {
        let stored = match store.get(key) {
            Some(Stored::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Some(Stored::List(_)) => return Err(WRONG_TYPE.to_owned()),
            None => "0".to_owned(),
        };
        coop!();
        let sum = stored
            .parse::<i64>()
            .ok()
            .and_then(|n| n.checked_add(by))
            .ok_or("ERR not an integer, or out of range")?;
        let text = Stored::Text(sum.to_string().into_bytes());
        store.entries.insert(key.to_vec(), (text, None));
        Ok(sum)
    }

    #[cps]
    fn execute(log: &Log, store: &mut Store, words: &[Vec<u8>]) -> Result<Reply, String> {
        let (name, args) = words.split_first().ok_or("ERR no command")?;
        log.note(String::from_utf8_lossy(name));
        Ok(match (&name[..], args) {
            (b"PING", []) => Reply::Simple("PONG"),
            (b"PING" | b"ECHO", [word]) => Reply::Bulk(Some(word.clone())),
            (b"SET", [key, value, options @ ..]) => {
                let end = match options {
                    [] => None,
                    [unit, count] => {
                        let count = call!(number(count))? as u64;
                        Some(store.now + if unit == b"EX" { count * 1000 } else { count })
                    }
                    _ => return Err("ERR syntax".to_owned()),
                };
                coop!();
                let text = Stored::Text(value.clone());
                store.entries.insert(key.clone(), (text, end));
                Reply::Simple("OK")
            }
            (b"GET", [key]) => match store.get(key) {
                Some(Stored::Text(text)) => Reply::Bulk(Some(text.clone())),
                Some(Stored::List(_)) => Err(WRONG_TYPE)?,
                None => Reply::Bulk(None),
            },
            (b"DEL", keys @ [_, ..]) => {
                let mut removed = 0;
                for key in keys {
                    coop!();
                    removed += i64::from(store.entries.remove(key).is_some());
                }
                Reply::Integer(removed)
            }
            (b"INCR", [key]) => Reply::Integer(call!(add(store, key, 1))?),
            (b"DECRBY", [key, by]) => {
                let by = call!(number(by))? as i64;
                Reply::Integer(call!(add(store, key, -by))?)
            }
            (b"RPUSH", [key, values @ ..]) if !values.is_empty() => {
                if store.get(key).is_none() {
                    store
                        .entries
                        .insert(key.clone(), (Stored::List(vec![]), None));
                }
                coop!();
                let Some(Stored::List(list)) = store.get(key) else {
                    return Err(WRONG_TYPE.to_owned());
                };
                list.extend_from_slice(values);
                Reply::Integer(list.len() as i64)
            }
            (b"LRANGE", [key, from, to]) => {
                let (from, to) = (call!(number(from))?, call!(number(to))?);
                match store.get(key) {
                    Some(Stored::List(list)) => {
                        let part = list.iter().take(to + 1).skip(from);
                        Reply::Array(part.cloned().map(|item| Reply::Bulk(Some(item))).collect())
                    }
                    Some(_) => return Err(WRONG_TYPE.to_owned()),
                    None => Reply::Array(Vec::new()),
                }
            }
            (b"SLEEP", [count]) => {
                for _ in 0..call!(number(count))? {
                    store.now += 1;
                    coop!();
                }
                Reply::Simple("OK")
            }
            (name, _) => return Err(format!("ERR unknown `{}`", String::from_utf8_lossy(name))),
        })
    }

    #[cps]
    fn write(out: &mut Vec<u8>, reply: &Reply) {
        match reply {
            Reply::Simple(text) => out.extend(format!("+{text}\r\n").bytes()),
            Reply::Error(text) => out.extend(format!("-{text}\r\n").into_bytes()),
            Reply::Integer(n) => out.extend(format!(":{n}\r\n").into_bytes()),
            Reply::Bulk(None) => out.extend(b"$-1\r\n"),
            Reply::Bulk(Some(bytes)) => {
                out.extend(format!("${}\r\n", bytes.len()).into_bytes());
                coop!();
                out.extend(bytes);
                out.extend(b"\r\n");
            }
            Reply::Array(replies) => {
                out.extend(format!("*{}\r\n", replies.len()).into_bytes());
                for reply in replies {
                    call!(write(out, reply));
                }
            }
        }
    }

    #[cps]
    fn serve(log: &Log, mut input: &[u8]) -> (String, usize) {
        let (mut store, mut out) = (Store::default(), Vec::new());
        loop {
            let reply = match call!(command(&mut input)) {
                Ok(None) => break,
                Ok(Some(words)) if words.concat().is_empty() => continue,
                Ok(Some(words)) => {
                    call!(execute(log, &mut store, &words)).unwrap_or_else(Reply::Error)
                }
                Err(error) => {
                    call!(write(&mut out, &Reply::Error(error)));
                    break;
                }
            };
            call!(write(&mut out, &reply));
        }
        (
            String::from_utf8_lossy(&out).replace("\r\n", "|"),
            input.len(),
        )
    }
}

#[test]
fn conversations() {
    for (input, output, left) in [
        (
            "PING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n",
            "+PONG|$2|hi|",
            0,
        ),
        (
            "SET a 5\r\nINCR a\r\nDECRBY a 10\r\nGET a\r\nGET b\r\n",
            "+OK|:6|:-4|$2|-4|$-1|",
            0,
        ),
        (
            "SET k v PX 2\r\nGET k\r\nSLEEP 2\r\nGET k\r\n",
            "+OK|$1|v|+OK|$-1|",
            0,
        ),
        (
            "RPUSH l x y z\r\nLRANGE l 1 5\r\nINCR l\r\nDEL l m\r\n",
            ":3|*2|$1|y|$1|z|-WRONGTYPE a list, or not one|:1|",
            0,
        ),
        (
            "SET s t\r\nINCR s\r\nNOPE\r\n\r\n",
            "+OK|-ERR not an integer, or out of range|-ERR unknown `NOPE`|",
            0,
        ),
        ("*2\r\n$4\r\nECHO\r\n$9\r\nhal", "", 21),
        ("*1\r\n:4\r\n", "-ERR expected `$`, found Some(58)|", 8),
        ("*x\r\nPING\r\n", "-ERR invalid digit found in string|", 10),
    ] {
        let found = moved::serve(Log::forever(), input.as_bytes());
        assert_eq!((&*found.0, found.1), (output, left), "{input}");
        assert_same!(|log| serve(log, input.as_bytes()));
    }
}
