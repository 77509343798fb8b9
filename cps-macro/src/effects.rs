//! What native code does to locals: which it reads, and which it consumes, assigns or leaves alone.
//!
//! Consuming is judged by form alone, as the design lays down: a bare name where a value is taken, and a
//! scrutinee or initialiser matched by a pattern that binds by value. Names of methods decide nothing, save
//! std's own by-value methods on a local whose type is visible.

use crate::arguments::{Arguments, Family, as_match};
use crate::fates::{Fate, Fates, Flow, meet};
use crate::locals::{LocalId, Locals, Visible, as_local, mentioned};
use crate::lower::Comparison;
use crate::points::PointMacro;
use proc_macro2::Ident;
use quote::ToTokens;
use std::collections::HashMap;
use syn::{BinOp, Expr, Lifetime, Pat, Stmt};

/// The locals that the branches of an `if` or `match` treat differently: one consumes it, or assigns it, and another
/// does not. Only those count that may need to be dropped.
pub(crate) fn differing(expr: &Expr, locals: &Locals) -> Vec<LocalId> {
    let mut mentions = Vec::new();
    mentioned(expr.to_token_stream(), &mut mentions);
    let mut held = Fates::default();
    mentions.iter().for_each(|id| held.set(*id, Fate::Held));
    let undecided = |start: Fates| {
        let mut walk = Walk::new(locals, Some(start));
        walk.value(expr);
        let declared = walk.declared;
        let undecided = walk.flow.iter().flat_map(|fates| fates.undecided());
        undecided
            .filter(|id| !declared.contains(id))
            .collect::<Vec<_>>()
    };
    let mut differing = undecided(Fates::default());
    differing.extend(undecided(held));
    differing.retain(|id| !locals.get(*id).visible.needs_no_drop());
    differing
}

