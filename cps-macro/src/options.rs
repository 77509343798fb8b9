//! What stands in the parentheses of `#[cps(..)]`, and where the crate is that expansions name.

use crate::cfgs::Answer;
use crate::diagnostics::Diagnostics;
use crate::messages;
use crate::root::Root;
use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Path, Token};

#[derive(Clone, Default)]
pub(crate) struct Options {
    /// `crate = path`.
    pub(crate) root: Option<Path>,
    /// `local`: the function stays on its thread.
    pub(crate) local: Option<Ident>,
    /// What the compiler has answered: see [`crate::cfgs`].
    pub(crate) answer: Option<Answer>,
    /// `fits = bytes`: so many the whole continuation takes at most.
    pub(crate) fits: Option<(Ident, Expr)>,
}

impl Parse for Options {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut options = Options::default();
        while !input.is_empty() {
            let name = input.call(Ident::parse_any)?;
            let again = match &*name.to_string() {
                "crate" => {
                    input.parse::<Token![=]>()?;
                    let path = input.call(Path::parse_mod_style)?;
                    options.root.replace(path).is_some()
                }
                "local" => options.local.replace(name.clone()).is_some(),
                "fits" => {
                    input.parse::<Token![=]>()?;
                    let most = input.parse()?;
                    options.fits.replace((name.clone(), most)).is_some()
                }
                "is" | "not" => {
                    let inside;
                    syn::parenthesized!(inside in input);
                    let (condition, holds) = (inside.parse()?, name == "is");
                    options
                        .answer
                        .replace(Answer { condition, holds })
                        .is_some()
                }
                _ => return Err(messages::UNKNOWN_OPTION.at(name, &[])),
            };
            if again {
                let word = name.to_string();
                return Err(messages::REPEATED_OPTION.at(name, &[&word]));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// As they were written, but for what was answered.
impl ToTokens for Options {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (root, local) = (self.root.iter(), self.local.iter());
        let fits = self.fits.iter().map(|(name, most)| quote!(#name = #most));
        tokens.extend(quote!(#(crate = #root,)* #(#local,)* #(#fits,)*));
    }
}

impl Options {
    /// What is said of a block holds for the methods in it, as far as it can.
    pub(crate) fn of_block(&self, diagnostics: &mut Diagnostics) -> Options {
        let fits = self.fits.as_ref().map(|(name, _)| name);
        for name in self.local.iter().chain(fits) {
            let word = name.to_string();
            diagnostics.error(name, messages::OPTION_ON_BLOCK, &[&word]);
        }
        Options {
            root: self.root.clone(),
            ..Options::default()
        }
    }

    /// Those of a method, in a block with these.
    pub(crate) fn with(&self, method: Options) -> Options {
        Options {
            root: method.root.or_else(|| self.root.clone()),
            ..method
        }
    }

    /// The path of the crate whose `expansion` module the code names: as the option says, or as the user's
    /// manifest does.
    pub(crate) fn root(&self) -> Root {
        // Of one hygiene with what it is put before, or else its span would begin where the attribute stands.
        self.root_of(Span::mixed_site())
    }

    /// The same, with the hygiene of a span where the manifest names it.
    pub(crate) fn root_of(&self, span: Span) -> Root {
        if let Some(path) = &self.root {
            return Root::of(path);
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
        Root::named(Ident::new(&name, span))
    }
}
