//! A decompressor of LZ4 blocks, and the greedy compressor that goes with it.

use std::collections::HashMap;

use behaviour::{Log, assert_same, both};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Corrupt {
    Truncated,
    ZeroOffset,
    OffsetBeforeStart,
    TooLong,
}

#[both]
mod cases {
    #[cps]
    fn length(input: &mut &[u8], nibble: u8) -> Result<usize, Corrupt> {
        let mut length = usize::from(nibble);
        if nibble < 15 {
            return Ok(length);
        }
        loop {
            let (&more, rest) = input.split_first().ok_or(Corrupt::Truncated)?;
            *input = rest;
            length += usize::from(more);
            coop!();
            if more != 255 {
                break Ok(length);
            }
        }
    }

    #[cps]
    fn decompress(log: &Log, mut input: &[u8], limit: usize) -> Result<Vec<u8>, Corrupt> {
        let mut out: Vec<u8> = Vec::new();
        while let [token, rest @ ..] = input {
            input = rest;
            let literals = call!(length(&mut input, *token >> 4))?;
            if literals > input.len() {
                return Err(Corrupt::Truncated);
            }
            let (run, rest) = input.split_at(literals);
            if out.len() + run.len() > limit {
                Err(Corrupt::TooLong)?;
            }
            out.extend_from_slice(run);
            input = rest;
            coop!();
            // The last sequence has no match.
            let [low, high, rest @ ..] = input else {
                if input.is_empty() {
                    break;
                }
                return Err(Corrupt::Truncated);
            };
            let offset = usize::from(u16::from_le_bytes([*low, *high]));
            input = rest;
            let matched = call!(length(&mut input, *token & 15))? + 4;
            let from = match offset {
                0 => return Err(Corrupt::ZeroOffset),
                offset => out
                    .len()
                    .checked_sub(offset)
                    .ok_or(Corrupt::OffsetBeforeStart)?,
            };
            if out.len() + matched > limit {
                return Err(Corrupt::TooLong);
            }
            log.note(format_args!("match of {matched} at {from}"));
            // It may overlap what it makes.
            for at in from..from + matched {
                let byte = out[at];
                out.push(byte);
                if at.is_multiple_of(8) {
                    coop!();
                }
            }
        }
        Ok(out)
    }

    #[cps]
    fn put_length(out: &mut Vec<u8>, mut left: usize) {
        while left >= 255 {
            out.push(255);
            left -= 255;
            coop!();
        }
        out.push(left as u8);
    }

    #[cps]
    fn put(out: &mut Vec<u8>, literals: &[u8], found: Option<(u16, usize)>) {
        let nibble = |length: usize| length.min(15) as u8;
        let matched = found.map_or(0, |(_, length)| nibble(length - 4));
        out.push(nibble(literals.len()) << 4 | matched);
        coop!();
        if literals.len() >= 15 {
            call!(put_length(&mut *out, literals.len() - 15));
        }
        out.extend(literals);
        let Some((offset, length)) = found else {
            return;
        };
        out.extend(offset.to_le_bytes());
        if length - 4 >= 15 {
            call!(put_length(&mut *out, length - 4 - 15));
        }
    }

    #[cps]
    fn compress(input: &[u8]) -> Vec<u8> {
        let mut seen: HashMap<[u8; 4], usize> = HashMap::new();
        let (mut out, mut at, mut anchor) = (Vec::new(), 0, 0);
        while at + 4 <= input.len() {
            let key = [input[at], input[at + 1], input[at + 2], input[at + 3]];
            let before = seen.insert(key, at).filter(|before| at - before <= 0xffff);
            let Some(before) = before else {
                at += 1;
                coop!();
                continue;
            };
            let mut length = 4;
            while at + length < input.len() && input[before + length] == input[at + length] {
                length += 1;
            }
            let literals = &input[anchor..at];
            call!(put(
                &mut out,
                literals,
                Some(((at - before) as u16, length))
            ));
            at += length;
            anchor = at;
        }
        call!(put(&mut out, &input[anchor..], None));
        out
    }

    #[cps]
    fn there_and_back(log: &Log, input: &'static [u8]) -> (usize, Result<bool, Corrupt>) {
        let packed = call!(compress(input));
        let unpacked = call!(decompress(log, &packed, 4096));
        (packed.len(), unpacked.map(|bytes| bytes == input))
    }
}

#[test]
fn blocks() {
    let block = b"\x35abc\x03\x00\x10d";
    let out = moved::decompress(Log::forever(), block, 100).unwrap();
    assert_eq!(out, b"abcabcabcabcd");
    assert_same!(|log| decompress(log, b"\x35abc\x03\x00\x10d", 100));
    static LONG: [u8; 700] = [7; 700];
    for (input, packed) in [
        (&b""[..], 1),
        (b"no repetition", 14),
        (b"row row row your boat, row row row", 24),
        (&LONG, 8),
    ] {
        let found = moved::there_and_back(Log::forever(), input);
        assert_eq!(found, (packed, Ok(true)));
        assert_same!(|log| there_and_back(log, input));
    }
}

#[test]
fn corrupt_blocks() {
    for (block, error) in [
        (&b"\x50abc"[..], Corrupt::Truncated),
        (b"\xf0\xff", Corrupt::Truncated),
        (b"\x10a\x00\x00", Corrupt::ZeroOffset),
        (b"\x10a\x02\x00", Corrupt::OffsetBeforeStart),
        (b"\x1fa\x01\x00\xff\xff\x00", Corrupt::TooLong),
        (b"\x10a\x02", Corrupt::Truncated),
    ] {
        assert_eq!(moved::decompress(Log::forever(), block, 100), Err(error));
        assert_same!(|log| decompress(log, block, 100));
    }
}
