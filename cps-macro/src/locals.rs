//! The locals of one function, each under a name of its own.
//!
//! [`crate::resolve`] renames every local to a *unique* name, so that all later passes can treat equal
//! names as equal variables and need no scopes. [`Locals::pretty`] undoes it in the code that is emitted:
//! a local gets back the name (and span, hence hygiene) its author gave it, unless another local of the
//! same name is in scope where it must be captured; that one then gets a number behind its name.

use crate::bounds::Taker;
use crate::hygiene::letters;
use crate::jumps;
use crate::parts::Path;
use crate::sets::LocalSet;
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use std::collections::{BTreeSet, HashMap, HashSet};
use syn::Pat;
use syn::ext::IdentExt;

pub(crate) type LocalId = usize;

/// What the text of a function tells about a local's type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Visible {
    /// Nothing.
    Unknown,
    /// `&mut T`: nothing to drop, and reborrowed when passed on.
    Exclusive,
    /// A shared reference.
    Shared,
    /// A number, `bool`, `char` or the like: `Copy`.
    Copy,
    /// A closure that has nothing to drop: see [`crate::closures`].
    Closure,
    /// `Option`, `Result`, `Vec`, `String`, `Box`, `Rc` or `Arc`: std's own by-value methods consume it.
    Std,
}

impl Visible {
    /// Whether it is certain that nothing happens when the local is dropped.
    pub(crate) fn needs_no_drop(self) -> bool {
        !matches!(self, Visible::Unknown | Visible::Std)
    }
}

/// A guess at how much it costs to move a local. Nothing but speed depends on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) enum Bulk {
    /// A few words.
    Small,
    /// Perhaps more.
    #[default]
    Maybe,
    /// Made where big things are made too.
    Likely,
    /// It is an array, or holds one.
    Certain,
}

#[derive(Debug)]
pub(crate) struct Local {
    /// The name as written, with the author's span.
    pub(crate) name: Ident,
    pub(crate) mutable: bool,
    pub(crate) visible: Visible,
    /// It is `self`.
    receiver: bool,
    /// Made by the macro, so its name is no one's to mention.
    pub(crate) synthetic: bool,
    /// `let r = &place;`: built again on re-entry, since a frame cannot point into itself.
    pub(crate) rebuild: Option<syn::Expr>,
    /// The type that is written behind its name.
    pub(crate) ty: Option<syn::Type>,
    /// Its type is a parameter of the function, of which the compiler says all there is to say.
    pub(crate) generic: bool,
    /// Traits of std by whose methods it is taken.
    pub(crate) takers: Vec<Taker>,
    pub(crate) bulk: Bulk,
    /// By its text it is no reference.
    pub(crate) owned: bool,
    /// Made by a closure expression, whose being `Copy` the compiler learns too late to ask.
    pub(crate) closure: bool,
    /// The field that holds it in the frame, which is also what a person calls it.
    field: String,
}

#[derive(Debug)]
pub(crate) struct Locals {
    all: Vec<Local>,
    /// The parts of each local that the function names.
    parts: HashMap<LocalId, BTreeSet<Path>>,
    /// Patterns, by the local that each binds first.
    patterns: HashMap<LocalId, Pat>,
    /// Those of which the declaration leaves the type open.
    pub(crate) open: LocalSet,
    /// Locals that cannot keep their name, by id.
    renamed: HashSet<LocalId>,
    /// Locals that have the name of one that is meant where they are in scope, and `self` where a format
    /// string names it.
    pub(crate) shadowing: BTreeSet<LocalId>,
    /// The function is `local`: they need not be able to change threads.
    pub(crate) stay: bool,
    /// Some macro may hide a `return`: see [`crate::hidden`].
    pub(crate) hides: bool,
}

const MARK: &str = "__l";

/// What the expansion calls its own.
const RESERVED: [&str; 11] = [
    "cx", "frame", "ret", "verdict", "result", "give", "callee", "residual", "at", "slot", "turn",
];

