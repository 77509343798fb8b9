//! What a `#[cps]` function looks like from outside: the plain function, which keeps its face, and its
//! sibling, which makes the call without starting it.

use crate::root::Root;
use crate::signature::{Sibling, is_unsafe, turbofish};
use crate::syntax;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, FnArg, ItemFn, Signature, Token};

/// `self`, in the words of whoever wrote the receiver.
pub(crate) fn receiver(sig: &Signature) -> Option<&Token![self]> {
    match sig.inputs.first() {
        Some(FnArg::Receiver(receiver)) => Some(&receiver.self_token),
        _ => None,
    }
}

/// The plain function: its face as written, its body a run of its sibling.
pub(crate) fn plain(function: &ItemFn, root: &Root, face: &Sibling, of_type: bool) -> TokenStream {
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
                *typed.pat = syntax::bound(name.clone(), None);
            }
        }
    }
    let (name, names, turbofish) = (&sig.ident, &face.names, turbofish(&sig));
    let receiver = receiver(&sig).map(|me| quote!(#me,));
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
    let thunk = face.thunk(Span::call_site());
    let deprecated = attrs
        .iter()
        .any(|attr| is(attr, "deprecated"))
        .then(|| quote!(#[allow(deprecated)]));
    let unused = names.iter().any(|name| name.to_string().starts_with('_'));
    let unused = unused.then(|| quote!(#[allow(clippy::used_underscore_binding)]));
    quote!(#(#attrs)* #deprecated #unused #vis #sig { #root::#thunk::run(#call) })
}

/// The sibling.
pub(crate) fn unstarted(
    function: &ItemFn,
    root: &Root,
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
    // What is ours to allow stays allowed, unless it is forbidden.
    let (forbids, levels): (Vec<&Attribute>, Vec<&Attribute>) =
        outer.iter().copied().partition(|attr| is(attr, "forbid"));
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
    let (name, thunk) = (&sig.ident, face.thunk(Span::call_site()));
    let beside = crate::sibling::beside(name);
    let called = if of_type {
        beside
    } else {
        Ident::new("thunk", name.span())
    };
    let keyword = quote_spanned!(Span::mixed_site().located_at(name.span())=> fn);
    let function = quote! {
        #[doc(hidden)]
        #(#levels)*
        #[allow(unknown_lints, mismatched_lifetime_syntaxes, unused_macros, dead_code, non_shorthand_field_patterns, unit_bindings, unreachable_code, unused_braces, unused_mut, unused_parens)]
        #[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
        #(#forbids)*
        #(#told)*
        #vis #safety #keyword #called #generics(#(#inputs),*) -> #root::#thunk<#lifetime, #output> #clause #body
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
