//! Which locals stay where they are in the frame while the function is suspended again and again.
//!
//! Some states form a *group*: they share one variant of the frame, which holds the locals that the group
//! *carries*, and next to them what else a state holds. A leg inside the group works on the carried locals by
//! reference; they are moved when the group is entered and when it is left, and not in between. So a
//! suspension costs the same whatever they are.
//!
//! A loop that suspends may be a group, and so may a stretch of statements (see [`stretches`]). A local is
//! carried if it is declared outside of the group and nothing in the group can move it (see
//! [`crate::uses`]). The frame drops what it carries after what else it holds, so what may have a drop is
//! carried only if all that was declared before it and may have one is carried too. What gives rise to a
//! value, or assigns a local for the first time, is no group where that could be a borrow of a local: behind
//! a group the function goes on in a state of its own.

mod stretches;

use crate::arms::{Arms, Field, Mode};
use crate::jumps::target_of;
use crate::liveness::{Doubtful, Liveness, doubtful};
use crate::locals::{Bulk, LocalId, Locals, as_local};
use crate::states::{At, States};
use crate::tree::{BodyId, Kind, NodeId, Stmt, Tree};
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr};

pub(crate) type GroupId = usize;

/// The states of some statements of a body. Those of all statements of a loop have its top among them.
pub(crate) struct Group {
    pub(crate) body: BodyId,
    pub(crate) first: usize,
    /// The node behind which the group is left; without one, it goes on to the end of the body.
    pub(crate) last: Option<usize>,
    /// In the order in which the frame drops it.
    pub(crate) carried: Vec<Field>,
}

impl Group {
    /// The loop that it is.
    pub(crate) fn looped(&self, tree: &Tree) -> Option<NodeId> {
        let whole = self.first == 0 && self.last.is_none();
        let owner = tree.bodies[self.body].owner.filter(|_| whole);
        owner.filter(|id| matches!(tree.nodes[*id].kind, Kind::Loop { .. }))
    }

    fn holds(&self, body: BodyId, index: usize) -> bool {
        let to = self.last.is_none_or(|last| index <= last);
        self.body == body && self.first <= index && to
    }

    fn carries(&self, local: LocalId) -> bool {
        let mut carried = self.carried.iter();
        carried.any(|field| field.local == Some(local))
    }
}

/// The groups that a state is in, outermost first.
pub(crate) fn groups_at(tree: &Tree, groups: &[Group], at: At) -> Vec<GroupId> {
    let (At::Point(node) | At::Loop(node) | At::End(node)) = at else {
        return Vec::new();
    };
    if groups.is_empty() {
        return Vec::new();
    }
    let mut inside = groups_around(tree, groups, node);
    if let At::End(node) = at {
        let (body, index) = (tree.nodes[node].body, tree.nodes[node].index);
        inside.retain(|id| groups[*id].body != body || groups[*id].last != Some(index));
    }
    let of_loop = |group: &Group| at == At::Loop(node) && group.looped(tree) == Some(node);
    inside.extend(groups.iter().position(of_loop));
    inside
}

/// The groups that a node is in, outermost first.
fn groups_around(tree: &Tree, groups: &[Group], node: NodeId) -> Vec<GroupId> {
    let mut inside = Vec::new();
    for id in std::iter::once(node).chain(tree.around(node)) {
        let (body, index) = (tree.nodes[id].body, tree.nodes[id].index);
        let mut here: Vec<_> = (0..groups.len())
            .filter(|group| groups[*group].holds(body, index))
            .collect();
        // Of those of one body, the innermost first.
        let size = |group: &Group| group.last.unwrap_or(usize::MAX) - group.first;
        here.sort_by_key(|group| size(&groups[*group]));
        inside.extend(here);
    }
    inside.reverse();
    inside
}

/// The groups of a function.
pub(crate) fn groups(
    tree: &Tree,
    states: &States,
    locals: &Locals,
    needs: &Liveness,
    arms: &Arms,
) -> Vec<Group> {
    if locals.hides || !locals.has_bulk() {
        return Vec::new();
    }
    let mut finder = Finder {
        tree,
        states,
        locals,
        needs,
        arms,
        doubtful: None,
        groups: Vec::new(),
    };
    let mut bodies: Vec<_> = (0..tree.bodies.len()).collect();
    let depth = |body: BodyId| {
        tree.bodies[body]
            .owner
            .map(|id| tree.around(id).count() + 1)
    };
    bodies.sort_by_key(|body| depth(*body));
    for body in bodies {
        finder.looped(body);
        finder.stretches(body);
    }
    finder.groups
}

struct Finder<'a, 'b> {
    tree: &'a Tree,
    states: &'a States,
    locals: &'a Locals,
    needs: &'a Liveness,
    arms: &'a Arms<'b>,
    /// Found out when the first group might carry something.
    doubtful: Option<Doubtful>,
    groups: Vec<Group>,
}

