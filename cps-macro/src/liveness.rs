//! Which locals are needed after each node: a backward walk over the tree.
//!
//! *Read* means that some path reads the value that is there now; *mentioned* that the name is needed,
//! though perhaps only to be assigned.

use crate::effects::Walk;
use crate::fates::{Fates, Flow};
use crate::jumps::{self, labels};
use crate::locals::{LocalId, Locals, mentioned};
use crate::states::leaves;
use crate::tree::{Bind, BodyId, Callee, Kind, NodeId, Point, Stmt, Target, Tree};
use proc_macro2::Span;
use quote::ToTokens;
use std::collections::{BTreeSet, HashMap};
use syn::Expr;

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Needs {
    pub(crate) read: BTreeSet<LocalId>,
    pub(crate) mentioned: BTreeSet<LocalId>,
}

impl Needs {
    fn join(&mut self, other: &Needs) {
        self.read.extend(&other.read);
        self.mentioned.extend(&other.mentioned);
    }

    fn forget(&mut self, locals: &[LocalId]) {
        for id in locals {
            self.read.remove(id);
            self.mentioned.remove(id);
        }
    }

    fn with(mut self, other: &Needs) -> Needs {
        self.join(other);
        self
    }
}

pub(crate) struct Liveness<'a> {
    tree: &'a Tree,
    locals: &'a Locals,
    /// What is needed behind each node.
    pub(crate) after: Vec<Needs>,
    /// What is needed at the top of each loop.
    pub(crate) top: Vec<Needs>,
    /// What is asked for at the start, where everything is there.
    nothing: Needs,
    exits: HashMap<Target, Needs>,
    nexts: HashMap<Target, Needs>,
}

pub(crate) fn liveness<'a>(tree: &'a Tree, locals: &'a Locals) -> Liveness<'a> {
    let none = vec![Needs::default(); tree.nodes.len()];
    let mut liveness = Liveness {
        tree,
        locals,
        after: none.clone(),
        top: none,
        nothing: Needs::default(),
        exits: HashMap::new(),
        nexts: HashMap::new(),
    };
    liveness.body(tree.root, Needs::default());
    liveness
}

impl Liveness<'_> {
    pub(crate) fn at_start(&self) -> &Needs {
        &self.nothing
    }

    /// What is needed before a body, given what is needed after it.
    fn body(&mut self, body: BodyId, after: Needs) -> Needs {
        let mut needs = after;
        for stmt in self.tree.bodies[body].stmts.iter().rev() {
            // A local does not exist before it is declared.
            needs.forget(&self.tree.declared_by(stmt));
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
            needs.forget(&self.tree.declared_by(stmt));
        }
        needs.forget(&self.tree.bodies[body].binds);
        needs
    }

    /// What is needed before native code, which `walk` follows: what it reads, and what is read behind each of its
    /// ways out unless that way assigns it.
    fn native(&self, code: impl ToTokens, after: Needs, walk: impl FnOnce(&mut Walk)) -> Needs {
        let tokens = code.to_token_stream();
        let mut walked = Walk::new(self.locals, Some(Fates::default()));
        walk(&mut walked);
        let mut needs = behind(&after, &walked.flow);
        for (target, next) in labels(tokens.clone()) {
            let (there, label) = match next {
                true => (
                    self.nexts.get(&target),
                    jumps::next(target, Span::call_site()),
                ),
                false => (
                    self.exits.get(&target),
                    jumps::exit(target, Span::call_site()),
                ),
            };
            let flow = walked.jumps.get(&label.ident.to_string());
            there
                .iter()
                .for_each(|there| needs.join(&behind(there, flow.unwrap_or(&None))));
        }
        let mut found = Vec::new();
        mentioned(tokens, &mut found);
        needs.mentioned.extend(found);
        walked
            .read
            .into_iter()
            .for_each(|id| self.need(id, &mut needs));
        needs
    }

    fn value(&self, expr: &Expr, needs: Needs) -> Needs {
        self.native(expr, needs, |walk| walk.value(expr))
    }

    fn need(&self, id: LocalId, needs: &mut Needs) {
        needs.read.insert(id);
        needs.mentioned.insert(id);
        // What is built again needs what it is built from.
        if let Some(rebuild) = &self.locals.get(id).rebuild {
            let mut roots = Vec::new();
            mentioned(rebuild.to_token_stream(), &mut roots);
            roots.into_iter().for_each(|root| self.need(root, needs));
        }
    }

    fn node(&mut self, id: NodeId, mut after: Needs) -> Needs {
        let node = &self.tree.nodes[id];
        if let Bind::Let(binding) = &node.bind
            && let Some(diverge) = &binding.diverge
        {
            after = self.value(diverge, after);
        }
        self.after[id].join(&after);
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
                let needs = self.body(*then, after).with(&otherwise);
                let mut needs = self.native(cond, needs, |walk| walk.cond(cond, &mut None));
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
                self.top[id].join(&top);
                top
            }
        }
    }

    fn point(&mut self, id: NodeId, point: &Point, after: Needs) -> Needs {
        match point {
            Point::Coop => after,
            Point::Suspend(expr) | Point::Migrate(expr) | Point::Call(Callee::Free(expr)) => {
                self.value(expr, after)
            }
            Point::Call(Callee::Borrowing { thunk, held }) => {
                // What the callee borrows must be in the frame while it runs.
                for local in held {
                    let mut needs = std::mem::take(&mut self.after[id]);
                    self.need(*local, &mut needs);
                    self.after[id] = needs;
                }
                self.value(thunk, after)
            }
            Point::Retry(retry) => {
                let mut needs = self.native(&retry.place, after, |walk| {
                    retry.place.iter().for_each(|place| walk.place(place));
                });
                if let Some(operand) = retry.operand {
                    self.need(operand, &mut needs);
                }
                self.after[id].join(&needs);
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
    }
    needs
}
