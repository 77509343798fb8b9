//! What a `#[cps]` function looks like from outside: the plain function, which keeps its face, and its sibling,
//! which makes the call without starting it.

use crate::diagnostics::Diagnostics;
use crate::signature::{Sibling, is_unsafe, turbofish};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, FnArg, ItemFn, parse_quote};

/// The plain function: its face as written, its body a run of its sibling.
pub(crate) fn plain(
    function: &ItemFn,
    root: &TokenStream,
    face: &Sibling,
    of_type: bool,
) -> TokenStream {
    let ItemFn {
        attrs, vis, sig, ..
    } = function;
    let mut sig = sig.clone();
    let mut names = face.names.iter();
    for input in &mut sig.inputs {
        match input {
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(typed) => {
                let name = names.next().expect("a name for each parameter");
                typed.pat = parse_quote!(#name);
            }
        }
    }
    let (name, names, turbofish) = (&sig.ident, &face.names, turbofish(&sig));
    let receiver = matches!(sig.inputs.first(), Some(FnArg::Receiver(_))).then(|| quote!(self,));
    let callee = if of_type {
        let beside = crate::sibling::beside(name);
        quote!(Self::#beside #turbofish)
    } else {
        quote!(#name::thunk #turbofish)
    };
    let call = quote!(#callee(#receiver #(#names),*));
    let call = if is_unsafe(&sig) {
        quote!(unsafe { #call })
    } else {
        call
    };
    let run = if face.never {
        quote!(match #root::Thunk::run(#call) {})
    } else {
        quote!(#root::Thunk::run(#call))
    };
    let quiet = attrs
        .iter()
        .any(|attr| is(attr, "deprecated"))
        .then(|| quote!(#[allow(deprecated)]));
    quote!(#(#attrs)* #quiet #vis #sig { #run })
}

/// The sibling.
pub(crate) fn unstarted(
    function: &ItemFn,
    root: &TokenStream,
    face: &Sibling,
    of_type: bool,
    body: Option<TokenStream>,
) -> TokenStream {
    let ItemFn {
        attrs, vis, sig, ..
    } = function;
    let outer: Vec<&Attribute> = attrs
        .iter()
        .filter(|attr| is_lint(attr) || is(attr, "cfg"))
        .collect();
    let told = attrs
        .iter()
        .filter(|attr| is(attr, "deprecated") || is(attr, "must_use"));
    let Sibling {
        generics,
        inputs,
        output,
        lifetime,
        ..
    } = face;
    let (generics, clause) = (&generics.params, &generics.where_clause);
    let generics = if generics.is_empty() {
        quote!()
    } else {
        quote!(<#generics>)
    };
    let safety = is_unsafe(sig).then(|| quote!(unsafe));
    let body = body.map_or_else(|| quote!(;), |body| quote!({ #body }));
    let name = &sig.ident;
    let beside = crate::sibling::beside(name);
    let called = if of_type {
        beside
    } else {
        Ident::new("thunk", name.span())
    };
    let function = quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_shorthand_field_patterns, unreachable_code, unused_braces, unused_mut, unused_parens)]
        #[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
        #(#outer)*
        #(#told)*
        #vis #safety fn #called #generics(#(#inputs),*) -> #root::Thunk<#lifetime, #output> #clause #body
    };
    if of_type {
        return function;
    }
    let inner = function;
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types, clippy::exhaustive_enums)]
        #(#outer)*
        #vis enum #name {}
        #(#outer)*
        impl #name { #inner }
    }
}

fn is(attr: &Attribute, name: &str) -> bool {
    attr.path().is_ident(name)
}

fn is_lint(attr: &Attribute) -> bool {
    ["allow", "warn", "deny", "forbid"]
        .iter()
        .any(|name| attr.path().is_ident(name))
}

/// After errors: both faces with nothing behind them, so that no caller fails too.
pub(crate) fn stub(
    function: &ItemFn,
    root: &TokenStream,
    face: &Sibling,
    of_type: bool,
    diagnostics: Diagnostics,
) -> (TokenStream, TokenStream) {
    let errors = diagnostics.into_tokens();
    let mut sane = function.clone();
    sane.sig.asyncness = None;
    sane.sig.constness = None;
    sane.sig.abi = None;
    sane.sig.variadic = None;
    let plain = plain(&sane, root, face, of_type);
    let body = quote!(::core::unreachable!());
    let sibling = unstarted(&sane, root, face, of_type, Some(body));
    let errors = if of_type {
        quote!(const _: () = { #errors };)
    } else {
        errors
    };
    match of_type {
        // An associated item cannot be an error by itself, so the error stands in the plain function.
        true => (inside(plain, errors), sibling),
        false => (quote!(#errors #plain), sibling),
    }
}

/// Puts items at the top of a function's body.
fn inside(function: TokenStream, items: TokenStream) -> TokenStream {
    let mut function: ItemFn = syn::parse2(function).expect("a function was made");
    function.block.stmts.insert(0, parse_quote!(#items));
    quote!(#function)
}
