//! The recomposer: makes lines of words.

use crate::component::{Failure, Tally};
use insideout::prelude::*;

/// Receives batches of words and sends lines of at most `width` characters on, until the words end
/// or nobody receives the lines.
#[cps]
pub(crate) fn recompose(
    words: Receiver<String>,
    width: usize,
    lines: Sender<Vec<u8>>,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut composer = Composer::new(width);
    loop {
        let batch = recv!(words);
        let last = batch.is_err();
        let text = match batch {
            Ok(batch) => composer.add(&batch),
            Err(_) => composer.end(),
        };
        let bytes = text.len();
        if bytes > 0 {
            if send!(lines, text).is_err() {
                return Ok(tally);
            }
            tally.message(bytes);
        }
        if last {
            return Ok(tally);
        }
    }
}

/// Composes lines of words that come in batches, and keeps no more of them than it must.
struct Composer {
    width: usize,
    /// What may still change: the separator before the last word, if it does not begin its line,
    /// and the word.
    text: Vec<u8>,
    /// Where the last word begins.
    word: usize,
    /// How many characters of it have come.
    length: usize,
    /// How many characters stand before it in its line, the separator included.
    column: usize,
}

impl Composer {
    fn new(width: usize) -> Self {
        Composer {
            width,
            text: Vec::new(),
            word: 0,
            length: 0,
            column: 0,
        }
    }

    /// Adds a batch of words; the text that is settled by that.
    fn add(&mut self, batch: &str) -> Vec<u8> {
        let mut parts = batch.split(' ');
        self.go_on(parts.next().unwrap_or_default());
        for part in parts {
            self.end_word();
            self.go_on(part);
        }
        let settled = if self.column > 0 {
            self.word - 1
        } else {
            self.text.len()
        };
        let rest = self.text.split_off(settled);
        self.word = self.word.saturating_sub(settled);
        std::mem::replace(&mut self.text, rest)
    }

    /// The rest of the text, now that the words have ended.
    fn end(&mut self) -> Vec<u8> {
        self.end_word();
        if self.column > 0 {
            self.text[self.word - 1] = b'\n';
        }
        std::mem::take(&mut self.text)
    }

    /// More of the last word. Where it does not fit any longer, it begins a line.
    fn go_on(&mut self, part: &str) {
        self.text.extend_from_slice(part.as_bytes());
        self.length += part.chars().count();
        if self.column > 0 && self.length > 0 && self.column + self.length > self.width {
            self.text[self.word - 1] = b'\n';
            self.column = 0;
        }
    }

    /// The last word ends, if there is one; the next would follow in its line.
    fn end_word(&mut self) {
        if self.length > 0 {
            self.text.push(b' ');
            self.word = self.text.len();
            self.column += self.length + 1;
            self.length = 0;
        }
    }
}
