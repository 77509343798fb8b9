//! Locals that a state declares anew, without a value, since what comes behind it assigns them: the frame
//! holds their type, which perhaps only earlier code tells.

use super::code::Filled;
use super::{Arms, Mode};
use crate::hygiene::{word, word_at};
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
        let assigned = self.scope(state).iter().copied();
        let assigned =
            assigned.filter(|id| needs.mentioned.contains(*id) && !needs.read.contains(*id));
        let unknown = assigned.filter(|id| {
            let local = self.locals.get(*id);
            local.rebuild.is_none() && local.ty.is_none() && !local.synthetic && !plain(*id)
        });
        let handed_on = self.handed_on.iter().filter(|(at, _)| *at == state);
        let handed_on = handed_on.map(|(_, id)| *id).filter(|id| plain(*id));
        let typed = unknown.chain(handed_on);
        typed
            .filter(|id| self.carried_in(state, *id).is_none())
            .collect()
    }

    /// The name of what tells the type of a local.
    pub(crate) fn type_name(&self, id: LocalId, span: Span) -> Ident {
        word_at(&format!("{}_type", self.locals.field(id)), span)
    }

    /// The type of these fields, without its parameter.
    pub(crate) fn type_of_types(&self) -> TokenStream {
        let root = self.root;
        quote!(#root::expansion::Typed)
    }

    /// What fills them for a state.
    pub(super) fn types(&mut self, state: StateId, span: Span) -> Vec<Filled> {
        let (known, wanted) = (self.typed(self.state), self.typed(state));
        let fill = |id: &LocalId| {
            let name = self.type_name(*id, span);
            if self.is_in_parts(*id) {
                // What is left of a local is of another type.
                self.changed |= self.handed_on.insert((self.state, *id));
            } else if !known.contains(id) {
                let (root, local) = (&self.root.at(span), self.locals.own(*id));
                self.before.push(quote_spanned! {span=>
                    let #name = #root::expansion::Typed::unknown();
                    if false {
                        ::core::unreachable!();
                        #name.like(&#local);
                    }
                });
            }
            Filled::Local {
                field: None,
                mutable: false,
                local: name,
            }
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
