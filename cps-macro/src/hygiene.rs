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