/// Walks native code in the order in which it runs.
pub(crate) struct Walk<'a> {
    locals: &'a Locals,
    pub(crate) flow: Flow,
    /// Fates where code jumps to a label.
    pub(crate) jumps: HashMap<String, Flow>,
    declared: Vec<LocalId>,
    /// Locals of which the code reads what they held before it.
    pub(crate) read: Vec<LocalId>,
    /// The native loops around, each with the fates of its unlabelled `break`s.
    loops: Vec<Flow>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(locals: &'a Locals, flow: Flow) -> Self {
        Walk {
            locals,
            flow,
            jumps: HashMap::new(),
            declared: Vec::new(),
            read: Vec::new(),
            loops: Vec::new(),
        }
    }

    fn set(&mut self, id: LocalId, fate: Fate) {
        if let Some(fates) = &mut self.flow {
            fates.set(id, fate);
        }
    }

    fn declare(&mut self, id: LocalId) {
        if let Some(fates) = &mut self.flow {
            fates.assign(id);
        }
    }

    fn read(&mut self, id: LocalId) {
        if self.flow.as_ref().is_some_and(|fates| fates.is_old(id)) {
            self.read.push(id);
        }
    }

    /// Code that is not looked into reads all that it mentions.
    fn opaque(&mut self, code: impl ToTokens) {
        let mut found = Vec::new();
        mentioned(code.to_token_stream(), &mut found);
        found.into_iter().for_each(|id| self.read(id));
    }

    /// A closure or an `async` block takes along what it mentions if it is a `move` one.
    fn captures(&mut self, code: impl ToTokens, by_value: bool) {
        let mut found = Vec::new();
        mentioned(code.to_token_stream(), &mut found);
        for id in found {
            self.read(id);
            if by_value {
                self.set(id, Fate::Gone);
            }
        }
    }

    pub(crate) fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Local(local) => {
                let bound = crate::tree::bound_by(&local.pat);
                match &local.init {
                    Some(init) => {
                        self.matched(&init.expr, std::iter::once(&local.pat));
                        if let Some((_, diverge)) = &init.diverge {
                            let flow = self.flow.clone();
                            self.value(diverge);
                            self.flow = flow;
                        }
                        bound.iter().for_each(|id| self.declare(*id));
                    }
                    None => bound.iter().for_each(|id| self.set(*id, Fate::Gone)),
                }
                self.declared.extend(bound);
            }
            Stmt::Expr(expr, _) => self.value(expr),
            Stmt::Macro(mac) => self.mac(&mac.mac),
            Stmt::Item(_) => {}
        }
    }

    /// Evaluates a scrutinee or initialiser that is matched against patterns.
    pub(crate) fn matched<'p>(&mut self, expr: &Expr, mut pats: impl Iterator<Item = &'p Pat>) {
        match as_local(expr) {
            Some(id) => {
                self.read(id);
                if pats.any(binds_by_value) {
                    self.set(id, Fate::Gone);
                }
            }
            None if is_place(expr) => self.place(expr),
            None => self.value(expr),
        }
    }

    fn values<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        exprs.into_iter().for_each(|expr| self.value(expr));
    }

    /// Evaluates an expression whose value is taken.
    pub(crate) fn value(&mut self, expr: &Expr) {
        if let Some(id) = as_local(expr) {
            self.read(id);
            return self.set(id, Fate::Gone);
        }
        match expr {
            Expr::Call(call) => {
                self.place(&call.func);
                self.values(&call.args);
            }
            Expr::MethodCall(call) => {
                match as_local(&call.receiver) {
                    Some(id) if self.consumes(id, &call.method.to_string()) => {
                        self.value(&call.receiver);
                    }
                    _ => self.place(&call.receiver),
                }
                self.values(&call.args);
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                self.value(&assign.right);
                match as_local(&assign.left) {
                    Some(id) => self.declare(id),
                    None => self.place(&assign.left),
                }
            }
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                self.place(&unary.expr)
            }
            Expr::Unary(unary) => self.value(&unary.expr),
            Expr::Field(field) => self.place(&field.base),
            Expr::Index(index) => {
                self.place(&index.expr);
                self.value(&index.index);
            }
            Expr::Reference(reference) => self.place(&reference.expr),
            Expr::RawAddr(address) => self.place(&address.expr),
            Expr::Paren(paren) => self.value(&paren.expr),
            Expr::Group(group) => self.value(&group.expr),
            Expr::Cast(cast) => self.value(&cast.expr),
            Expr::Try(tried) => self.value(&tried.expr),
            Expr::Tuple(tuple) => self.values(&tuple.elems),
            Expr::Array(array) => self.values(&array.elems),
            Expr::Repeat(repeat) => self.value(&repeat.expr),
            Expr::Range(range) => self.values(
                range
                    .start
                    .iter()
                    .chain(range.end.iter())
                    .map(|bound| &**bound),
            ),
            Expr::Struct(literal) => {
                self.values(literal.fields.iter().map(|field| &field.expr));
                literal.rest.iter().for_each(|rest| self.place(rest));
            }
            Expr::Closure(closure) => self.captures(&closure.body, closure.capture.is_some()),
            Expr::Async(block) => self.captures(&block.block, block.capture.is_some()),
            Expr::Macro(mac) => self.mac(&mac.mac),
            _ => self.control(expr),
        }
    }

    fn control(&mut self, expr: &Expr) {
        match expr {
            Expr::Block(block) => {
                self.block(&block.block);
                if let Some(label) = &block.label {
                    let broken = self.jumps.remove(&label.name.ident.to_string()).flatten();
                    meet(&mut self.flow, broken);
                }
            }
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::If(branch) => {
                let mut missed = None;
                self.cond(&branch.cond, &mut missed);
                self.block(&branch.then_branch);
                let taken = std::mem::replace(&mut self.flow, missed);
                if let Some((_, other)) = &branch.else_branch {
                    self.value(other);
                }
                meet(&mut self.flow, taken);
            }
            Expr::Match(matched) => {
                if as_local(&matched.expr).is_none() {
                    self.matched(&matched.expr, std::iter::empty());
                }
                let before = self.flow.take();
                let mut after = None;
                for arm in &matched.arms {
                    self.flow = before.clone();
                    self.matched_arm(&matched.expr, &arm.pat);
                    self.value(&arm.body);
                    meet(&mut after, self.flow.take());
                }
                self.flow = after;
            }
            Expr::Let(cond) => self.matched(&cond.expr, std::iter::once(&*cond.pat)),
            Expr::Loop(looped) => self.native_loop(looped.label.as_ref(), false, |walk| {
                walk.block(&looped.body)
            }),
            Expr::While(looped) => self.native_loop(looped.label.as_ref(), false, |walk| {
                let mut missed = None;
                walk.cond(&looped.cond, &mut missed);
                walk.block(&looped.body);
                meet(walk.loops.last_mut().expect("a loop"), missed);
            }),
            Expr::ForLoop(looped) => {
                self.value(&looped.expr);
                self.native_loop(looped.label.as_ref(), true, |walk| walk.block(&looped.body));
            }
            Expr::Return(returned) => {
                self.values(returned.expr.as_deref());
                self.flow = None;
            }
            Expr::Break(jump) => {
                self.values(jump.expr.as_deref());
                self.jump(jump.label.as_ref());
            }
            Expr::Continue(_) => self.flow = None,
            other => self.opaque(other),
        }
    }

    fn jump(&mut self, label: Option<&Lifetime>) {
        let flow = self.flow.take();
        match (label, self.loops.last_mut()) {
            (Some(label), _) => meet(self.jumps.entry(label.ident.to_string()).or_default(), flow),
            (None, Some(innermost)) => meet(innermost, flow),
            (None, None) => {}
        }
    }

    /// Repeats the body until a further turn would begin with no other fates than the last.
    fn native_loop(
        &mut self,
        label: Option<&syn::Label>,
        may_skip: bool,
        body: impl Fn(&mut Self),
    ) {
        let entered = self.flow.clone();
        loop {
            let top = self.flow.clone();
            self.loops.push(None);
            body(self);
            let mut left = self.loops.pop().expect("this loop");
            let mut again = entered.clone();
            meet(&mut again, self.flow.take());
            if let Some(label) = label {
                meet(
                    &mut left,
                    self.jumps.remove(&label.name.ident.to_string()).flatten(),
                );
            }
            if may_skip {
                meet(&mut left, again.clone());
            }
            if again == top {
                self.flow = left;
                return;
            }
            self.flow = again;
        }
    }

    pub(crate) fn matched_arm(&mut self, scrutinee: &Expr, pat: &Pat) {
        let guard = match pat {
            Pat::Guard(guarded) => Some(&guarded.guard),
            _ => None,
        };
        if let Some(guard) = guard {
            self.value(guard);
        }
        if let Some(id) = as_local(scrutinee) {
            self.read(id);
            if binds_by_value(pat) {
                self.set(id, Fate::Gone);
            }
        }
    }

    /// Evaluates a condition; `missed` collects the fates with which it is false.
    pub(crate) fn cond(&mut self, cond: &Expr, missed: &mut Flow) {
        match cond {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.cond(&binary.left, missed);
                self.cond(&binary.right, missed);
            }
            Expr::Let(matched) => {
                if as_local(&matched.expr).is_none() {
                    self.matched(&matched.expr, std::iter::empty());
                }
                meet(missed, self.flow.clone());
                self.matched_arm(&matched.expr, &matched.pat);
            }
            cond => {
                self.value(cond);
                meet(missed, self.flow.clone());
            }
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) {
        match binary.op {
            BinOp::And(_) | BinOp::Or(_) => {
                self.value(&binary.left);
                let skipped = self.flow.clone();
                self.value(&binary.right);
                meet(&mut self.flow, skipped);
            }
            op if op.compares() => {
                self.place(&binary.left);
                self.place(&binary.right);
            }
            op if op.assigns() => {
                self.value(&binary.right);
                self.place(&binary.left);
            }
            _ => {
                self.value(&binary.left);
                self.value(&binary.right);
            }
        }
    }

    pub(crate) fn block(&mut self, block: &syn::Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    /// Evaluates an expression that is borrowed, or of which a part is taken.
    pub(crate) fn place(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(_) => self.opaque(expr),
            Expr::Paren(paren) => self.place(&paren.expr),
            Expr::Group(group) => self.place(&group.expr),
            expr => self.value(expr),
        }
    }

    fn mac(&mut self, mac: &syn::Macro) {
        if let Some(point) = PointMacro::of(mac) {
            self.point(point, &crate::lower::arguments(mac));
        } else if let Some(arguments) = Arguments::of(mac) {
            for argument in &arguments.args {
                match arguments.family {
                    Family::Value => self.value(&argument.expr),
                    Family::Format => self.place(&argument.expr),
                }
            }
            let name = mac.path.segments.last();
            if name.is_some_and(|name| is_said_to_diverge(&name.ident)) {
                self.flow = None;
            }
        } else if let Some(matched) = as_match(mac) {
            self.value(&matched);
        } else {
            self.opaque(&mac.tokens);
        }
    }

    /// A suspension point does with its arguments what a call would do.
    fn point(&mut self, point: PointMacro, args: &[Expr]) {
        match (point, args) {
            (PointMacro::Recv | PointMacro::Migrate, [place]) => self.place(place),
            (PointMacro::Send, [mailbox, message]) => {
                self.place(mailbox);
                self.value(message);
            }
            (PointMacro::Suspend, [Expr::Closure(closure)]) => self.captures(&closure.body, true),
            (_, args) => self.values(args),
        }
    }

    fn consumes(&self, id: LocalId, method: &str) -> bool {
        self.locals.get(id).visible == Visible::Std && is_by_value(method)
    }
}

