//! Small pieces of emitted code.

use crate::effects::is_said_to_diverge;
use crate::locals::{Locals, local_id};
use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{Expr, Pat, parse_quote_spanned};

/// A field, in a pattern or where a frame is made.
pub(super) enum Filled {
    /// With a local, which may go by the name of the field.
    Local {
        field: Option<Ident>,
        mutable: bool,
        local: Ident,
    },
    Code(TokenStream),
}

impl ToTokens for Filled {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (field, mutable, local) = match self {
            Filled::Local {
                field,
                mutable,
                local,
            } => (field, *mutable, local),
            Filled::Code(code) => return code.to_tokens(tokens),
        };
        if let Some(field) = field {
            let mut colon = Punct::new(':', Spacing::Alone);
            colon.set_span(field.span());
            tokens.append(field.clone());
            tokens.append(colon);
        }
        if mutable {
            tokens.append(Ident::new("mut", Span::call_site()));
        }
        tokens.append(local.clone());
    }
}

/// Whether code that seems to leave may do so only by the name of a macro.
pub(super) fn may_return(code: TokenStream) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_said_to_diverge(&ident),
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
    code.clone().into_iter().all(|token| match token {
        TokenTree::Group(group) => {
            matches!(group.delimiter(), Delimiter::Brace | Delimiter::None)
                && is_empty_block(&group.stream())
        }
        _ => false,
    })
}

/// Whether a pattern is nothing but a local.
pub(super) fn is_local(pat: &Pat) -> bool {
    matches!(pat, Pat::Ident(ident) if local_id(&ident.ident).is_some())
}

/// Code that leaves as a statement. It may have a value behind what leaves, which nothing takes.
pub(super) fn without_value(expr: &Expr) -> syn::Stmt {
    let branches = matches!(expr, Expr::If(_) | Expr::Match(_) | Expr::Block(_));
    match has_dead_value(expr) {
        true => parse_quote_spanned!(Span::mixed_site()=> let _ = #expr;),
        false => syn::Stmt::Expr(expr.clone(), branches.then(Default::default)),
    }
}

fn has_dead_value(expr: &Expr) -> bool {
    let in_block = |block: &syn::Block| match block.stmts.last() {
        Some(syn::Stmt::Expr(last, None)) => has_dead_value(last),
        _ => false,
    };
    match expr {
        Expr::Block(block) => in_block(&block.block),
        Expr::Unsafe(block) => in_block(&block.block),
        Expr::If(branch) => {
            let mut other = branch.else_branch.iter();
            in_block(&branch.then_branch) || other.any(|(_, other)| has_dead_value(other))
        }
        Expr::Match(matched) => matched.arms.iter().any(|arm| has_dead_value(&arm.body)),
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => false,
        Expr::Macro(_) | Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => false,
        _ => true,
    }
}

/// What the macro itself binds may be borrowed mutably by what the author wrote around it.
pub(super) fn mutable_if_synthetic(pat: &Pat, locals: &Locals) -> Option<TokenStream> {
    match pat {
        Pat::Ident(ident) => {
            let id = local_id(&ident.ident)?;
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
