//! What a state finds in the frame, and how an arm that leaves for it fills the frame.

use super::Arms;
use super::code::Filled;
use crate::fates::{Fate, Fates};
use crate::hygiene::word_at;
use crate::liveness::Needs;
use crate::locals::{LocalId, Visible};
use crate::mentions::Mentions;
use crate::parts::{self, Gift};
use crate::states::{At, StateId};
use crate::tree::{Bind, Kind, Point, Tree};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How the frame holds a local.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Mode {
    /// As it is.
    Plain,
    /// Only to be dropped where its scope ends; `()` if its type is `Copy`.
    Kept,
    /// Only to be dropped, and on some paths it is already gone: an `Option`.
    Held,
}

/// A field of a state's variant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// `None`: it is what the state waits for.
    pub(crate) local: Option<LocalId>,
    pub(crate) mode: Mode,
    /// The parts without which it may be.
    pub(crate) given: BTreeSet<Gift>,
    /// Those of them that may be there: `Option`s, unless they are `Copy`.
    pub(crate) unsure: BTreeSet<Gift>,
}

/// How a state is reached: for each local, the fates with which arms leave for it.
#[derive(Default)]
pub(super) struct Arrivals {
    pub(super) reached: bool,
    fates: BTreeMap<LocalId, Seen>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Seen {
    live: bool,
    gone: bool,
    held: bool,
    given: BTreeSet<Gift>,
    /// Those that were given away with all fates.
    surely: Option<BTreeSet<Gift>>,
    /// It comes as it is, from where it was not, or could not be, made `()` if its type is `Copy`.
    whole: bool,
}

pub(super) fn scope(tree: &Tree, at: At) -> Vec<LocalId> {
    match at {
        At::Start => tree.bodies[tree.root].binds.clone(),
        At::Point(node) | At::Loop(node) | At::End(node) => {
            tree.in_scope(tree.nodes[node].body, tree.nodes[node].index)
        }
    }
}

impl Arms<'_> {
    /// The locals in scope in a state, outermost first.
    pub(crate) fn scope(&self, state: StateId) -> &[LocalId] {
        &self.scopes[state]
    }

    /// What is needed of the locals from a state on.
    pub(crate) fn needs_of(&self, state: StateId) -> &Needs {
        match self.states.all[state].at {
            At::Start => &self.needs.start,
            At::Loop(node) => &self.needs.top[node],
            At::Point(node) | At::End(node) => &self.needs.after[node],
        }
    }

    /// The fields of a state's variant, in the order in which they are dropped.
    pub(crate) fn fields(&self, state: StateId) -> Rc<[Field]> {
        if let Some(known) = &self.fields.borrow()[state] {
            return known.clone();
        }
        let fields: Rc<[Field]> = self.fields_now(state).into();
        self.fields.borrow_mut()[state] = Some(fields.clone());
        fields
    }

    /// The same, by what is known of how the state is reached.
    fn fields_now(&self, state: StateId) -> Vec<Field> {
        let (needs, arrivals) = (self.needs_of(state), &self.arrivals[state]);
        let start = self.states.all[state].at == At::Start;
        let waits = self.waits_for(state).map(|name| Field {
            name: name.to_owned(),
            local: None,
            mode: Mode::Plain,
            given: BTreeSet::new(),
            unsure: BTreeSet::new(),
        });
        let locals = self.scope(state).iter().rev().filter_map(|&id| {
            if let Some(field) = self.carried_in(state, id) {
                return Some(field.clone());
            }
            let local = self.locals.get(id);
            let seen = arrivals.fates.get(&id).cloned().unwrap_or_default();
            let mode = if start {
                Mode::Plain
            } else if local.rebuild.is_some() {
                return None;
            } else if needs.read.contains(id) {
                Mode::Plain
            } else if seen.held || (seen.live && seen.gone) {
                (!local.visible.needs_no_drop()).then_some(Mode::Held)?
            } else if seen.live {
                let assigned = needs.mentioned.contains(id);
                match local.visible.needs_no_drop() {
                    // What is left of it ends where it is assigned.
                    false if assigned && !seen.given.is_empty() => Mode::Held,
                    _ if assigned => Mode::Plain,
                    true => return None,
                    false if seen.whole => Mode::Plain,
                    false => Mode::Kept,
                }
            } else {
                return None;
            };
            let none = BTreeSet::new();
            let surely = seen.surely.as_ref().unwrap_or(&none);
            let needed = needs.parts.get(&id);
            let given = match mode {
                // It is assigned as a whole.
                Mode::Plain if needed.is_none() && needs.mentioned.contains(id) => BTreeSet::new(),
                _ => parts::given_up(&seen.given, needed),
            };
            Some(Field {
                name: self.locals.field(id).to_owned(),
                local: Some(id),
                mode,
                unsure: given.difference(surely).cloned().collect(),
                given,
            })
        });
        waits.into_iter().chain(locals).collect()
    }

