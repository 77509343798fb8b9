//! Statements that are there in some configurations only: `#[cfg(unix)] drop(guard);`.
//!
//! Which configuration it is, is not known here, and the passes follow each statement that they see. One that takes a
//! local, or leaves, and a block's value become a branch that is taken where the statement is there: `if cfg!(unix) { .. }`.
//! Both branches are compiled, so that the types of what they hold are known; the one that is not taken cannot be come out of,
//! so that it decides nothing else. All other statements are left to the compiler as they are.

use super::{attributes, condition};
use crate::effects::Walk;
use crate::fates::{Fate, Fates};
use crate::locals::{LocalId, Locals};
use crate::lower::FindPoint;
use crate::mentions::Mentions;
use crate::messages;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::BTreeMap;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Block, Expr, Local, Pat, Stmt, parse_quote, parse_quote_spanned};

/// Makes branches of what may not be there.
pub(crate) fn branch(locals: &mut Locals, block: &mut Block) {
    Branches { locals }.visit_block_mut(block);
}

struct Branches<'a> {
    locals: &'a mut Locals,
}

impl VisitMut for Branches<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        visit_mut::visit_block_mut(self, block);
        let tail = tail(&block.stmts);
        let last = block.stmts.split_off(tail);
        let refusals = self.refusals(&block.stmts);
        for (at, stmt) in std::mem::take(&mut block.stmts).into_iter().enumerate() {
            block.stmts.extend(self.stmt(stmt));
            let refused = refusals.iter().filter(|(behind, _)| *behind == at);
            block
                .stmts
                .extend(refused.map(|(_, refusal)| refusal.clone()));
        }
        self.value(&mut block.stmts, last);
    }

    fn visit_expr_repeat_mut(&mut self, repeat: &mut syn::ExprRepeat) {
        self.visit_expr_mut(&mut repeat.expr);
    }

    fn visit_expr_const_mut(&mut self, _: &mut syn::ExprConst) {}

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
}