impl Locals {
    /// None yet; those in `renamed` will not keep their names.
    pub(crate) fn renaming(renamed: &HashSet<LocalId>, stay: bool) -> Self {
        Locals {
            all: Vec::new(),
            parts: HashMap::new(),
            patterns: HashMap::new(),
            open: LocalSet::default(),
            renamed: renamed.clone(),
            shadowing: BTreeSet::new(),
            stay,
            hides: false,
        }
    }

    pub(crate) fn declare(&mut self, name: &Ident, mutable: bool, visible: Visible) -> LocalId {
        self.push(name.clone(), mutable, visible, false)
    }

    /// A local of the macro's own, and the expression that names it.
    pub(crate) fn invent(&mut self, name: &str, span: Span) -> LocalId {
        let name = Ident::new(name, Span::mixed_site().located_at(span));
        self.push(name, true, Visible::Unknown, true)
    }

    fn push(&mut self, name: Ident, mutable: bool, visible: Visible, synthetic: bool) -> LocalId {
        let raw = name.to_string();
        let base = match &*raw {
            "self" => "this".to_owned(),
            // Words of this edition; an older one may not know them.
            word @ ("async" | "await" | "dyn" | "gen" | "try") => format!("{word}_"),
            raw => raw
                .strip_prefix("r#")
                .map_or_else(|| raw.to_owned(), |word| format!("{word}_")),
        };
        // What is kept of a local goes by its field's name with one underscore before it.
        let bare = |field: &str| field.trim_start_matches('_').to_owned();
        let taken = |field: &String| {
            // A state may hold the type of a local, too.
            let typed = |one: &str, other: &str| one.strip_suffix("_type") == Some(other);
            let same = |local: &Local| {
                let (one, other) = (bare(&local.field), bare(field));
                one == other || typed(&one, &other) || typed(&other, &one)
            };
            RESERVED.contains(&&**field) || self.all.iter().any(same)
        };
        let numbered = (2..).map(|number| format!("{}_{number}", base.trim_end_matches('_')));
        let field = std::iter::once(base.clone())
            .chain(numbered)
            .find(|field| !taken(field));
        let field = field.expect("numbers do not run out");
        self.all.push(Local {
            name,
            mutable,
            visible,
            receiver: raw == "self",
            synthetic,
            rebuild: None,
            ty: None,
            generic: false,
            takers: Vec::new(),
            bulk: Bulk::default(),
            owned: false,
            closure: false,
            field,
        });
        self.all.len() - 1
    }

    pub(crate) fn ids(&self) -> std::ops::Range<LocalId> {
        0..self.all.len()
    }

    /// The parts of a local that the function names.
    pub(crate) fn named_parts(&self, id: LocalId) -> Option<&BTreeSet<Path>> {
        self.parts.get(&id)
    }

    pub(crate) fn name_part(&mut self, id: LocalId, path: Path) {
        self.parts.entry(id).or_default().insert(path);
    }

    /// The pattern that binds a local before any other.
    pub(crate) fn pattern(&self, first: LocalId) -> Option<&Pat> {
        self.patterns.get(&first)
    }

    pub(crate) fn bound_by(&mut self, pat: &Pat) {
        if let Some(first) = crate::tree::bound_by(pat).first() {
            self.patterns.insert(*first, pat.clone());
        }
    }

    pub(crate) fn get(&self, id: LocalId) -> &Local {
        &self.all[id]
    }

    pub(crate) fn get_mut(&mut self, id: LocalId) -> &mut Local {
        &mut self.all[id]
    }

    /// A local, or, in place of one that is built again, those that it refers to.
    pub(crate) fn roots_of(&self, id: LocalId) -> Vec<LocalId> {
        let Some(place) = &self.get(id).rebuild else {
            return vec![id];
        };
        let mut found = Vec::new();
        mentioned(quote::ToTokens::to_token_stream(place), &mut found);
        found.into_iter().flat_map(|id| self.roots_of(id)).collect()
    }

