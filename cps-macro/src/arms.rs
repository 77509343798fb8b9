//! The code of each state: what runs from where it is entered to the next suspension or to a place where ways
//! meet.
//!
//! A state in the middle of nested scopes *re-enters* them: the locals that the frame held are bound again in
//! the blocks that declared them, so that shadowing, the ends of scopes and the order of drops
//! are Rust's own.
//!
//! Writing an arm follows its code in the order in which it runs, and so learns what has become of each local
//! ([`Fates`]) wherever the arm leaves for another state. What the next state finds depends on that, so the
//! arms are written again until nothing changes; twice is the rule.

mod branches;
mod code;
mod declared;
mod groups;
mod labels;
mod parted;
mod points;
mod settled;
mod sites;
mod turns;
mod typed;

use crate::effects::Walk;
use crate::effects::joins::Ways;
use crate::fates::{Fate, Flow};
use crate::frame::EnumNames;
use crate::hidden;
use crate::hygiene::word;
use crate::jumps;
use crate::liveness::Liveness;
use crate::locals::{LocalId, Locals, found_in};
use crate::renewed::Renewed;
use crate::root::Root;
use crate::states::{At, StateId, States};
use crate::tree::{Bind, BodyId, Kind, NodeId, Stmt, Tree};
use code::{
    Filled, Guarded, braced, is_empty_block, is_local, mutable_if_synthetic, without_value,
};
use declared::{Declared, declare};
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
pub(crate) use settled::is_put_away;
use sites::Arrivals;
pub(crate) use sites::{Field, Mode};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

pub(crate) struct Arms<'a> {
    tree: &'a Tree,
    states: &'a States,
    needs: &'a Liveness,
    locals: &'a Locals,
    root: &'a Root,
    /// The type of what the function yields.
    result: &'a TokenStream,
    enums: &'a EnumNames,
    /// How each state is reached, as far as is known.
    arrivals: Vec<Arrivals>,
    /// The locals in scope in each state, outermost first.
    scopes: Vec<Vec<LocalId>>,
    /// The fields of each state's variant, as far as they were asked for.
    fields: RefCell<Vec<Option<Rc<[Field]>>>>,
    /// Arms were written by the fields of all states.
    surveyed: Cell<bool>,
    /// What arms were written by was not all there is to know.
    changed: bool,
    /// Some arm goes to another one without suspending.
    pub(crate) jumps: bool,
    /// Some local is kept only to be dropped.
    pub(crate) keeps: bool,
    /// Locals that a state holds in parts, and of which it hands on the type.
    handed_on: BTreeSet<(StateId, LocalId)>,
    /// Assignments of what an arm holds in parts.
    pub(crate) renewed: Renewed,

    /// Locals that have been looked at where they were first held, and the code that does so next.
    checked: HashSet<LocalId>,
    checks: Vec<TokenStream>,
    /// Locals that are put away in the code of a state: see [`settled`].
    settled: BTreeSet<(StateId, LocalId)>,
    /// Those that are, in the code of a state, where it jumps to a label.
    left_at: HashMap<StateId, BTreeSet<(String, LocalId)>>,
    /// Code that finds out what is left of locals, before the frame is filled with it.
    before: Vec<TokenStream>,
    /// A closure fills it.
    captures: bool,

    // Of the arm being written:
    state: StateId,
    flow: Flow,
    /// Locals that the frame keeps for their drop, bound to names that the author's code cannot see.
    hidden: HashMap<LocalId, Mode>,
    /// The parts without which the frame may hold locals.
    missing: HashMap<LocalId, Field>,
    /// The ways on which code has jumped to labels.
    broken: HashMap<String, Ways>,
}

