//! The frame: an enum with a variant for each state, generic in the type of everything it holds, so that the
//! compiler infers those types as it does those of locals.

use crate::arms::{Arms, Field, Mode};
use crate::hygiene::{word, word_at};
use crate::locals::{LocalId, Locals};
use crate::states::States;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use std::collections::BTreeMap;

/// The frame's variants, and a type parameter for each way in which each local is held.
#[derive(Default)]
pub(crate) struct Variants {
    pub(crate) code: Vec<TokenStream>,
    params: Vec<(Ident, Span)>,
    known: BTreeMap<(LocalId, Mode), Ident>,
}

impl Variants {
    pub(crate) fn of(states: &States, locals: &Locals, arms: &Arms) -> Variants {
        let mut variants = Variants::default();
        for (state, named) in states
            .all
            .iter()
            .enumerate()
            .filter(|(state, _)| arms.reaches(*state))
        {
            let fields: Vec<_> = arms
                .fields(state)
                .into_iter()
                .map(|field| {
                    let name = word(&field.name);
                    let param = variants.param(locals, &field);
                    match field.mode {
                        Mode::Held => quote!(#name: ::core::option::Option<#param>),
                        _ => quote!(#name: #param),
                    }
                })
                .collect();
            let name = word_at(&named.name, named.span);
            variants.code.push(quote!(#name { #(#fields),* }));
        }
        variants
    }

    fn param(&mut self, locals: &Locals, field: &Field) -> Ident {
        let key = field.local.map(|id| (id, field.mode));
        if let Some(known) = key.and_then(|key| self.known.get(&key)) {
            return known.clone();
        }
        let suffix = match field.mode {
            Mode::Plain => "",
            Mode::Kept => "Kept",
            Mode::Held => "Held",
        };
        let base = format!("{}{suffix}", camel(&field.name));
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let free = |name: &String| self.params.iter().all(|(taken, _)| taken != name);
        let name = std::iter::once(base.clone()).chain(numbered).find(free);
        let name = Ident::new(&name.expect("numbers do not run out"), Span::mixed_site());
        let span = field
            .local
            .map_or_else(Span::call_site, |id| locals.get(id).name.span());
        self.params.push((name.clone(), span));
        if let Some(key) = key {
            self.known.insert(key, name.clone());
        }
        name
    }

    pub(crate) fn params(&self) -> (TokenStream, TokenStream) {
        if self.params.is_empty() {
            return (quote!(), quote!());
        }
        let names = self.params.iter().map(|(name, _)| name);
        // The type of a local that cannot be inferred is reported where the local is declared.
        let holes = self
            .params
            .iter()
            .map(|(_, span)| quote_spanned!(Span::mixed_site().located_at(*span)=> _));
        (quote!(<#(#names),*>), quote!(<#(#holes),*>))
    }
}

/// `some_name` as a type parameter: `SomeName`.
fn camel(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    let camel: String = words
        .map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(chars)
                .collect::<String>()
        })
        .collect();
    if camel.starts_with(|c: char| c.is_alphabetic()) {
        camel
    } else {
        format!("P{camel}")
    }
}

/// The frame is called `Frame`, unless the author has a `Frame` too.
pub(crate) fn name_frame(code: TokenStream, name: &str) -> TokenStream {
    code.into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "__Frame" => Ident::new(name, ident.span()).into(),
            TokenTree::Group(group) => {
                let mut new =
                    proc_macro2::Group::new(group.delimiter(), name_frame(group.stream(), name));
                new.set_span(group.span());
                new.into()
            }
            token => token,
        })
        .collect()
}
