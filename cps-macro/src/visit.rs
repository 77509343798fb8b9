//! `visit!`: written out as what it means, there and back again.

use crate::hygiene::{word, word_at};
use crate::points::PointMacro;
use crate::root::Root;
use quote::quote_spanned;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Macro, Token};

/// What a `visit!` means; none if this is something else, or has not the arguments of one, which
/// is said elsewhere.
///
/// Where home refuses, the value is kept and the function goes on where it is.
pub(crate) fn written_out(mac: &Macro, root: &Root) -> Option<Expr> {
    if PointMacro::of(mac) != Some(PointMacro::Visit) {
        return None;
    }
    let args = Punctuated::<Expr, Token![,]>::parse_terminated
        .parse2(mac.tokens.clone())
        .ok()?;
    let mut args = args.into_iter();
    let (Some(place), Some(value), None) = (args.next(), args.next(), args.next()) else {
        return None;
    };
    let span = mac.path.span();
    let root = root.at(span);
    let home = word_at("home", span);
    let (visited, refused) = (word("visited"), word("refused"));
    let written = quote_spanned! {span=> {
        let #home = #root::expansion::points::home();
        match migrate!(#place) {
            ::core::result::Result::Ok(()) => {
                let #visited = #value;
                let _ = migrate!(#home);
                ::core::result::Result::Ok(#visited)
            }
            ::core::result::Result::Err(#refused) => ::core::result::Result::Err(#refused),
        }
    }};
    syn::parse2(written).ok()
}
