//! Control flow: which ways native code takes, and what is left of locals where they meet.

use super::Walk;
use super::joins::{Way, end};
use crate::fates::{Flow, meet};
use syn::{BinOp, Expr, Lifetime};

impl Walk<'_> {
    pub(super) fn control(&mut self, expr: &Expr) {
        match expr {
            Expr::Block(block) => {
                self.block(&block.block);
                if let Some(label) = &block.label {
                    let broken = self.jumps.remove(&label.name.ident.to_string()).flatten();
                    meet(&mut self.flow, broken);
                }
            }
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::If(branch) => {
                let mut missed = None;
                self.cond(&branch.cond, &mut missed);
                self.block(&branch.then_branch);
                let taken = std::mem::replace(&mut self.flow, missed);
                let mut otherwise = Way::Missed;
                if let Some((_, other)) = &branch.else_branch {
                    self.value(other);
                    otherwise = Way::Else;
                }
                let missed = self.flow.take();
                self.join([
                    (end(Way::Then, branch), taken),
                    (end(otherwise, branch), missed),
                ]);
            }
            Expr::Match(matched) => {
                self.matched(&matched.expr, std::iter::empty());
                let before = self.flow.take();
                let mut ways = Vec::new();
                for arm in &matched.arms {
                    self.flow = before.clone();
                    self.matched_arm(&matched.expr, &arm.pat);
                    self.value(&arm.body);
                    ways.push((end(Way::Arm, arm), self.flow.take()));
                }
                self.join_all(ways);
            }
            Expr::Let(cond) => self.matched(&cond.expr, std::iter::once(&*cond.pat)),
            Expr::Loop(looped) => self.native_loop(looped.label.as_ref(), false, |walk| {
                walk.block(&looped.body)
            }),
            Expr::While(looped) => self.native_loop(looped.label.as_ref(), false, |walk| {
                let mut missed = None;
                walk.cond(&looped.cond, &mut missed);
                walk.block(&looped.body);
                meet(walk.loops.last_mut().expect("a loop"), missed);
            }),
            Expr::ForLoop(looped) => {
                self.value(&looped.expr);
                self.native_loop(looped.label.as_ref(), true, |walk| walk.block(&looped.body));
            }
            Expr::Return(returned) => {
                self.values(returned.expr.as_deref().map(crate::jumps::returned));
                self.flow = None;
            }
            Expr::Break(jump) => {
                self.values(jump.expr.as_deref());
                self.jump(jump.label.as_ref());
            }
            Expr::Continue(_) => self.flow = None,
            Expr::Lit(_) => self.opaque(expr),
            Expr::Path(_) => {}
            other => {
                self.certainly_taken(other);
                self.opaque(other);
            }
        }
    }

    fn jump(&mut self, label: Option<&Lifetime>) {
        let flow = self.flow.take();
        match (label, self.loops.last_mut()) {
            (Some(label), _) => meet(self.jumps.entry(label.ident.to_string()).or_default(), flow),
            (None, Some(innermost)) => meet(innermost, flow),
            (None, None) => {}
        }
    }

    /// Repeats the body until a further turn would begin with no other fates than the last.
    fn native_loop(
        &mut self,
        label: Option<&syn::Label>,
        may_skip: bool,
        body: impl Fn(&mut Self),
    ) {
        let entered = self.flow.clone();
        loop {
            let top = self.flow.clone();
            self.loops.push(None);
            body(self);
            let mut left = self.loops.pop().expect("this loop");
            let mut again = entered.clone();
            meet(&mut again, self.flow.take());
            if let Some(label) = label {
                meet(
                    &mut left,
                    self.jumps.remove(&label.name.ident.to_string()).flatten(),
                );
            }
            if may_skip {
                meet(&mut left, again.clone());
            }
            if again == top {
                self.flow = left;
                return;
            }
            self.flow = again;
        }
    }

    /// Evaluates a condition; `missed` collects the fates with which it is false.
    pub(crate) fn cond(&mut self, cond: &Expr, missed: &mut Flow) {
        match cond {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                self.cond(&binary.left, missed);
                self.cond(&binary.right, missed);
            }
            Expr::Let(matched) => {
                self.matched(&matched.expr, std::iter::empty());
                meet(missed, self.flow.clone());
                self.matched_arm(&matched.expr, &matched.pat);
            }
            cond => {
                self.value(cond);
                meet(missed, self.flow.clone());
            }
        }
    }
}
