//! Locals of which a part may have been given away: what is left of them for the frame to hold.

use super::{Arms, Field, Mode};
use crate::hygiene::word_at;
use crate::locals::{LocalId, as_local};
use crate::parts::{Gift, Left, Parts, Path};
use crate::tree::BodyId;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::{Expr, Stmt};

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
        let fates = self.flow.clone().unwrap_or_default();
        let leaving = Leaving {
            arms: self,
            field,
            missing: self.missing.get(&id).filter(|_| fates.is_old(id)),
            given: fates.given(id),
            surely: fates.surely_given(id),
            id,
            name,
            whole: &whole,
            span,
        };
        let left = self.parts(id).collect(
            &self.parts_name(id),
            name,
            &mut Path::new(),
            &field.given,
            &leaving,
        );
        if self.carried_in(self.state, id).is_some() {
            return left;
        }
        // A closure that fills the frame would capture all of the local.
        let held = word_at(&format!("left_{}", field.name), span);
        self.before.push(quote_spanned!(span=> let #held = #left;));
        held.into_token_stream()
    }

    /// Notes an assignment of all of a local that this arm holds in parts.
    pub(super) fn note_renewed(&mut self, body: BodyId, index: usize, stmt: &Stmt) {
        if let Stmt::Expr(Expr::Assign(assign), _) = stmt
            && as_local(&assign.left).is_some_and(|id| self.is_in_parts(id))
        {
            self.renewed.insert((body, index));
        }
    }

    /// Whether the arm knows a local by the parts that it found of it.
    pub(super) fn is_in_parts(&self, id: LocalId) -> bool {
        let found = self.missing.get(&id);
        found.is_some_and(|found| found.mode == Mode::Plain && !found.given.is_empty())
            && self.flow.as_ref().is_some_and(|fates| fates.is_old(id))
            && self.carried_in(self.state, id).is_none()
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

    /// The locals that some state finds without a part.
    pub(crate) fn parted_locals(&self) -> BTreeSet<LocalId> {
        let states = (0..self.states.all.len()).filter(|state| self.reaches(*state));
        let fields: Vec<_> = states.map(|state| self.fields(state)).collect();
        let parted = fields.iter().flat_map(|fields| fields.iter());
        let parted = parted.filter(|field| !field.given.is_empty());
        parted.filter_map(|field| field.local).collect()
    }

    pub(crate) fn parts_name(&self, id: LocalId) -> String {
        format!("{}Parts", crate::frame::camel(self.locals.field(id)))
    }
}

/// A leg that fills the frame with what is left of a local.
struct Leaving<'a, 'b> {
    arms: &'a Arms<'b>,
    /// What the frame is to hold.
    field: &'a Field,
    /// What this leg found of it, unless it was assigned since.
    missing: Option<&'a Field>,
    /// What the leg may have given away, and what it gave away for certain.
    given: BTreeSet<Gift>,
    surely: BTreeSet<Gift>,
    id: LocalId,
    name: &'a Ident,
    /// All of it, as the frame would hold that.
    whole: &'a TokenStream,
    span: Span,
}

impl Leaving<'_, '_> {
    /// Whether something was given away in an earlier leg.
    fn came(&self, gift: &Gift) -> bool {
        self.missing
            .is_some_and(|missing| missing.given.contains(gift))
    }

    /// `whole`, or `left` where something was moved out of a place.
    fn choose(
        &self,
        gifts: &[&Gift],
        place: &TokenStream,
        whole: &TokenStream,
        left: TokenStream,
    ) -> TokenStream {
        let (span, root) = (self.span, &self.arms.root.at(self.span));
        let taken = gifts.iter().map(|gift| match self.came(gift) {
            true => quote!(#place.__parted()),
            false => gift.taken(self.id, self.name, self.arms.locals, root),
        });
        quote_spanned!(span=> #root::expansion::left_of!([#(#taken),*] #whole, #left))
    }
}

impl Leaving<'_, '_> {
    /// What is left of a local that is only kept, and of which `unsure` was given away on some ways: all of
    /// it where nothing was, with what nobody names, or its `parts`.
    fn rest(&self, gifts: &[&Gift], place: &TokenStream, parts: TokenStream) -> TokenStream {
        let (span, root) = (self.span, &self.arms.root.at(self.span));
        // The types of both are told, since they may be told nowhere else.
        let told = |other: TokenStream, rest: TokenStream| {
            quote_spanned! {span=>
                if false {
                    ::core::unreachable!();
                    #other
                } else {
                    #rest
                }
            }
        };
        let whole =
            |whole: &TokenStream| quote_spanned!(span=> #root::expansion::Rest::Whole(#whole));
        let left = quote_spanned!(span=> #root::expansion::Rest::Parts(#parts));
        let (unsure, surely): (Vec<_>, Vec<_>) = gifts
            .iter()
            .partition(|gift| self.field.unsure.contains(**gift));
        let given: Vec<_> = unsure
            .into_iter()
            .filter(|gift| self.given.contains(*gift))
            .collect();
        let all = told(left.clone(), whole(self.whole));
        let rest = if given.is_empty() {
            all
        } else {
            let other = match given.iter().any(|gift| self.came(gift)) {
                // What it was is not at hand.
                true => whole(&quote_spanned!(span=> ::core::unreachable!())),
                false => whole(self.whole),
            };
            self.choose(&given, place, &all, told(other, left))
        };
        match surely.is_empty() {
            true => rest,
            false => self.choose(&surely, place, &rest, parts),
        }
    }
}

impl Left for Leaving<'_, '_> {
    fn given(&self, gifts: &[&Gift], place: TokenStream) -> TokenStream {
        let (span, root) = (self.span, &self.arms.root.at(self.span));
        let any = |of: &BTreeSet<Gift>| gifts.iter().any(|gift| of.contains(*gift));
        let unsure = any(&self.field.unsure);
        let left = if self.missing.is_some_and(|missing| any(&missing.unsure)) {
            return place;
        } else if any(&self.surely) && unsure {
            // Its type may be told nowhere else; of what was gone before, any type will do that
            // nothing else tells.
            let like = match gifts.iter().any(|gift| self.came(gift)) {
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
        } else if any(&self.surely) {
            quote_spanned!(span=> #root::expansion::Gone)
        } else {
            // What only native control flow knows to be gone, is none to take: the compiler says so.
            debug_assert!(!any(&self.given) || unsure);
            quote_spanned!(span=> ::core::option::Option::Some(#place))
        };
        self.choose(gifts, &place, &place, left)
    }

    fn parted(
        &self,
        gifts: &[&Gift],
        path: &Path,
        place: TokenStream,
        parts: TokenStream,
    ) -> TokenStream {
        if !path.is_empty() {
            return self.choose(gifts, &place, &place, parts);
        }
        let kept = self.field.mode != Mode::Plain && !self.field.unsure.is_empty();
        let left = match kept {
            true => self.rest(gifts, &place, parts),
            false => parts,
        };
        self.choose(gifts, &place, self.whole, left)
    }
}
