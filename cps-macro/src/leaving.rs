//! Code behind which nothing goes on, by its looks.
//!
//! A function that never returns does not show it, but for those that end the process; nor does a macro, but
//! for std's that panic. Those names are believed where they are the last of a block: what is behind the
//! block is then not emitted for that way, so the compiler is told that it cannot be come to.

use crate::hygiene::word;
use crate::root::Root;
use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprMacro, Macro, Stmt, parse_quote_spanned};

/// Whether nothing goes on behind the last statement of a block.
pub(crate) fn leaves(last: &Stmt) -> bool {
    match last {
        Stmt::Expr(expr, _) => leaves_by(expr),
        Stmt::Macro(mac) => panics(&mac.mac),
        _ => false,
    }
}

/// The same of the value of a block.
pub(crate) fn leaves_by(value: &Expr) -> bool {
    let last = |block: &syn::Block| block.stmts.last().is_some_and(leaves);
    match value {
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => true,
        Expr::Block(block) => block.label.is_none() && last(&block.block),
        Expr::Unsafe(block) => last(&block.block),
        Expr::If(branch) => {
            let mut other = branch.else_branch.iter();
            last(&branch.then_branch) && other.any(|(_, other)| leaves_by(other))
        }
        Expr::Match(matched) => {
            let mut arms = matched.arms.iter();
            !matched.arms.is_empty() && arms.all(|arm| leaves_by(&arm.body))
        }
        Expr::Macro(mac) => panics(&mac.mac),
        Expr::Call(call) => ends_process(call),
        _ => false,
    }
}

/// Whether it is only by a name that nothing goes on behind code that leaves.
pub(crate) fn is_believed(last: &Stmt) -> bool {
    struct Names(bool);
    impl<'ast> Visit<'ast> for Names {
        fn visit_macro(&mut self, mac: &'ast Macro) {
            self.0 |= panics(mac);
        }
        fn visit_expr_call(&mut self, call: &'ast ExprCall) {
            self.0 |= ends_process(call);
            visit::visit_expr_call(self, call);
        }
    }
    let mut names = Names(false);
    names.visit_stmt(last);
    names.0
}

/// That code, where the compiler refuses it if something does go on behind it.
pub(crate) fn diverging(last: Stmt, root: &Root) -> Stmt {
    let value = match last {
        Stmt::Expr(expr, _) => expr,
        Stmt::Macro(mac) => Expr::Macro(ExprMacro {
            attrs: mac.attrs,
            mac: mac.mac,
        }),
        last => return last,
    };
    let (never, at) = (word("never"), Span::mixed_site());
    let diverging = parse_quote_spanned! {at=> {
        let #never: #root::expansion::MustDiverge = #value;
        match #never {}
    }};
    Stmt::Expr(diverging, None)
}

fn panics(mac: &Macro) -> bool {
    let name = mac.path.segments.last();
    name.is_some_and(|name| crate::effects::is_said_to_diverge(&name.ident))
}

/// `std::process::exit`, and `abort`.
fn ends_process(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else {
        return false;
    };
    let mut names = path.path.segments.iter().rev().map(|part| &part.ident);
    let (name, of) = (names.next(), names.next());
    let ends = name.is_some_and(|name| name == "exit" || name == "abort");
    ends && of.is_some_and(|of| of == "process")
}
