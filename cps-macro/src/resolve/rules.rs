//! `macro_rules!` in the body whose text names locals.
//!
//! Items stand before the frame, where no local is in scope. So a macro's text is handed the locals that it
//! names: each rule begins with a name for each (`$__n:ident`), and each use of the macro with the locals
//! themselves, where all passes see them mentioned.
//!
//! A word that the text itself may bind (`let n`, `|n|`, `Some(n) =>`) is taken for what it binds.

use super::Resolver;
use crate::locals::LocalId;
use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use std::collections::HashSet;
use syn::ext::IdentExt;

/// A macro of the body's, with the locals that its text names, in order.
pub(super) struct Rules {
    name: String,
    locals: Vec<LocalId>,
}

impl Resolver<'_> {
    /// Makes a macro take the locals that its text names.
    pub(super) fn visit_rules(&mut self, item: &mut syn::ItemMacro) {
        let Some(name) = item
            .ident
            .as_ref()
            .filter(|_| item.mac.path.is_ident("macro_rules"))
        else {
            return;
        };
        let mut rules = split(item.mac.tokens.clone());
        let mut bound = HashSet::new();
        let texts = rules.iter().filter_map(|rule| rule.text());
        texts.for_each(|text| binds(text.stream(), &mut bound));
        let mut locals = Vec::new();
        for rule in &rules {
            if let Some(text) = rule.text() {
                self.named(text.stream(), &bound, &mut locals);
            }
        }
        let name = name.to_string();
        if !locals.is_empty() {
            self.rules.push(Rules { name, locals });
            for rule in &mut rules {
                self.hand(rule, &bound);
            }
            item.mac.tokens = rules.into_iter().flat_map(|rule| rule.0).collect();
        }
    }

    /// What the macros of the body that go by a name are handed first.
    fn rules(&self, name: &str) -> Option<&[LocalId]> {
        let mut rules = self.rules.iter().rev();
        rules
            .find(|rules| rules.name == name)
            .map(|rules| &*rules.locals)
    }

    /// The locals that a use of a macro hands to its text; each can be told there from every other of its
    /// name.
    pub(super) fn handed_to(&mut self, mac: &syn::Macro) -> TokenStream {
        let name = mac
            .path
            .get_ident()
            .map(Ident::to_string)
            .unwrap_or_default();
        let locals = self.rules(&name).unwrap_or_default().to_vec();
        let span = mac.path.segments[0].ident.span();
        let mut handed = Vec::new();
        for id in locals {
            let hides = self
                .lookup(&self.locals.get(id).name)
                .filter(|other| *other != id);
            self.locals.shadowing.extend(hides);
            let at = self.locals.get(id).name.span().located_at(span);
            handed.push(TokenTree::from(self.locals.unique(id, at)));
        }
        handed.into_iter().collect()
    }

    /// Adds the locals that a text names, and those that it must hand on.
    fn named(&self, text: TokenStream, bound: &HashSet<String>, found: &mut Vec<LocalId>) {
        let tokens: Vec<TokenTree> = text.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let ids = match token {
                TokenTree::Group(group) => {
                    self.named(group.stream(), bound, found);
                    continue;
                }
                TokenTree::Ident(word) if is_use(&tokens, at) => {
                    self.rules(&word.to_string()).unwrap_or_default().to_vec()
                }
                _ => self.word(&tokens, at, bound).into_iter().collect(),
            };
            for id in ids {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
    }

    /// The local that a word of a text names.
    fn word(&self, tokens: &[TokenTree], at: usize, bound: &HashSet<String>) -> Option<LocalId> {
        let TokenTree::Ident(word) = &tokens[at] else {
            return None;
        };
        let last = at.checked_sub(1).and_then(|at| mark(&tokens[at]));
        let next = tokens.get(at + 1).and_then(mark);
        let twice = |sign: char| last == Some(sign) && at > 1 && mark(&tokens[at - 2]) == last;
        let behind = matches!(last, Some('$' | '.' | '\'')) && !twice('.') || twice(':');
        let before = match next {
            Some('!') => tokens.get(at + 2).and_then(mark) != Some('='),
            next => next == Some(':'),
        };
        let named = !behind && !before && !bound.contains(&word.unraw().to_string());
        named.then(|| self.lookup(word)).flatten()
    }

    /// Gives a rule a name for each local, and those names to its text.
    fn hand(&self, rule: &mut Rule, bound: &HashSet<String>) {
        let Some(locals) = self.rules.last().map(|rules| rules.locals.clone()) else {
            return;
        };
        let Some([pattern, text]) = rule.parts() else {
            return;
        };
        let (pattern_stream, text_stream) = (pattern.stream(), text.stream());
        let taken = locals.iter().flat_map(|id| {
            let (name, span) = (self.parameter(*id), pattern.span());
            let ident = Ident::new("ident", span);
            quote_spanned!(span=> $ #name: #ident)
        });
        let new = taken.chain(pattern_stream).collect();
        *pattern = with(pattern, new);
        *text = with(text, self.text(text_stream, bound));
    }

    fn text(&self, text: TokenStream, bound: &HashSet<String>) -> TokenStream {
        let mut tokens: Vec<TokenTree> = text.into_iter().collect();
        for at in 0..tokens.len() {
            if let TokenTree::Group(group) = &tokens[at] {
                let name = at.checked_sub(2).filter(|name| is_use(&tokens, *name));
                let name = name
                    .map(|name| tokens[name].to_string())
                    .unwrap_or_default();
                let handed = self.rules(&name).unwrap_or_default().iter();
                let handed = handed.flat_map(|id| self.names(*id, group.span()));
                let new = handed.chain(self.text(group.stream(), bound)).collect();
                tokens[at] = with(group, new).into();
            }
        }
        let mut out = TokenStream::new();
        for at in 0..tokens.len() {
            match self.word(&tokens, at, bound) {
                Some(id) => out.extend(self.names(id, tokens[at].span())),
                None => out.extend([tokens[at].clone()]),
            }
        }
        out
    }

    /// `$__n`
    fn names(&self, id: LocalId, span: Span) -> [TokenTree; 2] {
        let mut name = self.parameter(id);
        name.set_span(span);
        [Punct::new('$', Spacing::Alone).into(), name.into()]
    }

    fn parameter(&self, id: LocalId) -> Ident {
        Ident::new(&format!("__{}", self.locals.field(id)), Span::call_site())
    }
}

/// `(pattern) => { text };`
struct Rule(Vec<TokenTree>);

impl Rule {
    fn parts(&mut self) -> Option<[&mut Group; 2]> {
        let mut groups = self.0.iter_mut().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        });
        Some([groups.next()?, groups.next()?])
    }

    fn text(&self) -> Option<&Group> {
        let groups = self.0.iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        });
        groups.into_iter().nth(1)
    }
}

