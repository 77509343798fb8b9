//! What the attribute can stand on: a function, or an `impl` or `trait` block with annotated methods inside.

use crate::expand::both;
use crate::options::Options;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, ImplItem, ImplItemFn, Item, ItemFn, TraitItem, TraitItemFn, Visibility};

pub(crate) fn expand(options: &Options, item: TokenStream) -> TokenStream {
    let words = "`#[cps]` makes a function one that can be suspended; \
                 it goes on a function, or on an `impl` or `trait` block with annotated methods inside";
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(function)) => crate::expand::expand(options, function),
        Ok(Item::Impl(mut block)) => {
            block.items = block
                .items
                .into_iter()
                .flat_map(|item| in_impl(options, item))
                .collect();
            block.into_token_stream()
        }
        Ok(Item::Trait(mut block)) => {
            block.items = block
                .items
                .into_iter()
                .flat_map(|item| in_trait(options, item))
                .collect();
            block.into_token_stream()
        }
        Ok(other) => {
            let error = syn::Error::new_spanned(other, words).into_compile_error();
            quote!(#error #item)
        }
        // A method with a receiver is no item by itself.
        Err(error) => match syn::parse2::<ItemFn>(item.clone()) {
            Ok(function) => crate::expand::expand(options, function),
            // The compiler has its own word on what is no Rust; a body less lets it be the only other one.
            Err(_) => {
                let error = error.into_compile_error();
                let item = without_body(item);
                quote!(#error #item)
            }
        },
    }
}

fn without_body(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let function = tokens
        .iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "fn"));
    match tokens.last() {
        Some(TokenTree::Group(body)) if function && body.delimiter() == Delimiter::Brace => {
            tokens.pop();
            let face: TokenStream = tokens.into_iter().collect();
            quote!(#[allow(unused)] #face { ::core::unreachable!() })
        }
        _ => tokens.into_iter().collect(),
    }
}

/// Removes our attribute, and tells whether it was there.
fn annotated(attrs: &mut Vec<Attribute>) -> bool {
    let before = attrs.len();
    attrs.retain(|attr| {
        attr.path()
            .segments
            .last()
            .is_none_or(|last| last.ident != "cps")
    });
    attrs.len() < before
}

fn in_impl(options: &Options, item: ImplItem) -> Vec<ImplItem> {
    let ImplItem::Fn(mut method) = item else {
        return vec![item];
    };
    if !annotated(&mut method.attrs) {
        return vec![ImplItem::Fn(method)];
    }
    let ImplItemFn {
        attrs,
        vis,
        modifiers,
        sig,
        block,
    } = method;
    let function = ItemFn {
        attrs,
        vis,
        modifiers,
        sig,
        block: Box::new(block),
    };
    let (plain, sibling) = both(&options.root(), function, true);
    vec![ImplItem::Verbatim(plain), ImplItem::Verbatim(sibling)]
}

/// A required method requires its sibling; what is provided is the plain method, which runs that.
fn in_trait(options: &Options, item: TraitItem) -> Vec<TraitItem> {
    let TraitItem::Fn(mut method) = item else {
        return vec![item];
    };
    if !annotated(&mut method.attrs) {
        return vec![TraitItem::Fn(method)];
    }
    let required = method.default.is_none();
    if !required {
        bound_receiver(&mut method.sig);
    }
    let TraitItemFn {
        attrs,
        modifiers,
        sig,
        default,
        ..
    } = method;
    let block = default.unwrap_or_else(|| syn::parse_quote!({}));
    let function = ItemFn {
        attrs,
        vis: Visibility::Inherited,
        modifiers,
        sig,
        block: Box::new(block),
    };
    let (plain, sibling) = match required {
        true => crate::expand::faces(&options.root(), function),
        false => both(&options.root(), function, true),
    };
    vec![TraitItem::Verbatim(plain), TraitItem::Verbatim(sibling)]
}

/// A provided method holds its receiver in the frame, whatever type that turns out to be.
fn bound_receiver(sig: &mut syn::Signature) {
    let Some(syn::FnArg::Receiver(receiver)) = sig.inputs.first() else {
        return;
    };
    let shared = matches!(&receiver.kind, syn::ReceiverKind::Reference(_, _, None));
    let bound: syn::WherePredicate = match shared {
        true => syn::parse_quote!(Self: ::core::marker::Sync),
        false => syn::parse_quote!(Self: ::core::marker::Send),
    };
    sig.generics.make_where_clause().predicates.push(bound);
}
