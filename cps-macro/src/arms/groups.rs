//! Groups of states that work in place: what [`crate::carried`] found out, in code.
//!
//! The states of a group share a variant of the frame, `Frame::Loop1 { at: AtLoop1, carried.. }`, and each is
//! a variant of `AtLoop1`, with what it holds besides. A leg takes `at` out, leaves `Running` there, and puts
//! the next one back; groups in groups do so one level further in. Legs that must move the frame as a whole,
//! since they run outside of any group or leave one, do that in functions of their own.

use super::{Arms, Field, Mode};
use crate::carried::GroupId;
use crate::hygiene::{word, word_at};
use crate::in_place;
use crate::locals::{LocalId, mentioned};
use crate::states::StateId;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use std::rc::Rc;

/// Where a leg goes, seen from the state that it runs in.
enum Way {
    /// To a state of the same group.
    Along,
    /// Into groups within.
    Into,
    /// Out of this many groups.
    Out(usize),
}

impl Arms<'_> {
    /// The groups that a state is in, outermost first.
    pub(crate) fn groups_of(&self, state: StateId) -> Vec<GroupId> {
        self.tree.groups_at(self.states.all[state].at)
    }

    /// Whether any state works in place.
    pub(crate) fn has_groups(&self) -> bool {
        !self.tree.groups.is_empty()
    }

    /// What a group carries.
    pub(crate) fn carried(&self, group: GroupId) -> &[Field] {
        &self.tree.groups[group].carried
    }

    /// How a group around a state carries a local, if one does.
    pub(crate) fn carried_in(&self, state: StateId, local: LocalId) -> Option<&Field> {
        let groups = self.groups_of(state);
        groups.into_iter().find_map(|group| {
            self.carried(group)
                .iter()
                .find(|field| field.local == Some(local))
        })
    }

    /// The fields of a state's own variant.
    pub(crate) fn own_fields(&self, state: StateId) -> Rc<[Field]> {
        let fields = self.fields(state);
        if self.groups_of(state).is_empty() {
            return fields;
        }
        let own = |field: &&Field| {
            field
                .local
                .is_none_or(|local| self.carried_in(state, local).is_none())
        };
        fields.iter().filter(own).cloned().collect()
    }

    /// The locals that come to a state out of a group as the frame held them there. What such a local is
    /// may be settled by code in the group that stands further down, which would be too late to ask whether
    /// it is `Copy`.
    pub(super) fn left_whole(&self, state: StateId) -> Vec<LocalId> {
        match self.way(state) {
            Way::Out(_) => {
                let held = self.fields(self.state);
                let plain = held.iter().filter(|field| field.mode == Mode::Plain);
                plain.filter_map(|field| field.local).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The name of the variant that the states of a group share.
    pub(crate) fn variant(&self, group: GroupId) -> Ident {
        let groups = &self.tree.groups;
        if let Some(looped) = groups[group].looped(self.tree) {
            let state = self.tree.nodes[looped].state.expect("a loop has a state");
            return word(&self.states.all[state].name);
        }
        let before = groups[..group].iter();
        let number = before.filter(|group| group.looped(self.tree).is_none());
        word(&format!("Stretch{}", number.count() + 1))
    }

    /// The enum of the states directly in a group, or outside of all.
    pub(crate) fn level(&self, group: Option<GroupId>) -> Ident {
        match group {
            None => self.enums.name("Frame"),
            Some(group) => self.enums.name(&format!("At{}", self.variant(group))),
        }
    }

    /// A pattern for the frame at a state, with these locals bound to their names.
    pub(crate) fn pattern(&self, state: StateId, bound: &[LocalId]) -> TokenStream {
        self.pattern_with(state, bound, quote!())
    }

    /// The same, with `waits` for what the state waits for.
    pub(super) fn pattern_with(
        &self,
        state: StateId,
        bound: &[LocalId],
        waits: TokenStream,
    ) -> TokenStream {
        let groups = self.groups_of(state);
        let own = self.own_fields(state);
        let (level, name) = (
            self.level(groups.last().copied()),
            word(&self.states.all[state].name),
        );
        let own = self.bindings(&own, bound);
        let waits = (!waits.is_empty()).then(|| quote!(#waits,));
        self.around(
            &groups,
            quote!(#level::#name { #(#own,)* #waits .. }),
            bound,
        )
    }

    /// A pattern for the frame where the innermost of `groups` stands at `inner`.
    fn around(&self, groups: &[GroupId], inner: TokenStream, bound: &[LocalId]) -> TokenStream {
        let levels = groups.iter().enumerate().rev();
        levels.fold(inner, |inner, (depth, group)| {
            let level = self.level(depth.checked_sub(1).map(|outer| groups[outer]));
            let (variant, carried) = (
                self.variant(*group),
                self.bindings(self.carried(*group), bound),
            );
            quote!(#level::#variant { #(#carried,)* at: #inner, .. })
        })
    }

    fn bindings(&self, fields: &[Field], bound: &[LocalId]) -> Vec<TokenStream> {
        let local = |field: &Field| field.local.filter(|local| bound.contains(local));
        let fields = fields
            .iter()
            .rev()
            .filter_map(|field| Some((field, local(field)?)));
        let binding = |(field, local): (&Field, LocalId)| {
            let (field, name) = (
                word(&field.name),
                self.locals
                    .emitted(local, self.locals.get(local).name.span()),
            );
            quote!(#field: #name)
        };
        fields.map(binding).collect()
    }

    fn way(&self, to: StateId) -> Way {
        let (here, there) = (self.groups_of(self.state), self.groups_of(to));
        match here.len() - common(&here, &there) {
            0 if here.len() == there.len() => Way::Along,
            0 => Way::Into,
            levels => Way::Out(levels),
        }
    }

    /// What the frame is to be at a state, as far as a leg of the state at hand may put it there.
    pub(super) fn value_at(&mut self, state: StateId, span: Span) -> TokenStream {
        let own = self.own_fields(state);
        let groups = self.groups_of(state);
        let at = Span::mixed_site().located_at(span);
        let (level, name) = (
            located(self.level(groups.last().copied()), span),
            word_at(&self.states.all[state].name, span),
        );
        let mut own = self.filled(&own, span);
        own.extend(self.types(state, span));
        let mut value = quote_spanned!(at=> #level::#name { #(#own),* });
        let stays = common(&self.groups_of(self.state), &groups);
        for depth in (stays..groups.len()).rev() {
            let outer = depth.checked_sub(1).map(|outer| groups[outer]);
            let outer = located(self.level(outer), span);
            let variant = located(self.variant(groups[depth]), span);
            let carried = self.carried(groups[depth]).to_vec();
            let carried = self.filled(&carried, span);
            value = quote_spanned!(at=> #outer::#variant { at: #value, #(#carried),* });
        }
        value
    }

    /// How a leg suspends with the frame at a state: by which ending, and what that is given besides.
    pub(super) fn suspend(
        &mut self,
        state: StateId,
        span: Span,
        ending: &str,
        given: TokenStream,
    ) -> TokenStream {
        let (before, value) = self.frame(state, span);
        let (cx, ending) = (
            word_at("cx", span),
            Ident::new(ending, Span::mixed_site().located_at(span)),
        );
        let at = Span::mixed_site().located_at(span);
        if self.groups_of(self.state).is_empty() {
            let given = (!given.is_empty()).then(|| quote!(, #given));
            return quote_spanned!(at=> #(#before)* return #cx.#ending(#value #given););
        }
        let slot = word("slot");
        quote_spanned!(at=> #(#before)* *#slot = #value; return #cx.stay().#ending(#given);)
    }

    /// How a leg calls and waits at a state; `lend` is which of those it is where a callee borrows.
    pub(super) fn call(
        &mut self,
        state: StateId,
        span: Span,
        lend: Option<Literal>,
        callee: TokenStream,
    ) -> TokenStream {
        let (before, value) = self.captured(state, span);
        let (cx, ret) = (word_at("cx", span), word_at("ret", span));
        let at = Span::mixed_site().located_at(span);
        let ending = word_at(if lend.is_some() { "call_with" } else { "call" }, span);
        let lend = lend.map(|lend| quote!(#lend,));
        let groups = self.groups_of(self.state);
        if groups.is_empty() {
            return quote_spanned!(at=> #(#before)* return #cx.#ending(#lend |#ret| #value, #callee););
        }
        let slot = word("slot");
        let pattern = self.around(&groups, quote!(#slot), &[]);
        quote_spanned! {at=>
            #(#before)*
            return #cx.stay().#ending(
                #lend
                |frame, #ret| if let #pattern = frame { *#slot = #value; },
                #callee,
            );
        }
    }

    /// How a leg goes on to a state without suspending, where there are groups.
    pub(super) fn go_in_place(&mut self, state: StateId, span: Span) -> TokenStream {
        let (cx, slot) = (word("cx"), word("slot"));
        let at = Span::mixed_site().located_at(span);
        let groups = self.groups_of(self.state);
        match (self.way(state), groups.last()) {
            (Way::Out(levels), _) => self.leave(state, levels, span),
            (Way::Along, Some(group)) if !self.is_outer(*group) => {
                let (before, value) = self.frame(state, span);
                let (now, turn) = (word("at"), syn::Lifetime::new("'cps", Span::mixed_site()));
                quote_spanned!(at=> #(#before)* #now = #value; continue #turn;)
            }
            (_, Some(_)) => {
                let (before, value) = self.frame(state, span);
                quote_spanned!(at=> #(#before)* *#slot = #value; return #cx.stay().again();)
            }
            (_, None) => {
                let (before, value) = self.frame(state, span);
                quote_spanned!(at=> #(#before)* return #cx.again(#value);)
            }
        }
    }

    /// Whether there is a group within a group.
    fn is_outer(&self, group: GroupId) -> bool {
        let inside = |state: StateId| {
            let groups = self.groups_of(state);
            groups.contains(&group) && groups.last() != Some(&group)
        };
        (0..self.states.all.len()).any(inside)
    }

    /// Goes on to a state outside: what it needs of the carried locals is moved there, the others are
    /// dropped, last declared first.
    fn leave(&mut self, state: StateId, levels: usize, span: Span) -> TokenStream {
        let groups = self.groups_of(self.state);
        let (stays, left) = groups.split_at(groups.len() - levels);
        let carried: Vec<Field> = left
            .iter()
            .rev()
            .flat_map(|group| self.carried(*group))
            .cloned()
            .collect();
        let (before, value) = self.captured(state, span);
        let entered = self.groups_of(state);
        let entered = entered.iter().skip(stays.len());
        let entered = entered.flat_map(|group| self.carried(*group));
        let own = self.own_fields(state);
        let needed = own.iter().chain(entered);
        let needed: Vec<_> = needed.filter_map(|field| field.local).collect();
        let name = |field: &Field| self.out_of_place(field);
        let drops = carried
            .iter()
            .filter(|field| field.local.is_none_or(|local| !needed.contains(&local)))
            .map(name);
        let drops = drops.map(|name| quote!(::core::mem::drop(#name);));
        let inner = left
            .iter()
            .enumerate()
            .rev()
            .fold(quote!(_), |inner, (depth, group)| {
                let level = self.level(match depth {
                    0 => stays.last().copied(),
                    depth => Some(left[depth - 1]),
                });
                let variant = self.variant(*group);
                let fields = self.carried(*group).iter().rev().map(|field| {
                    let (field_name, name) = (word(&field.name), name(field));
                    quote!(#field_name: #name)
                });
                quote!(#level::#variant { #(#fields,)* at: #inner })
            });
        let (cx, frame, slot) = (word("cx"), word("frame"), word("slot"));
        let at = Span::mixed_site().located_at(span);
        let Some(outer) = stays.last() else {
            return quote_spanned! {at=>
                #(#before)*
                return #cx.stay().leave(move |#frame| match #frame {
                    #inner => { #(#drops)* #value }
                    _ => ::core::unreachable!(),
                });
            };
        };
        let (level, pattern) = (
            self.level(Some(*outer)),
            self.around(stays, quote!(#slot), &[]),
        );
        quote_spanned! {at=>
            #(#before)*
            return #cx.stay().change(move |#frame| if let #pattern = #frame {
                match ::core::mem::replace(#slot, #level::Running) {
                    #inner => { #(#drops)* *#slot = #value; }
                    _ => ::core::unreachable!(),
                }
            });
        }
    }

    /// The name of a carried local that has been moved out of its place, which the pass that makes references
    /// of names leaves alone.
    pub(super) fn out_of_place(&self, field: &Field) -> Ident {
        let local = field.local.expect("what is carried is a local");
        match field.mode {
            Mode::Plain => self
                .locals
                .emitted(local, self.locals.get(local).name.span()),
            _ => self.hidden_name(local),
        }
    }

    /// The whole machine, where there are groups: the arms of all states, in order.
    pub(crate) fn machine(&self, arms: &[(StateId, TokenStream)]) -> TokenStream {
        let mut code = Vec::new();
        let mut rest = arms;
        while let Some((state, arm)) = rest.first() {
            let groups = self.groups_of(*state);
            let group = groups.last().copied();
            let together = match group {
                Some(group) if !self.is_outer(group) => rest
                    .iter()
                    .take_while(|(state, _)| self.groups_of(*state).last() == Some(&group))
                    .count(),
                _ => 1,
            };
            let (now, later) = rest.split_at(together);
            rest = later;
            let cx = word("cx");
            code.push(match (group, together) {
                (None, _) => {
                    let pattern = self.pattern(*state, &[]);
                    quote!(#pattern => #cx.moved(|mut #cx| match #cx.take() { #arm _ => ::core::unreachable!(), }),)
                }
                (Some(group), _) if self.is_outer(group) => {
                    let (pattern, leg) = (self.pattern(*state, &[]), self.leg(&groups, now));
                    quote!(#pattern => #cx.moved(|mut #cx| { #leg }),)
                }
                (Some(_), _) => {
                    let pattern = self.around(&groups, quote!(_), &[]);
                    let leg = self.leg(&groups, now);
                    quote!(#pattern => { #leg })
                }
            });
        }
        let cx = word("cx");
        // Within a group of groups, `at` is in one of their states, or not there for as long as a leg runs.
        let nested = (0..self.tree.groups.len()).any(|group| self.is_outer(group));
        let nested = nested.then(|| quote!(_ => ::core::unreachable!(),));
        quote!(match #cx.frame() { #(#code)* #nested })
    }

    /// A leg in place.
    fn leg(&self, groups: &[GroupId], arms: &[(StateId, TokenStream)]) -> TokenStream {
        let group = groups[groups.len() - 1];
        let carried: Vec<_> = groups
            .iter()
            .flat_map(|group| self.carried(*group))
            .filter_map(|field| field.local)
            .collect();
        let arms: TokenStream = arms.iter().map(|(_, arm)| arm.clone()).collect();
        let mut used = Vec::new();
        mentioned(arms.clone(), &mut used);
        used.retain(|local| carried.contains(local));
        let shared = used
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .filter(|local| self.is_shared(**local, &arms));
        let shared = shared.map(|local| {
            let name = self
                .locals
                .emitted(*local, self.locals.get(*local).name.span());
            quote!(let #name = &*#name;)
        });
        let shared: Vec<_> = shared.collect();
        let (arms, returns) = in_place::returns(in_place::references(arms, &carried, self.locals));
        let (cx, frame, at, slot) = (word("cx"), word("frame"), word("at"), word("slot"));
        let turn = if in_place::names(&arms, "turn") {
            word("turn")
        } else {
            word("_turn")
        };
        let (level, pattern) = (
            self.level(Some(group)),
            self.around(groups, quote!(#slot), &used),
        );
        let rest = match self.is_outer(group) {
            true => quote!(_),
            false => quote!(#level::Running),
        };
        let legs = quote!(match #at { #arms #rest => ::core::unreachable!(), });
        let legs = match in_place::names(&arms, "continue") {
            true => {
                let turns = syn::Lifetime::new("'cps", Span::mixed_site());
                quote!(let mut #at = ::core::mem::replace(#slot, #level::Running); #turns: loop { #legs })
            }
            false => quote!(let #at = ::core::mem::replace(#slot, #level::Running); #legs),
        };
        let body = quote! {
            let (#frame, mut #turn) = #cx.split();
            let #pattern = #frame else { ::core::unreachable!() };
            #(#shared)*
            #legs
        };
        if !returns {
            return body;
        }
        let (value, done, result) = (
            word("value"),
            syn::Lifetime::new("'done", Span::mixed_site()),
            self.result,
        );
        quote!(let #value: #result = #done: { #body }; return #cx.stay().done(#value);)
    }

    /// Whether a carried local is looked at only, and is no reference behind which more could be done.
    pub(super) fn is_shared(&self, local: LocalId, code: &TokenStream) -> bool {
        let known = self.locals.get(local);
        !known.mutable && known.owned && !in_place::projects(code, local)
    }
}

/// In how many groups both of two states are.
fn common(here: &[GroupId], there: &[GroupId]) -> usize {
    let both = here.iter().zip(there);
    both.take_while(|(here, there)| here == there).count()
}

/// A word of ours where the author wrote what it is about.
fn located(mut word: Ident, span: Span) -> Ident {
    word.set_span(word.span().located_at(span));
    word
}
