//! What the attribute can stand on: a function, or an `impl` or `trait` block with annotated methods inside.

use crate::cfgs::Configured;
use crate::diagnostics::Diagnostics;
use crate::expand::both;
use crate::mend::mend;
use crate::messages;
use crate::options::Options;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{
    Attribute, ImplItem, ImplItemFn, Item, ItemFn, Meta, TraitItem, TraitItemFn, Visibility,
};

/// Expands what the attribute stands on. `diagnostics` holds what is wrong with the attribute itself.
pub(crate) fn expand(
    options: &Options,
    item: TokenStream,
    mut diagnostics: Diagnostics,
) -> TokenStream {
    let mut read = read(&item).or_else(|_| read(&mend(item.clone())));
    if let Ok(item) = &mut read
        && diagnostics.is_empty()
        && let Some(question) = question(options, item)
    {
        return question;
    }
    let item = match read {
        Ok(Item::Fn(function)) => return crate::expand::expand(options, function, diagnostics),
        Ok(Item::Impl(mut block)) => {
            let options = &options.of_block(&mut diagnostics);
            block.items = block
                .items
                .into_iter()
                .flat_map(|item| in_impl(options, item))
                .collect();
            block.into_token_stream()
        }
        Ok(Item::Trait(mut block)) => {
            let options = &options.of_block(&mut diagnostics);
            block.items = block
                .items
                .into_iter()
                .flat_map(|item| in_trait(options, item))
                .collect();
            block.into_token_stream()
        }
        Ok(other) => {
            match syn::parse2::<TraitItemFn>(item.clone()) {
                Ok(required) => {
                    diagnostics.error(&required.sig.ident, messages::ON_REQUIRED_FN, &[])
                }
                Err(_) => {
                    let (kind, span) = kind(&other);
                    diagnostics.error_at(span, messages::ON_ITEM, &[kind]);
                }
            }
            item
        }
        Err(error) => {
            diagnostics.unreadable(&error);
            item
        }
    };
    let errors = diagnostics.into_tokens();
    quote!(#errors #item)
}

/// Reads an item, or a method with a receiver, which is none by itself.
fn read(item: &TokenStream) -> syn::Result<Item> {
    match syn::parse2::<ItemFn>(item.clone()) {
        Ok(function) => Ok(Item::Fn(function)),
        Err(_) => syn::parse2(item.clone()),
    }
}

/// What must be known of the functions in an item before they are expanded.
fn question(options: &Options, item: &mut Item) -> Option<TokenStream> {
    let mut configured = Configured::by(options);
    match item {
        Item::Fn(function) => configured.function(function),
        Item::Impl(block) => block.items.iter_mut().for_each(|item| match item {
            ImplItem::Fn(method) if is_annotated(&method.attrs) => {
                configured.method(&mut method.sig, Some(&mut method.block));
            }
            _ => {}
        }),
        Item::Trait(block) => block.items.iter_mut().for_each(|item| match item {
            TraitItem::Fn(method) if is_annotated(&method.attrs) => {
                configured.method(&mut method.sig, method.default.as_mut());
            }
            _ => {}
        }),
        _ => {}
    }
    configured.question(options, item)
}

/// What an item is called, and where it says so.
fn kind(item: &Item) -> (&'static str, Span) {
    match item {
        Item::Struct(item) => ("a `struct`", item.struct_token.span),
        Item::Enum(item) => ("an `enum`", item.enum_token.span),
        Item::Union(item) => ("a `union`", item.union_token.span),
        Item::Mod(item) => ("a module", item.mod_token.span),
        Item::Use(item) => ("a `use`", item.use_token.span),
        Item::Const(item) => ("a `const`", item.const_token.span),
        Item::Static(item) => ("a `static`", item.static_token.span),
        Item::Type(item) => ("a type alias", item.type_token.span),
        Item::ForeignMod(item) => ("an `extern` block", item.abi.extern_token.span),
        Item::ExternCrate(item) => ("an `extern crate`", item.extern_token.span),
        Item::Macro(item) => ("a macro", item.mac.path.span()),
        item => ("this item", item.span()),
    }
}

fn is_ours(attr: &Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == "cps")
}

fn is_annotated(attrs: &[Attribute]) -> bool {
    attrs.iter().any(is_ours)
}

/// Removes our attribute, and gives the options of the method that it stands on.
fn annotated(
    attrs: &mut Vec<Attribute>,
    of_block: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Options> {
    let at = attrs.iter().position(is_ours)?;
    let attr = attrs.remove(at);
    let own = match &attr.meta {
        Meta::Path(_) => Ok(Options::default()),
        _ => attr.parse_args(),
    };
    let own = own.unwrap_or_else(|error| {
        diagnostics.push(error);
        Options::default()
    });
    Some(of_block.with(own))
}

fn in_impl(options: &Options, item: ImplItem) -> Vec<ImplItem> {
    let ImplItem::Fn(mut method) = item else {
        return vec![item];
    };
    let mut diagnostics = Diagnostics::default();
    let Some(options) = annotated(&mut method.attrs, options, &mut diagnostics) else {
        return vec![ImplItem::Fn(method)];
    };
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
    let (plain, sibling) = both(&options, function, true, diagnostics);
    vec![ImplItem::Verbatim(plain), ImplItem::Verbatim(sibling)]
}

/// A required method requires its sibling; what is provided is the plain method, which runs that.
fn in_trait(options: &Options, item: TraitItem) -> Vec<TraitItem> {
    let TraitItem::Fn(mut method) = item else {
        return vec![item];
    };
    let mut diagnostics = Diagnostics::default();
    let Some(options) = annotated(&mut method.attrs, options, &mut diagnostics) else {
        return vec![TraitItem::Fn(method)];
    };
    let required = method.default.is_none();
    if !required && options.local.is_none() {
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
        true => crate::expand::faces(&options, function, diagnostics),
        false => both(&options, function, true, diagnostics),
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
