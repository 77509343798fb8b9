//! What native code does to locals: which it reads, and which it consumes, assigns or leaves alone.
//!
//! Consuming is judged by form alone, as the design lays down: a bare name where a value is taken, and a
//! scrutinee or initialiser matched by a pattern that binds by value. Names of methods decide nothing, save
//! std's own by-value methods on a local whose type is visible.

mod captures;
mod control;
mod doubts;
mod forms;
pub(crate) mod joins;

pub(crate) use forms::{binds_by_value, is_said_to_diverge};

use crate::arguments::{Arguments, Family};
use crate::bounds::Taker;
use crate::fates::{Fate, Fates, Flow};
use crate::locals::{LocalId, Locals, Visible, as_local};
use crate::lower::Comparison;
use crate::mentions::{Code, Mentions};
use crate::parts::{Gift, Path, part, points};
use crate::points::PointMacro;
use crate::uses::{Place, Uses};
use forms::{is_by_value, is_place, says_its_arguments};
use joins::{Joins, Way, Ways};
use std::collections::HashMap;
use std::rc::Rc;
use syn::{BinOp, Expr, Pat, Stmt};

/// The places that the branches of an `if` or `match` treat differently: one consumes it, or assigns it, and
/// another does not. Only those count that may need to be dropped.
pub(crate) fn differing(expr: &Expr, locals: &Locals) -> Vec<Place> {
    let mut walk = Walk::new(locals, Some(held(expr)));
    walk.value(expr);
    let needs_drop = |(id, _): &Place| !locals.get(*id).visible.needs_no_drop();
    let own = |(id, _): &Place| walk.declared.contains(id);
    let differing = walk.flow.iter().flat_map(Fates::differing);
    differing
        .filter(|place| !own(place) && needs_drop(place))
        .collect()
}

/// Whether a condition takes a part of a local that it may not have taken where it is false.
pub(crate) fn may_take_part(cond: &Expr, locals: &Locals) -> bool {
    let (mut walk, mut missed) = (Walk::new(locals, Some(held(cond))), None);
    walk.cond(cond, &mut missed);
    let mut differing = missed.iter().flat_map(Fates::differing);
    differing.any(|(_, path)| !path.is_empty())
}

/// What some code mentions, with a fate that a branch either leaves as it was or replaces by one that
/// is never this.
fn held(expr: &Expr) -> Fates {
    let mut held = Fates::default();
    held.apart = true;
    let mentioned = Mentions::of(expr).locals;
    mentioned.iter().for_each(|id| held.set(*id, Fate::Held));
    held
}

