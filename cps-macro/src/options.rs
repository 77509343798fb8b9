//! What stands in the parentheses of `#[cps(..)]`, and where the crate is that expansions name.

use crate::messages;
use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Path, Token};

#[derive(Default)]
pub(crate) struct Options {
    /// `crate = path`.
    pub(crate) root: Option<Path>,
}

impl Parse for Options {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut options = Options::default();
        while !input.is_empty() {
            if input.peek(Token![crate]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>()?;
                options.root = Some(input.call(Path::parse_mod_style)?);
            } else {
                return Err(input.error(messages::UNKNOWN_OPTION.text(&[])));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    /// The path of the crate whose `expansion` module the code names: as the option says, or as the user's
    /// manifest does.
    pub(crate) fn root(&self) -> TokenStream {
        if let Some(path) = &self.root {
            return path.to_token_stream();
        }
        let found = ["insideout", "cps-core"]
            .into_iter()
            .find_map(|name| Some((name, crate_name(name).ok()?)));
        let name = match found {
            Some((_, FoundCrate::Name(name))) => name,
            // The crate itself, and its tests and examples, to which it goes by its own name.
            Some((name, FoundCrate::Itself)) => name.replace('-', "_"),
            None => "insideout".to_owned(),
        };
        // Of one hygiene with what it is put before, or else its span would begin where the attribute stands.
        let at = Span::mixed_site();
        let name = Ident::new(&name, at);
        quote_spanned!(at=> ::#name)
    }
}
