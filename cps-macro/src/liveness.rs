//! Which locals are needed after each node: a backward walk over the tree.
//!
//! *Read* means that some path reads the value that is there now; *mentioned* that the name is needed,
//! though perhaps only to be assigned.

use crate::effects::Walk;
use crate::fates::{Fates, Flow};
use crate::jumps;
use crate::locals::{LocalId, Locals};
use crate::mentions::{Code, Mentions};
use crate::parts::Path;
use crate::states::leaves;
use crate::tree::{Bind, BodyId, Callee, Kind, NodeId, Point, Stmt, Target, Tree};
use crate::uses::Place;
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use syn::Expr;

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Needs {
    pub(crate) read: BTreeSet<LocalId>,
    pub(crate) mentioned: BTreeSet<LocalId>,
    /// The places that some path reads, as finely as the code names them.
    places: BTreeSet<Place>,
    /// What is read of each local: parts of it, or all of it, which has no path.
    pub(crate) parts: BTreeMap<LocalId, BTreeSet<Path>>,
}

impl Needs {
    fn join(&mut self, other: &Needs) {
        self.read.extend(&other.read);
        self.mentioned.extend(&other.mentioned);
        self.places.extend(other.places.iter().cloned());
        for (id, parts) in &other.parts {
            let own = self.parts.entry(*id).or_default();
            own.extend(parts.iter().cloned());
        }
    }

    fn forget(&mut self, locals: &[LocalId]) {
        for id in locals {
            self.read.remove(id);
            self.mentioned.remove(id);
            self.places.retain(|(local, _)| local != id);
            self.parts.remove(id);
        }
    }

    fn with(mut self, other: &Needs) -> Needs {
        self.join(other);
        self
    }
}

/// What is needed where. It depends on the code alone, not on how that is split into states.
pub(crate) struct Liveness {
    /// Behind each node.
    pub(crate) after: Vec<Needs>,
    /// At the top of each loop.
    pub(crate) top: Vec<Needs>,
    /// At the start, where everything is there, so that nothing is asked for.
    pub(crate) start: Needs,
}

struct Backwards<'a> {
    tree: &'a Tree,
    locals: &'a Locals,
    found: Liveness,
    exits: HashMap<Target, Needs>,
    nexts: HashMap<Target, Needs>,
    /// The code at hand: a body, a statement in it, and how many pieces of that were seen.
    at: (BodyId, usize, usize),
    /// If it is asked, the locals that each piece of native code may take, or parts of them.
    doubtful: Option<BTreeMap<(BodyId, usize, usize), BTreeSet<LocalId>>>,
    /// Parts of locals that some code assigns by themselves.
    renewed: BTreeSet<Place>,
    /// Locals that the code at hand lends, whatever it looks like.
    lent: Vec<LocalId>,
}

/// The locals that native code in each body may take, or parts of them.
pub(crate) fn doubtful(tree: &Tree, locals: &Locals) -> Vec<(BodyId, BTreeSet<LocalId>)> {
    let mut liveness = Backwards::new(tree, locals);
    liveness.doubtful = Some(BTreeMap::new());
    // The first time it is found out which parts are renewed.
    liveness.body(tree.root, Needs::default());
    if !liveness.renewed.is_empty() {
        liveness.body(tree.root, Needs::default());
    }
    let pieces = liveness.doubtful.unwrap_or_default();
    pieces
        .into_iter()
        .map(|((body, ..), locals)| (body, locals))
        .collect()
}

pub(crate) fn liveness(tree: &Tree, locals: &Locals) -> Liveness {
    let mut liveness = Backwards::new(tree, locals);
    liveness.body(tree.root, Needs::default());
    liveness.found
}

impl<'a> Backwards<'a> {
    fn new(tree: &'a Tree, locals: &'a Locals) -> Self {
        let none = vec![Needs::default(); tree.nodes.len()];
        Backwards {
            tree,
            locals,
            found: Liveness {
                after: none.clone(),
                top: none,
                start: Needs::default(),
            },
            exits: HashMap::new(),
            nexts: HashMap::new(),
            at: (tree.root, 0, 0),
            doubtful: None,
            renewed: BTreeSet::new(),
            lent: Vec::new(),
        }
    }

