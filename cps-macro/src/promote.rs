//! Which branches must have a state behind them, and be split for it even where nothing suspends in them.
//!
//! If one branch of an `if` consumes or assigns a local, or takes a part of it, and another does not, and
//! the function may be suspended later while the local is still in scope, then the frame must know
//! whether there is something to drop. A state behind the branches, which each of them enters by itself,
//! makes that known; where nothing suspends in them, they can mostly do without, and put away what they
//! have left ([`crate::arms`]).

use crate::arms::is_put_away;
use crate::liveness::Liveness;
use crate::locals::{LocalId, Locals};
use crate::parts::overlap;
use crate::tree::{BodyId, Kind, NodeId, Stmt, Tree};
use crate::uses::Place;

/// Marks the branches whose disagreement matters, and all that must be split with them.
pub(crate) fn promote(tree: &mut Tree, needs: &Liveness, locals: &Locals) {
    let known = (0..tree.nodes.len()).filter(|id| tree.nodes[*id].disagrees);
    let known: Vec<_> = known.collect();
    for id in disagreeing(tree, needs, locals).into_iter().chain(known) {
        tree.nodes[id].disagrees = true;
        tree.nodes[id].promoted = true;
        // What is split can only be re-entered through what is split.
        let mut body = tree.nodes[id].body;
        while let Some(owner) = tree.bodies[body].owner {
            tree.nodes[owner].promoted = true;
            body = tree.nodes[owner].body;
        }
    }
}

fn disagreeing(tree: &Tree, needs: &Liveness, locals: &Locals) -> Vec<NodeId> {
    let matters = |id: &NodeId| {
        let node = &tree.nodes[*id];
        let scope = match node.differing.is_empty() {
            true => return false,
            false => tree.in_scope(node.body, node.index),
        };
        let later = &needs.after[*id].parts;
        let is_read = |(local, path): &Place| {
            let mut read = later.get(local).into_iter().flatten();
            read.any(|read| overlap(read, path))
        };
        node.differing.iter().any(|place @ (local, _)| {
            // What the branches themselves declare does not outlive them.
            scope.contains(local)
                && !is_read(place)
                && !locals.get(*local).visible.needs_no_drop()
                && (suspends_within(tree, node.body, node.index, *local)
                    || meets_around(tree, node.body, *local))
                && (node.suspends || !is_put_away(tree, locals, needs, *id, *local))
        })
    };
    (0..tree.nodes.len()).filter(matters).collect()
}

/// Whether something suspends behind a statement while `local` is in scope.
pub(crate) fn suspends_within(tree: &Tree, body: BodyId, index: usize, local: LocalId) -> bool {
    let later = tree.bodies[body].stmts[index + 1..].iter();
    if later
        .into_iter()
        .any(|stmt| matches!(stmt, Stmt::Node(node) if tree.nodes[*node].suspends))
    {
        return true;
    }
    if tree.declared_before(body, index).contains(&local) {
        return false;
    }
    let Some(owner) = tree.bodies[body].owner else {
        return false;
    };
    let outer = &tree.nodes[owner];
    let again = matches!(outer.kind, Kind::Loop { .. }) && outer.suspends;
    again || suspends_within(tree, outer.body, outer.index, local)
}

/// Whether branches around a body, while `local` is in scope, suspend on some of their ways: those that do
/// not may meet them in a state behind.
fn meets_around(tree: &Tree, body: BodyId, local: LocalId) -> bool {
    let all = tree.bodies[body].stmts.len();
    let Some(owner) = tree.bodies[body].owner else {
        return false;
    };
    if tree.declared_before(body, all).contains(&local) {
        return false;
    }
    let outer = &tree.nodes[owner];
    let branches = matches!(outer.kind, Kind::If { .. } | Kind::Match { .. });
    let branches = branches || outer.target.is_some();
    (branches && outer.suspends && !tree.is_last(owner)) || meets_around(tree, outer.body, local)
}
