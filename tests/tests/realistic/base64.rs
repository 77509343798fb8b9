//! Base64, both ways, with padding.

use behaviour::{Log, assert_same, both};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[derive(Clone, Copy, Debug, PartialEq)]
enum DecodeError {
    Byte(usize, u8),
    Length,
    LastSymbol(usize),
}

#[both]
mod cases {
    #[cps]
    fn encode(input: &[u8]) -> String {
        let mut out = String::with_capacity(input.len().div_ceil(3) * 4);
        for chunk in input.chunks(3) {
            let (a, b, c) = match *chunk {
                [a, b, c] => (a, Some(b), Some(c)),
                [a, b] => (a, Some(b), None),
                [a] => (a, None, None),
                _ => unreachable!("chunks hold one to three bytes"),
            };
            coop!();
            let bits =
                u32::from(a) << 16 | u32::from(b.unwrap_or(0)) << 8 | u32::from(c.unwrap_or(0));
            let symbol = move |at: u32| ALPHABET[(bits >> (18 - 6 * at) & 63) as usize] as char;
            out.push(symbol(0));
            out.push(symbol(1));
            out.push(if b.is_some() { symbol(2) } else { '=' });
            coop!();
            out.push(if c.is_some() { symbol(3) } else { '=' });
        }
        out
    }

    #[cps]
    fn symbol(at: usize, byte: u8) -> Result<u32, DecodeError> {
        coop!();
        let found = ALPHABET.iter().position(|symbol| *symbol == byte);
        found.map(|n| n as u32).ok_or(DecodeError::Byte(at, byte))
    }

    #[cps]
    fn decode(log: &Log, text: &str) -> Result<Vec<u8>, DecodeError> {
        let bytes = text.as_bytes();
        if !bytes.len().is_multiple_of(4) {
            return Err(DecodeError::Length);
        }
        let padding = bytes
            .iter()
            .rev()
            .take(2)
            .take_while(|byte| **byte == b'=')
            .count();
        let body = &bytes[..bytes.len() - padding];
        let mut out = Vec::with_capacity(body.len() * 3 / 4);
        let (mut bits, mut held) = (0u32, 0);
        for (at, &byte) in body.iter().enumerate() {
            bits = bits << 6 | call!(symbol(at, byte))?;
            held += 6;
            if held >= 8 {
                held -= 8;
                out.push((bits >> held) as u8);
                bits &= (1 << held) - 1;
            }
        }
        if bits != 0 {
            log.note(format_args!("{bits:b} left"));
            return Err(DecodeError::LastSymbol(body.len() - 1));
        }
        Ok(out)
    }

    #[cps]
    fn there_and_back(log: &Log, input: &[u8]) -> (String, Result<bool, DecodeError>) {
        let text = call!(encode(input));
        let same = call!(decode(log, &text)).map(|output| output == input);
        (text, same)
    }
}

#[test]
fn codes() {
    for (input, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foobar", "Zm9vYmFy"),
        ("\u{ff}\u{fe}~", "w7/Dvn4="),
    ] {
        let found = moved::there_and_back(Log::forever(), input.as_bytes());
        assert_eq!(found, (text.to_owned(), Ok(true)));
        assert_same!(|log| there_and_back(log, input.as_bytes()));
    }
}

#[test]
fn errors() {
    for (text, error) in [
        ("Zg=", DecodeError::Length),
        ("Z?==", DecodeError::Byte(1, b'?')),
        ("Zh==", DecodeError::LastSymbol(1)),
        ("Z===", DecodeError::Byte(1, b'=')),
    ] {
        assert_eq!(moved::decode(Log::forever(), text), Err(error));
        assert_same!(|log| decode(log, text));
    }
}