pub(crate) fn arms<'a>(
    tree: &'a Tree,
    states: &'a States,
    needs: &'a Liveness,
    locals: &'a Locals,
    root: &'a Root,
    result: &'a TokenStream,
    enums: &'a EnumNames,
) -> (Vec<(StateId, TokenStream)>, Arms<'a>) {
    let mut arms = Arms {
        tree,
        states,
        needs,
        locals,
        root,
        result,
        enums,
        arrivals: states.all.iter().map(|_| Arrivals::default()).collect(),
        scopes: states
            .all
            .iter()
            .map(|state| sites::scope(tree, state.at))
            .collect(),
        fields: RefCell::new(vec![None; states.all.len()]),
        surveyed: Cell::new(false),
        changed: false,
        jumps: false,
        keeps: false,
        handed_on: BTreeSet::new(),
        renewed: Renewed::new(),
        checked: HashSet::new(),
        checks: Vec::new(),
        settled: BTreeSet::new(),
        left_at: HashMap::new(),
        state: 0,
        before: Vec::new(),
        captures: false,
        flow: None,
        hidden: HashMap::new(),
        missing: HashMap::new(),
        broken: HashMap::new(),
    };
    arms.arrivals[0].reached = true;
    loop {
        arms.changed = false;
        arms.surveyed.set(false);
        arms.checked.clear();
        let code = (0..states.all.len())
            .filter_map(|state| Some((state, arms.arm(state)?)))
            .collect();
        if !arms.changed {
            return (code, arms);
        }
    }
}