    /// What is needed before a body, given what is needed after it.
    fn body(&mut self, body: BodyId, after: Needs) -> Needs {
        let (mut needs, outer) = (after, self.at);
        let tree = self.tree;
        for (index, stmt) in tree.bodies[body].stmts.iter().enumerate().rev() {
            self.at = (body, index, 0);
            // A local does not exist before it is declared.
            let declared = &tree.bodies[body].declared[index];
            needs.forget(declared);
            needs = match stmt {
                Stmt::Native(syn::Stmt::Expr(expr, _)) | Stmt::Tail(expr) => {
                    // Behind what leaves, nothing is reached.
                    let needs = if leaves(expr) {
                        Needs::default()
                    } else {
                        needs
                    };
                    self.value(expr, needs)
                }
                Stmt::Native(stmt) => self.native(stmt, needs, |walk| walk.stmt(stmt)),
                Stmt::Node(node) => self.node(*node, needs),
            };
            needs.forget(declared);
        }
        needs.forget(&self.tree.bodies[body].binds);
        self.at = outer;
        needs
    }

    /// What is needed before native code, which `walk` follows: what it reads, and what is read behind each of its
    /// ways out unless that way assigns it.
    fn native(&mut self, code: &impl Code, after: Needs, walk: impl FnOnce(&mut Walk)) -> Needs {
        let mut walked = self.walk();
        walk(&mut walked);
        let end = walked.flow.clone();
        self.settle(&mut walked, &[(end, &after)]);
        self.before(code, after, walked)
    }

    /// What is needed before a condition, given what is needed where it is true and where it is not.
    fn cond(&mut self, cond: &Expr, then: Needs, otherwise: &Needs) -> Needs {
        let (mut walked, mut missed) = (self.walk(), None);
        walked.cond(cond, &mut missed);
        let taken = walked.flow.clone();
        self.settle(&mut walked, &[(taken, &then), (missed, otherwise)]);
        self.before(cond, then.with(otherwise), walked)
    }

