//! The intermediate form: a function as nested bodies of statements, where what is split around
//! suspensions stands as [`Node`]s and all other code stays the native Rust it was.
//!
//! [`crate::lower`] makes it, [`crate::states`] names its states, [`crate::arms`] turns it into code.
//! [`crate::print`] shows it, one line a statement, to tests and to people.

use crate::anew::Probes;
use crate::carried::{Group, GroupId};
use crate::leaving::{leaves, leaves_by};
use crate::locals::LocalId;
use crate::states::{At, StateId};
use crate::uses::Place;
use proc_macro2::Span;
use syn::{Attribute, Expr, Pat, Type};

pub(crate) type BodyId = usize;
pub(crate) type NodeId = usize;

/// What native code can jump to: the number that [`crate::jumps`] writes into labels.
pub(crate) type Target = usize;

#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) bodies: Vec<Body>,
    pub(crate) nodes: Vec<Node>,
    /// Items of split blocks; they belong to every state, so they stand before the frame.
    pub(crate) items: Vec<syn::Stmt>,
    /// The parameters' scope, whose tail is the author's block.
    pub(crate) root: BodyId,
    /// What is carried where.
    pub(crate) groups: Vec<Group>,
    /// What the compiler is asked of statements.
    pub(crate) probes: Probes,
}

/// A scope: what it binds on entry (parameters, a pattern's locals), then its statements.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) binds: Vec<LocalId>,
    pub(crate) stmts: Vec<Stmt>,
    /// Items that each state which enters the scope has for itself.
    pub(crate) items: Vec<syn::Stmt>,
    /// The locals that each statement declares.
    pub(crate) declared: Vec<Vec<LocalId>>,
    /// The node that this is a part of.
    pub(crate) owner: Option<NodeId>,
    /// The braces that the author wrote around it, or the expression in their place.
    pub(crate) span: Option<Span>,
}

pub(crate) enum Stmt {
    /// Code in which nothing suspends.
    Native(syn::Stmt),
    /// The value of the body, in which nothing suspends.
    Tail(Expr),
    Node(NodeId),
}

pub(crate) struct Node {
    pub(crate) body: BodyId,
    pub(crate) index: usize,
    pub(crate) bind: Bind,
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// The state in which a point is resumed, or from which a loop runs.
    pub(crate) state: Option<StateId>,
    /// The state of what follows, where several states lead to it.
    pub(crate) end: Option<StateId>,
    /// It is split whether or not it suspends, because branches in it disagree, or its own do.
    pub(crate) promoted: bool,
    /// Its branches disagree on what is to be dropped, or it is the value of what is renewed, so there must
    /// be a state behind it.
    pub(crate) disagrees: bool,
    /// Places that its branches treat differently.
    pub(crate) differing: Vec<Place>,
    /// A point stands somewhere in it.
    pub(crate) suspends: bool,
    /// What a `break` or `continue` that means this node is called by.
    pub(crate) target: Option<Target>,
}

/// What becomes of a node's value.
pub(crate) enum Bind {
    Let(Box<Binding>),
    /// Nothing.
    Statement,
    /// It is the value of the body.
    Tail,
}

pub(crate) struct Binding {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) pat: Pat,
    pub(crate) ty: Option<Type>,
    pub(crate) diverge: Option<Expr>,
}

pub(crate) enum Kind {
    Point(Point),
    Block {
        unsafety: bool,
        body: BodyId,
    },
    If {
        cond: Expr,
        then: BodyId,
        other: Option<BodyId>,
    },
    Match {
        scrutinee: Expr,
        arms: Vec<Arm>,
    },
    Loop {
        body: BodyId,
    },
}

pub(crate) struct Arm {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) pat: Pat,
    pub(crate) body: BodyId,
}

/// A suspension point, its operands already evaluated or safe to evaluate where it stands.
pub(crate) enum Point {
    Coop,
    /// `suspend!`: what to do with the continuation.
    Suspend(Expr),
    /// `migrate!`: where to.
    Migrate(Expr),
    Call(Callee),
    /// Tried again each time it is resumed: `recv!`, `send!`, `join!`.
    Retry(Retry),
}

pub(crate) enum Callee {
    /// A thunk that borrows nothing from the frame.
    Free(Expr),
    /// One that borrows these locals from the frame.
    Borrowing { thunk: Expr, held: Vec<LocalId> },
}

pub(crate) struct Retry {
    /// The function in `expansion::points` that tries.
    pub(crate) attempt: &'static str,
    /// Where: a place that is looked at again each time.
    pub(crate) place: Option<Expr>,
    /// What is handed to each try and handed back when it must wait.
    pub(crate) operand: Option<LocalId>,
}

impl Tree {
    pub(crate) fn body(&mut self, binds: Vec<LocalId>) -> BodyId {
        self.bodies.push(Body {
            binds,
            ..Body::default()
        });
        self.bodies.len() - 1
    }

    /// Adds a node to the end of a body, and makes it the owner of its parts.
    pub(crate) fn node(
        &mut self,
        body: BodyId,
        bind: Bind,
        kind: Kind,
        span: Span,
        suspends: bool,
    ) -> NodeId {
        let id = self.nodes.len();
        for part in kind.bodies() {
            self.bodies[part].owner = Some(id);
        }
        let index = self.bodies[body].stmts.len();
        self.bodies[body].stmts.push(Stmt::Node(id));
        self.nodes.push(Node {
            body,
            index,
            bind,
            kind,
            span,
            state: None,
            end: None,
            promoted: false,
            disagrees: false,
            differing: Vec::new(),
            suspends,
            target: None,
        });
        id
    }

