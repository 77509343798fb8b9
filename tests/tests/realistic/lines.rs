//! A splitter of bytes into lines of valid UTF-8, over chunks that end wherever they like.

use std::collections::VecDeque;

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Clone, Debug, PartialEq)]
enum Invalid {
    Start(u8),
    Continuation { expected: u8, found: u8 },
    Overlong,
    Cut,
}

#[derive(Debug)]
struct Chunks {
    left: VecDeque<&'static [u8]>,
    held: Option<Tracked>,
}

#[both]
mod cases {
    #[derive(Debug)]
    pub(super) struct Splitter {
        chunks: Chunks,
        current: &'static [u8],
        taken: usize,
    }

    #[cps]
    impl Splitter {
        #[cps]
        fn byte(&mut self, log: &Log) -> Option<u8> {
            loop {
                if let Some((&byte, rest)) = self.current.split_first() {
                    self.current = rest;
                    self.taken += 1;
                    return Some(byte);
                }
                coop!();
                self.current = self.chunks.left.pop_front()?;
                // Each chunk ends the one before.
                self.chunks.held = Some(log.tracked(format!("chunk of {}", self.current.len())));
            }
        }

        #[cps]
        fn char(&mut self, log: &Log, first: u8) -> Result<char, Invalid> {
            let (count, bits) = match first {
                0..=0x7f => return Ok(first as char),
                0xc2..=0xdf => (1, first & 0x1f),
                0xe0..=0xef => (2, first & 0x0f),
                0xf0..=0xf4 => (3, first & 0x07),
                0xc0 | 0xc1 => return Err(Invalid::Overlong),
                other => return Err(Invalid::Start(other)),
            };
            let mut code = u32::from(bits);
            for expected in (1..=count).rev() {
                let Some(found) = call!(self.byte(log)) else {
                    return Err(Invalid::Cut);
                };
                if found & 0xc0 != 0x80 {
                    return Err(Invalid::Continuation { expected, found });
                }
                code = code << 6 | u32::from(found & 0x3f);
            }
            let least = [0, 0x80, 0x800, 0x10000][count as usize];
            if code < least {
                Err(Invalid::Overlong)
            } else {
                char::from_u32(code).ok_or(Invalid::Start(first))
            }
        }

        #[cps]
        fn line(&mut self, log: &Log) -> Option<Result<String, (usize, Invalid)>> {
            let mut line = String::new();
            let mut first = call!(self.byte(log))?;
            let error = loop {
                match first {
                    b'\n' => {
                        if line.ends_with('\r') {
                            line.pop();
                        }
                        return Some(Ok(line));
                    }
                    _ => match call!(self.char(log, first)) {
                        Ok(c) => line.push(c),
                        Err(error) => break error,
                    },
                }
                first = match call!(self.byte(log)) {
                    Some(byte) => byte,
                    None => return Some(Ok(line)),
                };
            };
            let at = self.taken;
            // The rest of a bad line is skipped.
            loop {
                if let None | Some(b'\n') = call!(self.byte(log)) {
                    break;
                }
            }
            Some(Err((at, error)))
        }
    }

    #[cps]
    fn lines(log: &Log, chunks: &[&'static [u8]]) -> Vec<Result<String, (usize, Invalid)>> {
        let left = chunks.iter().copied().collect();
        let mut splitter = Splitter {
            chunks: Chunks { left, held: None },
            current: b"",
            taken: 0,
        };
        let mut lines = vec![];
        while let Some(line) = call!(splitter.line(log)) {
            log.note(format_args!("{line:?}"));
            lines.push(line);
        }
        lines
    }
}

#[test]
fn lines_over_chunks() {
    let text = "grün\r\n\n日本\u{10348}\nend".as_bytes();
    let expected = ["grün", "", "日本\u{10348}", "end"].map(|line| Ok(line.to_owned()));
    for size in [1, 2, 3, 5, 100] {
        let chunks: Vec<&'static [u8]> = text.chunks(size).collect();
        assert_eq!(moved::lines(Log::forever(), &chunks), expected);
        let chunks: &[_] = behaviour::forever(chunks);
        assert_same!(|log| lines(log, chunks));
    }
}

#[test]
fn invalid_lines() {
    let chunks: &[&[u8]] = &[
        b"ok\n\xff bad\n\xe2\x82",
        b"x\n\xc0\x80\n\xe0\x80\x80\ngood\n\xf0\x9f",
    ];
    let found = moved::lines(Log::forever(), chunks);
    let continuation = Invalid::Continuation {
        expected: 1,
        found: b'x',
    };
    let expected = [
        Ok("ok".to_owned()),
        Err((4, Invalid::Start(0xff))),
        Err((12, continuation)),
        Err((14, Invalid::Overlong)),
        Err((19, Invalid::Overlong)),
        Ok("good".to_owned()),
        Err((27, Invalid::Cut)),
    ];
    assert_eq!(found, expected);
    assert_same!(|log| lines(
        log,
        &[
            b"ok\n\xff bad\n\xe2\x82",
            b"x\n\xc0\x80\n\xe0\x80\x80\ngood\n\xf0\x9f"
        ]
    ));
}
