//! Lowering of blocks, branches and loops that suspend.
//!
//! `while` and `for` become `loop`s around an `if` or a `match`, as they do in the language itself.

use super::{FindPoint, Lower, inner, suspends};
use crate::jumps::Enclosing;
use crate::locals::{LocalId, Locals, as_local, mentioned};
use crate::syntax;
use crate::tree::{Arm, Bind, BodyId, Kind, Stmt};
use crate::uses::Place;
use crate::visible::is_steady_place;
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{BinOp, Expr, ExprIf, Label, Pat, Token, parse_quote, parse_quote_spanned};

impl Lower<'_> {
    pub(super) fn control(&mut self, expr: Expr, bind: Bind) {
        match expr {
            Expr::Block(block) => {
                let span = block.span();
                self.labelled(bind, block.label, false, block.block, span)
            }
            Expr::Unsafe(block) => {
                let span = block.span();
                self.labelled(bind, None, true, block.block, span)
            }
            Expr::If(branch) => self.branches(branch, bind),
            Expr::Match(matched) => self.matched(matched, bind),
            Expr::Loop(looped) => {
                let body = looped.body;
                self.looped(bind, looped.label, looped.loop_token.span, |this| {
                    let into = this.here;
                    this.block(into, body);
                });
            }
            Expr::While(looped) => {
                self.looped(bind, looped.label, looped.while_token.span, |this| {
                    let span = looped.while_token.span;
                    let other = parse_quote_spanned!(span=> { break; });
                    let turn = ExprIf {
                        attrs: Vec::new(),
                        if_token: Token![if](span),
                        cond: looped.cond,
                        then_branch: looped.body,
                        else_branch: Some((Token![else](span), Box::new(other))),
                    };
                    this.value(Expr::If(turn), Bind::Tail);
                })
            }
            Expr::ForLoop(looped) => self.for_loop(looped, bind),
            _ => unreachable!("only control flow is lowered here"),
        }
    }

    /// What is evaluated before a construct begins needs a scope around it, which ends with it.
    fn around(&mut self, bind: Bind, span: Span, fill: impl FnOnce(&mut Self)) {
        let body = self.tree.body(Vec::new());
        self.inside(body, fill);
        self.node(
            bind,
            Kind::Block {
                unsafety: false,
                body,
            },
            span,
        );
    }

    fn labelled(
        &mut self,
        bind: Bind,
        label: Option<Label>,
        unsafety: bool,
        block: syn::Block,
        span: Span,
    ) {
        let body = self.tree.body(Vec::new());
        let target = label.as_ref().map(|_| self.fresh_target());
        if let Some(label) = label {
            self.enclosing.push(Enclosing {
                label: Some(label.name),
                is_loop: false,
                target,
            });
        }
        let mut suspends = FindPoint::default();
        suspends.visit_block(&block);
        self.block(body, block);
        if target.is_some() {
            self.enclosing.pop();
        }
        let node = self.node(bind, Kind::Block { unsafety, body }, span);
        self.tree.nodes[node].suspends = suspends.found;
        self.tree.nodes[node].target = target;
    }

    fn looped(
        &mut self,
        bind: Bind,
        label: Option<Label>,
        span: Span,
        fill: impl FnOnce(&mut Self),
    ) {
        let body = self.tree.body(Vec::new());
        let target = Some(self.fresh_target());
        self.enclosing.push(Enclosing {
            label: label.map(|label| label.name),
            is_loop: true,
            target,
        });
        self.inside(body, fill);
        self.enclosing.pop();
        let node = self.node(bind, Kind::Loop { body }, span);
        self.tree.nodes[node].target = target;
    }

    fn for_loop(&mut self, looped: syn::ExprForLoop, bind: Bind) {
        let span = looped.for_token.span;
        let (pat, iterated, block) = (*looped.pat, *looped.expr, looped.body);
        let at = Span::mixed_site().located_at(iterated.span());
        if let Some(next) = self.borrowed_for_a_turn(&iterated, &block, at) {
            return self.looped(bind, looped.label, span, |this| {
                this.value(turn(pat, next, block, at), Bind::Tail);
            });
        }
        self.around(bind, span, |this| {
            let iterated = match suspends(&iterated) {
                true => this.operands(iterated),
                false => iterated,
            };
            let iter = this.locals.invent("iter", at);
            let iter = {
                let into = syntax::global(&["core", "iter", "IntoIterator", "into_iter"], at);
                this.keep_as(iter, syntax::call(into, iterated, at));
                this.name(iter)
            };
            let next = next(syntax::borrowed_mutably(iter, at), at);
            this.looped(Bind::Tail, looped.label, span, |this| {
                this.value(turn(pat, next, block, at), Bind::Tail);
            });
        });
    }

    /// What a turn of a `for` asks for the next value, where it need not hold the borrow that it iterates
    /// over: `place.by_ref()`, and `&mut place` of what is still a local's behind a turn.
    fn borrowed_for_a_turn(&self, iterated: &Expr, block: &syn::Block, at: Span) -> Option<Expr> {
        match iterated {
            Expr::MethodCall(call)
                if call.method == "by_ref"
                    && call.args.is_empty()
                    && is_steady_place(&call.receiver, self.locals) =>
            {
                Some(next(iterated.clone(), at))
            }
            Expr::Reference(reference)
                if reference.mutability.is_some()
                    && is_steady_place(&reference.expr, self.locals)
                    && is_held(&reference.expr, block, self.locals) =>
            {
                let path = syntax::ours(self.root, &["expansion", "Iterated", "turn"], at);
                Some(syntax::call(path, iterated.clone(), at))
            }
            _ => None,
        }
    }

    fn branches(&mut self, branch: ExprIf, bind: Bind) {
        let span = branch.if_token.span;
        if suspends(&branch.cond) {
            return match conjuncts(&branch.cond).len() {
                1 => self.around(bind, span, |this| {
                    let mut branch = branch;
                    if let Expr::Let(cond) = &mut *branch.cond {
                        let value = std::mem::replace(&mut *cond.expr, parse_quote!(()));
                        *cond.expr = this.operands(value);
                        this.end_before_else(&mut branch);
                    } else {
                        let cond = std::mem::replace(&mut *branch.cond, parse_quote!(()));
                        *branch.cond = this.operands(cond);
                    }
                    this.value(Expr::If(branch), Bind::Tail);
                }),
                _ => self.chain(branch, bind),
            };
        }
        // What only native control flow knows to be taken could not be left out of the frame.
        let chained = conjuncts(&branch.cond).len() > 1;
        if chained && crate::effects::may_take_part(&branch.cond, self.locals) {
            return self.chain(branch, bind);
        }
        let branch = Expr::If(branch);
        let (whole, differing) = self.survey(&branch);
        let Expr::If(branch) = branch else {
            unreachable!("it was put there")
        };
        let cond = self.native(*branch.cond);
        let then = self.tree.body(bound_in(&cond));
        self.block(then, branch.then_branch);
        let other = branch.else_branch.map(|(_, other)| {
            let body = self.tree.body(Vec::new());
            self.branch(body, *other);
            body
        });
        let node = self
            .tree
            .node(self.here, bind, Kind::If { cond, then, other }, span, whole);
        self.tree.nodes[node].differing = differing;
    }

    /// What a value that does not match has to drop ends before `else` begins. (In edition 2021, behind it:
    /// there that is so only where nothing suspends in the branch that matches.)
    fn end_before_else(&self, branch: &mut ExprIf) {
        let (Expr::Let(cond), Some((_, other))) = (&mut *branch.cond, &mut branch.else_branch)
        else {
            return;
        };
        let kept = as_local(&cond.expr).filter(|id| self.locals.get(*id).synthetic);
        if kept.is_none() || is_break(other) {
            return;
        }
        let (value, root) = (&cond.expr, self.root);
        let mut suspends = FindPoint::default();
        suspends.visit_block(&branch.then_branch);
        match suspends.found {
            true => {
                **other =
                    parse_quote!({ ::core::mem::drop(#root::expansion::Keep::of(#value)); #other })
            }
            false => *cond.expr = parse_quote!({ #value }),
        }
    }

    /// Whether a branching expression suspends, and what its branches treat differently.
    fn survey(&self, expr: &Expr) -> (bool, Vec<Place>) {
        (suspends(expr), crate::effects::differing(expr, self.locals))
    }

    /// `if a && b {..} else {..}` where a later conjunct suspends, or one takes a part of a local: nested
    /// `if`s that break out of a block with the value, and the `else` at the end of that block.
    fn chain(&mut self, branch: ExprIf, bind: Bind) {
        let span = branch.if_token.span;
        let mut suspends = FindPoint::default();
        suspends.visit_expr_if(&branch);
        let body = self.tree.body(Vec::new());
        let target = self.fresh_target();
        self.inside(body, |this| {
            let mut nested: Expr = {
                let (label, then) = (crate::jumps::exit(target, span), branch.then_branch);
                parse_quote_spanned!(span=> { break #label #then })
            };
            for conjunct in conjuncts(&branch.cond).into_iter().rev() {
                nested = parse_quote_spanned!(span=> { if #conjunct #nested });
            }
            this.branch(body, nested);
            if let Some(Stmt::Node(node)) = this.tree.bodies[body].stmts.last() {
                let node = *node;
                this.tree.nodes[node].bind = Bind::Statement;
            }
            if let Some((_, other)) = branch.else_branch {
                this.value(*other, Bind::Tail);
            }
        });
        let node = self.node(
            bind,
            Kind::Block {
                unsafety: false,
                body,
            },
            span,
        );
        self.tree.nodes[node].target = Some(target);
        self.tree.nodes[node].suspends = suspends.found;
    }

    fn matched(&mut self, matched: syn::ExprMatch, bind: Bind) {
        let span = matched.match_token.span;
        if suspends(&matched.expr) {
            return self.around(bind, span, |this| {
                let scrutinee = Box::new(this.operands(*matched.expr));
                this.value(
                    Expr::Match(syn::ExprMatch {
                        expr: scrutinee,
                        ..matched
                    }),
                    Bind::Tail,
                );
            });
        }
        let matched = Expr::Match(matched);
        let (whole, differing) = self.survey(&matched);
        let Expr::Match(matched) = matched else {
            unreachable!("it was put there")
        };
        let scrutinee = self.native(*matched.expr);
        let arms = matched.arms.into_iter().map(|arm| {
            let mut pat = arm.pat;
            if let Pat::Guard(guarded) = &mut pat {
                let guard = std::mem::replace(&mut *guarded.guard, parse_quote!(true));
                *guarded.guard = self.native(guard);
            }
            let body: BodyId = self.tree.body(crate::tree::bound_by(&pat));
            self.branch(body, *arm.body);
            Arm {
                attrs: arm.attrs,
                pat,
                body,
            }
        });
        let arms = arms.collect();
        let node = self.tree.node(
            self.here,
            bind,
            Kind::Match { scrutinee, arms },
            span,
            whole,
        );
        self.tree.nodes[node].differing = differing;
    }
}

/// Whether code does nothing but leave a loop.
fn is_break(code: &Expr) -> bool {
    match code {
        Expr::Block(block) => {
            matches!(&block.block.stmts[..], [syn::Stmt::Expr(only, _)] if is_break(only))
        }
        Expr::Break(jump) => jump.expr.is_none(),
        _ => false,
    }
}

/// Whether the local that a place lies in must be in the frame beside a loop over the place, so that no
/// borrow of it can be: it is no reference, or the loop mentions it.
fn is_held(place: &Expr, block: &syn::Block, locals: &Locals) -> bool {
    let Some(((root, _), _)) = crate::uses::place_of(place) else {
        return false;
    };
    let roots = locals.roots_of(root);
    // To iterate over what a local refers to, one borrows that, `&mut *r`; so this one does not refer to it.
    if as_local(place).is_some() || roots.iter().any(|root| locals.get(*root).owned) {
        return true;
    }
    let mut inside = Vec::new();
    mentioned(block.to_token_stream(), &mut inside);
    let mut inside = inside.into_iter().flat_map(|id| locals.roots_of(id));
    inside.any(|id| roots.contains(&id))
}

/// `Iterator::next(iter)`
fn next(iter: Expr, at: Span) -> Expr {
    let path = syntax::global(&["core", "iter", "Iterator", "next"], at);
    syntax::call(path, iter, at)
}

/// A turn of a `for`: `match next { Some(pat) => block, None => break }`.
fn turn(pat: Pat, next: Expr, block: syn::Block, at: Span) -> Expr {
    let option = |name| syntax::global(&["core", "option", "Option", name], at);
    let body = Expr::Block(syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block,
    });
    let end = Expr::Break(syn::ExprBreak {
        attrs: Vec::new(),
        break_token: Token![break](at),
        label: None,
        expr: None,
    });
    let none = Pat::Path(syn::ExprPath {
        attrs: Vec::new(),
        qself: None,
        path: option("None"),
    });
    let some = syntax::variant(option("Some"), pat, at);
    syntax::matched(next, vec![(some, body), (none, end)], at)
}

/// The locals that the `let`s of a condition bind.
fn bound_in(cond: &Expr) -> Vec<LocalId> {
    conjuncts(cond)
        .into_iter()
        .filter_map(|conjunct| match conjunct {
            Expr::Let(cond) => Some(crate::tree::bound_by(&cond.pat)),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The parts of a condition joined by `&&`, if it has a `let` among them; else the condition itself.
fn conjuncts(cond: &Expr) -> Vec<Expr> {
    fn split(cond: &Expr, parts: &mut Vec<Expr>) {
        match cond {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                split(&binary.left, parts);
                split(&binary.right, parts);
            }
            cond => parts.push(cond.clone()),
        }
    }
    let mut parts = Vec::new();
    split(cond, &mut parts);
    let chained = parts.iter().any(|part| matches!(part, Expr::Let(_)));
    if chained {
        parts
    } else {
        vec![inner(cond.clone())]
    }
}
