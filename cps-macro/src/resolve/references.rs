//! `let r = &place;` and `let r = &value;`, where the function can be suspended behind.
//!
//! A frame cannot point into itself, so such a local is built again by each leg ([`crate::locals::Local::rebuild`]). What is borrowed then must
//! be there, and be the same:
//!
//! - A value that lives as long as its reference is a local of its own.
//! - A place may lie behind a shared reference, which may be another one when it is looked at again. Whether it does, the compiler
//!   tells; then the reference is held itself (see `behind` in the core).

use super::Resolver;
use crate::hygiene::word_at;
use crate::locals::{Bulk, LocalId, Locals, Visible, as_local};
use crate::root::Root;
use crate::tree::bound_by;
use proc_macro2::Span;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprReference, Pat, Stmt, parse_quote, parse_quote_spanned};

impl Resolver<'_> {
    /// What must stand before a declaration behind which the function can be suspended.
    pub(super) fn before(&mut self, local: &mut syn::Local) -> Option<Stmt> {
        let [id] = bound_by(&local.pat)[..] else {
            return None;
        };
        let init = local.init.as_mut().filter(|init| init.diverge.is_none())?;
        let Expr::Reference(reference) = &mut *init.expr else {
            return None;
        };
        if !is_name(&local.pat) || self.locals.get(id).mutable {
            return None;
        }
        let (before, again) = match &self.locals.get(id).rebuild {
            Some(_) => {
                let ty = match &local.pat {
                    Pat::Type(typed) => Some(&*typed.ty),
                    _ => None,
                };
                held(self.locals, &self.root, id, ty, reference)?
            }
            None => (self.extended(reference)?, (*init.expr).clone()),
        };
        self.locals.get_mut(id).rebuild = Some(again.clone());
        *init.expr = again;
        Some(before)
    }

    /// A local for a value that lives as long as its reference.
    fn extended(&mut self, reference: &mut ExprReference) -> Option<Stmt> {
        let value = temporary(&mut reference.expr)?;
        let span = value.span();
        let id = self.locals.invent("value", span);
        self.locals.get_mut(id).bulk = crate::bulk::bulk_of_value(value, self.locals);
        let name = self.locals.own(id);
        let value = std::mem::replace(value, parse_quote!(#name));
        Some(parse_quote_spanned!(span=> let mut #name = #value;))
    }
}

/// A local that holds the reference which a local `name` is if that does not point into the frame, and `()` if it may; and the expression
/// that builds it again.
pub(crate) fn held(
    locals: &mut Locals,
    root: &Root,
    name: LocalId,
    ty: Option<&syn::Type>,
    reference: &ExprReference,
) -> Option<(Stmt, Expr)> {
    if reference.mutability.is_some() {
        return None;
    }
    let mut places = Vec::new();
    steps(&reference.expr, &mut places);
    if places.is_empty() {
        return None;
    }
    let at = Span::mixed_site().located_at(reference.span());
    let own = locals.invent("own", at);
    let new = locals.get_mut(own);
    (new.visible, new.bulk) = (Visible::Shared, Bulk::Small);
    // The place may be reached through another local of the name.
    let (own, name) = (
        locals.own(own),
        word_at("made", locals.get(name).name.span()),
    );
    let (root, ty) = (root.at(at), ty.map(|ty| quote!(: #ty)));
    let around = std::iter::once(&*reference.expr).chain(places.iter().copied());
    let steps: Vec<_> = places.iter().zip(around).collect();
    let held = steps
        .into_iter()
        .rev()
        .fold(quote!(()), |held, (place, around)| {
            let hold = word_at(if is_deref(around) { "point" } else { "hold" }, at);
            quote_spanned!(at=> #root::expansion::Behind::of(&#place).#hold(#name, #held))
        });
    let before = parse_quote_spanned!(at=> let #own = { let #name #ty = #reference; #held };);
    let again = parse_quote_spanned!(at=> #root::expansion::Again::again(#own, #reference));
    Some((before, again))
}

fn is_deref(place: &Expr) -> bool {
    match place {
        Expr::Paren(paren) => is_deref(&paren.expr),
        Expr::Group(group) => is_deref(&group.expr),
        Expr::Unary(_) => true,
        _ => false,
    }
}

fn is_name(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(name) => name.by_ref.is_none() && name.subpat.is_none(),
        Pat::Type(typed) => is_name(&typed.pat),
        _ => false,
    }
}

/// The places on the way to a place, innermost last.
pub(crate) fn steps<'e>(place: &'e Expr, found: &mut Vec<&'e Expr>) {
    let base = match place {
        Expr::Field(field) => &field.base,
        Expr::Index(index) => &index.expr,
        Expr::Unary(deref) => &deref.expr,
        Expr::Paren(paren) => return steps(&paren.expr, found),
        Expr::Group(group) => return steps(&group.expr, found),
        _ => return,
    };
    found.push(base);
    steps(base, found);
}

/// The value that a reference borrows from, if it is one that the `let` lets live on, and no constant.
fn temporary(borrowed: &mut Expr) -> Option<&mut Expr> {
    match borrowed {
        Expr::Paren(paren) => temporary(&mut paren.expr),
        Expr::Group(group) => temporary(&mut group.expr),
        Expr::Field(field) => temporary(&mut field.base),
        Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_) => Some(borrowed),
        Expr::Tuple(_) | Expr::Array(_) | Expr::Struct(_) if !is_constant(borrowed) => {
            Some(borrowed)
        }
        _ => None,
    }
}

/// Whether an expression may be a constant, of which there is one for ever.
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Path(_) => as_local(expr).is_none(),
        Expr::Unary(unary) => is_constant(&unary.expr),
        Expr::Paren(paren) => is_constant(&paren.expr),
        Expr::Reference(reference) => is_constant(&reference.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_constant),
        Expr::Array(array) => array.elems.iter().all(is_constant),
        Expr::Struct(literal) => literal.fields.iter().all(|field| is_constant(&field.expr)),
        _ => false,
    }
}
