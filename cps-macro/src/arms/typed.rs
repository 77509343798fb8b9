//! Locals that a state declares anew, without a value, since what comes behind it assigns them: the frame holds their
//! type, which perhaps only earlier code tells.

use super::{Arms, Mode};
use crate::hygiene::{at, word, word_at};
use crate::locals::LocalId;
use crate::states::{At, StateId};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

impl Arms<'_> {
    /// The locals of which a state's variant holds the type.
    pub(crate) fn typed(&self, state: StateId) -> Vec<LocalId> {
        if self.states.all[state].at == At::Start {
            return Vec::new();
        }
        let (needs, fields) = (self.needs_of(state), self.fields(state));
        let plain = |id: LocalId| {
            let mut fields = fields.iter().filter(|field| field.local == Some(id));
            fields.any(|field| field.mode == Mode::Plain)
        };
        let assigned = needs.mentioned.difference(&needs.read);
        let assigned = assigned
            .copied()
            .filter(|id| self.scope(state).contains(id));
        let unknown = assigned.filter(|id| {
            let local = self.locals.get(*id);
            local.rebuild.is_none() && local.ty.is_none() && !local.synthetic && !plain(*id)
        });
        unknown
            .filter(|id| self.carried_in(state, *id).is_none())
            .collect()
    }

    /// The name of what tells the type of a local.
    pub(crate) fn type_name(&self, id: LocalId, span: Span) -> Ident {
        word_at(&format!("{}_type", self.locals.field(id)), span)
    }

    /// The definitions of these fields, given their type parameters.
    pub(crate) fn type_field(&self, id: LocalId, param: &Ident) -> TokenStream {
        let (name, root) = (self.type_name(id, Span::call_site()), self.root);
        quote!(#name: #root::expansion::Typed<#param>)
    }

    /// What fills them for a state.
    pub(super) fn types(&mut self, state: StateId, span: Span) -> Vec<TokenStream> {
        let (known, wanted) = (self.typed(self.state), self.typed(state));
        let fill = |id: &LocalId| {
            let name = self.type_name(*id, span);
            if !known.contains(id) {
                let (root, local) = (&at(span, self.root), self.locals.own(*id));
                self.before.push(quote_spanned! {span=>
                    let #name = #root::expansion::Typed::unknown();
                    if false {
                        ::core::unreachable!();
                        #name.like(&#local);
                    }
                });
            }
            quote!(#name)
        };
        wanted.iter().map(fill).collect()
    }

    /// Tells the type of a local that is declared anew.
    pub(super) fn told(&self, state: StateId, id: LocalId) -> TokenStream {
        if !self.typed(state).contains(&id) {
            return quote!();
        }
        let (name, local) = (
            word(&format!("{}_type", self.locals.field(id))),
            self.locals.own(id),
        );
        quote!(if false { ::core::unreachable!(); #name.like(&#local); })
    }
}
