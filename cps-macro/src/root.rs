//! The path of the crate whose `expansion` module the code names, in front of most of what that names.

use crate::syntax::segments;
use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};
use syn::{Path, Token};

/// Its names, which are put one by one where they are wanted: to put a stream into another one is dear.
#[derive(Clone)]
pub(crate) struct Root {
    /// Where it begins with `::`.
    global: Option<Span>,
    names: Vec<Ident>,
    /// Where the `::` between them stand.
    span: Span,
}

impl Root {
    /// A path without arguments.
    pub(crate) fn of(path: &Path) -> Self {
        Root {
            global: path.leading_colon.map(|colons| colons.spans[0]),
            names: path
                .segments
                .iter()
                .map(|part| part.ident.clone())
                .collect(),
            span: Span::mixed_site(),
        }
    }

    /// The path `::name`.
    pub(crate) fn named(name: Ident) -> Self {
        let span = name.span();
        Root {
            global: Some(span),
            names: vec![name],
            span,
        }
    }

    /// The same, as if written at `span`: what the compiler says of an expression, it says where its
    /// first token stands.
    pub(crate) fn at(&self, span: Span) -> Self {
        let at = |own: Span| own.located_at(span);
        let name = |name: &Ident| {
            let mut name = name.clone();
            name.set_span(at(name.span()));
            name
        };
        Root {
            global: self.global.map(at),
            names: self.names.iter().map(name).collect(),
            span: at(self.span),
        }
    }

    /// The path at `span`, to be gone on with.
    pub(crate) fn path(&self, span: Span) -> Path {
        let Root {
            global,
            names,
            span,
        } = self.at(span);
        Path {
            leading_colon: global.map(Token![::]),
            segments: segments(names.into_iter(), span),
        }
    }

    /// The name that the path ends in.
    pub(crate) fn last(&self) -> Option<String> {
        self.names.last().map(|name| name.to_string())
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let colons = |tokens: &mut TokenStream, span| {
            for spacing in [Spacing::Joint, Spacing::Alone] {
                let mut colon = Punct::new(':', spacing);
                colon.set_span(span);
                tokens.append(colon);
            }
        };
        for (at, name) in self.names.iter().enumerate() {
            match (at, self.global) {
                (0, None) => {}
                (0, Some(span)) => colons(tokens, span),
                _ => colons(tokens, self.span),
            }
            tokens.append(name.clone());
        }
    }
}
