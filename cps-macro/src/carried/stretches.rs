//! Stretches of statements that leave large locals where they are.
//!
//! Where a function is suspended several times in a row, what is certainly large and lives across is carried
//! from the first suspension on: to the end of the body, if nothing that follows moves it, or to a suspension
//! before what does. Behind that one the function goes on in a state of its own, where it is moved to.

use super::{Finder, Group, groups_around};
use crate::arms::{Field, Mode};
use crate::locals::{Bulk, LocalId};
use crate::states::{At, StateId};
use crate::tree::{BodyId, Kind, NodeId, Stmt};

impl Finder<'_, '_> {
    /// Makes groups of stretches of a body.
    pub(super) fn stretches(&mut self, body: BodyId) {
        let nodes = self.suspending(body);
        if nodes.len() < 2 {
            return;
        }
        let last = self.tree.nodes[nodes[nodes.len() - 1]].index;
        for local in self.tree.in_scope(body, last) {
            if self.locals.get(local).bulk == Bulk::Certain {
                let group = self.stretch(body, &nodes, local);
                self.groups.extend(group);
            }
        }
    }

    /// The nodes of a body that suspend, in order.
    fn suspending(&self, body: BodyId) -> Vec<NodeId> {
        let stmts = self.tree.bodies[body].stmts.iter();
        let nodes = stmts.filter_map(|stmt| match stmt {
            Stmt::Node(id) if self.tree.nodes[*id].suspends => Some(*id),
            _ => None,
        });
        nodes.collect()
    }

    /// The stretch of a body that carries a local, if that saves anything.
    fn stretch(&mut self, body: BodyId, nodes: &[NodeId], local: LocalId) -> Option<Group> {
        let (tree, end) = (self.tree, self.tree.bodies[body].stmts.len());
        let at = |id: &NodeId| tree.nodes[*id].index;
        let declared = tree.bodies[body].declared.iter();
        let mut declared = declared.enumerate();
        let from = declared.find(|(_, new)| new.contains(&local));
        let from = from.map_or(0, |(index, _)| index + 1);
        let until = self.moved_at(body, from, local).unwrap_or(end);
        let mut inside: Vec<_> = nodes
            .iter()
            .skip_while(|id| at(id) < from || !self.is_held(**id, local))
            .take_while(|id| at(id) < until && self.may_stay(**id, local))
            .copied()
            .collect();
        let all = inside.last() == nodes.last();
        let open = all && until == end && self.goes_on(body);
        let ends = |id: &NodeId| {
            let node = &tree.nodes[*id];
            matches!(node.kind, Kind::Point(_)) || node.end.is_some()
        };
        while !open && inside.last().is_some_and(|last| !ends(last)) {
            inside.pop();
        }
        let [first, .., last] = inside[..] else {
            return None;
        };
        let group = Group {
            body,
            first: at(&first),
            last: (!open).then_some(at(&last)),
            carried: Vec::new(),
        };
        // It is moved into the group, and, where that is left, out, and on to the state behind.
        let with = if open { 1 } else { 4 };
        let without: usize = inside.iter().map(|id| self.moves(*id)).sum();
        match without > with && self.is_apart(&group) {
            true => self.carrying(group, &inside, local),
            false => None,
        }
    }

    /// A stretch with what it carries, which is a local at least.
    fn carrying(&mut self, group: Group, inside: &[NodeId], local: LocalId) -> Option<Group> {
        let (tree, body) = (self.tree, group.body);
        let around = groups_around(tree, &self.groups, inside[0]);
        let states: Vec<_> = inside.iter().flat_map(|id| self.states_in(*id)).collect();
        let fields = self.arms.fields(*states.first()?);
        if self.is_carried(local, &around)
            || !self.goes_on_alone(tree.bodies[body].owner?, body, &fields)
        {
            return None;
        }
        let taken = self.taken(|at, index| {
            let stands = stands_in(tree, (at, index), body);
            stands.is_some_and(|index| group.holds(body, index))
        });
        // As any state of the stretch needs it.
        let stays = |field: &Field| {
            let local = field.local?;
            let fields = states.iter().filter_map(|state| self.field(*state, local));
            let field = fields.min_by_key(|field| field.mode);
            let all = inside.iter().all(|id| self.may_stay(*id, local));
            field.filter(|_| all)
        };
        let fields: Vec<_> = fields.iter().filter_map(stays).collect();
        let own = |local: LocalId| {
            let mut states = states.iter();
            let assigned = |state| self.arms.needs_of(state).mentioned.contains(local);
            states.any(|state| self.field(*state, local).is_some() || assigned(*state))
        };
        let scope = tree.in_scope(body, group.first);
        let carried = self.carried(&scope, &fields, &around, &taken, &own);
        let group = Group { carried, ..group };
        group.carries(local).then_some(group)
    }