    fn walk(&self) -> Walk<'a> {
        match self.doubtful {
            Some(_) => Walk::asking(self.locals, &self.renewed),
            None => Walk::new(self.locals, Some(Fates::default())),
        }
    }

    /// Notes what the walked code may have taken, given what is read behind each of its ends: those in `ends`, and the
    /// labels that it jumps to.
    fn settle(&mut self, walked: &mut Walk, ends: &[(Flow, &Needs)]) {
        let Some(mut uses) = walked.uses.take() else {
            return;
        };
        let mut reads = |flow: &Flow, needs: &Needs| {
            let doubts: Vec<_> = flow.iter().flat_map(|fates| &fates.doubts).collect();
            for place in &needs.places {
                uses.read(place, doubts.iter().copied());
            }
        };
        for (flow, needs) in ends {
            reads(flow, needs);
        }
        for (target, next, needs) in self.jumped_to() {
            if let Some(flow) = walked.jumps.get(&label(target, next)) {
                reads(flow, needs);
            }
        }
        let mut locals = uses.doubtful();
        self.renewed.append(&mut uses.renewed);
        self.lent.iter().for_each(|id| {
            locals.remove(id);
        });
        if let Some(doubtful) = &mut self.doubtful {
            doubtful.insert(self.at, locals);
        }
        self.at.2 += 1;
    }

    /// What is needed at each label.
    fn jumped_to(&self) -> impl Iterator<Item = (Target, bool, &Needs)> {
        let exits = self
            .exits
            .iter()
            .map(|(target, needs)| (*target, false, needs));
        exits.chain(
            self.nexts
                .iter()
                .map(|(target, needs)| (*target, true, needs)),
        )
    }

    fn before(&self, code: &impl Code, after: Needs, walked: Walk) -> Needs {
        let mentions = Mentions::of(code);
        let mut needs = behind(&after, &walked.flow);
        for (target, next) in mentions.labels {
            let there = match next {
                true => self.nexts.get(&target),
                false => self.exits.get(&target),
            };
            let flow = walked.jumps.get(&label(target, next));
            there
                .iter()
                .for_each(|there| needs.join(&behind(there, flow.unwrap_or(&None))));
        }
        needs.mentioned.extend(mentions.locals);
        needs.places.extend(walked.places);
        walked
            .read
            .into_iter()
            .for_each(|(id, path)| self.need(id, path, &mut needs));
        needs
    }

    fn value(&mut self, expr: &Expr, needs: Needs) -> Needs {
        self.native(expr, needs, |walk| walk.value(expr))
    }

    fn need(&self, id: LocalId, path: Path, needs: &mut Needs) {
        needs.parts.entry(id).or_default().insert(path);
        needs.read.insert(id);
        needs.mentioned.insert(id);
        // What is built again needs what it is built from.
        if let Some(rebuild) = &self.locals.get(id).rebuild {
            let roots = Mentions::of(rebuild).locals;
            roots
                .into_iter()
                .for_each(|root| self.need(root, Path::new(), needs));
        }
    }

    fn node(&mut self, id: NodeId, mut after: Needs) -> Needs {
        let node = &self.tree.nodes[id];
        if let Bind::Let(binding) = &node.bind
            && let Some(diverge) = &binding.diverge
        {
            after = self.value(diverge, after);
        }
        self.found.after[id].join(&after);
        if let Some(target) = node.target {
            self.exits.insert(target, after.clone());
        }
        match &node.kind {
            Kind::Point(point) => self.point(id, point, after),
            Kind::Block { body, .. } => self.body(*body, after),
            Kind::If { cond, then, other } => {
                let otherwise = match other {
                    Some(other) => self.body(*other, after.clone()),
                    None => after.clone(),
                };
                let then_needs = self.body(*then, after);
                let mut needs = self.cond(cond, then_needs, &otherwise);
                needs.forget(&self.tree.bodies[*then].binds);
                needs
            }
            Kind::Match { scrutinee, arms } => {
                let mut needs = Needs::default();
                for arm in arms {
                    let branch = self.body(arm.body, after.clone());
                    let mut branch = self.native(&arm.pat, branch, |walk| {
                        walk.matched_arm(scrutinee, &arm.pat)
                    });
                    branch.forget(&self.tree.bodies[arm.body].binds);
                    needs.join(&branch);
                }
                self.native(scrutinee, needs, |walk| {
                    walk.matched(scrutinee, arms.iter().map(|arm| &arm.pat));
                })
            }
            Kind::Loop { body } => {
                let mut top = Needs::default();
                loop {
                    if let Some(target) = node.target {
                        self.nexts.insert(target, top.clone());
                    }
                    let again = self.body(*body, top.clone()).with(&top);
                    if again == top {
                        break;
                    }
                    top = again;
                }
                self.found.top[id].join(&top);
                top
            }
        }
    }

    fn point(&mut self, id: NodeId, point: &Point, after: Needs) -> Needs {
        match point {
            Point::Coop => after,
            Point::Suspend(expr) | Point::Call(Callee::Free(expr)) => self.value(expr, after),
            Point::Migrate(dest) => self.native(dest, after, |walk| walk.place(dest)),
            Point::Call(Callee::Borrowing { thunk, held }) => {
                // What the callee borrows must be in the frame while it runs.
                let mut needs = std::mem::take(&mut self.found.after[id]);
                let mut walked = Walk::new(self.locals, Some(Fates::default()));
                walked.value(thunk);
                let lent =
                    |id: LocalId| held.contains(&id) || self.locals.get(id).rebuild.is_some();
                let borrowed: Vec<_> = walked
                    .read
                    .into_iter()
                    .filter(|(id, _)| lent(*id))
                    .collect();
                borrowed
                    .into_iter()
                    .for_each(|(id, path)| self.need(id, path, &mut needs));
                self.found.after[id] = needs;
                self.lent.clone_from(held);
                let needs = self.value(thunk, after);
                self.lent.clear();
                needs
            }
            Point::Retry(retry) => {
                let mut needs = self.native(&retry.place, after, |walk| {
                    retry.place.iter().for_each(|place| walk.place(place));
                });
                if let Some(operand) = retry.operand {
                    self.need(operand, Path::new(), &mut needs);
                }
                self.found.after[id].join(&needs);
                needs
            }
        }
    }
}

/// What is needed behind native code by the way that `flow` tells of: nothing that it assigns is needed before.
fn behind(needs: &Needs, flow: &Flow) -> Needs {
    let mut needs = needs.clone();
    if let Some(fates) = flow {
        needs.read.retain(|id| fates.is_old(*id));
        needs.places.retain(|(id, _)| fates.is_old(*id));
        needs.parts.retain(|id, _| fates.is_old(*id));
    }
    needs
}

fn label(target: Target, next: bool) -> String {
    let label = match next {
        true => jumps::next(target, Span::call_site()),
        false => jumps::exit(target, Span::call_site()),
    };
    label.ident.to_string()
}