impl Finder<'_, '_> {
    /// Makes a loop a group, if there is something for it to carry.
    fn looped(&mut self, body: BodyId) {
        let owner = self.tree.bodies[body].owner;
        let Some(id) = owner.filter(|id| matches!(self.tree.nodes[*id].kind, Kind::Loop { .. }))
        else {
            return;
        };
        let node = &self.tree.nodes[id];
        let Some(state) = node.state.filter(|state| self.arms.reaches(*state)) else {
            return;
        };
        if !node.suspends {
            return;
        }
        let fields = self.arms.fields(state);
        let around = groups_around(self.tree, &self.groups, id);
        let least = match around.is_empty() {
            true => Bulk::Maybe,
            false => Bulk::Likely,
        };
        let heavy = |local: LocalId| self.is_heavy(local, least, &around);
        let mut held = fields.iter().filter_map(|field| field.local);
        if !held.any(heavy) || !self.goes_on_alone(id, body, &fields) {
            return;
        }
        let tree = self.tree;
        let taken = self.taken(|at, _| tree.is_within(at, id));
        let scope = self.tree.in_scope(node.body, node.index);
        // It may be assigned in the loop, and is then a leg's own.
        let own = |local: LocalId| self.needs.top[id].mentioned.contains(local);
        let carried = self.carried(&scope, &fields, &around, &taken, &own);
        let mut names = carried.iter().filter_map(|field| field.local);
        if names.any(|local| self.is_heavy(local, least, &around)) {
            self.groups.push(Group {
                body,
                first: 0,
                last: None,
                carried,
            });
        }
    }

    /// Whether moving a local costs something that no group around saves.
    fn is_heavy(&self, local: LocalId, least: Bulk, around: &[GroupId]) -> bool {
        self.locals.get(local).bulk >= least && !self.is_carried(local, around)
    }

    fn is_carried(&self, local: LocalId, around: &[GroupId]) -> bool {
        let mut around = around.iter();
        around.any(|group| self.groups[*group].carries(local))
    }

    /// What a group carries of the locals in scope where it begins, given what the frame holds there, and
    /// what it may take; `own` says what may be a leg's own in it.
    fn carried(
        &self,
        scope: &[LocalId],
        fields: &[Field],
        around: &[GroupId],
        taken: &BTreeSet<LocalId>,
        own: &dyn Fn(LocalId) -> bool,
    ) -> Vec<Field> {
        let (mut carried, mut blocked) = (Vec::new(), false);
        // Outermost first: what is declared before decides on what comes behind.
        for &local in scope {
            let known = self.locals.get(local);
            let dropless = known.visible.needs_no_drop();
            let Some(field) = fields.iter().find(|field| field.local == Some(local)) else {
                blocked |= own(local) && !dropless && known.rebuild.is_none();
                continue;
            };
            if self.is_carried(local, around) {
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
        carried
    }

    /// The locals that some statements may move, by the body and the number of each.
    fn taken(&mut self, within: impl Fn(BodyId, usize) -> bool) -> BTreeSet<LocalId> {
        let pieces = self.pieces().iter();
        let inside = pieces.filter(|((body, index), _)| within(*body, *index));
        inside.flat_map(|(_, locals)| locals).copied().collect()
    }

    /// What each statement may move.
    fn pieces(&mut self) -> &[((BodyId, usize), BTreeSet<LocalId>)] {
        let (tree, locals) = (self.tree, self.locals);
        self.doubtful.get_or_insert_with(|| doubtful(tree, locals))
    }

    /// Whether nothing that may borrow from a local comes out of a body's statements but in the frame.
    fn goes_on_alone(&self, node: NodeId, body: BodyId, fields: &[Field]) -> bool {
        let held = |local: &LocalId| {
            let plain = |field: &Field| field.local == Some(*local) && field.mode == Mode::Plain;
            fields.iter().any(plain)
        };
        let fresh = |local: &LocalId| !held(local) && self.locals.get(*local).rebuild.is_none();
        let scope = self
            .tree
            .in_scope(self.tree.nodes[node].body, self.tree.nodes[node].index);
        let mut ends = std::iter::once(node)
            .chain(self.tree.around(node))
            .filter(|id| {
                let node = &self.tree.nodes[*id];
                node.target.is_some() && node.end.is_none()
            });
        ends.all(|end| {
            let later = &self.needs.after[end].read;
            !scope
                .iter()
                .any(|local| fresh(local) && later.contains(*local))
                && !self.yields(body, end)
        })
    }

    /// Whether code in a body ends a node with a value that might be a borrow.
    fn yields(&self, within: BodyId, end: NodeId) -> bool {
        let target = self.tree.nodes[end].target;
        let mut yields = Yields {
            locals: self.locals,
            target,
            found: false,
        };
        let bodies = (0..self.tree.bodies.len()).filter(|body| self.is_part(*body, within));
        for stmt in bodies.flat_map(|body| &self.tree.bodies[body].stmts) {
            match stmt {
                Stmt::Native(stmt) => yields.visit_stmt(stmt),
                Stmt::Tail(expr) => yields.visit_expr(expr),
                Stmt::Node(_) => {}
            }
        }
        yields.found
    }

    /// Whether a body is another one, or stands in it.
    fn is_part(&self, body: BodyId, of: BodyId) -> bool {
        let around = self.tree.bodies[body].owner.into_iter();
        let mut around = around.flat_map(|id| std::iter::once(id).chain(self.tree.around(id)));
        body == of || around.any(|id| self.tree.nodes[id].body == of)
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
