//! What closures and `async` blocks capture: of a local all, or the parts by which alone they name it.

use super::Walk;
use crate::fates::Fate;
use crate::locals::local_id;
use crate::mentions::Mentions;
use crate::parts::part;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, LitStr, Macro, Path, Type};

impl Walk<'_> {
    /// A closure or an `async` block takes along what it mentions if it is a `move` one.
    pub(super) fn captures(&mut self, code: &Expr, by_value: bool, body: impl FnOnce(&mut Self)) {
        if !by_value {
            if self.uses.is_some() {
                self.captured(body);
            }
            return Borrowed(self).visit_expr(code);
        }
        self.certainly_taken(code);
        for id in Mentions::of(code).locals {
            self.read(id);
            self.set(id, Fate::Gone);
        }
    }
}

/// Reads what code names that runs later.
struct Borrowed<'w, 'a>(&'w mut Walk<'a>);

impl<'ast> Visit<'ast> for Borrowed<'_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match part(expr) {
            Some((id, path)) => self.0.read_part(id, path),
            None => visit::visit_expr(self, expr),
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let id = path.get_ident().and_then(local_id);
        id.into_iter().for_each(|id| self.0.read(id));
    }

    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.0.opaque(&text.to_token_stream());
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        if let Some(arguments) = self.0.arguments_of(mac) {
            let arguments = arguments.args.iter();
            arguments.for_each(|argument| self.visit_expr(&argument.expr));
        } else if let Some(matched) = self.0.match_of(mac) {
            self.visit_expr(&matched);
        } else {
            self.0.opaque(&mac.tokens);
        }
    }
}