/// Walks native code in the order in which it runs.
pub(crate) struct Walk<'a> {
    locals: &'a Locals,
    pub(crate) flow: Flow,
    /// The ways on which code jumps to a label.
    pub(crate) jumps: HashMap<String, Ways>,
    declared: Vec<LocalId>,
    /// Parts of locals of which the code reads what they held before it; all of a local has no path.
    pub(crate) read: Vec<Place>,
    /// Those of them that it names.
    pub(crate) places: Vec<Place>,
    /// The native loops around, each with the ways of its unlabelled `break`s.
    loops: Vec<Ways>,
    /// Which mentions may move what they mention, if that is asked.
    pub(crate) uses: Option<Uses>,
    /// What to put away where ways meet, if that is asked.
    pub(crate) joins: Option<Joins<'a>>,
    /// The arguments of macros, so that they lie still while they are walked again.
    pub(crate) arguments: HashMap<usize, Option<Rc<Arguments>>>,
    matches: HashMap<usize, Option<Rc<Expr>>>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(locals: &'a Locals, flow: Flow) -> Self {
        Walk {
            locals,
            flow,
            jumps: HashMap::new(),
            declared: Vec::new(),
            read: Vec::new(),
            places: Vec::new(),
            loops: Vec::new(),
            uses: None,
            joins: None,
            arguments: HashMap::new(),
            matches: HashMap::new(),
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
        self.read_part(id, Path::new());
    }

    fn read_part(&mut self, id: LocalId, path: Path) {
        if let (Some(joins), Some(fates)) = (&mut self.joins, &self.flow)
            && fates.of(id) == Fate::Held
        {
            joins.note_read(id);
        }
        if self.flow.as_ref().is_some_and(|fates| fates.is_old(id)) {
            self.read.push((id, path));
        }
    }

    fn give_part(&mut self, id: LocalId, gift: Gift) {
        if !self.locals.get(id).visible.needs_no_drop()
            && let Some(fates) = &mut self.flow
        {
            fates.give(id, gift, true);
        }
    }

    /// Code that is not looked into reads all that it mentions.
    fn opaque(&mut self, code: &impl Code) {
        let mentions = Mentions::of(code);
        mentions.locals.into_iter().for_each(|id| self.read(id));
    }

    pub(crate) fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Local(local) => {
                let bound = crate::tree::bound_by(&local.pat);
                match &local.init {
                    Some(init) => {
                        match &init.diverge {
                            Some((_, diverge)) => {
                                self.matched(&init.expr, std::iter::empty());
                                let missed = self.flow.clone();
                                self.matched_arm(&init.expr, &local.pat);
                                let taken = std::mem::replace(&mut self.flow, missed);
                                self.value(diverge);
                                self.flow = taken;
                            }
                            None => {
                                self.matched(&init.expr, std::iter::once(&local.pat));
                                self.matched_part(&init.expr, &local.pat);
                            }
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
                self.touch(expr);
                let mut taken = false;
                for pat in pats.filter(|pat| binds_by_value(pat)) {
                    self.take_apart(id, pat);
                    taken = true;
                }
                if taken {
                    self.bind_part(expr);
                }
            }
            None if is_place(expr) => {
                self.place(expr);
                if pats.any(binds_by_value) {
                    self.bind_part(expr);
                }
            }
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
            self.touch(expr);
            self.take_part(expr);
            return self.set(id, Fate::Gone);
        }
        match expr {
            Expr::Call(call) => {
                match as_local(&call.func) {
                    Some(id) if is_called_once(self.locals, id) => self.value(&call.func),
                    _ => {
                        self.place(&call.func);
                        self.take_part(&call.func);
                    }
                }
                self.values(&call.args);
            }
            Expr::MethodCall(call) => {
                match as_local(&call.receiver) {
                    Some(id) if consumes(self.locals, id, &call.method) => {
                        self.value(&call.receiver);
                    }
                    _ => {
                        self.place(&call.receiver);
                        self.take_part(&call.receiver);
                    }
                }
                self.values(&call.args);
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                self.value(&assign.right);
                match as_local(&assign.left) {
                    Some(id) => self.declare(id),
                    // A part may have been moved before it is assigned.
                    None => {
                        self.renew(&assign.left);
                        self.within(&assign.left);
                    }
                }
                if let (Some((id, path)), Some(fates)) = (part(&assign.left), &mut self.flow) {
                    fates.give_back(id, &path);
                }
            }
            Expr::Unary(unary) if !matches!(unary.op, syn::UnOp::Deref(_)) => {
                self.operand(&unary.expr)
            }
            Expr::Unary(_) | Expr::Field(_) | Expr::Index(_) => {
                self.place(expr);
                self.take_part(expr);
                if let Some((id, path)) = part(expr) {
                    self.give_part(id, Gift { path, to: None });
                }
            }
            Expr::Reference(reference) => self.place(&reference.expr),
            Expr::RawAddr(address) => self.place(&address.expr),
            Expr::Paren(paren) => self.value(&paren.expr),
            Expr::Group(group) => self.value(&group.expr),
            Expr::Cast(cast) => self.operand(&cast.expr),
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
                literal.rest.iter().for_each(|rest| {
                    self.place(rest);
                    self.bind_part(rest);
                });
            }
            Expr::Closure(closure) => {
                self.captures(expr, closure.capture.is_some(), |walk| {
                    walk.value(&closure.body);
                });
            }
            Expr::Async(block) => self.captures(expr, block.capture.is_some(), |walk| {
                walk.block(&block.block);
            }),
            Expr::Macro(mac) => self.mac(&mac.mac),
            _ => self.control(expr),
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
        if binds_by_value(pat) {
            self.bind_part(scrutinee);
        }
        if let Some(id) = as_local(scrutinee) {
            self.read(id);
            if binds_by_value(pat) {
                self.take_apart(id, pat);
            }
        }
        self.matched_part(scrutinee, pat);
    }

    /// A pattern takes a local, or parts of it if it has some that are named.
    fn take_apart(&mut self, id: LocalId, pat: &Pat) {
        let local = self.locals.get(id);
        let named = self.locals.named_parts(id);
        let named = named.filter(|_| !local.visible.needs_no_drop() && local.rebuild.is_none());
        for gift in Gift::to_pattern(&Path::new(), pat, named) {
            match gift.path.is_empty() {
                true => self.set(id, Fate::Gone),
                false => self.give_part(id, gift),
            }
        }
    }

    /// A pattern takes what it binds by value out of a part of a local.
    fn matched_part(&mut self, scrutinee: &Expr, pat: &Pat) {
        // What a pointer points to may be of no size, so that there is no value of it to look at.
        if let Some((id, path)) = part(scrutinee)
            && binds_by_value(pat)
            && (matches!(pat, Pat::Ident(_)) || !points(&path))
        {
            for gift in Gift::to_pattern(&path, pat, self.locals.named_parts(id)) {
                self.give_part(id, gift);
            }
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) {
        match binary.op {
            BinOp::And(_) | BinOp::Or(_) => {
                self.value(&binary.left);
                let skipped = self.flow.clone();
                self.value(&binary.right);
                let taken = self.flow.take();
                self.join([
                    (joins::end(Way::Skipped, binary), skipped),
                    (joins::end(Way::Right, binary), taken),
                ]);
            }
            op if op.compares() => {
                self.place(&binary.left);
                self.place(&binary.right);
            }
            op if op.assigns() => {
                self.operand(&binary.right);
                self.place(&binary.left);
            }
            _ => {
                self.operand(&binary.left);
                self.operand(&binary.right);
            }
        }
    }

    pub(crate) fn block(&mut self, block: &syn::Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    /// Evaluates an operand; a part of a local that is one is taken to be a number or the like.
    fn operand(&mut self, expr: &Expr) {
        match part(expr) {
            Some(_) => {
                self.place(expr);
                self.take_part(expr);
            }
            None => self.value(expr),
        }
    }

    /// Evaluates an expression that is borrowed, or of which a part is taken.
    pub(crate) fn place(&mut self, expr: &Expr) {
        self.touch(expr);
        self.within(expr);
    }

    fn within(&mut self, expr: &Expr) {
        if let Some((id, path)) = part(expr) {
            return self.read_part(id, path);
        }
        match expr {
            Expr::Path(_) => as_local(expr).into_iter().for_each(|id| self.read(id)),
            Expr::Paren(paren) => self.within(&paren.expr),
            Expr::Group(group) => self.within(&group.expr),
            Expr::Field(field) => self.within(&field.base),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                self.within(&unary.expr);
            }
            Expr::Index(index) => {
                self.within(&index.expr);
                self.operand(&index.index);
            }
            expr => self.value(expr),
        }
    }

    fn mac(&mut self, mac: &syn::Macro) {
        if let Some(point) = PointMacro::of(mac) {
            self.point(point, &crate::lower::arguments(mac));
        } else if let Some(arguments) = self.arguments_of(mac) {
            if says_its_arguments(mac, &arguments) {
                self.certainly_taken(&mac.tokens);
            }
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
        } else if let Some(matched) = self.match_of(mac) {
            self.fixed(|walk| walk.value(&matched));
        } else {
            self.certainly_taken(&mac.tokens);
            self.opaque(&mac.tokens);
        }
    }

    /// A suspension point does with its arguments what a call would do.
    fn point(&mut self, point: PointMacro, args: &[Expr]) {
        match (point, args) {
            (PointMacro::Recv | PointMacro::Migrate, [place]) => self.place(place),
            (
                PointMacro::Send | PointMacro::RecvDeadline | PointMacro::SendDeadline,
                [mailbox, args @ ..],
            ) => {
                self.place(mailbox);
                self.values(args);
            }
            (PointMacro::Suspend, [closure @ Expr::Closure(_)]) => {
                self.captures(closure, true, |_| ());
            }
            (_, args) => self.values(args),
        }
    }
}

/// Whether a method certainly takes the local that it is called on.
pub(crate) fn consumes(locals: &Locals, id: LocalId, method: &syn::Ident) -> bool {
    let (local, method) = (locals.get(id), method.to_string());
    let std = local.visible == Visible::Std && is_by_value(&method);
    std || local.takers.iter().any(|taker| taker.takes_by(&method))
}

/// Whether a call of a local certainly takes it.
fn is_called_once(locals: &Locals, id: LocalId) -> bool {
    locals.get(id).takers.contains(&Taker::FnOnce)
}
