//! The locals that an arm finds declared: taken out of the frame, built again, or declared without a value.

use super::code::Filled;
use super::{Arms, Field, Mode};
use crate::fates::Fate;
use crate::hygiene::word;
use crate::locals::{LocalId, as_local, found_in};
use crate::states::StateId;
use crate::tree::BodyId;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::borrow::Cow;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

impl Arms<'_> {
    /// Takes a field out of the frame: to a local if its scope is the whole function's, else to be bound
    /// where its scope is re-entered.
    pub(super) fn bound(&self, state: StateId, field: &Field, unused: &[LocalId]) -> Filled {
        let name = word(&field.name);
        let Some(id) = field.local.filter(|id| self.is_in_pattern(state, *id)) else {
            return Filled::Local {
                field: None,
                mutable: false,
                local: name,
            };
        };
        match field.mode {
            Mode::Plain if !unused.contains(&id) => Filled::Local {
                field: (!self.locals.keeps_name(id)).then_some(name),
                mutable: self.locals.get(id).mutable,
                local: self.locals.own(id),
            },
            mode => Filled::Local {
                field: Some(name),
                mutable: mode == Mode::Held,
                local: self.hidden_name(id),
            },
        }
    }

    /// Whether a local is bound by the pattern of its state's arm: its scope is the whole function's, and no
    /// local declared before it is declared again within the arm, behind which it would be dropped.
    fn is_in_pattern(&self, state: StateId, id: LocalId) -> bool {
        let outermost = [self.tree.root, self.tree.main()].iter().any(|body| {
            let end = self.tree.bodies[*body].stmts.len();
            self.tree.declared_before(*body, end).contains(&id)
        });
        let (fields, needs) = (self.fields(state), self.needs_of(state));
        let again = |other: &LocalId| {
            let plain = fields
                .iter()
                .any(|field| field.local == Some(*other) && field.mode == Mode::Plain);
            let assigned = !plain && needs.mentioned.contains(*other);
            assigned && self.locals.get(*other).rebuild.is_none() || self.is_settled(state, *other)
        };
        outermost
            && !self.is_settled(state, id)
            && !self
                .scope(state)
                .iter()
                .take_while(|other| **other != id)
                .any(again)
    }

    /// Binds again what a body had declared before statement `index`.
    pub(super) fn rebind(&self, state: StateId, body: BodyId, index: usize) -> Vec<Declared> {
        let fields = self.fields(state);
        let locals = self.tree.declared_before(body, index);
        locals
            .into_iter()
            .flat_map(|id| self.rebind_local(state, &fields, id))
            .collect()
    }

    fn rebind_local(&self, state: StateId, fields: &[Field], id: LocalId) -> Vec<Declared> {
        let local = self.locals.get(id);
        let name = self.locals.own(id);
        let mutable = local.mutable.then(|| quote!(mut));
        let mut bound = Vec::new();
        if self.carried_in(state, id).is_some() {
            return bound;
        }
        let held = fields.iter().find(|field| field.local == Some(id));
        // What is held as an `Option` needs no other.
        let beside = match held.is_some_and(|field| field.mode == Mode::Held) {
            true => quote!(),
            false => self.beside(state, &[id]),
        };
        if let Some(field) = held.filter(|_| self.is_in_pattern(state, id)) {
            if field.mode == Mode::Plain {
                return bound;
            }
        } else if let Some(field) = held {
            let (value, hidden) = (word(&field.name), self.hidden_name(id));
            let unused = match field.mode {
                Mode::Held => quote!(let mut #hidden = #value;),
                _ => quote!(let #hidden = #value;),
            };
            let used = match field.mode {
                Mode::Plain => quote!(#beside let #mutable #name = #value;),
                _ => unused.clone(),
            };
            bound.push(Declared {
                local: id,
                used,
                unused,
            });
            if field.mode == Mode::Plain {
                return bound;
            }
        }
        let needs = self.needs_of(state);
        // What is only assigned from here on is declared again, without a value.
        let used = match &local.rebuild {
            Some(place) if needs.read.contains(id) => quote!(let #name = #place;),
            None if needs.mentioned.contains(id) => {
                let ty = local.ty.as_ref().map(|ty| quote!(: #ty));
                let told = self.told(state, id);
                quote!(#beside let #mutable #name #ty; #told)
            }
            _ => return bound,
        };
        bound.push(Declared {
            local: id,
            used,
            unused: quote!(),
        });
        bound
    }

    /// The locals that are held as an `Option` here.
    pub(super) fn held(&self) -> Vec<LocalId> {
        let held = self
            .hidden
            .iter()
            .filter(|(_, mode)| **mode == Mode::Held)
            .map(|(id, _)| *id);
        held.filter(|id| {
            self.flow
                .as_ref()
                .is_some_and(|fates| fates.of(*id) != Fate::Gone)
        })
        .collect()
    }

    /// Native code in which an assignment drops, as ever, what the local held before: that is
    /// in the `Option`.
    pub(super) fn giving_up(&self, held: Vec<LocalId>, mut stmt: Cow<syn::Stmt>) -> TokenStream {
        if !held.is_empty() {
            GivingUp { arms: self, held }.visit_stmt_mut(stmt.to_mut());
        }
        stmt.to_token_stream()
    }

    pub(crate) fn hidden_name(&self, id: LocalId) -> proc_macro2::Ident {
        word(&format!(
            "_{}",
            self.locals.field(id).trim_start_matches('_')
        ))
    }
}

struct GivingUp<'a, 'b> {
    arms: &'a Arms<'b>,
    held: Vec<LocalId>,
}

impl VisitMut for GivingUp<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Assign(assign) = expr
            && let Some(id) = as_local(&assign.left).filter(|id| self.held.contains(id))
        {
            let (hidden, value) = (self.arms.hidden_name(id), word("value"));
            let (left, right) = (&assign.left, &assign.right);
            *expr = parse_quote!({
                let #value = #right;
                ::core::mem::drop(#hidden.take());
                #left = #value;
            });
        }
    }
}

/// A local as the code behind it needs it: by its name, or, if that is not mentioned, only for its drop. A
/// declaration without a value is left out then, since its type would be unknown.
pub(super) struct Declared {
    pub(super) local: LocalId,
    pub(super) used: TokenStream,
    pub(super) unused: TokenStream,
}

/// Code behind declarations, with as much of these as it uses.
pub(super) fn declare(declared: Vec<Declared>, rest: TokenStream) -> TokenStream {
    declared.into_iter().rev().fold(rest, |rest, declared| {
        let stmt = match found_in(rest.clone(), &mut vec![declared.local]) {
            true => declared.used,
            false => declared.unused,
        };
        quote!(#stmt #rest)
    })
}
