//! What stands for a function that cannot be compiled: its face, so that no one who calls it fails too.
//!
//! The errors stand in the sibling's body and are its value, so that nothing follows from them. A function
//! that is refused, and one whose body is not yet Rust, must not vanish from tools; so the author's own words
//! stand in the sibling (see [`crate::as_written`]). (rust-analyzer puts a word where one is missing before
//! it expands anything: most of what is half typed reaches the passes as Rust.)

use crate::as_written::as_written;
use crate::diagnostics::Diagnostics;
use crate::face::{plain, unstarted};
use crate::root::Root;
use crate::signature::Sibling;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemFn, parse_quote};

/// Both faces of a function. `body` is what the author wrote.
pub(crate) fn stub(
    function: &ItemFn,
    root: &Root,
    face: &Sibling,
    of_type: bool,
    body: TokenStream,
    diagnostics: Diagnostics,
) -> (TokenStream, TokenStream) {
    let mut sane = function.clone();
    sane.sig.asyncness = None;
    sane.sig.constness = None;
    sane.sig.abi = None;
    sane.sig.variadic = None;
    sane.attrs.push(parse_quote!(#[allow(unexpected_cfgs)]));
    let words = as_written(function, face, body);
    let errors = diagnostics.into_tokens();
    let names = &face.names;
    let body = quote!(#words #(let _ = #names;)* #errors);
    (
        plain(&sane, root, face, of_type),
        unstarted(&sane, root, face, of_type, Some(body)),
    )
}
