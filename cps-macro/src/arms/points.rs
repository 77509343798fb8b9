//! The code of suspension points: how a leg ends at one, and how the next leg begins behind it.

use super::{Arms, Mode};
use crate::describe::lending;
use crate::fates::Fate;
use crate::hygiene::{word, word_at};
use crate::in_place::references;
use crate::locals::{LocalId, as_local, mentioned};
use crate::states::StateId;
use crate::tree::{Bind, Callee, Kind, NodeId, Point, Retry, Stmt};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::Expr;
use syn::spanned::Spanned;

impl Arms<'_> {
    /// What an arm does that reaches a point. Nothing of it runs behind that.
    pub(super) fn reach(&mut self, id: NodeId, point: &Point) -> TokenStream {
        let node = &self.tree.nodes[id];
        let (span, state) = (node.span, node.state.expect("a point has a state"));
        let at = Span::mixed_site().located_at(node.span);
        let root = &self.root.at(span);
        let give = word_at("give", span);
        let code = match point {
            Point::Retry(_) => return self.go(state, span),
            Point::Coop => self.suspend(state, span, "coop", quote!()),
            Point::Suspend(expr) => {
                self.walk(|walk| walk.value(expr));
                let suspend = self.suspend(state, span, "suspend", quote!(#give));
                quote_spanned!(at=> let #give = #root::expansion::giving(#expr); #suspend)
            }
            Point::Migrate(dest) => {
                self.walk(|walk| walk.place(dest));
                let verdict = word("verdict");
                let dest = quote_spanned!(dest.span()=> &#dest);
                let pattern = self.pattern_with(state, &[], quote!(#verdict));
                let refused = quote_spanned! {at=> #give, |frame| if let #pattern = frame {
                    *#verdict = ::core::result::Result::Err(#root::Closed(()));
                }};
                let suspend = self.suspend(state, span, "migrate", refused);
                quote_spanned! {at=>
                    let #give = #root::expansion::points::migrate(#dest);
                    #suspend
                }
            }
            Point::Call(Callee::Free(thunk)) => {
                let (thunk, ()) = &self.settle_in(id, thunk, |walk, thunk| walk.value(thunk));
                let callee = word_at("callee", span);
                let is_call = matches!(**thunk, Expr::Call(_) | Expr::MethodCall(_));
                let callee_is = if is_call || self.locals.stay {
                    let thunk = self.called(thunk.to_token_stream(), thunk.span());
                    quote_spanned!(at=> let #callee = #thunk;)
                } else {
                    // A value that is no thunk is told from one where the author wrote it.
                    quote_spanned!(at=> let #callee: #root::Thunk<'_, _> = #thunk;)
                };
                let call = self.call(state, span, None, quote!(#callee));
                quote_spanned!(at=> #callee_is #call)
            }
            Point::Call(Callee::Borrowing { thunk, held }) => {
                self.walk(|walk| walk.value(thunk));
                let called = thunk.span();
                let held = &self.in_frame(thunk, held);
                let (shared, rebuilt) = self.lent(thunk, held);
                let thunk = references(thunk.to_token_stream(), held, self.locals);
                let names: Vec<_> = held.iter().chain(&rebuilt).copied().collect();
                let thunk = self.locals.pretty_of(thunk, &names);
                // In an ordinary function the types say enough, and borrows are told of where they are.
                let thunk = match self.locals.stay {
                    true => self.called(thunk, called),
                    false => thunk,
                };
                let made = match shared.is_empty() {
                    true => thunk,
                    false => quote!({ #shared #thunk }),
                };
                let pattern = self.pattern(state, held);
                let callee = quote_spanned! {at=> move |lent| match lent.frame() {
                    #pattern => #made,
                    _ => ::core::unreachable!(),
                }};
                let lending = lending(self.tree, self.states);
                let lend = lending.iter().position(|lends| *lends == state);
                let lend = lend.expect("a call that borrows is among those that do");
                self.call(state, span, Some(Literal::usize_unsuffixed(lend)), callee)
            }
        };
        self.flow = None;
        let checks = std::mem::take(&mut self.checks);
        quote!(#(#checks)* #code)
    }

    /// The locals that a callee finds in the frame: those that it borrows, and what else it is given of those
    /// that lie there.
    fn in_frame(&self, thunk: &Expr, held: &[LocalId]) -> Vec<LocalId> {
        let mut found = Vec::new();
        mentioned(thunk.to_token_stream(), &mut found);
        found.retain(|id| self.carried_in(self.state, *id).is_some());
        let found: BTreeSet<_> = found.iter().chain(held).copied().collect();
        found.into_iter().collect()
    }

    /// What a callee finds lent beside what it borrows from the frame: references that cannot be used for
    /// more than the author's word allows, and references that are built again. Returns their declarations,
    /// and which locals are the latter.
    fn lent(&self, thunk: &Expr, held: &[LocalId]) -> (TokenStream, Vec<LocalId>) {
        let thunk = thunk.to_token_stream();
        let shared = held.iter().filter(|id| self.is_shared(**id, &thunk));
        let shared = shared.map(|id| {
            let name = self.locals.emitted(*id, self.locals.get(*id).name.span());
            quote!(let #name = &*#name;)
        });
        let shared: TokenStream = shared.collect();
        let (mut rebuilt, mut found) = (BTreeSet::new(), Vec::new());
        mentioned(thunk, &mut found);
        while let Some(id) = found.pop() {
            let Some(place) = &self.locals.get(id).rebuild else {
                continue;
            };
            let mut roots = Vec::new();
            mentioned(place.to_token_stream(), &mut roots);
            if self
                .locals
                .roots_of(id)
                .iter()
                .any(|root| held.contains(root))
            {
                rebuilt.insert(id);
                found.extend(roots);
            }
        }
        let rebuilt: Vec<_> = rebuilt.into_iter().collect();
        let names: Vec<_> = held.iter().chain(&rebuilt).copied().collect();
        let again = rebuilt.iter().map(|id| {
            let (name, place) = (self.locals.own(*id), &self.locals.get(*id).rebuild);
            let again = references(quote!(let #name = #place;), held, self.locals);
            self.locals.pretty_of(again, &names)
        });
        let again: TokenStream = again.collect();
        (quote!(#shared #again), rebuilt)
    }

    /// What is called, as what the function may call.
    fn called(&self, thunk: TokenStream, span: Span) -> TokenStream {
        let (root, at) = (self.root.at(span), Span::mixed_site().located_at(span));
        match self.locals.stay {
            true => quote_spanned!(at=> #root::expansion::local_callee(#thunk)),
            false => quote_spanned!(at=> #root::expansion::callee(#thunk)),
        }
    }

    /// The value of a point, in the arm in which it is resumed.
    pub(super) fn resumed(&mut self, id: NodeId) -> TokenStream {
        let node = &self.tree.nodes[id];
        let Kind::Point(point) = &node.kind else {
            unreachable!("a point's state is a point's")
        };
        match point {
            Point::Coop | Point::Suspend(_) if node.bind.discards() => quote!(),
            Point::Coop | Point::Suspend(_) => quote_spanned!(node.span=> ()),
            Point::Migrate(_) => word_at("verdict", node.span).into_token_stream(),
            Point::Call(_) => {
                let in_place = !self.groups_of(self.state).is_empty();
                let (cx, ret) = (word_at("cx", node.span), word_at("ret", node.span));
                let at = Span::mixed_site().located_at(node.span);
                let callee = match in_place {
                    true => word_at("turn", node.span).into_token_stream(),
                    false if self.locals.hides => cx.into_token_stream(),
                    false => quote_spanned!(at=> #cx.callee),
                };
                let returned = quote_spanned!(at=> #callee.returned(#ret));
                match &node.bind {
                    Bind::Let(binding) if binding.ty.is_none() => returned,
                    Bind::Statement => returned,
                    // What is expected of the value is asked of it, and not of the token for it.
                    _ => {
                        let value = word_at("value", node.span);
                        quote_spanned!(node.span=> { let #value = #returned; #value })
                    }
                }
            }
            Point::Retry(retry) => self.tried(id, retry),
        }
    }

    /// A node as a statement. A value that no one uses is an expression of the author's place: there the
    /// compiler says so if it must be used.
    pub(super) fn statement(&self, id: NodeId, code: TokenStream) -> TokenStream {
        let Some(span) = self.yields(id) else {
            return quote!(#code;);
        };
        let unused = word_at("unused", span);
        quote_spanned!(span=> match #code { #unused => #unused };)
    }

    /// The point whose value is that of a node, if it has any.
    fn yields(&self, id: NodeId) -> Option<Span> {
        let node = &self.tree.nodes[id];
        match &node.kind {
            Kind::Point(Point::Coop | Point::Suspend(_)) => None,
            Kind::Point(_) => Some(node.span),
            Kind::Block { body, .. } => match self.tree.bodies[*body].stmts.last() {
                Some(Stmt::Node(last)) if self.tree.nodes[*last].bind.is_tail() => {
                    self.yields(*last)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A point that is tried, and suspends as often as it must wait.
    fn tried(&mut self, id: NodeId, retry: &Retry) -> TokenStream {
        let node = &self.tree.nodes[id];
        let (root, span) = (&self.root.at(node.span), node.span);
        let (value, give) = (word_at("value", span), word_at("give", span));
        let operand = retry.operand.map(|id| self.locals.own(id));
        let place = retry
            .place
            .as_ref()
            .map(|place| match (retry.attempt, as_local(place)) {
                // The handle may outlive the frame.
                ("recv" | "send", None) => quote_spanned!(span=> &&#place),
                _ => quote_spanned!(span=> &#place),
            });
        let args = place
            .into_iter()
            .chain(operand.as_ref().map(|operand| operand.to_token_stream()));
        let state = node.state.expect("a point has a state");
        let held = match (retry.attempt, &retry.place) {
            ("recv", Some(place)) => self.held_whole(state, place),
            _ => None,
        };
        let (attempt, suspend) = match held {
            Some(local) => {
                // Where the handle is none, that is said of the try, and not again of this.
                let place = retry.place.as_ref().map_or(span, Spanned::span);
                let name = self.locals.emitted(local, place);
                let found = quote_spanned!(span=> &*#name);
                let at = Span::mixed_site().located_at(span);
                let pattern = self.pattern(state, &[local]);
                let given = quote_spanned! {at=> #give, |frame| match frame {
                    #pattern => ::core::option::Option::Some(#found),
                    _ => ::core::option::Option::None,
                }};
                ("recv_held", self.suspend(state, span, "suspend_at", given))
            }
            None => (
                retry.attempt,
                self.suspend(state, span, "suspend", quote!(#give)),
            ),
        };
        let attempt = proc_macro2::Ident::new(attempt, span);
        self.checks.clear();
        let back = operand
            .as_ref()
            .map_or_else(|| quote!(()), |operand| operand.to_token_stream());
        if let (Some(fates), Some(id)) = (&mut self.flow, retry.operand) {
            fates.set(id, Fate::Gone);
        }
        quote_spanned! {Span::mixed_site().located_at(span)=>
            match #root::expansion::points::#attempt(#(#args),*) {
                #root::expansion::Attempt::Ready(#value) => #value,
                #root::expansion::Attempt::Wait(#back, #give) => { #suspend }
            }
        }
    }

    /// The local that a place is, if the frame holds it at a state as it is.
    fn held_whole(&self, state: StateId, place: &Expr) -> Option<LocalId> {
        let local = as_local(place)?;
        let fields = self.fields(state);
        let field = fields.iter().find(|field| field.local == Some(local))?;
        let whole = field.given.is_empty() && field.unsure.is_empty();
        (whole && field.mode == Mode::Plain).then_some(local)
    }
}
