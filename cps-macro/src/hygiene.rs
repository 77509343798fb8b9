//! The words that only expansions can say.

use proc_macro2::{Ident, Span};

/// A local of the expansion's own: the author's code can neither see nor shadow it.
pub(crate) fn word(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, shown to the author at `span` when the compiler has something to say of it.
pub(crate) fn word_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Whether two words of the same letters are the same word: written by the same hand, the author's or that of one
/// macro that wrote the function. Stable Rust tells a span's hygiene only in its debug form; where it does
/// not, words of the same letters are the same.
pub(crate) fn same_hand(a: Span, b: Span) -> bool {
    let hand = |span: Span| {
        let text = format!("{span:?}");
        let mark = text.split(' ').next().unwrap_or_default();
        mark.starts_with('#').then(|| mark.to_owned())
    };
    hand(a) == hand(b)
}
