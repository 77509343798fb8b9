//! Which locals are needed after each node: a backward walk over the tree.
//!
//! *Read* means that some path reads the value that is there now; *mentioned* that the name is needed,
//! though perhaps only to be assigned.

use crate::effects::Walk;
use crate::effects::joins::Ways;
use crate::fates::{Fates, Flow};
use crate::jumps;
use crate::locals::{LocalId, Locals};
use crate::mentions::{Code, Mentions};
use crate::parts::{Path, seen};
use crate::sets::LocalSet;
use crate::states::leaves;
use crate::tree::{Bind, BodyId, Callee, Kind, NodeId, Point, Stmt, Target, Tree};
use crate::uses::{Place, place_of};
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use syn::Expr;

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Needs {
    pub(crate) read: LocalSet,
    pub(crate) mentioned: LocalSet,
    /// The places that some path reads, as finely as the code names them.
    places: Rc<BTreeSet<Place>>,
    /// What is read of each local: parts of it, or all of it, which has no path.
    pub(crate) parts: Rc<BTreeMap<LocalId, BTreeSet<Path>>>,
}

impl Needs {
    fn join(&mut self, other: &Needs) {
        self.read.join(&other.read);
        self.mentioned.join(&other.mentioned);
        if self.places.is_empty() {
            self.places = other.places.clone();
        } else if !Rc::ptr_eq(&self.places, &other.places) {
            for place in &*other.places {
                self.place(place);
            }
        }
        if self.parts.is_empty() {
            self.parts = other.parts.clone();
        } else if !Rc::ptr_eq(&self.parts, &other.parts) {
            for (id, parts) in &*other.parts {
                for path in parts {
                    self.part(*id, path);
                }
            }
        }
    }

    fn place(&mut self, place: &Place) {
        if !self.places.contains(place) {
            Rc::make_mut(&mut self.places).insert(place.clone());
        }
    }

    fn part(&mut self, id: LocalId, path: &Path) {
        let known = self.parts.get(&id);
        if !known.is_some_and(|known| known.contains(path)) {
            let parts = Rc::make_mut(&mut self.parts).entry(id).or_default();
            parts.insert(path.clone());
        }
    }

    /// What is not needed any more is not there yet.
    fn forget(&mut self, locals: &[LocalId]) {
        for id in locals {
            self.mentioned.remove(*id);
            self.read.remove(*id);
            if self.parts.contains_key(id) {
                Rc::make_mut(&mut self.parts).remove(id);
            }
            if self.places.iter().any(|(local, _)| local == id) {
                Rc::make_mut(&mut self.places).retain(|(local, _)| local != id);
            }
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
    /// Locals that are built again, and needed behind an assignment of what would be looked at then. What they point to is
    /// behind a reference that was there before, since nothing else may be assigned while it is borrowed.
    pub(crate) stale: BTreeSet<LocalId>,
}

/// A piece of native code: the body and the statement that it stands in, and how many pieces of that come before it.
type Piece = (BodyId, usize, usize);

/// What there is to see in a piece, whatever is needed behind it.
struct Seen<'a> {
    piece: Piece,
    walked: Walk<'a>,
    /// Where a condition is false.
    missed: Flow,
    mentions: Mentions,
}

struct Backwards<'a> {
    tree: &'a Tree,
    locals: &'a Locals,
    found: Liveness,
    exits: HashMap<Target, Needs>,
    nexts: HashMap<Target, Needs>,
    /// The next piece.
    at: Piece,
    /// Those that were walked before: a loop is gone through until nothing new is needed at its top.
    seen: HashMap<Piece, Rc<Seen<'a>>>,
    /// If it is asked, the locals that each piece may take, or parts of them.
    doubtful: Option<BTreeMap<Piece, BTreeSet<LocalId>>>,
    /// Parts of locals that some code assigns by themselves.
    renewed: BTreeSet<Place>,
    /// Locals that the code at hand lends, whatever it looks like.
    lent: Vec<LocalId>,
    /// If it is asked, what is read where.
    reads: Option<Reads>,
}

