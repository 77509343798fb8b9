//! What stands for a function that cannot be compiled: its face, so that no one who calls it fails too.
//!
//! The errors stand in the sibling's body and are its value, so that nothing follows from them. Tools complete and
//! resolve names by what the macro emits. A function that is refused, and one whose body is not yet Rust, must not
//! vanish from them; so the author's own words stand in the sibling, where only rust-analyzer, which sets
//! `cfg(rust_analyzer)`, looks at them: the compiler, which would have its opinion of suspension points that were not
//! lowered, does not. (rust-analyzer puts a word where one is missing before it expands anything: most of what is half
//! typed reaches the passes as Rust, and is completed in the states that it becomes.)

use crate::diagnostics::Diagnostics;
use crate::face::{plain, unstarted};
use crate::root::Root;
use crate::signature::Sibling;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{FnArg, ItemFn, Pat, parse_quote};

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

/// The author's body, to be looked at and not to be compiled.
fn as_written(function: &ItemFn, face: &Sibling, body: TokenStream) -> TokenStream {
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&typed.pat),
        FnArg::Receiver(_) => None,
    });
    let patterns = typed
        .zip(&face.names)
        .filter(|(pat, _)| !matches!(&***pat, Pat::Ident(_)))
        .map(|(pat, name)| quote!(let #pat = #name;));
    let output = match face.result.to_string() == "_" {
        true => quote!(),
        false => {
            let output = face.output.to_token_stream();
            quote!(-> #output)
        }
    };
    quote! {
        #[cfg(rust_analyzer)]
        let _ = || #output { #(#patterns)* #body };
    }
}
