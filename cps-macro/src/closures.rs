//! Closures that have nothing to drop, as far as the text tells.
//!
//! A closure without `move` holds references, and takes by value only what its body does. What it took is not
//! there to be kept for its drop any more, and the compiler says so, unless it was assigned anew. So where
//! nothing that it mentions is assigned as a whole, and no other code needs it, a closure need not be kept.

use crate::locals::{LocalId, Locals, Visible, as_local, local_id, mentioned};
use crate::mentions::words_of;
use crate::opened::Opened;
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat};

/// Notes of which locals it is certain that they are such closures.
pub(crate) fn note<'b>(locals: &mut Locals, block: &'b Block, opened: &Opened<'b>) {
    let mut found = Found {
        opened,
        closures: Vec::new(),
        assigned: BTreeSet::new(),
    };
    found.visit_block(block);
    for (id, by_value, captured) in found.closures {
        let dropless = |id: &LocalId| locals.get(*id).visible.needs_no_drop();
        let stays = |id: &LocalId| !by_value && !found.assigned.contains(id);
        if captured.iter().all(|id| dropless(id) || stays(id)) {
            locals.get_mut(id).visible = Visible::Closure;
        }
    }
}

struct Found<'o> {
    opened: &'o Opened<'o>,
    /// Locals that are made closures by their `let`: whether they take what they mention, and that.
    closures: Vec<(LocalId, bool, Vec<LocalId>)>,
    /// Locals that are assigned, or may be.
    assigned: BTreeSet<LocalId>,
}

impl Found<'_> {
    fn assigned(&mut self, code: impl ToTokens) {
        let mut locals = Vec::new();
        mentioned(code.to_token_stream(), &mut locals);
        self.assigned.extend(locals);
    }
}

impl Visit<'_> for Found<'_> {
    fn visit_path(&mut self, _: &syn::Path) {}

    fn visit_type(&mut self, _: &syn::Type) {}

    fn visit_local(&mut self, local: &syn::Local) {
        if let (Pat::Ident(_), Some(init)) = (&local.pat, &local.init)
            && let ([id], Expr::Closure(closure)) =
                (&crate::tree::bound_by(&local.pat)[..], &*init.expr)
        {
            let mut captured = Vec::new();
            mentioned(closure.body.to_token_stream(), &mut captured);
            self.closures
                .push((*id, closure.capture.is_some(), captured));
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_assign(&mut self, assign: &syn::ExprAssign) {
        match (as_local(&assign.left), &*assign.left) {
            (Some(id), _) => self.assigned.extend([id]),
            (None, Expr::Field(_) | Expr::Index(_) | Expr::Unary(_)) => {}
            (None, pattern) => self.assigned(pattern),
        }
        visit::visit_expr_assign(self, assign);
    }

    fn visit_macro(&mut self, mac: &syn::Macro) {
        if let Some(exprs) = self.opened.arguments(mac) {
            exprs.iter().for_each(|expr| Found::visit_expr(self, expr));
        } else {
            // What a format string names it only reads.
            let assigned = |word: &syn::Ident| self.assigned.extend(local_id(word));
            words_of(mac.tokens.clone(), assigned);
        }
    }
}
