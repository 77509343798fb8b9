//! Fields of patterns that are there in some configurations only: `Packet { #[cfg(unix)] owner, .. }`.
//!
//! Which configuration it is, is not known here, so the frame holds what they bind in any. Where the field is not there, `()` stands in
//! its place.

pub(crate) mod statements;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, FieldPat, Pat, Stmt};

/// Declares what patterns might not bind, behind each of them.
pub(crate) fn stand_in(unpack: &mut Vec<Stmt>, block: &mut Block) {
    declare_behind(unpack);
    StandIns.visit_block_mut(block);
}

struct StandIns;

impl VisitMut for StandIns {
    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        declare_behind(&mut block.stmts);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        match expr {
            Expr::If(branch) => declare_in(&mut branch.then_branch, of_condition(&branch.cond)),
            Expr::While(looped) => declare_in(&mut looped.body, of_condition(&looped.cond)),
            Expr::ForLoop(looped) => declare_in(&mut looped.body, of_pattern(&looped.pat)),
            _ => {}
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        visit_mut::visit_arm_mut(self, arm);
        let declared = of_pattern(&arm.pat);
        if !declared.is_empty() {
            let body = &arm.body;
            let mut block: Block = syn::parse_quote!({ #body });
            declare_in(&mut block, declared);
            *arm.body = syn::parse_quote!(#block);
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// Whether this is what was declared here: not a `let` to the passes, which know the local by its pattern.
pub(crate) fn is_stand_in(local: &syn::Local) -> bool {
    let [cfg, allow] = &local.attrs[..] else {
        return false;
    };
    let unit =
        |init: &syn::LocalInit| matches!(&*init.expr, Expr::Tuple(unit) if unit.elems.is_empty());
    cfg.path().is_ident("cfg")
        && allow.path().is_ident("allow")
        && local.init.as_ref().is_some_and(unit)
}

fn declare_behind(stmts: &mut Vec<Stmt>) {
    let declared = |stmt: &Stmt| match stmt {
        Stmt::Local(local) => of_pattern(&local.pat),
        _ => Vec::new(),
    };
    if stmts.iter().all(|stmt| declared(stmt).is_empty()) {
        return;
    }
    let with = |stmt: Stmt| {
        let declared = declared(&stmt);
        std::iter::once(stmt).chain(declared)
    };
    *stmts = std::mem::take(stmts).into_iter().flat_map(with).collect();
}

fn declare_in(block: &mut Block, declared: Vec<Stmt>) {
    block.stmts.splice(..0, declared);
}

fn of_condition(cond: &Expr) -> Vec<Stmt> {
    struct Lets(Vec<Stmt>);
    impl Visit<'_> for Lets {
        fn visit_expr_let(&mut self, cond: &syn::ExprLet) {
            self.0.extend(of_pattern(&cond.pat));
        }
        fn visit_block(&mut self, _: &Block) {}
        fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}
    }
    let mut lets = Lets(Vec::new());
    lets.visit_expr(cond);
    lets.0
}

fn of_pattern(pat: &Pat) -> Vec<Stmt> {
    struct Fields(Vec<Stmt>);
    impl Visit<'_> for Fields {
        fn visit_field_pat(&mut self, field: &FieldPat) {
            let conditions: Vec<TokenStream> = field.attrs.iter().filter_map(condition).collect();
            let bound = match conditions.is_empty() {
                true => Vec::new(),
                false => bound_in(&field.pat),
            };
            let declared = bound.into_iter().map(|name| -> Stmt {
                syn::parse_quote! {
                    #[cfg(not(all(#(#conditions),*)))]
                    #[allow(unused_variables)]
                    let #name = ();
                }
            });
            self.0.extend(declared);
            visit::visit_field_pat(self, field);
        }
    }
    let mut fields = Fields(Vec::new());
    fields.visit_pat(pat);
    fields.0
}

/// The attributes that stand before an expression. Before an assignment or an operator they are its left side's.
pub(crate) fn attributes(expr: &Expr) -> &[Attribute] {
    match expr {
        Expr::Assign(assign) => attributes(&assign.left),
        Expr::Binary(binary) => attributes(&binary.left),
        Expr::Await(expr) => &expr.attrs,
        Expr::Block(expr) => &expr.attrs,
        Expr::Break(expr) => &expr.attrs,
        Expr::Call(expr) => &expr.attrs,
        Expr::Continue(expr) => &expr.attrs,
        Expr::Field(expr) => &expr.attrs,
        Expr::ForLoop(expr) => &expr.attrs,
        Expr::If(expr) => &expr.attrs,
        Expr::Index(expr) => &expr.attrs,
        Expr::Loop(expr) => &expr.attrs,
        Expr::Macro(expr) => &expr.attrs,
        Expr::Match(expr) => &expr.attrs,
        Expr::MethodCall(expr) => &expr.attrs,
        Expr::Paren(expr) => &expr.attrs,
        Expr::Path(expr) => &expr.attrs,
        Expr::Return(expr) => &expr.attrs,
        Expr::Struct(expr) => &expr.attrs,
        Expr::Try(expr) => &expr.attrs,
        Expr::Tuple(expr) => &expr.attrs,
        Expr::Unary(expr) => &expr.attrs,
        Expr::Unsafe(expr) => &expr.attrs,
        Expr::While(expr) => &expr.attrs,
        _ => &[],
    }
}

pub(crate) fn condition(attr: &Attribute) -> Option<TokenStream> {
    let list = attr.meta.require_list().ok()?;
    list.path.is_ident("cfg").then(|| list.tokens.clone())
}

fn bound_in(pat: &Pat) -> Vec<TokenStream> {
    struct Names(Vec<TokenStream>);
    impl Visit<'_> for Names {
        fn visit_pat_ident(&mut self, ident: &syn::PatIdent) {
            if crate::locals::local_id(&ident.ident).is_some() {
                self.0.push(ident.ident.to_token_stream());
            }
            visit::visit_pat_ident(self, ident);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pat);
    names.0
}
