//! Small pieces of emitted code.

use crate::effects;
use crate::locals::Locals;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, Pat};

/// Whether code that seems to leave may do so only by the name of a macro.
pub(super) fn may_return(code: TokenStream) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => effects::is_said_to_diverge(&ident),
        TokenTree::Group(group) => may_return(group.stream()),
        _ => false,
    })
}

/// A block, which code that is one already needs not become.
pub(super) fn braced(contents: TokenStream) -> TokenStream {
    braced_at(contents, Span::call_site())
}

/// The same, where the author wrote it.
pub(super) fn braced_at(contents: TokenStream, span: Span) -> TokenStream {
    let mut tokens = contents.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => contents,
        _ => {
            let mut block = Group::new(Delimiter::Brace, contents);
            block.set_span(span);
            block.to_token_stream()
        }
    }
}

pub(super) fn is_empty_block(code: &TokenStream) -> bool {
    code.to_string()
        .chars()
        .all(|c| matches!(c, '{' | '}' | ' '))
}

/// Whether code that leaves, and so has no value, has one behind what leaves all the same, which nothing takes.
pub(super) fn has_dead_value(expr: &Expr) -> bool {
    let in_block = |block: &syn::Block| match block.stmts.last() {
        Some(syn::Stmt::Expr(last @ (Expr::If(_) | Expr::Match(_) | Expr::Block(_)), None)) => {
            has_dead_value(last)
        }
        Some(syn::Stmt::Expr(last, None)) => !crate::states::leaves(last),
        _ => false,
    };
    match expr {
        Expr::Block(block) => in_block(&block.block),
        Expr::If(branch) => {
            let mut other = branch.else_branch.iter();
            in_block(&branch.then_branch) || other.any(|(_, other)| has_dead_value(other))
        }
        Expr::Match(matched) => matched.arms.iter().any(|arm| has_dead_value(&arm.body)),
        _ => false,
    }
}

/// What the macro itself binds may be borrowed mutably by what the author wrote around it.
pub(super) fn mutable_if_synthetic(pat: &Pat, locals: &Locals) -> Option<TokenStream> {
    match pat {
        Pat::Ident(ident) => {
            let id = crate::locals::local_id(&ident.ident)?;
            (locals.get(id).synthetic && ident.mutability.is_none()).then(|| quote!(mut))
        }
        _ => None,
    }
}

/// A pattern with its guard, without the parentheses that a guarded pattern would get elsewhere.
pub(super) struct Guarded<'a>(pub(super) &'a Pat);

impl ToTokens for Guarded<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self.0 {
            Pat::Guard(guarded) => {
                let (pat, guard) = (&guarded.pat, &guarded.guard);
                tokens.extend(quote!(#pat if #guard));
            }
            pat => pat.to_tokens(tokens),
        }
    }
}
