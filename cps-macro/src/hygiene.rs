//! The words that only expansions can say.

use proc_macro2::{Ident, Span};
use std::fmt::{self, Write};

/// A local of the expansion's own: the author's code can neither see nor shadow it.
pub(crate) fn word(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, shown to the author at `span` when the compiler has something to say of it.
pub(crate) fn word_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Shows the letters of a name, a raw one's in two pieces. To make a `String` of each name would be the
/// dearest part of every walk.
pub(crate) fn letters(name: &Ident, each: impl FnMut(&str)) {
    write!(Letters(each), "{name}").expect("letters are only looked at");
}

/// Whether a name is this word.
pub(crate) fn is_word(name: &Ident, word: &str) -> bool {
    let mut rest = Some(word);
    letters(name, |piece| {
        rest = rest.and_then(|rest| rest.strip_prefix(piece))
    });
    rest == Some("")
}

struct Letters<F>(F);

impl<F: FnMut(&str)> Write for Letters<F> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        (self.0)(piece);
        Ok(())
    }
}

/// Who wrote a word: the author, or one of the macros that wrote the function. Two words of the same letters
/// are the same word if they are by the same hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hand(Option<u32>);

impl Hand {
    /// Stable Rust tells a span's hygiene only in its debug form; where it does not, all is by one hand.
    pub(crate) fn of(span: Span) -> Hand {
        let mut hand = None;
        let see = |text: &str| {
            let mark = text
                .split(' ')
                .next()
                .and_then(|mark| mark.strip_prefix('#'));
            hand = hand.or(mark.and_then(|mark| mark.parse().ok()));
        };
        write!(Letters(see), "{span:?}").expect("a span is only looked at");
        Hand(hand)
    }
}
