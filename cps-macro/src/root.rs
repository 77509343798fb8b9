//! The path of the crate whose `expansion` module the code names, in front of most of what that names.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};

/// Its tokens, which are put one by one where they are wanted: to put a stream into another one is dear.
#[derive(Clone)]
pub(crate) struct Root(Vec<TokenTree>);

impl Root {
    pub(crate) fn of(path: TokenStream) -> Self {
        Root(path.into_iter().collect())
    }

    /// The same, as if written at `span`: what the compiler says of an expression, it says where its first token
    /// stands.
    pub(crate) fn at(&self, span: Span) -> Self {
        Root(self.0.iter().map(|token| at(span, token.clone())).collect())
    }

    /// The name that the path ends in.
    pub(crate) fn last(&self) -> Option<String> {
        self.0.last().map(|name| name.to_string())
    }
}

fn at(span: Span, token: TokenTree) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter();
            let inner = inner.map(|token| at(span, token)).collect();
            let mut group = Group::new(group.delimiter(), inner);
            group.set_span(span);
            group.into()
        }
        mut token => {
            token.set_span(token.span().located_at(span));
            token
        }
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for token in &self.0 {
            tokens.append(token.clone());
        }
    }
}
