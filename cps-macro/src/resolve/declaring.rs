//! Locals that a macro of the author's may declare.
//!
//! What such a macro expands to is not seen here. A name that it is handed, that means nothing where it
//! stands and is used behind it, is what it declares, or an item. If the function can be suspended in
//! between, the name is bound once more right behind the macro, `let mut name = name;`, and that is a local
//! like any other.
//!
//! In the words of another macro a name may also be no use of it (`count = 1`). There it counts if the first
//! macro was handed it as what is declared looks.

use super::Resolver;
use crate::arguments::{Arguments, as_match};
use crate::locals::{LocalId, Visible};
use crate::lower::FindPoint;
use crate::points::PointMacro;
use proc_macro2::{Ident, TokenStream, TokenTree};
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Item, Stmt, parse_quote_spanned};

/// Macros whose statements are items.
const ITEMS: [&str; 3] = ["thread_local", "lazy_static", "bitflags"];

/// The names that macros were handed, as the locals that they are if they are used.
#[derive(Default)]
pub(super) struct Promises(HashMap<LocalId, Promise>);

struct Promise {
    by: String,
    looks: Looks,
    used: bool,
}

/// What a name among the words of a macro looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    /// `name = ..`
    Assigned,
    /// Between commas.
    Alone,
    Other,
}

impl Promises {
    /// Notes that code names a local.
    pub(super) fn use_of(&mut self, id: LocalId) {
        if let Some(promise) = self.0.get_mut(&id) {
            promise.used = true;
        }
    }

    /// Whether a word of a macro names a local, which holds of every local that is none of these.
    pub(super) fn is_named(&mut self, id: LocalId, by: &str, next: Option<&TokenTree>) -> bool {
        let Some(promise) = self.0.get_mut(&id) else {
            return true;
        };
        let key = matches!(next, Some(TokenTree::Punct(mark)) if "=:!".contains(mark.as_char()));
        promise.used |= !key
            && match promise.looks {
                Looks::Assigned => true,
                Looks::Alone => promise.by != by,
                Looks::Other => false,
            };
        promise.used
    }
}

impl Resolver<'_> {
    pub(super) fn visit_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        let (mut promised, mut new) = (Vec::new(), Vec::new());
        for at in 0..stmts.len() {
            let (now, later) = stmts.split_at_mut(at + 1);
            let stmt = &mut now[at];
            as_item(stmt);
            let handed = match stmt {
                Stmt::Macro(mac) if is_opaque(&mac.mac) && later.iter().any(suspends) => {
                    self.handed(&mac.mac)
                }
                _ => Vec::new(),
            };
            self.visit_stmt_mut(stmt);
            if !later.iter().any(suspends) {
                continue;
            }
            if let Stmt::Local(local) = stmt {
                let before = self.before(local).into_iter();
                new.extend(before.map(|before| (at, before)));
            }
            for (name, by, looks) in handed {
                let id = self.locals.declare(&name, true, Visible::Unknown);
                self.enter(name.unraw().to_string(), id);
                let used = false;
                self.promises.0.insert(id, Promise { by, looks, used });
                promised.push((at, name, id));
            }
        }
        for (at, name, id) in promised {
            if self.promises.0[&id].used {
                let own = self.locals.own(id);
                let again =
                    parse_quote_spanned!(name.span()=> #[allow(unused_mut)] let mut #own = #name;);
                new.push((at + 1, again));
            }
        }
        // Those of one place stay in their order.
        new.sort_by_key(|(at, _)| *at);
        for (at, stmt) in new.into_iter().rev() {
            stmts.insert(at, stmt);
        }
    }

    /// The names that a macro is handed and that mean nothing yet, each once.
    fn handed(&self, mac: &syn::Macro) -> Vec<(Ident, String, Looks)> {
        let by = name_of(mac);
        let mut words = Vec::new();
        names(mac.tokens.clone(), &mut words);
        let mut handed: Vec<(Ident, String, Looks)> = Vec::new();
        for (name, looks) in words {
            let new = !handed.iter().any(|(other, ..)| *other == name);
            if new && self.lookup(&name).is_none() {
                handed.push((name, by.clone(), looks));
            }
        }
        handed
    }
}

/// What a macro is called.
pub(super) fn name_of(mac: &syn::Macro) -> String {
    let last = mac.path.segments.last();
    last.map(|last| last.ident.to_string()).unwrap_or_default()
}

/// A statement that is an item, taken for one.
fn as_item(stmt: &mut Stmt) {
    if let Stmt::Macro(mac) = stmt
        && ITEMS.contains(&&*name_of(&mac.mac))
    {
        let (attrs, mac, semi_token) = (mac.attrs.clone(), mac.mac.clone(), mac.semi_token);
        let item = syn::ItemMacro {
            attrs,
            ident: None,
            mac,
            semi_token,
        };
        *stmt = Stmt::Item(Item::Macro(item));
    }
}

/// Whether nothing is known of a macro.
pub(crate) fn is_opaque(mac: &syn::Macro) -> bool {
    PointMacro::of(mac).is_none() && Arguments::of(mac).is_none() && as_match(mac).is_none()
}

fn suspends(stmt: &Stmt) -> bool {
    let mut find = FindPoint::default();
    find.visit_stmt(stmt);
    find.found
}

/// The words that may be names of locals, in order.
pub(crate) fn names(code: TokenStream, found: &mut Vec<(Ident, Looks)>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let mark = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(mark)) => Some(mark.as_char()),
        _ => None,
    };
    for (at, token) in tokens.iter().enumerate() {
        let name = match token {
            TokenTree::Ident(name) => name,
            TokenTree::Group(group) => {
                names(group.stream(), found);
                continue;
            }
            _ => continue,
        };
        let (last, next) = (mark(at.checked_sub(1)), mark(Some(at + 1)));
        let path = next == Some(':') && mark(Some(at + 2)) == Some(':');
        let called = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() == proc_macro2::Delimiter::Parenthesis);
        let lower = name
            .unraw()
            .to_string()
            .starts_with(|c: char| c.is_lowercase() || c == '_');
        let is_word = Ident::parse_any.parse2(token.clone().into()).is_ok()
            && syn::parse2::<Ident>(token.clone().into()).is_ok();
        if !lower
            || !is_word
            || path
            || called
            || next == Some('!')
            || matches!(last, Some('.' | ':' | '\'' | '$' | '#'))
        {
            continue;
        }
        let ends = |mark: Option<char>, edge: bool| edge || matches!(mark, Some(',' | ';'));
        let looks = match (next, mark(Some(at + 2))) {
            (Some('='), Some('=' | '>')) => Looks::Other,
            (Some('='), _) => Looks::Assigned,
            _ if ends(last, at == 0) && ends(next, at + 1 == tokens.len()) => Looks::Alone,
            _ => Looks::Other,
        };
        found.push((name.clone(), looks));
    }
}