fn split(rules: TokenStream) -> Vec<Rule> {
    let mut all = vec![Rule(Vec::new())];
    for token in rules {
        let full = all.last().is_some_and(|rule| rule.text().is_some());
        if full && matches!(token, TokenTree::Group(_)) {
            all.push(Rule(Vec::new()));
        }
        all.last_mut().expect("a rule").0.push(token);
    }
    all
}

fn with(group: &Group, stream: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), stream);
    new.set_span(group.span());
    new
}

fn mark(token: &TokenTree) -> Option<char> {
    match token {
        TokenTree::Punct(mark) => Some(mark.as_char()),
        _ => None,
    }
}

/// Whether a macro is used by the word at a place.
fn is_use(tokens: &[TokenTree], at: usize) -> bool {
    let bang = tokens.get(at + 1).and_then(mark) == Some('!');
    bang && matches!(
        (&tokens[at], tokens.get(at + 2)),
        (TokenTree::Ident(_), Some(TokenTree::Group(_)))
    )
}

/// Adds the words of a text that may stand in a pattern.
fn binds(text: TokenStream, bound: &mut HashSet<String>) {
    let tokens: Vec<TokenTree> = text.into_iter().collect();
    let is =
        |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(ident) if ident == word);
    for (at, token) in tokens.iter().enumerate() {
        let rest = &tokens[at + 1..];
        let until =
            |end: &dyn Fn(&TokenTree) -> bool| rest.iter().position(end).map(|end| &rest[..end]);
        if is(token, "let") {
            let pattern = until(&|token| matches!(mark(token), Some('=' | ';')));
            words(pattern.unwrap_or(rest), bound);
        } else if is(token, "for") {
            words(until(&|token| is(token, "in")).unwrap_or_default(), bound);
        } else if is(token, "fn") {
            words(&rest[..rest.len().min(2)], bound);
        } else if mark(token) == Some('|') {
            words(
                until(&|token| mark(token) == Some('|')).unwrap_or_default(),
                bound,
            );
        } else if mark(token) == Some('=') && rest.first().and_then(mark) == Some('>') {
            let ends = |token: &TokenTree| {
                mark(token) == Some(',')
                    || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
            };
            let start = tokens[..at].iter().rposition(ends).map_or(0, |end| end + 1);
            let arm = &tokens[start..at];
            let guard = arm.iter().position(|token| is(token, "if"));
            words(&arm[..guard.unwrap_or(arm.len())], bound);
        }
        if let TokenTree::Group(group) = token {
            binds(group.stream(), bound);
        }
    }
}

fn words(tokens: &[TokenTree], found: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                found.insert(word.unraw().to_string());
            }
            TokenTree::Group(group) => {
                words(&group.stream().into_iter().collect::<Vec<_>>(), found);
            }
            _ => {}
        }
    }
}
