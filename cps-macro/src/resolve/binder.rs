//! Patterns: what they bind, and under which names.

use super::Resolver;
use crate::locals::{LocalId, Visible};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Pat, Token};

/// Collects and renames what a pattern binds; the same name in two alternatives is one local.
pub(super) struct Binder<'r, 'a> {
    pub(super) resolver: &'r mut Resolver<'a>,
    pub(super) visible: Visible,
    /// It may fail to match.
    pub(super) refutable: bool,
    pub(super) bound: Vec<(String, LocalId)>,
}

impl VisitMut for Binder<'_, '_> {
    fn visit_pat_mut(&mut self, pat: &mut Pat) {
        match pat {
            Pat::Ident(ident) if !names_constant(ident, self.refutable) => {
                let name = ident.ident.unraw().to_string();
                let known = self
                    .bound
                    .iter()
                    .find(|(bound, _)| *bound == name)
                    .map(|(_, id)| *id);
                let visible = if ident.by_ref.is_some() {
                    Visible::Unknown
                } else {
                    self.visible
                };
                let id = known.unwrap_or_else(|| {
                    let mutable = ident.mutability.is_some();
                    let id = self.resolver.locals.declare(&ident.ident, mutable, visible);
                    self.bound.push((name, id));
                    id
                });
                ident.ident = self.resolver.locals.unique(id, ident.ident.span());
                if let Some((_, inner)) = &mut ident.subpat {
                    self.visit_pat_mut(inner);
                }
            }
            Pat::Type(typed) => self.visit_pat_mut(&mut typed.pat),
            Pat::Tuple(_)
            | Pat::TupleStruct(_)
            | Pat::Struct(_)
            | Pat::Slice(_)
            | Pat::Reference(_) => {
                self.visible = Visible::Unknown;
                visit_mut::visit_pat_mut(self, pat);
            }
            Pat::Lit(_) | Pat::Path(_) | Pat::Range(_) | Pat::Const(_) | Pat::Macro(_) => {}
            _ => visit_mut::visit_pat_mut(self, pat),
        }
    }

    fn visit_field_pat_mut(&mut self, field: &mut syn::FieldPat) {
        self.visit_pat_mut(&mut field.pat);
        if field.colon_token.is_none() {
            field.colon_token = Some(Token![:](Span::mixed_site()));
        }
    }

    fn visit_expr_mut(&mut self, _: &mut Expr) {}
}

/// `let ref x = place;` as the `let x = &place;` that it stands for.
pub(super) fn by_reference(local: &mut syn::Local) {
    if let (Pat::Ident(ident), Some(init)) = (&mut local.pat, &mut local.init)
        && ident.subpat.is_none()
        && let Some(by_ref) = ident.by_ref.take()
    {
        let (mutability, value) = (ident.mutability.take(), &init.expr);
        *init.expr = syn::parse_quote_spanned!(by_ref.span=> & #mutability #value);
    }
}

/// A bare name in a pattern may be a constant or a unit variant; their names are capitalised. A pattern that
/// always matches cannot name a constant, but a unit struct, which is not in capitals throughout.
fn names_constant(ident: &syn::PatIdent, refutable: bool) -> bool {
    let name = ident.ident.unraw().to_string();
    let capital =
        name.starts_with(char::is_uppercase) && (refutable || name.contains(char::is_lowercase));
    capital && ident.by_ref.is_none() && ident.mutability.is_none() && ident.subpat.is_none()
}
