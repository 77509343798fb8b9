//! Locals of which a part may have been given away: what is left of them for the frame to hold.

use super::{Arms, Field};
use crate::hygiene::word_at;
use crate::locals::LocalId;
use crate::parts::{Gift, Parts, Path};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use std::collections::BTreeSet;

impl Arms<'_> {
    /// What is left of a local for a field: `whole`, or its parts without those that were given away.
    pub(super) fn left(
        &mut self,
        field: &Field,
        id: LocalId,
        name: &Ident,
        whole: TokenStream,
        span: Span,
    ) -> TokenStream {
        let root = &self.root.at(span);
        let missing = self.missing.get(&id);
        let came = |gift: &Gift| missing.is_some_and(|missing| missing.given.contains(gift));
        let left_of = |gifts: &[&Gift], whole: TokenStream, left: TokenStream| {
            let taken = gifts
                .iter()
                .map(|gift| gift.taken(name, came(gift), self.locals, root));
            match gifts.is_empty() {
                true => whole,
                false => {
                    quote_spanned!(span=> #root::expansion::left_of!([#(#taken),*] #whole, #left))
                }
            }
        };
        let fates = self.flow.clone().unwrap_or_default();
        let (given, surely) = (fates.given(id), fates.surely_given(id));
        let part = |gifts: &[&Gift], place: TokenStream| {
            let any = |of: &BTreeSet<Gift>| gifts.iter().any(|gift| of.contains(*gift));
            let left = if missing.is_some_and(|missing| any(&missing.unsure)) {
                return place;
            } else if any(&surely) && any(&field.unsure) {
                // Its type may be told nowhere else; of what was gone before, any type will do that nothing else tells.
                let like = match gifts.iter().any(|gift| came(gift)) {
                    true => quote_spanned!(span=> ::core::unreachable!()),
                    false => quote_spanned!(span=> #root::expansion::like(&#place)),
                };
                quote_spanned! {span=>
                    if false {
                        ::core::unreachable!();
                        ::core::option::Option::Some(#like)
                    } else {
                        ::core::option::Option::None
                    }
                }
            } else if any(&surely) {
                quote_spanned!(span=> #root::expansion::Gone)
            } else {
                // What only native control flow knows to be gone, is none to take: the compiler says so.
                debug_assert!(!any(&given) || any(&field.unsure));
                quote_spanned!(span=> ::core::option::Option::Some(#place))
            };
            left_of(gifts, place, left)
        };
        let parts = self.parts(id).collect(
            &self.parts_name(id),
            name,
            &mut Path::new(),
            &field.given,
            &part,
        );
        let left = left_of(&field.given.iter().collect::<Vec<_>>(), whole, parts);
        if self.carried_in(self.state, id).is_some() {
            return left;
        }
        // A closure that fills the frame would capture all of the local.
        let held = word_at(&format!("left_{}", field.name), span);
        self.before.push(quote_spanned!(span=> let #held = #left;));
        held.into_token_stream()
    }

    /// The parts of a local as the frame holds them, if some state finds it without one.
    pub(crate) fn parts(&self, id: LocalId) -> Parts {
        self.surveyed.set(true);
        let mut given = BTreeSet::new();
        for state in (0..self.states.all.len()).filter(|state| self.reaches(*state)) {
            let fields = self.fields(state);
            let own = fields.iter().filter(|field| field.local == Some(id));
            given.extend(own.flat_map(|field| &field.given).cloned());
        }
        Parts::new(self.locals.named_parts(id), &given)
    }

    pub(crate) fn parts_name(&self, id: LocalId) -> String {
        format!("{}Parts", crate::frame::camel(self.locals.field(id)))
    }
}
