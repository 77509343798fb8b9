//! Syntax that the passes write themselves, put together piece by piece: to have it parsed from tokens that
//! were just written costs more than all that is done with it.

use crate::root::Root;
use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::token::{Brace, Paren};
use syn::{Block, Expr, Pat, Path, PathSegment, Stmt, Token, Type};

/// A path from the root of all crates: `::core::mem::drop`.
pub(crate) fn global(names: &[&str], span: Span) -> Path {
    let names = names.iter().map(|name| Ident::new(name, span));
    Path {
        leading_colon: Some(Token![::](span)),
        segments: segments(names, span),
    }
}

/// A path into the crate that expansions name.
pub(crate) fn ours(root: &Root, names: &[&str], span: Span) -> Path {
    let mut path = root.path(span);
    path.segments.push_punct(Token![::](span));
    let names = names.iter().map(|name| Ident::new(name, span));
    path.segments.extend(segments(names, span).into_pairs());
    path
}

/// Names with `::` between them.
pub(crate) fn segments(
    names: impl Iterator<Item = Ident>,
    span: Span,
) -> Punctuated<PathSegment, Token![::]> {
    let mut segments = Punctuated::new();
    for name in names {
        if !segments.is_empty() {
            segments.push_punct(Token![::](span));
        }
        segments.push_value(name.into());
    }
    segments
}

/// A path, or a name, as an expression.
pub(crate) fn named(path: impl Into<Path>) -> Expr {
    Expr::Path(syn::ExprPath {
        attrs: Vec::new(),
        qself: None,
        path: path.into(),
    })
}

/// `path(arg)`
pub(crate) fn call(path: Path, arg: Expr, span: Span) -> Expr {
    Expr::Call(syn::ExprCall {
        attrs: Vec::new(),
        func: Box::new(named(path)),
        paren_token: Paren(span),
        args: std::iter::once(arg).collect(),
    })
}

/// `receiver.method(arg)`
pub(crate) fn method(receiver: Ident, method: &str, arg: Expr, span: Span) -> Expr {
    Expr::MethodCall(syn::ExprMethodCall {
        attrs: Vec::new(),
        receiver: Box::new(named(receiver)),
        dot_token: Token![.](span),
        method: Ident::new(method, span),
        turbofish: None,
        paren_token: Paren(span),
        args: std::iter::once(arg).collect(),
    })
}

/// `&mut place`
pub(crate) fn borrowed_mutably(place: Expr, span: Span) -> Expr {
    Expr::Reference(syn::ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](span),
        mutability: Some(Token![mut](span)),
        expr: Box::new(place),
    })
}

/// `path(pat)`
pub(crate) fn variant(path: Path, pat: Pat, span: Span) -> Pat {
    Pat::TupleStruct(syn::PatTupleStruct {
        attrs: Vec::new(),
        qself: None,
        path,
        paren_token: Paren(span),
        elems: std::iter::once(pat).collect(),
    })
}

/// A name that is bound.
pub(crate) fn bound(ident: Ident, mutability: Option<Token![mut]>) -> Pat {
    Pat::Ident(syn::PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability,
        ident,
        subpat: None,
    })
}

/// `let pat: ty = value;`
pub(crate) fn declared(pat: Pat, ty: Option<Type>, value: Expr, span: Span) -> Stmt {
    let pat = match ty {
        Some(ty) => Pat::Type(syn::PatType {
            attrs: Vec::new(),
            pat: Box::new(pat),
            colon_token: Token![:](span),
            ty: Box::new(ty),
        }),
        None => pat,
    };
    Stmt::Local(syn::Local {
        attrs: Vec::new(),
        let_token: Token![let](span),
        modifiers: Default::default(),
        pat,
        init: Some(syn::LocalInit {
            eq_token: Token![=](span),
            expr: Box::new(value),
            diverge: None,
        }),
        semi_token: Token![;](span),
    })
}

/// `{ stmts }`
pub(crate) fn block(stmts: Vec<Stmt>, span: Span) -> Expr {
    Expr::Block(syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block: Block {
            brace_token: Brace(span),
            stmts,
        },
    })
}

/// `match scrutinee { pat => body, .. }`
pub(crate) fn matched(scrutinee: Expr, arms: Vec<(Pat, Expr)>, span: Span) -> Expr {
    let arm = |(pat, body)| syn::Arm {
        attrs: Vec::new(),
        pat,
        fat_arrow_token: Token![=>](span),
        body: Box::new(body),
        comma: Some(Token![,](span)),
    };
    Expr::Match(syn::ExprMatch {
        attrs: Vec::new(),
        match_token: Token![match](span),
        expr: Box::new(scrutinee),
        brace_token: Brace(span),
        arms: arms.into_iter().map(arm).collect(),
    })
}
