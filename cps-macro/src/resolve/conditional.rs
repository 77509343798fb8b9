//! Locals that are there in some configurations only: `#[cfg(unix)] let owner = ..;`.
//!
//! Which configuration it is, is not known here. Those of one name in one block are one local: at most one of them may be
//! there, which is left to the compiler to say where a suspension behind them would hold one and lose the other. Where none
//! is there, `()` stands in, unless the name then means a local outside.

use super::Resolver;
use crate::cfgs::condition;
use crate::locals::{LocalId, Visible};
use crate::messages;
use proc_macro2::TokenStream;
use quote::ToTokens;
use std::collections::HashMap;
use syn::{Local, Stmt, parse_quote, parse_quote_spanned};

/// What is known of the locals of conditional `let`s.
#[derive(Default)]
pub(super) struct Conditional(HashMap<LocalId, Known>);

struct Known {
    name: String,
    /// When each of its `let`s is there.
    conditions: Vec<TokenStream>,
    /// There is a local outside of this name.
    outside: bool,
}

impl Resolver<'_> {
    /// Declares what a `let` binds.
    pub(super) fn declared_by(&mut self, local: &mut Local, visible: Visible) -> Vec<LocalId> {
        let refutable = local
            .init
            .as_ref()
            .is_some_and(|init| init.diverge.is_some());
        let Some(condition) = condition_of(local) else {
            return self.declare_again(&mut local.pat, visible, refutable, HashMap::new());
        };
        let names = |scope: &HashMap<String, _>| scope.keys().cloned().collect::<Vec<_>>();
        let outside: Vec<String> = self.scopes.iter().flat_map(names).collect();
        // One whose value comes from the other is there beside it.
        let mut same = self.conditional_here();
        let mut mentioned = Vec::new();
        let init = local.init.as_ref().map(|init| &init.expr);
        crate::locals::mentioned(init.to_token_stream(), &mut mentioned);
        same.retain(|_, id| !mentioned.contains(id));
        let bound = self.declare_again(&mut local.pat, visible, refutable, same);
        for id in &bound {
            let name = self.locals.get(*id).name.to_string();
            let known = self.conditional.0.entry(*id).or_insert_with(|| Known {
                outside: outside.contains(&name),
                conditions: Vec::new(),
                name,
            });
            known.conditions.push(condition.clone());
        }
        bound
    }

    /// The locals of conditional `let`s that their names mean in this block.
    fn conditional_here(&self) -> HashMap<String, LocalId> {
        let scope = self.scopes.last().expect("a scope");
        let last = scope
            .iter()
            .filter_map(|(name, ids)| Some((name, ids.last()?.1)));
        last.filter(|(_, id)| self.conditional.0.contains_key(id))
            .map(|(name, id)| (name.clone(), id))
            .collect()
    }

    /// What stands behind a conditional `let`: what holds in the configurations in which it is not there, and in those in
    /// which another one is there, too. `later` are the statements behind it.
    pub(super) fn stand_ins(&self, stmt: &Stmt, later: &[Stmt]) -> Vec<Stmt> {
        let Stmt::Local(local) = stmt else {
            return Vec::new();
        };
        if condition_of(local).is_none() {
            return Vec::new();
        }
        let bound = crate::tree::bound_by(&local.pat).into_iter();
        bound.flat_map(|id| self.stand_ins_of(id, later)).collect()
    }

    fn stand_ins_of(&self, id: LocalId, later: &[Stmt]) -> Vec<Stmt> {
        let known = &self.conditional.0[&id];
        let Some((this, others)) = known.conditions.split_last() else {
            return Vec::new();
        };
        let at = self.locals.get(id).name.span();
        let text = messages::TWO_UNDER_CFG.text(&[&known.name]);
        let both = others.iter().map(|other| -> Stmt {
            parse_quote_spanned!(at=> #[cfg(all(#this, #other))] ::core::compile_error!(#text);)
        });
        let again = later.iter().any(|stmt| declares(stmt, &known.name));
        let absent = (!known.outside && !again).then(|| -> Stmt {
            let (own, conditions) = (self.locals.own(id), &known.conditions);
            parse_quote! {
                #[cfg(not(any(#(#conditions),*)))]
                #[allow(unused_variables)]
                let #own = ();
            }
        });
        both.chain(absent).collect()
    }
}

/// When a `let` is there, if that depends.
fn condition_of(local: &Local) -> Option<TokenStream> {
    let conditions: Vec<TokenStream> = local.attrs.iter().filter_map(condition).collect();
    (!conditions.is_empty()).then(|| quote::quote!(all(#(#conditions),*)))
}

/// Whether a statement is a conditional `let` of a name that it binds by itself.
fn declares(stmt: &Stmt, name: &str) -> bool {
    struct Names<'n>(&'n str, bool);
    impl syn::visit::Visit<'_> for Names<'_> {
        fn visit_pat_ident(&mut self, ident: &syn::PatIdent) {
            self.1 |= ident.ident == self.0;
            syn::visit::visit_pat_ident(self, ident);
        }
    }
    let mut names = Names(name, false);
    if let Stmt::Local(local) = stmt
        && condition_of(local).is_some()
    {
        syn::visit::Visit::visit_pat(&mut names, &local.pat);
    }
    names.1
}
