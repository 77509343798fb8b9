//! Which locals are needed after each node: a backward walk over the tree.
//!
//! It goes through nodes and bodies. What is needed at a point is in `needs`; how native code changes that,
//! in `pieces`.

mod needs;
mod pieces;

pub(crate) use needs::Needs;

use crate::effects::Walk;
use crate::fates::Fates;
use crate::locals::{LocalId, Locals};
use crate::parts::Path;
use crate::sets::LocalSet;
use crate::tree::{Bind, BodyId, Callee, Kind, NodeId, Point, Stmt, Target, Tree};
use crate::uses::Place;
use pieces::{Piece, Seen};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use syn::Expr;

/// What is needed where. It depends on the code alone, not on how that is split into states.
pub(crate) struct Liveness {
    /// Behind each node.
    pub(crate) after: Vec<Needs>,
    /// At the top of each loop.
    pub(crate) top: Vec<Needs>,
    /// At the start, where everything is there, so that nothing is asked for.
    pub(crate) start: Needs,
    /// Locals that are built again, and needed behind an assignment of what would be looked at then. What
    /// they point to is behind a reference that was there before, since nothing else may be assigned while it
    /// is borrowed.
    pub(crate) stale: BTreeSet<LocalId>,
    /// What is read where.
    pub(crate) reads: Reads,
}

struct Backwards<'a> {
    tree: &'a Tree,
    locals: &'a Locals,
    found: Liveness,
    exits: HashMap<Target, Needs>,
    nexts: HashMap<Target, Needs>,
    /// The next piece.
    at: Piece,
    /// Those that were walked before, by body and statement: a loop is gone through until nothing new is
    /// needed at its top.
    seen: Vec<Vec<Vec<Rc<Seen<'a>>>>>,
    /// If it is asked, the locals that each piece may take, or parts of them.
    doubtful: Option<BTreeMap<Piece, BTreeSet<LocalId>>>,
    /// Parts of locals that some code assigns by themselves.
    renewed: BTreeSet<Place>,
    /// Locals that the code at hand lends, whatever it looks like.
    lent: Vec<LocalId>,
}

/// Of which locals some path reads what they hold: behind each statement, and where each body begins.
pub(crate) struct Reads {
    behind: Vec<Vec<LocalSet>>,
    within: Vec<LocalSet>,
}

impl Reads {
    fn none(tree: &Tree) -> Reads {
        let behind = tree.bodies.iter();
        let behind = behind.map(|body| vec![LocalSet::default(); body.stmts.len()]);
        Reads {
            behind: behind.collect(),
            within: vec![LocalSet::default(); tree.bodies.len()],
        }
    }

    pub(crate) fn behind(&self, body: BodyId, index: usize, id: LocalId) -> bool {
        self.behind[body][index].contains(id)
    }

    pub(crate) fn within(&self, body: BodyId, id: LocalId) -> bool {
        self.within[body].contains(id)
    }
}

/// Of some statements, each by its body and its number, the locals that they may take, or parts of them.
pub(crate) type Doubtful = Vec<((BodyId, usize), BTreeSet<LocalId>)>;

/// The locals that native code in each statement may take, or parts of them.
pub(crate) fn doubtful(tree: &Tree, locals: &Locals) -> Doubtful {
    let mut liveness = Backwards::new(tree, locals);
    liveness.doubtful = Some(BTreeMap::new());
    // The first time it is found out which parts are renewed.
    liveness.body(tree.root, Needs::default());
    if !liveness.renewed.is_empty() {
        liveness.seen = unseen(tree);
        liveness.body(tree.root, Needs::default());
    }
    let pieces = liveness.doubtful.unwrap_or_default();
    pieces
        .into_iter()
        .map(|((body, index, _), locals)| ((body, index), locals))
        .collect()
}

pub(crate) fn liveness(tree: &Tree, locals: &Locals) -> Liveness {
    let mut liveness = Backwards::new(tree, locals);
    liveness.body(tree.root, Needs::default());
    liveness.found
}

fn unseen<'a>(tree: &Tree) -> Vec<Vec<Vec<Rc<Seen<'a>>>>> {
    let stmts = tree.bodies.iter().map(|body| body.stmts.len());
    stmts.map(|count| vec![Vec::new(); count]).collect()
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
                reads: Reads::none(tree),
            },
            exits: HashMap::new(),
            nexts: HashMap::new(),
            at: (tree.root, 0, 0),
            seen: unseen(tree),
            doubtful: None,
            renewed: BTreeSet::new(),
            lent: Vec::new(),
        }
    }

    /// What is needed before a body, given what is needed after it.
    fn body(&mut self, body: BodyId, after: Needs) -> Needs {
        let tree = self.tree;
        let after = match tree.bodies[body].is_left() {
            true => Needs::default(),
            false => after,
        };
        let (mut needs, outer) = (after, self.at);
        for (index, stmt) in tree.bodies[body].stmts.iter().enumerate().rev() {
            self.at = (body, index, 0);
            self.found.reads.behind[body][index].join(&needs.read);
            // A local does not exist before it is declared.
            let declared = &tree.bodies[body].declared[index];
            needs.forget(declared);
            needs = match stmt {
                Stmt::Native(syn::Stmt::Expr(expr, _)) | Stmt::Tail(expr) => {
                    // Behind what jumps away, nothing is reached.
                    let needs = match expr {
                        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Needs::default(),
                        _ => needs,
                    };
                    self.value(expr, needs)
                }
                Stmt::Native(stmt) => self.native(stmt, needs, |walk| walk.stmt(stmt)),
                Stmt::Node(node) => self.node(*node, needs),
            };
            needs.forget(declared);
        }
        needs.forget(&self.tree.bodies[body].binds);
        self.found.reads.within[body].join(&needs.read);
        self.at = outer;
        needs
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