    /// The borrow by which a local is built again.
    pub(crate) fn borrowed_by(&self, id: LocalId) -> Option<&syn::ExprReference> {
        match self.get(id).rebuild.as_ref()? {
            syn::Expr::Reference(reference) => Some(reference),
            // It is built if none is held.
            syn::Expr::Call(call) => match call.args.last()? {
                syn::Expr::Reference(reference) => Some(reference),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a place lies, by its text, behind a shared reference that is no borrow of a local.
    pub(crate) fn is_behind_shared(&self, place: &syn::Expr) -> bool {
        let Some(((root, _), _)) = crate::uses::place_of(place) else {
            return false;
        };
        let root_of = self.get(root);
        let steps = as_local(place).is_none();
        steps && root_of.visible == Visible::Shared && root_of.rebuild.is_none()
    }

    /// Whether there is one that may cost something to move.
    pub(crate) fn has_bulk(&self) -> bool {
        self.all.iter().any(|local| local.bulk > Bulk::Small)
    }

    /// The unique name of a local, at `span`.
    pub(crate) fn unique(&self, id: LocalId, span: Span) -> Ident {
        Ident::new(&format!("{MARK}{id}_{}", self.all[id].name.unraw()), span)
    }

    /// The unique name where the author declared it.
    pub(crate) fn own(&self, id: LocalId) -> Ident {
        self.unique(id, self.all[id].name.span())
    }

    /// The field that holds a local in the frame.
    pub(crate) fn field(&self, id: LocalId) -> &str {
        &self.all[id].field
    }

    /// Whether a local is called the same in the code as in the frame.
    pub(crate) fn keeps_name(&self, id: LocalId) -> bool {
        self.emitted(id, Span::call_site()) == self.field(id)
    }

    /// Whether a later local of a scope goes by the same name in the emitted code.
    pub(crate) fn is_shadowed(&self, id: LocalId, scope: &[LocalId]) -> bool {
        let name = |id| self.emitted(id, Span::call_site());
        let later = scope.iter().skip_while(|other| **other != id).skip(1);
        !self.get(id).synthetic
            && later
                .filter(|other| !self.get(**other).synthetic)
                .any(|other| name(*other) == name(id))
    }

    /// The name of a local in the code that is emitted.
    pub(crate) fn emitted(&self, id: LocalId, span: Span) -> Ident {
        let local = &self.all[id];
        if local.receiver {
            // `self` cannot be bound again, so its place is taken by a name that users cannot mention; where
            // a format string does, by one that it can.
            return match self.renamed.contains(&id) {
                true => Ident::new("__self", span),
                false => Ident::new("this", Span::mixed_site().located_at(span)),
            };
        }
        if local.synthetic {
            return Ident::new(self.field(id), Span::mixed_site().located_at(span));
        }
        if self.renamed.contains(&id) {
            return Ident::new(&local.field, span);
        }
        let mut name = local.name.clone();
        name.set_span(span);
        name
    }

    /// Code in which some locals go by the names that are emitted, and are told from others no longer.
    pub(crate) fn pretty_of(&self, code: TokenStream, ids: &[LocalId]) -> TokenStream {
        let pretty = |token: TokenTree| match token {
            TokenTree::Ident(ident) => match local_id(&ident).filter(|id| ids.contains(id)) {
                Some(id) => self.emitted(id, ident.span()).into(),
                None => ident.into(),
            },
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), self.pretty_of(group.stream(), ids));
                new.set_span(group.span());
                new.into()
            }
            token => token,
        };
        code.into_iter().map(pretty).collect()
    }

    /// Emitted code with every unique name turned back into the one its author gave.
    pub(crate) fn pretty(&self, code: TokenStream) -> TokenStream {
        self.prettier(&code).unwrap_or(code)
    }

    /// The same, if anything in the code is to change: what need not be put together anew is not.
    fn prettier(&self, code: &TokenStream) -> Option<TokenStream> {
        if code.is_empty() {
            return None;
        }
        let (mut out, mut changed): (Vec<TokenTree>, _) = (Vec::new(), false);
        for token in code.clone() {
            let new = match (&token, out.last_mut()) {
                (TokenTree::Ident(ident), Some(TokenTree::Punct(quote)))
                    if quote.as_char() == '\'' =>
                {
                    let name = jumps::pretty(ident);
                    if name.is_some() {
                        quote.set_span(Span::mixed_site().located_at(quote.span()));
                    }
                    name.map(TokenTree::from)
                }
                _ => self.prettier_token(&token),
            };
            changed |= new.is_some();
            out.push(new.unwrap_or(token));
        }
        changed.then(|| out.into_iter().collect())
    }

