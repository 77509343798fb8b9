//! Names the states of a function: where it starts, where each suspension point resumes, where each split
//! loop turns, and where the ways from several states meet again.
//!
//! A walk over the tree knows, at each place, from which states it is reached without passing through another
//! one. What is reached from one state only is emitted in that state's arm and needs none of its own, but
//! where the compiler must have seen a later state before: see [`crate::open_types`].

use crate::liveness::Liveness;
use crate::locals::{LocalId, Locals};
use crate::mentions::{Code, Mentions};
use crate::tree::{Bind, BodyId, Callee, Kind, NodeId, Point, Stmt, Target, Tree};
use proc_macro2::Span;
use std::collections::{BTreeSet, HashMap};

pub(crate) type StateId = usize;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum At {
    Start,
    /// Behind a point, or in front of one that is tried again.
    Point(NodeId),
    /// The top of a loop.
    Loop(NodeId),
    /// Behind a node.
    End(NodeId),
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) at: At,
    pub(crate) span: Span,
}

pub(crate) struct States {
    pub(crate) all: Vec<State>,
}

struct Namer<'a> {
    all: Vec<State>,
    numbers: HashMap<&'static str, usize>,
    exits: HashMap<Target, Arms>,
    /// Where the types of locals that are open are told first.
    told: HashMap<LocalId, StateId>,
    locals: &'a Locals,
    needs: &'a Liveness,
}

/// The states whose arms reach a place.
type Arms = BTreeSet<StateId>;

pub(crate) fn states(tree: &mut Tree, locals: &Locals, needs: &Liveness) -> States {
    for node in &mut tree.nodes {
        (node.state, node.end) = (None, None);
    }
    let mut namer = Namer {
        all: Vec::new(),
        numbers: HashMap::new(),
        exits: HashMap::new(),
        told: HashMap::new(),
        locals,
        needs,
    };
    let start = namer.add("Start", At::Start, Span::call_site());
    namer.body(tree, tree.root, Arms::from([start]));
    States { all: namer.all }
}

