//! Control flow: which ways native code takes, and what is left of locals where they meet.

use super::Walk;
use super::joins::{End, Way, Ways, end};
use crate::fates::{Flow, meet};
use syn::{BinOp, Expr, ExprBreak};

impl Walk<'_> {
    pub(super) fn control(&mut self, expr: &Expr) {
        match expr {
            Expr::Block(block) => {
                self.block(&block.block);
                if let Some(label) = &block.label {
                    let jumps = self.jumps.remove(&label.name.ident.to_string());
                    self.join_jumps(jumps.unwrap_or_default(), end(Way::End, block));
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
            Expr::Loop(looped) => {
                let at = (looped.label.as_ref(), end(Way::End, looped));
                self.native_loop(at, |walk, _| walk.block(&looped.body));
            }
            Expr::While(looped) => {
                let at = (looped.label.as_ref(), end(Way::End, looped));
                self.native_loop(at, |walk, missed| {
                    walk.cond(&looped.cond, missed);
                    walk.block(&looped.body);
                });
            }
            Expr::ForLoop(looped) => {
                self.value(&looped.expr);
                let at = (looped.label.as_ref(), end(Way::End, looped));
                self.native_loop(at, |walk, missed| {
                    meet(missed, walk.flow.clone());
                    walk.block(&looped.body);
                });
            }
            Expr::Return(returned) => {
                self.values(returned.expr.as_deref().map(crate::jumps::returned));
                self.flow = None;
            }
            Expr::Break(jump) => {
                self.values(jump.expr.as_deref());
                self.jump(jump);
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

    fn jump(&mut self, jump: &ExprBreak) {
        let (mut flow, at) = (self.flow.take(), end(Way::Jump, jump));
        match (&jump.label, self.loops.last_mut()) {
            (Some(label), _) => {
                let label = label.ident.to_string();
                if let (Some(joins), Some(fates)) = (&mut self.joins, &mut flow) {
                    joins.leave(at, &label, fates);
                }
                self.jumps.entry(label).or_default().add(at, flow);
            }
            (None, Some(innermost)) => innermost.add(at, flow),
            (None, None) => {}
        }
    }

    /// Repeats a turn, which says with which fates the loop may end where it begins, until a further one
    /// would begin with no other fates than the last.
    fn native_loop(
        &mut self,
        (label, at): (Option<&syn::Label>, End),
        turn: impl Fn(&mut Self, &mut Flow),
    ) {
        let entered = self.flow.clone();
        loop {
            let (top, mut missed) = (self.flow.clone(), None);
            self.loops.push(Ways::default());
            turn(self, &mut missed);
            let mut left = self.loops.pop().expect("this loop");
            let mut again = entered.clone();
            meet(&mut again, self.flow.take());
            if let Some(label) = label {
                let jumps = self.jumps.remove(&label.name.ident.to_string());
                left.join(jumps.unwrap_or_default());
            }
            if again == top {
                self.flow = missed;
                return self.join_jumps(left, at);
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
