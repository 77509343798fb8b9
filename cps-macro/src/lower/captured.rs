//! Closures that a callee is handed: what they borrow from the frame.

use super::Lower;
use super::operands::Comparison;
use crate::locals::{LocalId, Visible, as_local, mentioned};
use crate::messages;
use crate::tree::bound_by;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure};

impl Lower<'_> {
    /// The locals of the frame that a closure borrows from: those that it mentions, unless it takes them
    /// along. A shared reference is copied, and what it refers to is not in the frame.
    pub(super) fn captured(&self, closure: &ExprClosure) -> Vec<LocalId> {
        let mut found = Vec::new();
        if closure.capture.is_none() {
            mentioned(closure.body.to_token_stream(), &mut found);
        }
        let own = Own::of(closure).0;
        let shared = |id: &LocalId| {
            let local = self.locals.get(*id);
            local.visible == Visible::Shared && local.rebuild.is_none()
        };
        found.retain(|id| !own.contains(id) && !shared(id));
        found.into_iter().flat_map(|id| self.behind(id)).collect()
    }

    /// In the frame everything is mutable; the author's word counts.
    pub(super) fn check_assigned(&mut self, closure: &ExprClosure) {
        let mut assigned = Assigned(Vec::new());
        assigned.visit_expr(&closure.body);
        let own = Own::of(closure).0;
        for place in assigned.0 {
            let Some(local) = as_local(place).filter(|id| !own.contains(id)) else {
                continue;
            };
            let local = self.locals.get(local);
            if !local.mutable && !local.synthetic {
                let name = local.name.to_string();
                self.diagnostics
                    .error(place, messages::NOT_MUTABLE, &[&name]);
            }
        }
    }
}

/// The locals that a closure declares itself.
struct Own(Vec<LocalId>);

impl Own {
    fn of(closure: &ExprClosure) -> Own {
        let mut own = Own(Vec::new());
        own.visit_expr_closure(closure);
        own
    }
}

impl Visit<'_> for Own {
    fn visit_pat(&mut self, pat: &syn::Pat) {
        self.0.extend(bound_by(pat));
        visit::visit_pat(self, pat);
    }
}

/// The left sides of assignments.
struct Assigned<'e>(Vec<&'e Expr>);

impl<'e> Visit<'e> for Assigned<'e> {
    fn visit_expr_assign(&mut self, assign: &'e syn::ExprAssign) {
        self.0.push(&assign.left);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'e syn::ExprBinary) {
        if binary.op.assigns() {
            self.0.push(&binary.left);
        }
        visit::visit_expr_binary(self, binary);
    }
}
