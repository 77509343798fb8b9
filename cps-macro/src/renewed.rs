//! Assignments of all of a local by legs that hold it in parts.
//!
//! In `drop(pair.left); coop!(); log(&pair.right); pair = whole;` the leg behind the suspension knows `pair`
//! as what is left of it, which is of another type than what it is assigned. So the value is found out first,
//! and assigned in a state of its own: that needs nothing of what the local held before but its end, which
//! comes where Rust has it, between the two.

use crate::locals::Locals;
use crate::tree::{Bind, BodyId, Kind, Stmt, Tree};
use proc_macro2::Span;
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::{Expr, parse_quote};

/// The statements that are such assignments, each by its body and its number.
pub(crate) type Renewed = BTreeSet<(BodyId, usize)>;

/// Gives each of them its state: it becomes a block of two statements.
pub(crate) fn set_apart(tree: &mut Tree, locals: &mut Locals, renewed: &Renewed) {
    for &(body, index) in renewed {
        let Stmt::Native(syn::Stmt::Expr(Expr::Assign(assign), semi)) =
            &mut tree.bodies[body].stmts[index]
        else {
            unreachable!("it was noted as an assignment")
        };
        let (mut assign, semi, span) = (assign.clone(), *semi, assign.span());
        let value = locals.invent("value", Span::mixed_site().located_at(span));
        let name = locals.own(value);
        let right = std::mem::replace(&mut *assign.right, parse_quote!(#name));

        let (both, found) = (tree.body(Vec::new()), tree.body(Vec::new()));
        tree.bodies[found].stmts.push(Stmt::Tail(right));
        let bound = Bind::of(parse_quote!(#name));
        let first = tree.node(both, bound, block(found), span, false);
        tree.nodes[first].disagrees = true;
        let assign = syn::Stmt::Expr(Expr::Assign(assign), semi);
        tree.bodies[both].stmts.push(Stmt::Native(assign));
        tree.put(body, index, block(both), span);
    }
    tree.complete();
}

fn block(body: BodyId) -> Kind {
    Kind::Block {
        unsafety: false,
        body,
    }
}
