//! Which loops leave locals in the frame where they are, and which locals those are.
//!
//! A loop that suspends may be a *group*: the states inside it share one variant of the frame, which holds
//! the locals that the loop *carries*, and next to them what else a state holds. A leg inside the group works
//! on the carried locals by reference; they are moved when the loop is entered and when it is left, and not
//! in between. So a suspension costs the same whatever they are.
//!
//! A local is carried if it is declared outside of the loop and nothing in the loop can move it (see
//! [`crate::uses`]). The frame drops what it carries after what else it holds, so what may have a drop is
//! carried only if all that was declared before it and may have one is carried too. A loop that gives rise to
//! a value, or assigns a local for the first time, is no group where that could be a borrow of a local:
//! behind a group the function goes on in a state of its own.

use crate::arms::{Arms, Field, Mode};
use crate::jumps::target_of;
use crate::liveness::{Liveness, doubtful};
use crate::locals::{Bulk, LocalId, Locals, as_local};
use crate::tree::{BodyId, Kind, NodeId, Stmt, Tree};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};
use syn::{BinOp, Expr};

/// The loops that carry locals, and how the frame holds these, in the order in which they are dropped.
pub(crate) fn groups(
    tree: &Tree,
    locals: &Locals,
    needs: &Liveness,
    arms: &Arms,
) -> BTreeMap<NodeId, Vec<Field>> {
    if locals.hides || !locals.has_bulk() {
        return BTreeMap::new();
    }
    let reached = |id: &NodeId| {
        tree.nodes[*id]
            .state
            .is_some_and(|state| arms.reaches(state))
    };
    let mut loops: Vec<_> = (0..tree.nodes.len())
        .filter(|id| matches!(tree.nodes[*id].kind, Kind::Loop { .. }) && tree.nodes[*id].suspends)
        .filter(reached)
        .collect();
    loops.sort_by_key(|id| tree.around(*id).count());
    let mut finder = Finder {
        tree,
        locals,
        needs,
        doubtful: None,
        groups: BTreeMap::new(),
    };
    for id in loops {
        let fields = arms.fields(tree.nodes[id].state.expect("a loop has a state"));
        let carried = finder.carried(id, &fields);
        if !carried.is_empty() {
            finder.groups.insert(id, carried);
        }
    }
    finder.groups
}

struct Finder<'a> {
    tree: &'a Tree,
    locals: &'a Locals,
    needs: &'a Liveness,
    /// Found out when the first loop might carry something.
    doubtful: Option<Vec<(BodyId, BTreeSet<LocalId>)>>,
    groups: BTreeMap<NodeId, Vec<Field>>,
}

