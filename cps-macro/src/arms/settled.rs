//! Native code that consumes a local on some of its ways only. Where these meet, the others move it to the
//! `Option` in which the frame holds what may be gone; that stands beside the local, so that it ends where
//! the local does.

use super::code::may_return;
use super::{Arms, Mode};
use crate::arguments::Arguments;
use crate::effects::Walk;
use crate::effects::joins::{End, Joins, Way, Ways, end};
use crate::fates::{Fate, Fates, Flow, meet};
use crate::hygiene::word;
use crate::jumps::target_named;
use crate::leaving::{diverging, is_believed};
use crate::liveness::Liveness;
use crate::locals::{LocalId, Locals};
use crate::promote::suspends_within;
use crate::states::StateId;
use crate::tree::{BodyId, NodeId, Stmt, Tree};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

impl<'a> Arms<'a> {
    /// Follows a native statement, and returns it as it is to be emitted. A name like `panic!` may be the
    /// author's own, and ends the arm only where it is the last of a block.
    pub(super) fn settle<'s>(
        &mut self,
        body: BodyId,
        index: usize,
        stmt: &'s syn::Stmt,
    ) -> Cow<'s, syn::Stmt> {
        let before = self.flow.clone();
        let at = At {
            body,
            index,
            inside: None,
        };
        let follow = |walk: &mut Walk, stmt: &syn::Stmt| walk.stmt(stmt);
        let (settled, ()) = self.settled(at, stmt, follow, |put, stmt| put.visit_stmt_mut(stmt));
        let body = &self.tree.bodies[body];
        if body.is_left() && index + 1 == body.stmts.len() {
            self.flow = None;
            if is_believed(stmt) {
                return Cow::Owned(diverging(settled.into_owned(), self.root));
            }
        } else if self.flow.is_none() && may_return(stmt.to_token_stream()) {
            self.flow = before;
        }
        settled
    }

    /// Follows an expression that a node begins with, and returns it as it is to be emitted, with what
    /// `follow` found out.
    pub(super) fn settle_in<'e, R>(
        &mut self,
        node: NodeId,
        expr: &'e Expr,
        follow: impl Fn(&mut Walk, &Expr) -> R,
    ) -> (Cow<'e, Expr>, R) {
        let (body, index) = (self.tree.nodes[node].body, self.tree.nodes[node].index);
        let at = At {
            body,
            index,
            inside: Some(node),
        };
        self.settled(at, expr, follow, |put, expr| put.visit_expr_mut(expr))
    }

    fn settled<'c, T: Clone, R>(
        &mut self,
        at: At,
        code: &'c T,
        follow: impl Fn(&mut Walk, &T) -> R,
        change: impl Fn(&mut PutAway, &mut T),
    ) -> (Cow<'c, T>, R) {
        let (tree, locals, needs) = (self.tree, self.locals, self.needs);
        let outside = self.left_at.get(&self.state).cloned().unwrap_or_default();
        let scope = self.scopes[self.state].iter().copied();
        let carried: BTreeSet<_> = scope.filter(|id| self.is_carried(*id)).collect();
        let follow = |code: &T, flow: Flow| {
            // What is there behind all ways: it lies in the frame, or is read again, so that none
            // has consumed it.
            let mut there = carried.clone();
            loop {
                let mut walk = Walk::new(locals, flow.clone());
                let known = there.clone();
                let wanted = move |id| !known.contains(&id) && settles(tree, locals, needs, at, id);
                walk.joins = Some(Joins::of(wanted, &outside));
                let found = follow(&mut walk, code);
                let mut joins = walk.joins.take().expect("what was given to the walk");
                for (label, ways) in &walk.jumps {
                    joins.note_read_behind(ways, |id| is_read_at(tree, needs, label, id));
                }
                if joins.read.is_empty() {
                    return (walk, joins.ends, found);
                }
                there.extend(joins.read);
            }
        };
        let before = self.flow.clone();
        let (walk, ends, found) = follow(code, self.flow.take());
        self.walked(walk);
        if ends.is_empty() {
            return (Cow::Borrowed(code), found);
        }
        let mut code = code.clone();
        // Ends are known by where their code lies, which is elsewhere for the copy.
        let (walk, ends, _) = follow(&code, before);
        ends.values()
            .flatten()
            .for_each(|id| self.settled_here(*id));
        let mut put = PutAway {
            arms: self,
            ends,
            arguments: walk.arguments,
        };
        change(&mut put, &mut code);
        (Cow::Owned(code), found)
    }

    /// Whether a local lies in the frame while the state at hand runs, so that nothing moves it.
    fn is_carried(&self, id: LocalId) -> bool {
        self.carried_in(self.state, id).is_some()
    }

    /// Whether a local [settles](settles) behind code of the state at hand.
    fn settles_here(&self, at: At, id: LocalId) -> bool {
        !self.is_carried(id) && settles(self.tree, self.locals, self.needs, at, id)
    }

    /// Notes that a local is put away in the code at hand.
    fn settled_here(&mut self, id: LocalId) {
        self.keeps = true;
        self.changed |= self.settled.insert((self.state, id));
        self.hidden.insert(id, Mode::Held);
    }

    /// Goes on behind a node, where code that has jumped to its label meets what has come to its end.
    /// Returns what is to be put away at that end. What must be where it is jumped from, is known when the
    /// arm is written again.
    pub(super) fn meet_at(&mut self, id: NodeId, label: &str, jumps: &Ways) -> TokenStream {
        let known = self.left_at.get(&self.state);
        let of_label = |(name, _): &&(String, LocalId)| name == label;
        let known: Vec<_> = known.into_iter().flatten().filter(of_label).collect();
        let known: Vec<_> = known.into_iter().map(|(_, id)| *id).collect();
        let mut flow = self.flow.take();
        let put = known
            .iter()
            .filter_map(|id| self.put_at_end(*id, &mut flow));
        let put = put.collect();
        meet(&mut flow, jumps.met());
        let at = At::behind(self.tree, id);
        for id in flow.iter().flat_map(Fates::undecided) {
            if self.settles_here(at, id) {
                let labels = self.left_at.entry(self.state).or_default();
                self.changed |= labels.insert((label.to_owned(), id));
            }
        }
        self.flow = flow;
        put
    }

    /// Puts away, at the ends of a node's branches, what only some of them have left.
    pub(super) fn put_at_ends(&mut self, id: NodeId, branches: &mut [(TokenStream, Flow)]) {
        let mut met = None;
        branches
            .iter()
            .for_each(|(_, flow)| meet(&mut met, flow.clone()));
        let at = At::behind(self.tree, id);
        for id in met.iter().flat_map(Fates::undecided) {
            let mut flows = branches.iter().filter_map(|(_, flow)| flow.as_ref());
            let whole = flows.all(|fates| fates.given(id).is_empty());
            if !whole || !self.settles_here(at, id) {
                continue;
            }
            for (code, flow) in branches.iter_mut() {
                if let Some(put) = self.put_at_end(id, flow) {
                    *code = behind(code, &put);
                }
            }
        }
    }

    /// Code that puts a local away, if it is still there at the end of a way.
    fn put_at_end(&mut self, id: LocalId, flow: &mut Flow) -> Option<TokenStream> {
        let live = |fates: &&mut Fates| fates.of(id) == Fate::Live && fates.given(id).is_empty();
        let fates = flow.as_mut().filter(live)?;
        fates.set(id, Fate::Held);
        self.settled_here(id);
        Some(self.put_away(id))
    }

    /// Moves a local to its `Option`.
    fn put_away(&self, id: LocalId) -> TokenStream {
        let (root, hidden, local) = (self.root, self.hidden_name(id), self.locals.own(id));
        match self.locals.get(id).closure {
            true => quote!(#hidden = ::core::option::Option::Some(#local);),
            false => {
                quote!(#hidden = ::core::option::Option::Some(#root::expansion::Keep::of(#local).keep());)
            }
        }
    }

    /// A declaration between the `Option`s for what it declares. What it declares behind a local that has one
    /// is declared once more behind that, so that it ends before.
    pub(super) fn between(&self, declared: &[LocalId], code: TokenStream) -> TokenStream {
        let Some((first, rest)) = declared.split_first() else {
            return code;
        };
        let beside = |id: &LocalId| self.beside(self.state, std::slice::from_ref(id));
        let before = beside(first);
        let mut rest = rest.iter();
        let settled = rest.find(|id| self.is_settled(self.state, **id));
        let Some(behind) = settled.map(beside) else {
            return quote!(#before #code);
        };
        let again = rest.map(|id| {
            let (beside, name) = (beside(id), self.locals.own(*id));
            let mutable = self.locals.get(*id).mutable.then(|| quote!(mut));
            quote!(#beside let #mutable #name = #name;)
        });
        quote!(#before #code #behind #(#again)*)
    }

    /// Declares the `Option`s beside some locals, as far as the state at hand needs them.
    pub(super) fn beside(&self, state: StateId, locals: &[LocalId]) -> TokenStream {
        let settled = locals.iter().filter(|id| self.is_settled(state, **id));
        let hidden = settled.map(|id| self.hidden_name(*id));
        quote!(#(let mut #hidden = ::core::option::Option::None;)*)
    }

    /// Whether a local is put away in the code of a state.
    pub(super) fn is_settled(&self, state: StateId, local: LocalId) -> bool {
        self.settled.contains(&(state, local))
    }

    /// The locals that are put away somewhere.
    pub(crate) fn all_settled(&self) -> impl Iterator<Item = LocalId> {
        self.settled.iter().map(|(_, local)| *local)
    }
}

/// Where native code stands.
#[derive(Clone, Copy)]
struct At {
    body: BodyId,
    index: usize,
    /// The node that begins with it.
    inside: Option<NodeId>,
}

impl At {
    /// All of a node.
    fn behind(tree: &Tree, node: NodeId) -> At {
        let node = &tree.nodes[node];
        At {
            body: node.body,
            index: node.index,
            inside: None,
        }
    }
}

/// Code with a value, and behind it what puts something away.
pub(super) fn behind(code: &TokenStream, put: &TokenStream) -> TokenStream {
    let value = word("value");
    match code.is_empty() {
        true => put.clone(),
        false => quote!(match { #code } { #value => { #put #value } }),
    }
}

/// Whether what some branches of a node have left of a local can be put away where they end.
pub(crate) fn is_put_away(
    tree: &Tree,
    locals: &Locals,
    needs: &Liveness,
    node: NodeId,
    local: LocalId,
) -> bool {
    let at = At::behind(tree, node);
    locals.named_parts(local).is_none() && only_ends(tree, locals, needs, at, local)
}

/// Whether it matters, behind code, if a local is still there, and nothing but its end is left to
/// happen to it.
fn settles(tree: &Tree, locals: &Locals, needs: &Liveness, at: At, id: LocalId) -> bool {
    let suspends = at.inside.is_some_and(|node| tree.nodes[node].suspends);
    (suspends || suspends_within(tree, at.body, at.index, id) || goes_on(tree, at, id))
        && only_ends(tree, locals, needs, at, id)
}

/// Whether nothing but its end is left to happen to a local behind code, and it can wait for that
/// in an `Option`.
fn only_ends(tree: &Tree, locals: &Locals, needs: &Liveness, at: At, id: LocalId) -> bool {
    let local = locals.get(id);
    !local.visible.needs_no_drop()
        && local.rebuild.is_none()
        && has_room_beside(tree, at.body, at.index, id)
        && !is_read_behind(tree, needs, at, id)
}

/// Whether a node around code, or the one that it is, leads to a state of its own while a local is in scope.
fn goes_on(tree: &Tree, at: At, id: LocalId) -> bool {
    let (mut body, mut index) = (at.body, at.index);
    loop {
        let end = match &tree.bodies[body].stmts[index] {
            Stmt::Node(node) => tree.nodes[*node].end,
            _ => None,
        };
        if end.is_some() || tree.declared_before(body, index).contains(&id) {
            return end.is_some();
        }
        let Some(owner) = tree.bodies[body].owner else {
            return false;
        };
        (body, index) = (tree.nodes[owner].body, tree.nodes[owner].index);
    }
}

/// Whether a local is in scope, and can have an `Option` beside it.
fn has_room_beside(tree: &Tree, body: BodyId, index: usize, id: LocalId) -> bool {
    let (mut body, mut index) = (body, index);
    loop {
        let scope = &tree.bodies[body];
        if scope.binds.contains(&id) {
            return body == tree.root || scope.binds.last() == Some(&id);
        }
        let mut declared = scope.declared[..index].iter();
        if declared.any(|declared| declared.contains(&id)) {
            return true;
        }
        let Some(owner) = scope.owner else {
            return false;
        };
        (body, index) = (tree.nodes[owner].body, tree.nodes[owner].index);
    }
}

/// Whether code that may run behind a statement, or behind what a node begins with, reads what a local holds.
fn is_read_behind(tree: &Tree, needs: &Liveness, at: At, id: LocalId) -> bool {
    let parts = at.inside.map(|node| tree.nodes[node].kind.bodies());
    let mut parts = parts.into_iter().flatten();
    parts.any(|body| needs.reads.within(body, id)) || needs.reads.behind(at.body, at.index, id)
}

/// Whether code that may run behind a jump to a label reads what a local holds.
fn is_read_at(tree: &Tree, needs: &Liveness, label: &str, id: LocalId) -> bool {
    let Some((target, next)) = target_named(label) else {
        return false;
    };
    let there = if next { &needs.top } else { &needs.after };
    let mut nodes = tree.nodes.iter().zip(there);
    nodes.any(|(node, needs)| node.target == Some(target) && needs.read.contains(id))
}

/// Puts what is left at the ends of ways away.
struct PutAway<'a, 'b> {
    arms: &'a Arms<'b>,
    ends: HashMap<End, Vec<LocalId>>,
    /// The arguments of macros as they were walked.
    arguments: HashMap<usize, Option<Rc<Arguments>>>,
}

impl PutAway<'_, '_> {
    fn at(&self, end: End) -> Option<TokenStream> {
        let puts = self.ends.get(&end)?.iter();
        Some(puts.map(|id| self.arms.put_away(*id)).collect())
    }

    /// Code, and behind it what happens at the end.
    fn behind(&self, end: End, code: &impl ToTokens) -> Option<Expr> {
        let (put, value) = (self.at(end)?, word("value"));
        Some(parse_quote!(match (#code) { #value => { #put #value } }))
    }
}

impl VisitMut for PutAway<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::If(branch) => {
                let [then, other, missed] =
                    [Way::Then, Way::Else, Way::Missed].map(|way| end(way, branch));
                if let Some(new) = self.behind(then, &branch.then_branch) {
                    branch.then_branch = parse_quote!({ #new });
                }
                if let Some((_, code)) = &mut branch.else_branch
                    && let Some(new) = self.behind(other, code)
                {
                    **code = parse_quote!({ #new });
                }
                if let Some(put) = self.at(missed) {
                    branch.else_branch =
                        Some((Default::default(), Box::new(parse_quote!({ #put }))));
                }
            }
            Expr::Match(matched) => {
                for arm in &mut matched.arms {
                    if let Some(new) = self.behind(end(Way::Arm, arm), &arm.body) {
                        *arm.body = new;
                    }
                }
            }
            Expr::Binary(binary) => {
                let [skipped, right] = [Way::Skipped, Way::Right].map(|way| end(way, binary));
                let (put, new) = (self.at(skipped), self.behind(right, &binary.right));
                if put.is_none() && new.is_none() {
                    return;
                }
                let (left, right) = (&binary.left, new.unwrap_or_else(|| (*binary.right).clone()));
                *expr = match binary.op {
                    syn::BinOp::And(_) => parse_quote!((if #left { #right } else { #put false })),
                    _ => parse_quote!((if #left { #put true } else { #right })),
                };
            }
            Expr::Break(jump) => {
                let Some(put) = self.at(end(Way::Jump, jump)) else {
                    return;
                };
                *expr = match (jump.expr.take(), word("value")) {
                    (Some(value), name) => {
                        jump.expr = Some(parse_quote!(#name));
                        parse_quote!({ let #name = #value; #put #jump })
                    }
                    (None, _) => parse_quote!({ #put #jump }),
                };
            }
            Expr::Block(block) => {
                let end = end(Way::End, block);
                if let Some(new) = self.behind(end, &block.block) {
                    block.block = parse_quote!({ #new });
                }
            }
            Expr::While(looped) => {
                if let Some(put) = self.at(end(Way::End, looped)) {
                    let (attrs, label) = (&looped.attrs, &looped.label);
                    let (cond, body) = (&looped.cond, &looped.body);
                    *expr = parse_quote!(#(#attrs)* #label loop {
                        if #cond #body else { #put break; }
                    });
                }
            }
            Expr::ForLoop(looped) => {
                if let Some(put) = self.at(end(Way::End, looped)) {
                    let (attrs, label, all) = (&looped.attrs, &looped.label, word("all"));
                    let (pat, iterated, body) = (&looped.pat, &looped.expr, &looped.body);
                    *expr = parse_quote!(match ::core::iter::IntoIterator::into_iter(#iterated) {
                        mut #all => #(#attrs)* #label loop {
                            match ::core::iter::Iterator::next(&mut #all) {
                                ::core::option::Option::Some(#pat) => #body,
                                ::core::option::Option::None => { #put break; }
                            }
                        }
                    });
                }
            }
            _ => {}
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        let known = self.arguments.remove(&std::ptr::from_ref(mac).addr());
        // Where they lie is known by: they are not copied.
        if let Some(Ok(mut arguments)) = known.flatten().map(Rc::try_unwrap) {
            let args = arguments.args.iter_mut();
            args.for_each(|argument| self.visit_expr_mut(&mut argument.expr));
            mac.tokens = arguments.into_token_stream();
        }
    }

    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}

    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
