//! `let r = &place;` and `let r = &value;`, where the function can be suspended behind.
//!
//! A frame cannot point into itself, so such a local is built again by each leg
//! ([`crate::locals::Local::rebuild`]). What is borrowed then must be there, and be the same:
//!
//! - A value that lives as long as its reference is a local of its own, and so is an index that may change.
//! - A place may lie behind a shared reference, which may be another one when it is looked at again. Whether
//!   it does, the compiler tells; then the reference is held itself (see `behind` in the core).

use super::Resolver;
use crate::hygiene::word_at;
use crate::locals::{Bulk, LocalId, Locals, Visible, as_local};
use crate::root::Root;
use crate::tree::bound_by;
use crate::visible::{is_steady_index, is_steady_place};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprReference, Pat, Stmt, parse_quote, parse_quote_spanned};

impl Resolver<'_> {
    /// What must stand before a declaration behind which the function can be suspended.
    pub(super) fn before(&mut self, local: &mut syn::Local) -> Vec<Stmt> {
        let mut before = Vec::new();
        let ([id], Some(init)) = (&bound_by(&local.pat)[..], &mut local.init) else {
            return before;
        };
        let Expr::Reference(reference) = &mut *init.expr else {
            return before;
        };
        if !is_name(&local.pat) || self.locals.get(*id).mutable || init.diverge.is_some() {
            return before;
        }
        if self.locals.get(*id).rebuild.is_none() {
            before = self.indexed(&mut reference.expr);
            self.locals.get_mut(*id).rebuild =
                (!before.is_empty()).then(|| Expr::Reference(reference.clone()));
        }
        let made = match &self.locals.get(*id).rebuild {
            Some(_) => {
                let ty = match &local.pat {
                    Pat::Type(typed) => Some(&*typed.ty),
                    _ => None,
                };
                held(self.locals, &self.root, *id, ty, reference)
            }
            None => {
                let extended = self.extended(reference);
                extended.map(|value| (value, (*init.expr).clone()))
            }
        };
        if let Some((stmt, again)) = made {
            self.locals.get_mut(*id).rebuild = Some(again.clone());
            *init.expr = again;
            before.push(stmt);
        }
        before
    }

    /// Locals for the indices on the way to a place that may change, if nothing else on the way may.
    fn indexed(&mut self, place: &mut Expr) -> Vec<Stmt> {
        let mut indices = Vec::new();
        if self.locals.is_behind_shared(place) || !changing(place, self.locals, &mut indices) {
            return Vec::new();
        }
        let made = indices.into_iter().map(|index| {
            let span = index.span();
            let id = self.locals.invent("index", span);
            self.locals.get_mut(id).bulk = Bulk::Small;
            let name = self.locals.own(id);
            let index = std::mem::replace(index, parse_quote!(#name));
            parse_quote_spanned!(span=> let #name = #index;)
        });
        made.collect()
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

/// A local that holds the reference which a local `name` is if that does not point into the frame, and `()`
/// if it may; and the expression that builds it again.
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
            let looked_at = match as_local(place).and_then(|id| locals.get(id).rebuild.as_ref()) {
                Some(again) => own_of(again),
                None => Some(*place),
            };
            match looked_at {
                Some(place) => {
                    let behind = looked_at_only(place, &root, at);
                    quote_spanned!(at=> #behind.#hold(#name, #held))
                }
                None => held,
            }
        });
    let before = parse_quote_spanned!(at=> let #own = { let #name #ty = #reference; #held };);
    let again = parse_quote_spanned!(at=> #root::expansion::Again::again(#own, #reference));
    Some((before, again))
}

/// A place on the way to another, for the compiler to tell its type: parts of it may have been moved.
pub(crate) fn looked_at_only(place: &Expr, root: &Root, at: Span) -> TokenStream {
    let behind = word_at("behind", at);
    quote_spanned! {at=> {
        let #behind = #root::expansion::Behind::unknown();
        if false {
            ::core::unreachable!();
            #behind.like(&#place);
        }
        #behind
    }}
}

/// What is held of a local that is built again so: a reference if it does not point into the frame. `None`
/// if it does.
fn own_of(again: &Expr) -> Option<&Expr> {
    match again {
        Expr::Call(again) => again.args.first(),
        _ => None,
    }
}

/// Whether a place is steady but for indices that may change and can be evaluated before it is looked
/// at; finds those.
fn changing<'e>(place: &'e mut Expr, locals: &Locals, found: &mut Vec<&'e mut Expr>) -> bool {
    match place {
        Expr::Path(_) => is_steady_place(place, locals),
        Expr::Field(field) => changing(&mut field.base, locals, found),
        Expr::Unary(unary) => {
            matches!(unary.op, syn::UnOp::Deref(_)) && changing(&mut unary.expr, locals, found)
        }
        Expr::Paren(paren) => changing(&mut paren.expr, locals, found),
        Expr::Group(group) => changing(&mut group.expr, locals, found),
        Expr::Index(index) => {
            // What can panic is not evaluated before another index is used.
            let first = !matches!(&*index.expr, Expr::Index(_));
            changing(&mut index.expr, locals, found) && {
                let bounds: Vec<&mut Expr> = match &mut *index.index {
                    Expr::Range(range) => {
                        let bounds = range.start.iter_mut().chain(&mut range.end);
                        bounds.map(|bound| &mut **bound).collect()
                    }
                    whole => vec![whole],
                };
                bounds.into_iter().all(|bound| {
                    let steady = is_steady_index(bound, locals);
                    let changes = !steady && is_number(bound, first);
                    if changes {
                        found.push(bound);
                    }
                    steady || changes
                })
            }
        }
        _ => false,
    }
}

/// Whether an expression looks like a number that is computed of locals; `computed`: else it only names one.
fn is_number(expr: &Expr, computed: bool) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Path(_) => as_local(expr).is_some(),
        Expr::Field(field) => is_number(&field.base, computed),
        Expr::Paren(paren) => is_number(&paren.expr, computed),
        Expr::Group(group) => is_number(&group.expr, computed),
        Expr::Cast(cast) => is_number(&cast.expr, computed),
        Expr::Binary(binary) => {
            computed && is_number(&binary.left, true) && is_number(&binary.right, true)
        }
        Expr::MethodCall(call) => {
            let mut parts = std::iter::once(&*call.receiver).chain(&call.args);
            computed && parts.all(|part| is_number(part, true))
        }
        _ => false,
    }
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