    /// Puts a node in the place of a statement.
    pub(crate) fn put(&mut self, body: BodyId, index: usize, kind: Kind, span: Span) {
        let id = self.node(body, Bind::Statement, kind, span, false);
        self.nodes[id].index = index;
        self.bodies[body].stmts.swap_remove(index);
    }

    /// The author's block.
    pub(crate) fn main(&self) -> BodyId {
        match self.bodies[self.root].stmts.last() {
            Some(Stmt::Node(node)) => match self.nodes[*node].kind {
                Kind::Block { body, .. } => body,
                _ => unreachable!("the parameters' scope ends in a block"),
            },
            _ => unreachable!("the parameters' scope ends in a node"),
        }
    }

    /// The locals that a body has declared before statement `index`, in order.
    pub(crate) fn declared_before(&self, body: BodyId, index: usize) -> Vec<LocalId> {
        let body = &self.bodies[body];
        let mut locals = body.binds.clone();
        locals.extend(body.declared[..index].iter().flatten());
        locals
    }

    /// Notes what each statement declares, once all of them are there.
    pub(crate) fn complete(&mut self) {
        let nodes = &self.nodes;
        let declared_by = |stmt: &Stmt| match stmt {
            Stmt::Native(syn::Stmt::Local(local)) => bound_by(&local.pat),
            Stmt::Node(id) => match &nodes[*id].bind {
                Bind::Let(binding) => bound_by(&binding.pat),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        for body in &mut self.bodies {
            body.declared = body.stmts.iter().map(declared_by).collect();
        }
    }

    /// The locals in scope before statement `index` of a body, outermost first.
    pub(crate) fn in_scope(&self, body: BodyId, index: usize) -> Vec<LocalId> {
        let mut locals = match self.bodies[body].owner {
            Some(owner) => self.in_scope(self.nodes[owner].body, self.nodes[owner].index),
            None => Vec::new(),
        };
        locals.extend(self.declared_before(body, index));
        locals
    }

    /// The nodes around a node, innermost first.
    pub(crate) fn around(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let outer = |id: &NodeId| self.bodies[self.nodes[*id].body].owner;
        std::iter::successors(outer(&id), outer)
    }

    /// Whether a body is a part of a node, or of one within.
    pub(crate) fn is_within(&self, body: BodyId, id: NodeId) -> bool {
        let owner = self.bodies[body].owner;
        owner.is_some_and(|owner| owner == id || self.around(owner).any(|node| node == id))
    }

    /// The groups that a state is in, outermost first.
    pub(crate) fn groups_at(&self, at: At) -> Vec<GroupId> {
        crate::carried::groups_at(self, &self.groups, at)
    }

    /// Whether a group ends with a node.
    pub(crate) fn ends_group(&self, id: NodeId) -> bool {
        let node = &self.nodes[id];
        let mut groups = self.groups.iter();
        groups.any(|group| group.body == node.body && group.last == Some(node.index))
    }

    /// Whether nothing follows a node in its body: its value, if any, is the body's.
    pub(crate) fn is_last(&self, id: NodeId) -> bool {
        let node = &self.nodes[id];
        let last = node.index + 1 == self.bodies[node.body].stmts.len();
        last && !matches!(node.bind, Bind::Let(_))
    }

    /// Whether a node is split into states, rather than emitted as the native code it was.
    pub(crate) fn is_split(&self, id: NodeId) -> bool {
        self.nodes[id].suspends || self.nodes[id].promoted
    }
}

impl Body {
    /// Whether native code at its end plainly goes nowhere.
    pub(crate) fn is_left(&self) -> bool {
        match self.stmts.last() {
            Some(Stmt::Native(last)) => leaves(last),
            Some(Stmt::Tail(value)) => leaves_by(value),
            _ => false,
        }
    }
}

impl Kind {
    pub(crate) fn bodies(&self) -> Vec<BodyId> {
        match self {
            Kind::Point(_) => Vec::new(),
            Kind::Block { body, .. } | Kind::Loop { body } => vec![*body],
            Kind::If { then, other, .. } => std::iter::once(*then).chain(*other).collect(),
            Kind::Match { arms, .. } => arms.iter().map(|arm| arm.body).collect(),
        }
    }
}

impl Bind {
    pub(crate) fn discards(&self) -> bool {
        matches!(self, Bind::Statement)
    }
}

/// The locals a pattern binds, in order.
pub(crate) fn bound_by(pat: &Pat) -> Vec<LocalId> {
    struct Bound(Vec<LocalId>);
    impl<'ast> syn::visit::Visit<'ast> for Bound {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            if let Some(id) = crate::locals::local_id(&ident.ident)
                && !self.0.contains(&id)
            {
                self.0.push(id);
            }
            syn::visit::visit_pat_ident(self, ident);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut bound = Bound(Vec::new());
    syn::visit::Visit::visit_pat(&mut bound, pat);
    bound.0
}