impl Arms<'_> {
    /// Whether a state can be reached at all.
    pub(crate) fn reaches(&self, state: StateId) -> bool {
        self.arrivals[state].reached
    }

    fn arm(&mut self, state: StateId) -> Option<TokenStream> {
        if !self.reaches(state) {
            return None;
        }
        self.state = state;
        let fields = self.fields(state);
        self.enter_flow(state, &fields);
        let body = self.enter(state);
        let name = word(&self.states.all[state].name);
        let level = self.level(self.groups_of(state).last().copied());
        let fields = self.own_fields(state);
        let unused = self.unused(state, &fields, &body);
        // In the order of declaration, in reverse of which the bindings of a pattern are dropped.
        let bound = fields
            .iter()
            .rev()
            .map(|field| self.bound(state, field, &unused));
        let types = self.typed(state).into_iter();
        let types = types.map(|id| Filled::Local {
            field: None,
            mutable: false,
            local: self.type_name(id, Span::call_site()),
        });
        let bound = bound.chain(types);
        let body = match self.locals.hides {
            true => hidden::enclosed("'_leg", body),
            false => Group::new(Delimiter::Brace, body).into_token_stream(),
        };
        Some(quote!(#level::#name { #(#bound),* } => #body))
    }

    /// The locals that a state holds as they are, and its code does not mention. What is read from there
    /// on, it does.
    fn unused(&self, state: StateId, fields: &[Field], code: &TokenStream) -> Vec<LocalId> {
        let needs = self.needs_of(state);
        let plain = fields.iter().filter(|field| field.mode == Mode::Plain);
        let plain = plain.filter_map(|field| field.local);
        let mut unused: Vec<_> = plain.filter(|id| !needs.read.contains(*id)).collect();
        if !unused.is_empty() {
            found_in(code.clone(), &mut unused);
        }
        unused
    }

    /// The code of a state, from the innermost scope outwards, which is the order in which it runs.
    fn enter(&mut self, state: StateId) -> TokenStream {
        let (mut node, mut code) = match self.states.all[state].at {
            At::Start => {
                let params = self.rebind(state, self.tree.root, 0);
                let rest = self.rest(self.tree.root, 0);
                return declare(params, rest);
            }
            At::Point(node) => (node, self.resumed(node)),
            At::Loop(node) => (node, self.turn(node)),
            At::End(node) => {
                let result = word("result");
                let code = match &self.tree.nodes[node].bind {
                    Bind::Statement => quote!(),
                    // A pattern leaves to the end of the statement what it does not bind.
                    Bind::Let(binding) if !is_local(&binding.pat) => quote!({ #result }),
                    _ => result.into_token_stream(),
                };
                (node, code)
            }
        };
        let mut at_end = matches!(self.states.all[state].at, At::End(_));
        loop {
            let (body, index) = (self.tree.nodes[node].body, self.tree.nodes[node].index);
            let locals = self.rebind(state, body, index);
            let bound = self.bind(node, code, at_end);
            let rest = self.rest(body, index + 1);
            let contents = declare(locals, quote!(#bound #rest));
            let contents = self.with_items(body, contents);
            let Some(owner) = self.tree.bodies[body].owner else {
                return contents;
            };
            code = match &self.tree.nodes[owner].kind {
                Kind::Block { unsafety, .. } => self.block(owner, *unsafety, contents),
                Kind::Loop { .. } => self.turned(owner, contents),
                _ if self.flow.is_none() => contents,
                _ => braced(contents),
            };
            at_end = false;
            node = owner;
        }
    }

    /// Binds the value of a node where it goes, or takes it along to the state behind the node.
    fn bind(&mut self, node: NodeId, code: TokenStream, at_end: bool) -> TokenStream {
        let bind = &self.tree.nodes[node].bind;
        let end = self.tree.nodes[node].end.filter(|_| !at_end);
        if self.flow.is_none() {
            return code;
        }
        if let Some(end) = end {
            return self.go_on(node, end, code);
        }
        let code = if bind.discards() && is_empty_block(&code) {
            quote!()
        } else {
            code
        };
        match bind {
            Bind::Let(binding) => {
                let (attrs, pat) = (&binding.attrs, &binding.pat);
                let ty = binding.ty.as_ref().map(|ty| quote!(: #ty));
                let diverge = binding.diverge.as_ref().map(|diverge| {
                    let flow = self.flow.clone();
                    self.walk(|walk| walk.value(diverge));
                    self.flow = flow;
                    quote!(else #diverge)
                });
                for id in crate::tree::bound_by(pat) {
                    self.flow
                        .iter_mut()
                        .for_each(|fates| fates.set(id, Fate::Live));
                }
                let mutable = mutable_if_synthetic(pat, self.locals);
                // A block may not stand before `else`.
                let code = match &diverge {
                    Some(_) => quote!((#code)),
                    None => code,
                };
                let declared = quote!(#(#attrs)* let #mutable #pat #ty = #code #diverge;);
                self.between(&crate::tree::bound_by(pat), declared)
            }
            Bind::Statement if code.is_empty() => code,
            Bind::Statement => self.statement(node, code),
            Bind::Tail if self.tree.nodes[node].body == self.tree.root => {
                self.flow = None;
                jumps::done(&code, self.result)
            }
            Bind::Tail => code,
        }
    }

    /// Goes to the state behind a node, with its value.
    fn go_on(&mut self, node: NodeId, end: StateId, code: TokenStream) -> TokenStream {
        let bind = match &self.tree.nodes[node].bind {
            Bind::Statement if code.is_empty() => quote!(),
            Bind::Statement => self.statement(node, code),
            // A branch that is not there yields `()`.
            Bind::Tail if code.is_empty() => {
                let result = word("result");
                quote!(let #result = ();)
            }
            Bind::Let(binding) => {
                let ty = binding.ty.as_ref().map(|ty| quote!(: #ty));
                let result = word("result");
                quote!(let #result #ty = #code;)
            }
            Bind::Tail => {
                let result = word("result");
                quote!(let #result = #code;)
            }
        };
        let jump = self.go(end, self.tree.nodes[node].span);
        quote!(#bind #jump)
    }

    /// The statements of a body from `from` on, as far as they are reached.
    fn rest(&mut self, body: BodyId, from: usize) -> TokenStream {
        let mut code = Vec::new();
        let tree = self.tree;
        for (index, stmt) in tree.bodies[body].stmts.iter().enumerate().skip(from) {
            if self.flow.is_none() {
                break;
            }
            code.push(match stmt {
                Stmt::Native(stmt) => {
                    self.note_renewed(body, index, stmt);
                    let mut held = self.held();
                    let stmt = self.settle(body, index, stmt);
                    held.extend(self.held());
                    match &*stmt {
                        syn::Stmt::Local(local)
                            if local.init.is_none() || self.is_rebuilt(local) =>
                        {
                            let bound = crate::tree::bound_by(&local.pat);
                            let beside = self.beside(self.state, &bound);
                            Err(bound.last().map(|id| (*id, quote!(#beside #local))))
                        }
                        syn::Stmt::Expr(expr, None) if self.flow.is_none() => {
                            Ok(self.giving_up(held, Cow::Owned(without_value(expr))))
                        }
                        syn::Stmt::Local(local) => {
                            let bound = crate::tree::bound_by(&local.pat);
                            let local = self.giving_up(held, stmt);
                            Ok(self.between(&bound, local))
                        }
                        _ => {
                            let code = self.giving_up(held, stmt);
                            match tree.probes.get(&(body, index)) {
                                Some(probe) => Ok(quote!(#probe #code)),
                                None => Ok(code),
                            }
                        }
                    }
                }
                Stmt::Tail(expr) => {
                    let mut held = self.held();
                    let tail = syn::Stmt::Expr(expr.clone(), None);
                    let stmt = self.settle(body, index, &tail);
                    held.extend(self.held());
                    let stmt = match &*stmt {
                        syn::Stmt::Expr(expr, None) if self.flow.is_none() => {
                            Cow::Owned(without_value(expr))
                        }
                        _ => stmt,
                    };
                    Ok(self.giving_up(held, stmt))
                }
                Stmt::Node(node) => {
                    let value = self.forward(*node);
                    Ok(self.bind(*node, value, false))
                }
            });
        }
        // From the end on, for a declaration depends on what follows it.
        let (mut rest, mut code) = (Vec::new(), code);
        while let Some(stmt) = code.pop() {
            let (local, used) = match stmt {
                Ok(stmt) => {
                    rest.push(stmt);
                    continue;
                }
                Err(None) => continue,
                Err(Some(declared)) => declared,
            };
            let place = self.locals.get(local).rebuild.as_ref();
            let declared = Declared {
                local,
                used,
                unused: place.map_or_else(TokenStream::new, |place| quote!(let _ = #place;)),
            };
            let behind = rest.drain(..).rev().collect();
            rest.push(declare(vec![declared], behind));
        }
        let code = rest.into_iter().rev().collect();
        match from {
            0 => self.with_items(body, code),
            _ => code,
        }
    }

    /// Code of a scope behind the items that it has for itself.
    fn with_items(&self, body: BodyId, code: TokenStream) -> TokenStream {
        let items = &self.tree.bodies[body].items;
        match items.is_empty() {
            true => code,
            false => quote!({ #(#[allow(unused_imports)] #items)* #code }),
        }
    }

    /// Whether a local is one that later states build again, and use there.
    fn is_rebuilt(&self, local: &syn::Local) -> bool {
        let bound = crate::tree::bound_by(&local.pat);
        bound.first().is_some_and(|id| {
            self.locals.get(*id).rebuild.is_some()
                && self
                    .needs
                    .after
                    .iter()
                    .any(|needs| needs.read.contains(*id))
        })
    }

    fn walk(&mut self, visit: impl FnOnce(&mut Walk)) {
        let mut walk = Walk::new(self.locals, self.flow.take());
        visit(&mut walk);
        self.walked(walk);
    }

    /// Goes on where a walk has come to.
    fn walked(&mut self, walk: Walk) {
        self.flow = walk.flow;
        for (label, ways) in walk.jumps {
            self.broken.entry(label).or_default().join(ways);
        }
    }

    /// The code of a node that is reached natively.
    fn forward(&mut self, id: NodeId) -> TokenStream {
        let tree = self.tree;
        let node = &tree.nodes[id];
        match &node.kind {
            Kind::Point(point) => self.reach(id, point),
            Kind::Block { unsafety, body } => {
                let contents = self.rest(*body, 0);
                self.block(id, *unsafety, contents)
            }
            Kind::Loop { .. } => self.go(node.state.expect("a loop has a state"), node.span),
            Kind::If { cond, then, other } => {
                let (cond, missed) = self.settle_in(id, cond, |walk, cond| {
                    let mut missed = None;
                    walk.cond(cond, &mut missed);
                    missed
                });
                let (taken, missed) = (self.flow.take(), missed);
                let otherwise = [(*other, missed)];
                let branches = self.branches(
                    id,
                    std::iter::once((Some(*then), taken))
                        .chain(otherwise)
                        .collect(),
                );
                let then = self.written(Some(*then), &branches[0]);
                let other = (!branches[1].is_empty()).then(|| {
                    let other = self.written(*other, &branches[1]);
                    quote!(else #other)
                });
                quote_spanned!(node.span=> if #cond #then #other)
            }
            Kind::Match { scrutinee, arms } => {
                let (scrutinee, ()) = &self.settle_in(id, scrutinee, |walk, scrutinee| {
                    walk.matched(scrutinee, std::iter::empty());
                });
                let before = self.flow.take();
                let entered = arms.iter().map(|arm| {
                    self.flow = before.clone();
                    self.walk(|walk| walk.matched_arm(scrutinee, &arm.pat));
                    (Some(arm.body), self.flow.take())
                });
                let entered = entered.collect();
                let branches = self.branches(id, entered);
                let arms = arms.iter().zip(&branches).map(|(arm, code)| {
                    let (attrs, pat) = (&arm.attrs, Guarded(&arm.pat));
                    let code = self.written(Some(arm.body), code);
                    quote!(#(#attrs)* #pat => #code)
                });
                quote_spanned!(node.span=> match #scrutinee { #(#arms)* })
            }
        }
    }
}