impl Finder<'_> {
    /// What a loop carries, given what the frame holds where it begins.
    fn carried(&mut self, id: NodeId, fields: &[Field]) -> Vec<Field> {
        let around: Vec<_> = self
            .tree
            .around(id)
            .filter(|node| self.groups.contains_key(node))
            .collect();
        let elsewhere: BTreeSet<_> = around
            .iter()
            .flat_map(|node| &self.groups[node])
            .filter_map(|field| field.local)
            .collect();
        let least = if around.is_empty() {
            Bulk::Maybe
        } else {
            Bulk::Likely
        };
        let heavy = |field: &&Field| {
            field
                .local
                .is_some_and(|id| self.locals.get(id).bulk >= least && !elsewhere.contains(&id))
        };
        if !fields.iter().any(|field| heavy(&field)) || !self.goes_on_alone(id, fields) {
            return Vec::new();
        }
        let taken = self.taken_in(id);
        let (mut carried, mut blocked) = (Vec::new(), false);
        let node = &self.tree.nodes[id];
        // Outermost first: what is declared before decides on what comes behind.
        for local in self.tree.in_scope(node.body, node.index) {
            let known = self.locals.get(local);
            let dropless = known.visible.needs_no_drop();
            let Some(field) = fields.iter().find(|field| field.local == Some(local)) else {
                // It may be assigned in the loop, and is then a leg's own.
                let assigned = self.needs.top[id].mentioned.contains(local);
                blocked |= assigned && !dropless && known.rebuild.is_none();
                continue;
            };
            if elsewhere.contains(&local) {
                continue;
            }
            let worth = known.bulk > Bulk::Small || !dropless;
            // A loop around may be left with all of what is only kept here.
            let certain = field.mode == Mode::Plain || around.is_empty();
            if field.mode != Mode::Held
                && certain
                && field.given.is_empty()
                && worth
                && !taken.contains(&local)
                && (dropless || !blocked)
            {
                carried.push(field.clone());
            } else if !dropless {
                blocked = true;
            }
        }
        carried.reverse();
        match carried.iter().any(|field| heavy(&field)) {
            true => carried,
            false => Vec::new(),
        }
    }

    /// The locals that code in a loop may move.
    fn taken_in(&mut self, id: NodeId) -> BTreeSet<LocalId> {
        let (tree, locals) = (self.tree, self.locals);
        let doubtful = self.doubtful.get_or_insert_with(|| doubtful(tree, locals));
        let inside = doubtful
            .iter()
            .filter(|(body, _)| tree.is_within(*body, id));
        inside.flat_map(|(_, locals)| locals).copied().collect()
    }

    /// Whether nothing that may borrow from a local comes out of a loop but in the frame.
    fn goes_on_alone(&self, id: NodeId, fields: &[Field]) -> bool {
        let held = |local: &LocalId| {
            let plain = |field: &Field| field.local == Some(*local) && field.mode == Mode::Plain;
            fields.iter().any(plain)
        };
        let node = &self.tree.nodes[id];
        let fresh = |local: &LocalId| !held(local) && self.locals.get(*local).rebuild.is_none();
        let scope = self.tree.in_scope(node.body, node.index);
        let ends = std::iter::once(id)
            .chain(self.tree.around(id))
            .filter(|id| {
                let node = &self.tree.nodes[*id];
                node.target.is_some() && node.end.is_none()
            });
        ends.into_iter().all(|end| {
            let later = &self.needs.after[end].read;
            !scope
                .iter()
                .any(|local| fresh(local) && later.contains(*local))
                && !self.yields(id, end)
        })
    }

    /// Whether code in a loop ends a node with a value that might be a borrow.
    fn yields(&self, id: NodeId, end: NodeId) -> bool {
        let target = self.tree.nodes[end].target;
        let mut yields = Yields {
            locals: self.locals,
            target,
            found: false,
        };
        let bodies = (0..self.tree.bodies.len()).filter(|body| self.tree.is_within(*body, id));
        for stmt in bodies.flat_map(|body| &self.tree.bodies[body].stmts) {
            match stmt {
                Stmt::Native(stmt) => yields.visit_stmt(stmt),
                Stmt::Tail(expr) => yields.visit_expr(expr),
                Stmt::Node(_) => {}
            }
        }
        yields.found
    }
}

struct Yields<'a> {
    locals: &'a Locals,
    target: Option<usize>,
    found: bool,
}

impl<'ast> Visit<'ast> for Yields<'_> {
    fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
        let target = jump
            .label
            .as_ref()
            .and_then(target_of)
            .map(|(target, _)| target);
        if let Some(value) = jump.expr.as_ref().filter(|_| target == self.target) {
            self.found |= !is_owned(value, self.locals);
        }
        visit::visit_expr_break(self, jump);
    }
}

/// Whether a value is plainly none that borrows.
fn is_owned(value: &Expr, locals: &Locals) -> bool {
    let owned = |value: &Expr| is_owned(value, locals);
    match value {
        Expr::Lit(_) => true,
        Expr::Paren(paren) => owned(&paren.expr),
        Expr::Group(group) => owned(&group.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().all(owned),
        Expr::Cast(_) => true,
        Expr::Unary(unary) => !matches!(unary.op, syn::UnOp::Deref(_)) && owned(&unary.expr),
        Expr::Binary(binary) => match binary.op {
            BinOp::And(_)
            | BinOp::Or(_)
            | BinOp::Eq(_)
            | BinOp::Ne(_)
            | BinOp::Lt(_)
            | BinOp::Le(_)
            | BinOp::Gt(_)
            | BinOp::Ge(_) => true,
            _ => owned(&binary.left) || owned(&binary.right),
        },
        Expr::Call(call) => {
            let wraps = matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Some" || last.ident == "Ok" || last.ident == "Err"));
            wraps && call.args.iter().all(owned)
        }
        Expr::MethodCall(call) => matches!(
            &*call.method.to_string(),
            "len" | "count" | "is_empty" | "to_string"
        ),
        Expr::Macro(mac) => mac.mac.path.is_ident("format"),
        Expr::Path(path) => match as_local(value) {
            Some(id) => locals.get(id).visible == crate::locals::Visible::Copy,
            None => path.path.is_ident("None"),
        },
        _ => false,
    }
}