    /// The fates with which a state begins, given what it finds.
    pub(super) fn enter_flow(&mut self, state: StateId, fields: &[Field]) {
        let mut fates = Fates::default();
        self.hidden.clear();
        self.missing.clear();
        self.broken.clear();
        for local in self.scopes[state].clone() {
            let field = fields.iter().find(|field| field.local == Some(local));
            let fate = match (
                field.map(|field| field.mode),
                self.locals.get(local).rebuild.is_some(),
            ) {
                (Some(Mode::Plain | Mode::Kept), _) | (None, true) => Fate::Live,
                (Some(Mode::Held), _) => Fate::Held,
                (None, false) => Fate::Gone,
            };
            fates.set(local, fate);
            if let Some(field) = field {
                for gift in &field.given {
                    fates.give(local, gift.clone(), !field.unsure.contains(gift));
                }
                self.missing.insert(local, field.clone());
            }
            if let Some(field) = field.filter(|field| field.mode != Mode::Plain) {
                self.hidden.insert(local, field.mode);
            }
        }
        self.flow = Some(fates);
    }

    /// The field for what a state waits for.
    fn waits_for(&self, state: StateId) -> Option<&'static str> {
        match self.states.all[state].at {
            At::Point(node) => match &self.tree.nodes[node].kind {
                Kind::Point(Point::Call(_)) => Some("ret"),
                Kind::Point(Point::Migrate(_)) => Some("verdict"),
                _ => None,
            },
            At::End(node) => match self.tree.nodes[node].bind {
                Bind::Statement => None,
                Bind::Let(_) | Bind::Tail => Some("result"),
            },
            At::Start | At::Loop(_) => None,
        }
    }

    /// Notes with which fates an arm leaves for a state.
    fn arrive(&mut self, state: StateId, fates: &Fates) {
        let whole = self.left_whole(state);
        let scope = self.scopes[state].iter();
        let carried: Vec<_> = scope
            .filter(|id| self.carried_in(self.state, **id).is_some())
            .copied()
            .collect();
        let arrivals = &mut self.arrivals[state];
        let first = !std::mem::replace(&mut arrivals.reached, true);
        let mut news = first;
        for id in &self.scopes[state] {
            let seen = arrivals.fates.entry(*id).or_default();
            let before = seen.clone();
            // Nothing moves what is carried.
            if !carried.contains(id) {
                seen.given.extend(fates.given(*id));
            }
            if matches!(fates.of(*id), Fate::Live | Fate::Held) {
                let surely = match carried.contains(id) {
                    true => BTreeSet::new(),
                    false => fates.surely_given(*id),
                };
                seen.surely = Some(match seen.surely.take() {
                    Some(known) => known.intersection(&surely).cloned().collect(),
                    None => surely,
                });
            }
            match fates.of(*id) {
                Fate::Live => seen.live = true,
                Fate::Gone | Fate::Maybe => seen.gone = true,
                Fate::Held => seen.held = true,
            }
            seen.whole |= whole.contains(id);
            news |= *seen != before;
        }
        if news {
            self.reconsider(state, first);
        }
    }

    /// After it was learnt how a state is reached: whether arms that are written would be other ones now.
    /// That is so if they were written by fields that have changed, or by those of all states, or if the
    /// state's own was passed by.
    fn reconsider(&mut self, state: StateId, first: bool) {
        self.changed |= self.surveyed.get() || (first && state < self.state);
        let known = self.fields.borrow_mut()[state].take();
        if let Some(known) = known {
            self.changed |= *known != *self.fields(state);
        }
    }

    /// Notes that a state which the one at hand leads to has a local as it is, so that this one must have
    /// it so too.
    fn must_be_whole(&mut self, id: LocalId) {
        let seen = self.arrivals[self.state].fates.entry(id).or_default();
        if !std::mem::replace(&mut seen.whole, true) {
            self.changed = true;
            self.fields.borrow_mut()[self.state] = None;
        }
    }

    /// Notes the same of a local that is handed on unseen, in parts: those that the next state has given
    /// away, or may have, this one may have, too.
    fn must_be_parted_so(&mut self, id: LocalId, field: &Field) {
        let missing = self.missing.get(&id);
        if missing.is_none_or(|missing| missing.given.is_empty()) {
            return self.must_be_whole(id);
        }
        let seen = self.arrivals[self.state].fates.entry(id).or_default();
        let before = seen.clone();
        seen.given.extend(field.given.iter().cloned());
        if let Some(surely) = &mut seen.surely {
            surely.retain(|gift| !field.unsure.contains(gift));
        }
        if *seen != before {
            self.changed = true;
            self.fields.borrow_mut()[self.state] = None;
        }
    }

    /// The frame for a state, from the locals at hand, behind what must be found out before it can be filled.
    /// `span` is where the author wrote what leads there.
    pub(super) fn frame(&mut self, state: StateId, span: Span) -> (Vec<TokenStream>, TokenStream) {
        let fates = self.flow.clone().unwrap_or_default();
        self.arrive(state, &fates);
        let checks = self.check(state);
        // What is kept may hold a borrow until it is.
        let captures = self.captures;
        self.captures |= !checks.is_empty();
        let value = self.value_at(state, span);
        self.captures = captures;
        let mut before = std::mem::take(&mut self.before);
        match before.is_empty() {
            true => self.checks.extend(checks),
            false => before.extend(checks),
        }
        (before, value)
    }

    /// The same for a closure that fills the frame. What is only kept for its drop, and may hold a borrow of
    /// what the closure takes if it has none, is kept before.
    pub(super) fn captured(
        &mut self,
        state: StateId,
        span: Span,
    ) -> (Vec<TokenStream>, TokenStream) {
        self.captures = true;
        let frame = self.frame(state, span);
        self.captures = false;
        frame
    }

    /// Fields with what is at hand for them.
    pub(super) fn filled(&mut self, fields: &[Field], span: Span) -> Vec<Filled> {
        let fates = self.flow.clone().unwrap_or_default();
        let filled = fields.iter().map(|field| self.fill(field, &fates, span));
        filled.collect()
    }

    fn fill(&mut self, field: &Field, fates: &Fates, span: Span) -> Filled {
        let name = word_at(&field.name, span);
        let Some(id) = field.local else {
            return Filled::Code(match &*field.name {
                "verdict" => quote_spanned!(span=> verdict: ::core::result::Result::Ok(())),
                _ => name.into_token_stream(),
            });
        };
        let carried = self
            .carried_in(self.state, id)
            .map(|field| self.out_of_place(field));
        let hidden = matches!(
            (self.hidden.get(&id), fates.of(id)),
            (Some(Mode::Kept), _) | (Some(_), Fate::Held)
        );
        let in_place = carried.is_some();
        // What is kept, or was, has its parts apart already, unless it was assigned since.
        let whole = field.given.is_empty() || hidden;
        let hidden = hidden && !in_place;
        if hidden && field.mode == Mode::Plain {
            self.must_be_whole(id);
        } else if hidden && !field.given.is_empty() {
            self.must_be_parted_so(id, field);
        }
        let local = match carried {
            Some(carried) => carried,
            None if hidden => self.hidden_name(id),
            None => self
                .locals
                .unique(id, self.locals.get(id).name.span().located_at(span)),
        };
        if field.mode == Mode::Plain && whole {
            let named = hidden || !self.locals.keeps_name(id);
            return Filled::Local {
                field: named.then_some(name),
                mutable: false,
                local,
            };
        }
        let value = match (field.mode, fates.of(id)) {
            (Mode::Held, Fate::Gone | Fate::Maybe) => {
                let none = quote_spanned!(span=> #name: ::core::option::Option::None);
                return Filled::Code(none);
            }
            (Mode::Held, Fate::Held) => {
                return Filled::Code(quote_spanned!(span=> #name: #local));
            }
            (Mode::Plain, _) => local.to_token_stream(),
            _ if self.locals.get(id).closure => local.to_token_stream(),
            // It is what was kept of the local.
            _ if hidden => local.to_token_stream(),
            (mode, _) => {
                self.keeps = true;
                let root = &self.root.at(span);
                let kept = quote_spanned!(span=> #root::expansion::Keep::of(#local).keep());
                match mode {
                    Mode::Kept => self.checked(id, kept),
                    _ => kept,
                }
            }
        };
        let value = match whole {
            true if self.captures && field.mode != Mode::Plain && !in_place && !hidden => {
                let kept = word_at(
                    &format!("kept_{}", field.name.trim_start_matches('_')),
                    span,
                );
                self.before.push(quote_spanned!(span=> let #kept = #value;));
                kept.into_token_stream()
            }
            true => value,
            false => self.left(field, id, &local, value, span),
        };
        Filled::Code(match field.mode {
            Mode::Held => quote_spanned!(span=> #name: ::core::option::Option::Some(#value)),
            _ => quote_spanned!(span=> #name: #value),
        })
    }

    /// What must be able to change threads is looked at where the author declared it: the frame as a whole is
    /// too, but the compiler reports that where the frame begins.
    fn check(&mut self, state: StateId) -> Vec<TokenStream> {
        let mut checks = Vec::new();
        if self.locals.stay {
            return checks;
        }
        for field in self.fields(state).iter().rev() {
            let Some(id) = field.local else { continue };
            let local = self.locals.get(id);
            let shown = field.mode == Mode::Plain
                && local.visible != Visible::Copy
                && !local.synthetic
                && !local.generic
                && field.given.is_empty();
            let free = !self.hidden.contains_key(&id) && !self.is_lent(state, id);
            if shown && free && self.checked.insert(id) {
                let (name, span) = (self.locals.own(id), local.name.span());
                let root = self.root.at(span);
                checks.push(
                    quote_spanned!(span=> #root::expansion::held_across_a_suspension(&#name);),
                );
            }
        }
        match checks.is_empty() {
            true => checks,
            // Where it is not come to, a borrow that is wrong there is not told of a second time.
            false => vec![quote!(#[allow(unreachable_code)] if false { loop {} #(#checks)* })],
        }
    }

    /// The same for what is only kept to be dropped, which is not what the local was.
    fn checked(&mut self, id: LocalId, kept: TokenStream) -> TokenStream {
        if self.locals.stay || self.hidden.contains_key(&id) || !self.checked.insert(id) {
            return kept;
        }
        let span = self.locals.get(id).name.span();
        let (held, root) = (word_at("held", span), self.root.at(span));
        let check = quote_spanned!(span=> #root::expansion::held_across_a_suspension(&#held););
        quote_spanned!(span=> { let #held = #kept; #check #held })
    }

    /// Whether a local that is in scope in a state borrows from another.
    fn is_lent(&self, state: StateId, id: LocalId) -> bool {
        let scope = self.scope(state).iter();
        let mut places = scope.filter_map(|other| self.locals.get(*other).rebuild.as_ref());
        places.any(|place| {
            let lenders = Mentions::of(place).locals;
            lenders.contains(&id)
        })
    }

    /// Leaves for another state without suspending.
    pub(super) fn go(&mut self, state: StateId, span: Span) -> TokenStream {
        self.jumps = true;
        if self.has_groups() {
            let code = self.go_in_place(state, span);
            self.flow = None;
            let checks = std::mem::take(&mut self.checks);
            return quote!(#(#checks)* #code);
        }
        let (before, next) = self.frame(state, span);
        self.flow = None;
        let frame = word_at("frame", span);
        let turn = syn::Lifetime::new("'cps", frame.span());
        let checks = std::mem::take(&mut self.checks);
        quote_spanned!(Span::mixed_site().located_at(span)=> #(#checks)* #(#before)* #frame = #next; continue #turn;)
    }
}
