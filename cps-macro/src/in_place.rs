//! Code that works on locals where they lie in the frame: their names stand for references to them.

use crate::hygiene::is_word;
use crate::locals::{LocalId, Locals, local_id, mentioned};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Lifetime;

/// Code that names locals as they are, made to name them through references.
pub(crate) fn references(code: TokenStream, ids: &[LocalId], locals: &Locals) -> TokenStream {
    let mut captured = Vec::new();
    let mut out: Vec<TokenTree> = Vec::new();
    for token in code {
        out.push(match token {
            TokenTree::Ident(ident) if local_id(&ident).is_some_and(|id| ids.contains(&id)) => {
                let mut group = Group::new(
                    Delimiter::Parenthesis,
                    quote_spanned!(ident.span()=> *#ident),
                );
                group.set_span(ident.span());
                group.into()
            }
            TokenTree::Group(group) => {
                let mut new =
                    Group::new(group.delimiter(), references(group.stream(), ids, locals));
                new.set_span(group.span());
                new.into()
            }
            TokenTree::Literal(literal) => {
                mentioned(TokenTree::from(literal.clone()).into(), &mut captured);
                literal.into()
            }
            token => token,
        });
    }
    captured.retain(|id| ids.contains(id));
    captured.sort_unstable();
    captured.dedup();
    // What a format string captures is handed to it by name.
    for id in captured {
        let ends = matches!(out.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ',');
        let comma = (!ends).then(|| quote!(,));
        let name = locals.own(id);
        out.extend(quote!(#comma #name = (*#name)));
    }
    out.into_iter().collect()
}

/// Code in which a leg ends with a value, made to break out of the block `'done` with it; and whether it
/// does.
pub(crate) fn returns(code: TokenStream) -> (TokenStream, bool) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let (mut out, mut found, mut at) = (TokenStream::new(), false, 0);
    while let Some(token) = tokens.get(at) {
        at += 1;
        if let Some((value, length)) = returned(&tokens[at - 1..]) {
            let ((value, _), done) = (returns(value), Lifetime::new("'done", Span::mixed_site()));
            // In parentheses, for a lint that would rather have no block there.
            out.extend(quote_spanned!(token.span()=> break #done (#value)));
            (found, at) = (true, at - 1 + length);
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                let (inner, within) = returns(group.stream());
                found |= within;
                let mut new = Group::new(group.delimiter(), inner);
                new.set_span(group.span());
                out.extend([TokenTree::from(new)]);
            }
            token => out.extend([token.clone()]),
        }
    }
    (out, found)
}

/// The value in `return cx.done(value)` or `return { ..; cx.done(value) }`, as [`crate::jumps`] writes it,
/// and how long that is: no name of the author's is `cx` any longer.
pub(crate) fn returned(tokens: &[TokenTree]) -> Option<(TokenStream, usize)> {
    let (TokenTree::Ident(leave), rest) = tokens.split_first()? else {
        return None;
    };
    if leave != "return" {
        return None;
    }
    if let Some(value) = rest.get(..4).and_then(done) {
        return Some((value.stream(), 5));
    }
    let TokenTree::Group(block) = rest.first()? else {
        return None;
    };
    let inner: Vec<TokenTree> = block.stream().into_iter().collect();
    let before = inner.len().checked_sub(4)?;
    let value = done(&inner[before..])?.stream();
    let kept = inner[..before].iter().cloned().chain(value);
    let mut block = Group::new(block.delimiter(), kept.collect());
    block.set_span(leave.span());
    Some((TokenTree::from(block).into(), 2))
}

/// The parentheses of `cx.done(value)`.
fn done(tokens: &[TokenTree]) -> Option<&Group> {
    match tokens {
        [
            TokenTree::Ident(cx),
            TokenTree::Punct(_),
            TokenTree::Ident(done),
            TokenTree::Group(value),
        ] if cx == "cx" && done == "done" => Some(value),
        _ => None,
    }
}

/// Whether a word stands somewhere in some code.
pub(crate) fn names(code: &TokenStream, word: &str) -> bool {
    code.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_word(&ident, word),
        TokenTree::Group(group) => names(&group.stream(), word),
        _ => false,
    })
}

/// Whether some code names a field of a local.
pub(crate) fn projects(code: &TokenStream, local: LocalId) -> bool {
    let tokens: Vec<TokenTree> = code.clone().into_iter().collect();
    let is_local = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if local_id(ident) == Some(local));
    let is_call = |token: Option<&TokenTree>| match token {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ':',
        _ => false,
    };
    let field = tokens.windows(3).enumerate().any(|(at, three)| {
        let dot = matches!(&three[1], TokenTree::Punct(punct) if punct.as_char() == '.' && punct.spacing() == proc_macro2::Spacing::Alone);
        is_local(&three[0]) && dot && !is_call(tokens.get(at + 3))
    });
    field
        || tokens.iter().any(
            |token| matches!(token, TokenTree::Group(group) if projects(&group.stream(), local)),
        )
}