/// Of which locals some path reads what they hold: behind each statement, and where each body begins.
#[derive(Default)]
pub(crate) struct Reads {
    behind: HashMap<(BodyId, usize), LocalSet>,
    within: HashMap<BodyId, LocalSet>,
}

impl Reads {
    pub(crate) fn of(tree: &Tree, locals: &Locals) -> Reads {
        let mut liveness = Backwards::new(tree, locals);
        liveness.reads = Some(Reads::default());
        liveness.body(tree.root, Needs::default());
        liveness.reads.unwrap_or_default()
    }

    pub(crate) fn behind(&self, body: BodyId, index: usize, id: LocalId) -> bool {
        let known = self.behind.get(&(body, index));
        known.is_some_and(|read| read.contains(id))
    }

    pub(crate) fn within(&self, body: BodyId, id: LocalId) -> bool {
        let known = self.within.get(&body);
        known.is_some_and(|read| read.contains(id))
    }
}

/// The locals that native code in each body may take, or parts of them.
pub(crate) fn doubtful(tree: &Tree, locals: &Locals) -> Vec<(BodyId, BTreeSet<LocalId>)> {
    let mut liveness = Backwards::new(tree, locals);
    liveness.doubtful = Some(BTreeMap::new());
    // The first time it is found out which parts are renewed.
    liveness.body(tree.root, Needs::default());
    if !liveness.renewed.is_empty() {
        liveness.seen.clear();
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
                stale: BTreeSet::new(),
            },
            exits: HashMap::new(),
            nexts: HashMap::new(),
            at: (tree.root, 0, 0),
            seen: HashMap::new(),
            doubtful: None,
            renewed: BTreeSet::new(),
            lent: Vec::new(),
            reads: None,
        }
    }

    /// What is needed before a body, given what is needed after it.
    fn body(&mut self, body: BodyId, after: Needs) -> Needs {
        let (mut needs, outer) = (after, self.at);
        let tree = self.tree;
        for (index, stmt) in tree.bodies[body].stmts.iter().enumerate().rev() {
            self.at = (body, index, 0);
            if let Some(reads) = &mut self.reads {
                let behind = reads.behind.entry((body, index)).or_default();
                behind.join(&needs.read);
            }
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
        if let Some(reads) = &mut self.reads {
            reads.within.entry(body).or_default().join(&needs.read);
        }
        self.at = outer;
        needs
    }

    /// What is needed before native code, which `walk` follows: what it reads, and what is read behind each of its
    /// ways out unless that way assigns it.
    fn native(&mut self, code: &impl Code, after: Needs, walk: impl FnOnce(&mut Walk)) -> Needs {
        let seen = self.see(code, |walked| {
            walk(walked);
            None
        });
        self.settle(&seen, &[(&seen.walked.flow, &after)]);
        self.before(&seen, after)
    }

    /// What is needed before a condition, given what is needed where it is true and where it is not.
    fn cond(&mut self, cond: &Expr, then: Needs, otherwise: &Needs) -> Needs {
        let seen = self.see(cond, |walked| {
            let mut missed = None;
            walked.cond(cond, &mut missed);
            missed
        });
        let ends = [(&seen.walked.flow, &then), (&seen.missed, otherwise)];
        self.settle(&seen, &ends);
        self.before(&seen, then.with(otherwise))
    }

    /// Walks the next piece, unless it was walked before.
    fn see(&mut self, code: &impl Code, walk: impl FnOnce(&mut Walk) -> Flow) -> Rc<Seen<'a>> {
        let piece = self.at;
        self.at.2 += 1;
        if let Some(seen) = self.seen.get(&piece) {
            return seen.clone();
        }
        let mut walked = match self.doubtful {
            Some(_) => Walk::asking(self.locals, &self.renewed),
            None => Walk::new(self.locals, Some(Fates::default())),
        };
        let missed = walk(&mut walked);
        let seen = Rc::new(Seen {
            piece,
            walked,
            missed,
            mentions: Mentions::of(code),
        });
        self.seen.insert(piece, seen.clone());
        seen
    }

    /// Notes what the walked code may have taken, given what is read behind each of its ends: those in `ends`, and the
    /// labels that it jumps to.
    fn settle(&mut self, seen: &Seen, ends: &[(&Flow, &Needs)]) {
        let Some(mut uses) = seen.walked.uses.clone() else {
            return;
        };
        let mut reads = |flow: &Flow, needs: &Needs| {
            let doubts: Vec<_> = flow.iter().flat_map(|fates| &fates.doubts).collect();
            for place in &*needs.places {
                uses.read(place, doubts.iter().copied());
            }
        };
        for (flow, needs) in ends {
            reads(flow, needs);
        }
        for (target, next, needs) in self.jumped_to() {
            if let Some(ways) = seen.walked.jumps.get(&label(target, next)) {
                reads(&ways.met(), needs);
            }
        }
        let mut locals = uses.doubtful();
        self.renewed.append(&mut uses.renewed);
        self.lent.iter().for_each(|id| {
            locals.remove(id);
        });
        if let Some(doubtful) = &mut self.doubtful {
            doubtful.insert(seen.piece, locals);
        }
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

    fn before(&mut self, seen: &Seen, after: Needs) -> Needs {
        let Seen {
            walked, mentions, ..
        } = seen;
        let mut stale = BTreeSet::new();
        for place in &mentions.assigned {
            self.assigned(place, &after, &mut stale);
        }
        let mut needs = behind(after, &walked.flow);
        for &(target, next) in &mentions.labels {
            let there = match next {
                true => self.nexts.get(&target),
                false => self.exits.get(&target),
            };
            for (place, there) in mentions.assigned.iter().zip(there.into_iter().cycle()) {
                self.assigned(place, there, &mut stale);
            }
            let ways = walked.jumps.get(&label(target, next));
            let flow = ways.and_then(Ways::met);
            there
                .iter()
                .for_each(|there| needs.join(&behind((*there).clone(), &flow)));
        }
        for id in &mentions.locals {
            needs.mentioned.insert(*id);
        }
        for place in &walked.places {
            needs.place(place);
        }
        for (id, path) in &walked.read {
            self.need(*id, path, &mut needs);
        }
        self.found.stale.append(&mut stale);
        needs
    }

    /// Adds the locals that what is assigned makes stale.
    fn assigned(&self, (root, path): &Place, after: &Needs, stale: &mut BTreeSet<LocalId>) {
        let path = seen(path);
        for id in after.read.iter() {
            let Some(reference) = self.locals.borrowed_by(id) else {
                continue;
            };
            if let Some(((of, borrowed), _)) = place_of(&reference.expr)
                && of == *root
                && seen(&borrowed).starts_with(&path)
            {
                stale.insert(id);
            }
        }
    }

    fn value(&mut self, expr: &Expr, needs: Needs) -> Needs {
        self.native(expr, needs, |walk| walk.value(expr))
    }

    fn need(&self, id: LocalId, path: &Path, needs: &mut Needs) {
        needs.part(id, path);
        needs.read.insert(id);
        needs.mentioned.insert(id);
        // What is built again needs what it is built from.
        if let Some(rebuild) = &self.locals.get(id).rebuild {
            let roots = Mentions::of(rebuild).locals;
            roots
                .into_iter()
                .for_each(|root| self.need(root, &Path::new(), needs));
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
                    .for_each(|(id, path)| self.need(id, &path, &mut needs));
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
                    self.need(operand, &Path::new(), &mut needs);
                }
                self.found.after[id].join(&needs);
                needs
            }
        }
    }
}

/// What is needed behind native code by the way that `flow` tells of: nothing that it assigns is needed before.
fn behind(mut needs: Needs, flow: &Flow) -> Needs {
    if let Some(fates) = flow
        && !fates.assigned().is_empty()
    {
        needs.read.part(fates.assigned());
        Rc::make_mut(&mut needs.places).retain(|(id, _)| fates.is_old(*id));
        Rc::make_mut(&mut needs.parts).retain(|id, _| fates.is_old(*id));
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
