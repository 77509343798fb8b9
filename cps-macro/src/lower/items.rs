//! Items inside the body, where they stand so that every state finds them.
//!
//! The items of the function's own block, and those of an inner one whose names mean nothing else anywhere in
//! the function, stand before the frame: there is one of each, whatever states there are. Others would be
//! found where the author did not mean them. If they are such that one may be as good as another, each state
//! that enters their block has its own; a type, a static or an implementation must be one, so those are
//! refused.

use super::Lower;
use crate::messages;
use crate::tree::BodyId;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashMap;
use syn::{Item, Stmt, UseTree};

/// How often each word stands in some code.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Words(HashMap<String, usize>);

impl Words {
    pub(super) fn of(code: TokenStream) -> Words {
        fn count(code: TokenStream, words: &mut Words) {
            for token in code {
                match token {
                    TokenTree::Ident(word) => *words.0.entry(word.to_string()).or_default() += 1,
                    TokenTree::Group(group) => count(group.stream(), words),
                    _ => {}
                }
            }
        }
        let mut words = Words::default();
        count(code, &mut words);
        words
    }

    fn count(&self, word: &Ident) -> usize {
        self.0.get(&word.to_string()).copied().unwrap_or_default()
    }
}

impl Lower<'_> {
    /// Takes the items out of the block that becomes `body`.
    pub(super) fn items(&mut self, body: BodyId, block: &mut syn::Block) {
        if !block.stmts.iter().any(|stmt| matches!(stmt, Stmt::Item(_))) {
            return;
        }
        let inside = Words::of(block.to_token_stream());
        let (items, stmts) = std::mem::take(&mut block.stmts)
            .into_iter()
            .partition(|stmt| matches!(stmt, Stmt::Item(_)));
        block.stmts = stmts;
        let items: Vec<Stmt> = items;
        let mut names = Vec::new();
        let mut open = false;
        for stmt in &items {
            let Stmt::Item(item) = stmt else { continue };
            open |= named(item, &mut names);
        }
        let alone = |name: &&Ident| inside.count(name) == self.words.count(name);
        match names.iter().find(|name| !alone(name)) {
            None if !open || inside == *self.words => self.tree.items.extend(items),
            clash => {
                let single = items.iter().find(|stmt| !may_be_many(stmt));
                match (clash, single) {
                    (_, None) => self.tree.bodies[body].items = items,
                    (None, _) => self.tree.items.extend(items),
                    (Some(name), _) => {
                        let words = [name.to_string()];
                        let words = words.each_ref().map(|word| &**word);
                        self.diagnostics
                            .error(name, messages::ITEM_IN_BLOCK, &words);
                    }
                }
            }
        }
    }
}

/// Adds the names that an item makes known; whether there may be others that it does not tell.
fn named(item: &Item, names: &mut Vec<Ident>) -> bool {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Mod(item) => &item.ident,
        Item::Macro(item) => match &item.ident {
            Some(name) => name,
            None => return true,
        },
        Item::Use(item) => return imported(&item.tree, None, names),
        _ => return false,
    };
    names.push(name.clone());
    false
}

fn imported(tree: &UseTree, within: Option<&Ident>, names: &mut Vec<Ident>) -> bool {
    match tree {
        UseTree::Path(path) => imported(&path.tree, Some(&path.ident), names),
        UseTree::Name(name) => {
            let itself = within.filter(|_| name.ident == "self");
            names.push(itself.unwrap_or(&name.ident).clone());
            false
        }
        UseTree::Rename(rename) => {
            names.push(rename.rename.clone());
            false
        }
        UseTree::Glob(_) => true,
        UseTree::Group(group) => group
            .items
            .iter()
            .fold(false, |open, tree| imported(tree, within, names) | open),
    }
}

/// Whether it makes no difference that there is more than one of an item.
fn may_be_many(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Item(Item::Macro(item)) => item.ident.is_some(),
        Stmt::Item(item) => matches!(
            item,
            Item::Const(_) | Item::Fn(_) | Item::Type(_) | Item::Use(_)
        ),
        _ => false,
    }
}
