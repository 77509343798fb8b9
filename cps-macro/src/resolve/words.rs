//! Code that stays opaque, word by word.

use super::Resolver;
use crate::arguments::rename_captures;
use crate::hidden;
use crate::messages::Message;
use crate::points::PointMacro;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Lit, LitStr};

impl Resolver<'_> {
    /// Renames the locals in code that stays opaque, word by word. `by` is the macro that has it.
    pub(super) fn rename_words(&mut self, code: TokenStream, by: &str) -> TokenStream {
        let mut after_dot = false;
        let mut tokens = code.into_iter().peekable();
        std::iter::from_fn(|| tokens.next().map(|token| (token, tokens.peek().cloned())))
            .map(|(token, next)| {
                let free = !std::mem::replace(
                    &mut after_dot,
                    matches!(&token, TokenTree::Punct(p) if p.as_char() == '.'),
                );
                match token {
                    TokenTree::Ident(ident) if free => match self.lookup(&ident) {
                        Some(id) if self.promises.is_named(id, by, next.as_ref()) => {
                            self.locals.unique(id, ident.span()).into_token_stream()
                        }
                        _ => ident.into_token_stream(),
                    },
                    TokenTree::Group(group) => {
                        let mut new = proc_macro2::Group::new(
                            group.delimiter(),
                            self.rename_words(group.stream(), by),
                        );
                        new.set_span(group.span());
                        TokenTree::Group(new).into()
                    }
                    // It is a format string, or else no worse for naming them.
                    TokenTree::Literal(literal) if !hidden::is_value(by) => {
                        let new = match Lit::new(literal.clone()) {
                            Lit::Str(text) => self.rename_text(&text),
                            _ => None,
                        };
                        new.map_or_else(
                            || TokenTree::Literal(literal).into(),
                            LitStr::into_token_stream,
                        )
                    }
                    token => token.into(),
                }
            })
            .collect()
    }

    /// A format string, if it names locals.
    pub(super) fn rename_text(&mut self, text: &LitStr) -> Option<LitStr> {
        rename_captures(text, |name| {
            let mut name = Ident::parse_any.parse_str(name).ok()?;
            name.set_span(text.span());
            let id = self.used(&name)?;
            if name == "self" {
                self.locals.shadowing.insert(id);
            }
            Some(self.locals.unique(id, Span::call_site()).to_string())
        })
    }

    /// A point in code that this pass does not look into would be left to its own, misleading, error.
    pub(super) fn refuse_points(&mut self, code: TokenStream, barrier: Message) {
        let tokens: Vec<TokenTree> = code.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let bang =
                matches!(tokens.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == '!');
            let qualified =
                at > 0 && matches!(&tokens[at - 1], TokenTree::Punct(p) if p.as_char() == ':');
            match token {
                TokenTree::Ident(name) if bang && !qualified => {
                    match PointMacro::named(&name.to_string()) {
                        Some(PointMacro::Thunk) | None => {}
                        Some(point) => self.diagnostics.error(name, barrier, &[point.name()]),
                    }
                }
                TokenTree::Group(group) => self.refuse_points(group.stream(), barrier),
                _ => {}
            }
        }
    }
}

/// Whether a block stands somewhere in some code.
pub(super) fn holds_block(code: TokenStream) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::Brace || holds_block(group.stream())
        }
        _ => false,
    })
}