    /// The first statement of a body, from one on, that may move a local.
    fn moved_at(&mut self, body: BodyId, from: usize, local: LocalId) -> Option<usize> {
        let tree = self.tree;
        let pieces = self.pieces().iter();
        let moving = pieces.filter(|(_, locals)| locals.contains(&local));
        let stmts = moving.filter_map(|(at, _)| stands_in(tree, *at, body));
        stmts.filter(|index| *index >= from).min()
    }

    /// Whether what comes behind a body is a state of its own, or the end of the function.
    fn goes_on(&self, body: BodyId) -> bool {
        let Some(owner) = self.tree.bodies[body].owner else {
            return true;
        };
        let node = &self.tree.nodes[owner];
        matches!(node.kind, Kind::Loop { .. })
            || node.end.is_some()
            || (self.tree.is_last(owner) && self.goes_on(node.body))
    }

    /// How often a local is moved by what suspends in a node.
    fn moves(&self, id: NodeId) -> usize {
        let node = &self.tree.nodes[id];
        let within = |body| {
            self.suspending(body)
                .into_iter()
                .map(|id| self.moves(id))
                .sum()
        };
        let parts = || node.kind.bodies().into_iter().map(within).max();
        let own = match node.kind {
            Kind::Point(_) => 2,
            // It is moved into the loop's own group, and out.
            Kind::Loop { .. } => 4,
            _ => parts().unwrap_or(0),
        };
        own + if node.end.is_some() { 2 } else { 0 }
    }

    /// Whether no other group of the body begins or ends in a stretch but with it.
    fn is_apart(&self, group: &Group) -> bool {
        let span = |group: &Group| (group.first, group.last.unwrap_or(usize::MAX));
        let (first, last) = span(group);
        let others = self.groups.iter().filter(|other| other.body == group.body);
        others.map(span).all(|(from, to)| {
            let (within, around) = (first <= from && to <= last, from <= first && last <= to);
            to < first || last < from || within != around
        })
    }

    /// The states of a node, but what is behind it.
    fn states_in(&self, id: NodeId) -> Vec<StateId> {
        let inside = |state: &StateId| match self.states.all[*state].at {
            At::Point(node) | At::Loop(node) if node == id => true,
            At::Point(node) | At::Loop(node) | At::End(node) => {
                self.tree.around(node).any(|around| around == id)
            }
            At::Start => false,
        };
        let states = (0..self.states.all.len()).filter(inside);
        states.filter(|state| self.arms.reaches(*state)).collect()
    }

    fn field(&self, state: StateId, local: LocalId) -> Option<Field> {
        let fields = self.arms.fields(state);
        let mut fields = fields.iter();
        fields.find(|field| field.local == Some(local)).cloned()
    }

    /// Whether all states of a node hold a local, and as it is.
    fn is_held(&self, id: NodeId, local: LocalId) -> bool {
        let states = self.states_in(id);
        let whole = |field: Field| field.mode != Mode::Held && field.given.is_empty();
        let mut held = states.iter().map(|state| self.field(*state, local));
        held.all(|field| field.is_some_and(whole)) && !states.is_empty()
    }

    /// Whether a local that was held can be left there in the states of a node: one that ended before
    /// may stay, too.
    fn may_stay(&self, id: NodeId, local: LocalId) -> bool {
        let is_point = matches!(self.tree.nodes[id].kind, Kind::Point(_));
        let dropless = self.locals.get(local).visible.needs_no_drop();
        let mut states = self.states_in(id).into_iter();
        let gone = is_point && dropless && states.all(|state| self.field(state, local).is_none());
        gone || self.is_held(id, local)
    }
}

/// The statement of a body that a piece of code stands in.
fn stands_in(tree: &crate::tree::Tree, at: (BodyId, usize), within: BodyId) -> Option<usize> {
    let (mut body, mut index) = at;
    while body != within {
        let owner = &tree.nodes[tree.bodies[body].owner?];
        (body, index) = (owner.body, owner.index);
    }
    Some(index)
}
