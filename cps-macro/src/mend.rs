//! Bodies that are no Rust, while someone types.
//!
//! What cannot be read is put aside, inside a macro that is never expanded, so that the function around it
//! can be read: it keeps its face, and those beside it keep theirs.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Block, ItemFn, Stmt};

const UNREAD: &str = "__unread";

/// An item with each body of a function that cannot be read put aside.
pub(crate) fn mend(item: TokenStream) -> TokenStream {
    let block = item
        .clone()
        .into_iter()
        .take_while(|token| !is_word(token, "fn"))
        .any(|token| is_word(&token, "impl") || is_word(&token, "trait"));
    let mut tokens: Vec<TokenTree> = match block {
        true => item.into_iter().collect(),
        false => return functions(item),
    };
    if let Some(TokenTree::Group(group)) = tokens.last_mut()
        && group.delimiter() == Delimiter::Brace
    {
        *group = regrouped(group, functions(group.stream()));
    }
    tokens.into_iter().collect()
}

/// What the author wrote as the body, if it was put aside.
pub(crate) fn unread(body: &Block) -> Option<TokenStream> {
    match &body.stmts[..] {
        [Stmt::Macro(aside)] if aside.mac.path.is_ident(UNREAD) => Some(aside.mac.tokens.clone()),
        _ => None,
    }
}

/// The functions among items of one level.
fn functions(items: TokenStream) -> TokenStream {
    let mut mended: Vec<TokenTree> = Vec::new();
    let mut function = false;
    for token in items {
        let token = match token {
            TokenTree::Group(group)
                if function
                    && group.delimiter() == Delimiter::Brace
                    && !mended.last().is_some_and(precedes_argument) =>
            {
                function = false;
                readable(group).into()
            }
            token => {
                function |= is_word(&token, "fn");
                function &= !matches!(&token, TokenTree::Punct(end) if end.as_char() == ';');
                token
            }
        };
        mended.push(token);
    }
    mended.into_iter().collect()
}

fn readable(body: Group) -> Group {
    // A function's block may begin with attributes of the function.
    match syn::parse2::<ItemFn>(quote!(fn f() #body)) {
        Ok(_) => body,
        Err(_) => {
            let aside = syn::Ident::new(UNREAD, body.span());
            regrouped(&body, quote!(#aside! { #body }))
        }
    }
}

fn regrouped(group: &Group, contents: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), contents);
    new.set_span(group.span());
    new
}

/// Whether braces behind a token are a constant among generic arguments: `Array<{ N }>`.
fn precedes_argument(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), '<' | ',' | '='))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