/// Whether this is the name of one of std's macros that never return. The author may have one that does.
pub(crate) fn is_said_to_diverge(name: &Ident) -> bool {
    ["panic", "todo", "unimplemented", "unreachable"]
        .iter()
        .any(|known| name == known)
}

/// std's methods on `Option`, `Result`, `Vec`, `String` and `Box` that take `self` by value.
fn is_by_value(method: &str) -> bool {
    let families = [
        "unwrap", "expect", "into_", "ok", "err", "map", "and", "or", "xor", "zip",
    ];
    let words = [
        "filter",
        "flatten",
        "transpose",
        "leak",
        "unzip",
        "copied",
        "cloned",
        "inspect",
        "is_some_and",
        "is_none_or",
        "is_ok_and",
    ];
    let family = |name: &&str| {
        method == name.trim_end_matches('_')
            || method
                .strip_prefix(name.trim_end_matches('_'))
                .is_some_and(|rest| rest.starts_with('_'))
    };
    families.iter().any(family) || words.contains(&method)
}

fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// Whether matching a local against a pattern moves it, or a part of it.
pub(crate) fn binds_by_value(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => {
            let bound = crate::locals::local_id(&ident.ident).is_some() && ident.by_ref.is_none();
            bound || ident.subpat.iter().any(|(_, inner)| binds_by_value(inner))
        }
        Pat::Guard(guarded) => binds_by_value(&guarded.pat),
        Pat::Type(typed) => binds_by_value(&typed.pat),
        Pat::Paren(paren) => binds_by_value(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(binds_by_value),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(binds_by_value),
        Pat::Struct(fields) => fields.fields.iter().any(|field| binds_by_value(&field.pat)),
        Pat::Slice(slice) => slice.elems.iter().any(binds_by_value),
        Pat::Or(or) => or.cases.iter().any(binds_by_value),
        _ => false,
    }
}