impl Namer<'_> {
    fn add(&mut self, kind: &'static str, at: At, span: Span) -> StateId {
        let name = if at == At::Start {
            kind.to_owned()
        } else {
            let number = self.numbers.entry(kind).or_default();
            *number += 1;
            format!("{kind}{number}")
        };
        self.all.push(State { name, at, span });
        self.all.len() - 1
    }

    /// Walks a body, and returns the states that reach its end.
    fn body(&mut self, tree: &mut Tree, body: BodyId, mut arms: Arms) -> Arms {
        for index in 0..tree.bodies[body].stmts.len() {
            let node = match &tree.bodies[body].stmts[index] {
                Stmt::Native(stmt) => {
                    self.native(&arms, stmt, &tree.bodies[body].declared[index]);
                    continue;
                }
                Stmt::Tail(expr) => {
                    self.native(&arms, expr, &[]);
                    continue;
                }
                Stmt::Node(node) => *node,
            };
            arms = self.node(tree, node, arms);
        }
        if tree.bodies[body].is_left() {
            arms.clear();
        }
        arms
    }

    /// Notes which split constructs native code jumps out of, and of which locals it tells the types.
    fn native(&mut self, arms: &Arms, code: &impl Code, declared: &[LocalId]) {
        let mentions = Mentions::of(code);
        for (target, next) in &mentions.labels {
            if !next {
                self.exits.entry(*target).or_default().extend(arms);
            }
        }
        for id in &mentions.locals {
            let open = self.locals.open.contains(*id) && !declared.contains(id);
            if let Some(first) = arms.first()
                && open
                && !self.told.contains_key(id)
                && mentions.tells(*id)
            {
                self.told.insert(*id, *first);
            }
        }
    }

    /// Whether what stands behind a node uses a local of which a state within, among those from `within` on,
    /// tells the type, though it could stand in an earlier state.
    fn is_told_late(&self, id: NodeId, within: StateId, arms: &Arms) -> bool {
        let used = &self.needs.after[id].mentioned;
        let late = |(local, at): (&LocalId, &StateId)| {
            *at >= within && arms.first().is_some_and(|first| first < at) && used.contains(*local)
        };
        self.told.iter().any(late)
    }

    /// Whether a state is in a group that ends with a node or within it: behind that, legs work on the frame
    /// in another way.
    fn leaves_group(&self, tree: &Tree, state: StateId, id: NodeId) -> bool {
        let behind = tree.groups_at(At::End(id));
        let inside = tree.groups_at(self.all[state].at);
        inside.iter().any(|group| !behind.contains(group))
    }

    fn node(&mut self, tree: &mut Tree, id: NodeId, arms: Arms) -> Arms {
        let arms = self.inner(tree, id, arms);
        if let Bind::Let(binding) = &tree.nodes[id].bind
            && let Some(diverge) = &binding.diverge
        {
            self.native(&arms, diverge, &[]);
        }
        arms
    }

    fn inner(&mut self, tree: &mut Tree, id: NodeId, arms: Arms) -> Arms {
        let (span, target) = (tree.nodes[id].span, tree.nodes[id].target);
        let within = self.all.len();
        let reached = match &tree.nodes[id].kind {
            Kind::Point(point) => {
                if let Point::Suspend(code)
                | Point::Call(Callee::Free(code) | Callee::Borrowing { thunk: code, .. }) = point
                {
                    self.native(&arms, code, &[]);
                }
                let kind = point_name(point);
                let state = self.add(kind, At::Point(id), span);
                tree.nodes[id].state = Some(state);
                Arms::from([state])
            }
            Kind::Block { body, .. } => self.body(tree, *body, arms),
            Kind::If { then, other, cond } => {
                let (then, other) = (*then, *other);
                self.native(&arms, cond, &[]);
                let mut reached = self.body(tree, then, arms.clone());
                match other {
                    Some(other) => reached.extend(self.body(tree, other, arms)),
                    None => reached.extend(arms),
                }
                reached
            }
            Kind::Match {
                scrutinee,
                arms: branches,
            } => {
                self.native(&arms, scrutinee, &[]);
                let bodies: Vec<_> = branches.iter().map(|arm| arm.body).collect();
                bodies
                    .into_iter()
                    .flat_map(|body| self.body(tree, body, arms.clone()))
                    .collect()
            }
            Kind::Loop { body } if tree.is_split(id) => {
                let body = *body;
                let state = self.add("Loop", At::Loop(id), span);
                tree.nodes[id].state = Some(state);
                self.body(tree, body, Arms::from([state]));
                Arms::new()
            }
            Kind::Loop { body } => {
                let body = *body;
                self.body(tree, body, arms);
                Arms::new()
            }
        };
        let broken = target
            .and_then(|target| self.exits.remove(&target))
            .unwrap_or_default();
        let leaves_group = broken
            .iter()
            .any(|state| self.leaves_group(tree, *state, id));
        let mut arms = reached;
        arms.extend(broken);
        let meets = arms.len() > 1 && !tree.is_last(id);
        let late = !tree.is_last(id) && self.is_told_late(id, within, &arms);
        let apart = meets || late || leaves_group || tree.ends_group(id);
        if tree.is_split(id) && (apart || tree.nodes[id].disagrees) {
            let kind = match tree.nodes[id].kind {
                Kind::If { .. } => "EndIf",
                Kind::Match { .. } => "EndMatch",
                Kind::Loop { .. } => "EndLoop",
                Kind::Point(_) => "EndPoint",
                _ => "EndBlock",
            };
            let state = self.add(kind, At::End(id), span);
            tree.nodes[id].end = Some(state);
            return Arms::from([state]);
        }
        arms
    }
}

fn point_name(point: &Point) -> &'static str {
    match point {
        Point::Coop => "Coop",
        Point::Suspend(_) => "Suspend",
        Point::Migrate(_) => "Migrate",
        Point::Call(_) => "Call",
        Point::Retry(retry) => match retry.attempt {
            "recv" => "Recv",
            "recv_deadline" => "RecvDeadline",
            "send" => "Send",
            "send_deadline" => "SendDeadline",
            "join" => "Join",
            "join_deadline" => "JoinDeadline",
            "select" => "Select",
            "sleep" => "Sleep",
            "readable" => "Readable",
            "writable" => "Writable",
            "signal" => "Signal",
            _ => "Child",
        },
    }
}
