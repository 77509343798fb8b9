//! The decomposer: makes words of blocks of bytes.
//!
//! Words travel in batches: text in which one space stands between two words. Blocks end anywhere,
//! so a batch may end in the middle of a word, which then goes on at the beginning of the next;
//! only a space ends it.

use crate::component::{Failure, Tally};
use insideout::prelude::*;

/// Receives blocks and sends the words in them on, until the blocks end or nobody receives the
/// words.
#[cps]
pub(crate) fn decompose(
    blocks: Receiver<Vec<u8>>,
    words: Sender<String>,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let mut decoder = Decoder::default();
    while let Ok(block) = recv!(blocks) {
        let batch = words_of(decoder.decode(&block));
        let bytes = batch.len();
        if bytes > 0 {
            if send!(words, batch).is_err() {
                return Ok(tally);
            }
            tally.message(bytes);
        }
        decoder.check()?;
    }
    decoder.end()?;
    Ok(tally)
}

/// The words of a text, one space between two, and one at either end where the text has whitespace
/// there.
fn words_of(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for (index, word) in text.split(char::is_whitespace).enumerate() {
        if index > 0 && !words.ends_with(' ') {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// Makes text of bytes that come in blocks, which may end in the middle of a character.
#[derive(Default)]
struct Decoder {
    /// What was not decoded: the beginning of a character, then the last block.
    bytes: Vec<u8>,
    /// How many of them have been decoded.
    decoded: usize,
    /// How many bytes came before them.
    before: u64,
    /// Whether what follows them is not UTF-8.
    wrong: bool,
}

impl Decoder {
    /// The characters that end in this block, up to the first byte that is wrong.
    fn decode(&mut self, block: &[u8]) -> &str {
        self.before += self.decoded as u64;
        self.bytes.drain(..self.decoded);
        self.bytes.extend_from_slice(block);
        match str::from_utf8(&self.bytes) {
            Ok(text) => {
                self.decoded = text.len();
                text
            }
            Err(error) => {
                self.decoded = error.valid_up_to();
                self.wrong = error.error_len().is_some();
                str::from_utf8(&self.bytes[..self.decoded]).unwrap_or_default()
            }
        }
    }

    /// Fails if the last block had a byte that is wrong.
    fn check(&self) -> Result<(), Failure> {
        if self.wrong {
            Err(self.failure())
        } else {
            Ok(())
        }
    }

    /// Fails if the blocks have ended in the middle of a character.
    fn end(&self) -> Result<(), Failure> {
        if self.decoded < self.bytes.len() {
            Err(self.failure())
        } else {
            Ok(())
        }
    }

    fn failure(&self) -> Failure {
        Failure::NotUtf8 {
            at: self.before + self.decoded as u64,
        }
    }
}