    fn prettier_token(&self, token: &TokenTree) -> Option<TokenTree> {
        Some(match token {
            TokenTree::Ident(ident) => self.emitted(local_id(ident)?, ident.span()).into(),
            TokenTree::Group(group) => {
                let inner = group.stream();
                let new = self.prettier(&inner);
                let seen = group.delimiter() != Delimiter::None;
                if seen && new.is_none() {
                    return None;
                }
                let mut new = Group::new(group.delimiter(), new.unwrap_or(inner));
                new.set_span(match seen {
                    true => group.span(),
                    false => Span::call_site(),
                });
                new.into()
            }
            TokenTree::Literal(literal) => self.prettier_literal(literal)?.into(),
            TokenTree::Punct(_) => return None,
        })
    }

    /// Names captured inline by a format string.
    fn prettier_literal(&self, literal: &Literal) -> Option<Literal> {
        let text = literal.to_string();
        if !text.contains(MARK) {
            return None;
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(MARK) {
            out.push_str(&rest[..at]);
            let word: String = rest[at..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            match local_id_of(&word) {
                Some(id) => out.push_str(&self.emitted(id, Span::call_site()).unraw().to_string()),
                None => out.push_str(&word),
            }
            rest = &rest[at + word.len()..];
        }
        out.push_str(rest);
        let mut new: Literal = out.parse().ok()?;
        new.set_span(literal.span());
        Some(new)
    }
}

/// The local that a unique name stands for.
pub(crate) fn local_id(name: &Ident) -> Option<LocalId> {
    let mut id = None;
    letters(name, |letters| id = id.or(local_id_of(letters)));
    id
}

fn local_id_of(name: &str) -> Option<LocalId> {
    let (mut id, mut digits) = (0, 0);
    for byte in name.strip_prefix(MARK)?.bytes() {
        match byte {
            b'0'..=b'9' if digits < 9 => {
                (id, digits) = (id * 10 + usize::from(byte - b'0'), digits + 1)
            }
            b'_' if digits > 0 => return Some(id),
            _ => return None,
        }
    }
    None
}

/// The local that an expression names, if it is nothing but the name of one.
pub(crate) fn as_local(expr: &syn::Expr) -> Option<LocalId> {
    match expr {
        syn::Expr::Path(path) if path.qself.is_none() => local_id(path.path.get_ident()?),
        syn::Expr::Paren(paren) => as_local(&paren.expr),
        syn::Expr::Group(group) => as_local(&group.expr),
        _ => None,
    }
}

/// Takes those out of `wanted` that some code mentions; whether none is left. It looks from the end, where
/// the next frame is filled with most of what there is.
pub(crate) fn found_in(code: TokenStream, wanted: &mut Vec<LocalId>) -> bool {
    let tokens: Vec<_> = code.into_iter().collect();
    for token in tokens.into_iter().rev() {
        if wanted.is_empty() {
            return true;
        }
        match token {
            TokenTree::Ident(ident) => {
                if let Some(id) = local_id(&ident) {
                    wanted.retain(|wanted| *wanted != id);
                }
            }
            TokenTree::Group(group) => {
                found_in(group.stream(), wanted);
            }
            literal @ TokenTree::Literal(_) => {
                let mut found = Vec::new();
                mentioned(literal.into(), &mut found);
                wanted.retain(|wanted| !found.contains(wanted));
            }
            TokenTree::Punct(_) => {}
        }
    }
    wanted.is_empty()
}

/// Every local that some code mentions, inline format captures included, in order of appearance.
pub(crate) fn mentioned(code: TokenStream, found: &mut Vec<LocalId>) {
    for token in code {
        match token {
            TokenTree::Ident(ident) => found.extend(local_id(&ident)),
            TokenTree::Group(group) => mentioned(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let starts = text.match_indices(MARK).map(|(at, _)| at);
                found.extend(starts.filter_map(|at| local_id_of(&text[at..])));
            }
            TokenTree::Punct(_) => {}
        }
    }
}