impl Branches<'_> {
    fn stmt(&mut self, stmt: Stmt) -> Vec<Stmt> {
        let Some(condition) = condition_of(&stmt).filter(|_| self.matters(&stmt)) else {
            return vec![stmt];
        };
        match stmt {
            Stmt::Local(local) => self.local(condition, local),
            stmt => {
                let stmt = there(stmt);
                vec![Stmt::Expr(
                    choice(&condition, &quote!({ #stmt }), &quote!({})),
                    None,
                )]
            }
        }
    }

    /// The value is made in the branch, and taken apart where what it is taken apart to is in scope.
    fn local(&mut self, condition: TokenStream, mut local: Local) -> Vec<Stmt> {
        let at = local.pat.span();
        let taken = self.locals.invent("taken", at);
        let taken = self.locals.own(taken);
        let init = local.init.as_mut().expect("it takes something");
        let name: Expr = parse_quote!(#taken);
        let value = std::mem::replace(&mut *init.expr, name);
        let ty = match &local.pat {
            Pat::Type(typed) => Some(&typed.ty),
            _ => None,
        };
        let ty = ty.map(|ty| quote!(: #ty));
        let made = choice(&condition, &quote!({ #taken = #value; }), &quote!({}));
        vec![
            parse_quote_spanned!(at=> #[cfg(#condition)] let #taken #ty;),
            Stmt::Expr(made, None),
            Stmt::Local(local),
        ]
    }

    /// Ends a block with statements of which the last that is there is its value.
    fn value(&mut self, stmts: &mut Vec<Stmt>, last: Vec<Stmt>) {
        if let [_] = &last[..] {
            return stmts.extend(last.into_iter().flat_map(|stmt| self.stmt(stmt)));
        }
        let end = last.len();
        let mut before = quote!({});
        for (at, stmt) in last.into_iter().enumerate() {
            let condition = condition_of(&stmt).expect("it is under a condition");
            let span = stmt.span();
            let stmt = there(stmt);
            let value = choice(&condition, &quote!({ #stmt }), &before);
            if at + 1 == end {
                stmts.push(Stmt::Expr(value, None));
            } else {
                let name = self.locals.invent("value", span);
                let name = self.locals.own(name);
                stmts.push(parse_quote!(#[allow(unused_assignments)] let #name = #value;));
                before = name.into_token_stream();
            }
        }
    }

    /// Whether it makes a difference to what stands behind a statement if it is there.
    fn matters(&self, stmt: &Stmt) -> bool {
        match self.taken(stmt) {
            Some(taken) => !taken.is_empty(),
            None => !matches!(stmt, Stmt::Local(_)),
        }
    }

    /// The locals that a statement takes and that may need to be dropped; none if what is behind it is not come to.
    fn taken(&self, stmt: &Stmt) -> Option<Vec<LocalId>> {
        let mut held = Fates::default();
        held.apart = true;
        let mut mentioned = Mentions::of(stmt).locals;
        mentioned.iter().for_each(|id| held.set(*id, Fate::Held));
        let mut walk = Walk::new(self.locals, Some(held));
        walk.stmt(stmt);
        let fates = walk.flow?;
        let own = match stmt {
            Stmt::Local(local) => crate::tree::bound_by(&local.pat),
            _ => Vec::new(),
        };
        mentioned.retain(|id| {
            let taken = matches!(fates.of(*id), Fate::Gone | Fate::Maybe);
            taken && !own.contains(id) && !self.locals.get(*id).visible.needs_no_drop()
        });
        Some(mentioned)
    }

    /// What is to stand behind the last of several statements that may take a local. Where none of them is there and
    /// something suspends behind them, that it is still to be dropped is lost.
    fn refusals(&self, stmts: &[Stmt]) -> Vec<(usize, Stmt)> {
        let mut takers: BTreeMap<LocalId, Vec<(usize, TokenStream)>> = BTreeMap::new();
        for (at, stmt) in stmts.iter().enumerate() {
            let Some(condition) = condition_of(stmt) else {
                continue;
            };
            for id in self.taken(stmt).into_iter().flatten() {
                takers.entry(id).or_default().push((at, condition.clone()));
            }
        }
        let refusal = |(id, takers): (LocalId, Vec<(usize, TokenStream)>)| {
            let (last, condition) = takers.last().filter(|_| takers.len() > 1)?;
            let mut suspends = FindPoint::default();
            let later = stmts[last + 1..].iter();
            later.for_each(|stmt| suspends.visit_stmt(stmt));
            let text = messages::TAKEN_UNDER_CFG.text(&[&self.locals.get(id).name.to_string()]);
            let (at, conditions) = (
                condition.span(),
                takers.iter().map(|(_, condition)| condition),
            );
            let refused = parse_quote_spanned! {at=>
                #[cfg(not(any(#(#conditions),*)))]
                ::core::compile_error!(#text);
            };
            suspends.found.then_some((*last, refused))
        };
        takers.into_iter().filter_map(refusal).collect()
    }
}

/// Where what may be the value of a block begins: behind all that is there in any configuration.
fn tail(stmts: &[Stmt]) -> usize {
    let sometimes = |stmt: &&Stmt| {
        matches!(stmt, Stmt::Expr(..) | Stmt::Macro(_)) && condition_of(stmt).is_some()
    };
    let last = stmts.iter().rev().take_while(sometimes);
    let valued = |stmt: &Stmt| matches!(stmt, Stmt::Expr(_, None));
    match last.clone().any(valued) {
        true => stmts.len() - last.count(),
        false => stmts.len(),
    }
}

/// `if cfg!(P) { value } else { other }`, in which only what is there is compiled.
fn choice(condition: &TokenStream, value: &TokenStream, other: &TokenStream) -> Expr {
    let at = Span::mixed_site();
    parse_quote_spanned! {at=>
        if ::core::cfg!(#condition) {
            match () {
                #[cfg(#condition)]
                () => #value,
                #[cfg(not(#condition))]
                () => loop {},
            }
        } else {
            match () {
                #[cfg(#condition)]
                () => loop {},
                #[cfg(not(#condition))]
                () => #other,
            }
        }
    }
}

/// When a statement is there, if that depends.
fn condition_of(stmt: &Stmt) -> Option<TokenStream> {
    let attrs = match stmt {
        Stmt::Local(local) => &local.attrs,
        Stmt::Macro(mac) => &mac.attrs,
        Stmt::Expr(expr, _) => attributes(expr),
        Stmt::Item(_) => return None,
    };
    let mut conditions: Vec<_> = attrs.iter().filter_map(condition).collect();
    match conditions.len() {
        0 | 1 => conditions.pop(),
        _ => Some(quote!(all(#(#conditions),*))),
    }
}

/// A statement where it is there. Before what can be a value no attribute may stand.
fn there(mut stmt: Stmt) -> Stmt {
    let attrs: Option<&mut Vec<Attribute>> = match &mut stmt {
        Stmt::Expr(Expr::Block(expr), _) => Some(&mut expr.attrs),
        Stmt::Expr(Expr::Unsafe(expr), _) => Some(&mut expr.attrs),
        Stmt::Expr(Expr::If(expr), _) => Some(&mut expr.attrs),
        Stmt::Expr(Expr::Match(expr), _) => Some(&mut expr.attrs),
        Stmt::Expr(Expr::Loop(expr), _) => Some(&mut expr.attrs),
        Stmt::Expr(Expr::While(expr), _) => Some(&mut expr.attrs),
        Stmt::Expr(Expr::ForLoop(expr), _) => Some(&mut expr.attrs),
        _ => None,
    };
    attrs.into_iter().for_each(|attrs| {
        attrs.retain(|attr| condition(attr).is_none());
    });
    stmt
}
