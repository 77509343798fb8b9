//! Parts of locals, reached by their fields: what code gives away of a local, and what it needs of it.
//!
//! Rust tracks moves by fields, so the frame does too: a local of which a part may have been given away, and
//! of which only other parts are needed, is held in parts. Whether the part was moved, or copied, is for the
//! compiler to tell.

mod named;

pub(crate) use named::name_parts;

use crate::effects::binds_by_value;
use crate::hygiene::word_at;
use crate::locals::{LocalId, Locals};
use crate::root::Root;
use crate::tree::bound_by;
use crate::uses::{Place, place_of};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::{BTreeMap, BTreeSet};
use syn::punctuated::Punctuated;
use syn::{Expr, Index, Member, Pat, Token};

/// The fields that lead from a local to a part of it; `*` for what it points to.
pub(crate) type Path = Vec<String>;

/// The step from a pointer to what it points to.
pub(crate) const POINTS_TO: &str = "*";

/// A path without what points on the way, which need not be written.
pub(crate) fn seen(path: &Path) -> Path {
    let steps = path.iter().filter(|step| *step != POINTS_TO);
    steps.cloned().collect()
}

/// A part that was given away: as a value, or to a pattern.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Gift {
    pub(crate) path: Path,
    pub(crate) to: Option<Matched>,
}

/// A pattern that takes something of a place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Matched {
    /// The place that is matched, of which the part is one.
    place: Path,
    /// The local that the pattern binds first.
    first: LocalId,
}

impl Gift {
    /// What a pattern takes of a place: as much of it as it binds, by the parts that are `named` somewhere.
    /// An enum has none.
    pub(crate) fn to_pattern(place: &Path, pat: &Pat, named: Option<&BTreeSet<Path>>) -> Vec<Gift> {
        let Some(first) = bound_by(pat).first().copied() else {
            return Vec::new();
        };
        let taken = taken_by(pat, place.clone(), named).into_iter();
        let gifts = taken.map(|(path, pat)| {
            let simple = path == *place && is_simple(pat);
            let place = place.clone();
            let to = (!simple).then_some(Matched { place, first });
            Gift { path, to }
        });
        gifts.collect()
    }

    /// Whether a pattern took it of something larger.
    pub(crate) fn is_taken_apart(&self) -> bool {
        let to = self.to.as_ref();
        to.is_some_and(|to| to.place != self.path)
    }

    /// Code of the type of what was taken of a local, for the compiler only.
    pub(crate) fn taken(
        &self,
        id: LocalId,
        base: &Ident,
        locals: &Locals,
        root: &Root,
    ) -> TokenStream {
        let like = |path: &[String]| {
            let place = place(base, path);
            quote!(#root::expansion::like(&#place))
        };
        let part = like(&self.path);
        let Some(to) = &self.to else {
            return part;
        };
        let pats = locals.pattern(to.first).into_iter();
        let mut taken =
            pats.flat_map(|pat| taken_by(pat, to.place.clone(), locals.named_parts(id)));
        let part = match taken.find(|(path, _)| *path == self.path) {
            Some((_, pat)) if !is_simple(pat) => {
                let bound = bound_by(pat).into_iter().map(|id| locals.own(id));
                // What a reference is taken apart into is no part of what it points to.
                let taken = bound.map(|name| quote!(#root::expansion::Keep::of(#name).keep()));
                quote!(match #part {
                    #pat => (#(#taken,)*),
                    #[allow(unreachable_patterns)]
                    _ => ::core::unreachable!(),
                })
            }
            _ => part,
        };
        // So it is with the references on the way.
        let around = (to.place.len()..self.path.len()).rev();
        around.fold(part, |part, steps| {
            let place = place(base, &self.path[..steps]);
            quote!(#root::expansion::Matched::like(&#place).part(#part))
        })
    }
}

fn is_simple(pat: &Pat) -> bool {
    match pat {
        Pat::Type(typed) => is_simple(&typed.pat),
        Pat::Ident(ident) => ident.subpat.is_none(),
        _ => false,
    }
}

/// The parts of a place that a pattern binds something of by value, and the patterns that do.
fn taken_by<'p>(pat: &'p Pat, place: Path, named: Option<&BTreeSet<Path>>) -> Vec<(Path, &'p Pat)> {
    if !binds_by_value(pat) {
        return Vec::new();
    }
    let is_part = |path: &Path| {
        let next = path.strip_prefix(&*place).and_then(<[_]>::first);
        next.is_some_and(|step| step != POINTS_TO)
    };
    let parted = named.is_some_and(|named| named.iter().any(is_part));
    let within = |parts: Vec<(Member, &'p Pat)>| {
        let parts = parts.into_iter().flat_map(|(member, pat)| {
            let path = [&*place, &[step(&member)]].concat();
            taken_by(pat, path, named)
        });
        parts.collect()
    };
    let elems = match pat {
        Pat::Tuple(tuple) => Some(&tuple.elems),
        Pat::TupleStruct(tuple) => Some(&tuple.elems),
        _ => None,
    };
    match (pat, elems) {
        (Pat::Paren(paren), _) => taken_by(&paren.pat, place, named),
        (Pat::Type(typed), _) => taken_by(&typed.pat, place, named),
        (Pat::Guard(guarded), _) => taken_by(&guarded.pat, place, named),
        (Pat::Struct(fields), _) if parted => {
            let fields = fields.fields.iter();
            let fields = fields.map(|field| (field.member.clone(), &*field.pat));
            within(fields.collect())
        }
        // How many there are behind `..` is not told.
        (_, Some(elems)) if parted && !binds_behind_rest(elems) => {
            let elems = elems.iter().enumerate();
            within(elems.map(|(at, pat)| (Member::from(at), pat)).collect())
        }
        _ => vec![(place, pat)],
    }
}

fn binds_behind_rest(elems: &Punctuated<Pat, Token![,]>) -> bool {
    let mut behind = elems.iter().skip_while(|pat| !matches!(pat, Pat::Rest(_)));
    behind.any(binds_by_value)
}

/// A field as a step on a path.
pub(crate) fn step(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// The part of a local that an expression names, if it is no more than that.
pub(crate) fn part(expr: &Expr) -> Option<Place> {
    if matches!(expr, Expr::Path(_)) {
        return None;
    }
    match place_of(expr)? {
        ((_, path), true) if path.is_empty() => None,
        (place, itself) => itself.then_some(place),
    }
}

/// Whether a part lies behind a pointer.
pub(crate) fn points(path: &Path) -> bool {
    path.iter().any(|step| step == POINTS_TO)
}

/// Whether one of two places lies in the other.
pub(crate) fn overlap(a: &Path, b: &Path) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// Of what was given away, what is not needed any more; nothing if what is needed cannot stand by itself.
pub(crate) fn given_up(given: &BTreeSet<Gift>, needed: Option<&BTreeSet<Path>>) -> BTreeSet<Gift> {
    let Some(needed) = needed else {
        return given.clone();
    };
    let disjoint = |gift: &&Gift| !needed.iter().any(|other| overlap(&gift.path, other));
    let given: BTreeSet<Gift> = given.iter().filter(disjoint).cloned().collect();

    match given
        .iter()
        .map(|gift| &gift.path)
        .chain(needed)
        .any(points)
    {
        true => BTreeSet::new(),
        false => given,
    }
}

/// The code of a part of what `base` names.
pub(crate) fn place(base: &Ident, path: &[String]) -> TokenStream {
    let span = base.span();
    path.iter().fold(base.to_token_stream(), |base, step| {
        if step == POINTS_TO {
            return quote_spanned!(span=> (*#base));
        }
        let member = member(step, span);
        quote_spanned!(span=> #base.#member)
    })
}

fn member(step: &str, span: Span) -> Member {
    match (step.parse(), step.strip_prefix("r#")) {
        (Ok(index), _) => Member::Unnamed(Index { index, span }),
        (_, Some(raw)) => Member::Named(Ident::new_raw(raw, span)),
        _ => Member::Named(Ident::new(step, span)),
    }
}

/// What to write for a place from which something was given away.
pub(crate) trait Left {
    /// For all of it.
    fn given(&self, gifts: &[&Gift], place: TokenStream) -> TokenStream;

    /// For something in it: `path` leads there, and `parts` is what is left.
    fn parted(
        &self,
        gifts: &[&Gift],
        path: &Path,
        place: TokenStream,
        parts: TokenStream,
    ) -> TokenStream;
}

/// A local's parts as the frame holds them: a struct with fields of the same names.
#[derive(Default)]
pub(crate) struct Parts(BTreeMap<String, Parts>);

impl Parts {
    /// The parts that a function names of a local of which others were given away. A part of which a part was
    /// given away is itself in parts.
    pub(crate) fn new(named: Option<&BTreeSet<Path>>, given: &BTreeSet<Gift>) -> Parts {
        let mut parts = Parts::default();
        let fields = |path: &Path| -> Path {
            path.iter()
                .take_while(|step| *step != POINTS_TO)
                .cloned()
                .collect()
        };
        let given: BTreeSet<Path> = given.iter().map(|gift| fields(&gift.path)).collect();
        if given.is_empty() || given.contains(&Path::new()) {
            return parts;
        }
        let all: BTreeSet<Path> = named
            .into_iter()
            .flatten()
            .map(fields)
            .chain(given.clone())
            .collect();
        let within =
            |path: &Path, other: &Path| path.len() > other.len() && path.starts_with(other);
        let split = |path: &Path| given.iter().any(|gift| within(gift, path));
        let covered = |path: &Path| all.iter().any(|other| within(path, other) && !split(other));
        for path in all
            .iter()
            .filter(|path| !path.is_empty() && !split(path) && !covered(path))
        {
            parts.add(path);
        }
        parts
    }

    fn add(&mut self, path: &[String]) {
        if let [first, rest @ ..] = path {
            self.0.entry(first.clone()).or_default().add(rest);
        }
    }

    /// The structs, of which the outermost is called `name`.
    pub(crate) fn define(&self, name: &str, root: &Root) -> TokenStream {
        if self.0.is_empty() {
            return quote!();
        }
        let inner = self
            .0
            .iter()
            .map(|(step, parts)| parts.define(&inner_name(name, step), root));
        let (fields, indexed) = self.fields();
        let params: Vec<_> = (0..fields.len())
            .map(|at| format_ident!("P{at}", span = Span::mixed_site()))
            .collect();
        let name = Ident::new(name, Span::mixed_site());
        let body = if indexed {
            quote!((#(#params),*);)
        } else {
            let fields = fields
                .iter()
                .map(|(step, _)| member(step, Span::call_site()));
            quote!({ #(#fields: #params),* })
        };
        quote! {
            #(#inner)*
            struct #name<#(#params),*> #body
            impl<#(#params),*> #name<#(#params),*> {
                fn __parted(&self) -> #root::expansion::Gone {
                    #root::expansion::Gone
                }
            }
        }
    }

    /// What is left of the part of `base` that `path` leads to, without what was given away.
    pub(crate) fn collect(
        &self,
        name: &str,
        base: &Ident,
        path: &mut Path,
        given: &BTreeSet<Gift>,
        left: &impl Left,
    ) -> TokenStream {
        let place = place(base, path);
        let within = |gift: &&Gift| gift.path.len() > path.len() && gift.path.starts_with(path);
        let (inside, all) = (
            given.iter().filter(within).collect::<Vec<_>>(),
            given.iter().filter(|gift| path.starts_with(&gift.path)),
        );
        let all: Vec<_> = all.chain(inside.iter().copied()).collect();
        if all.is_empty() {
            return place;
        }
        if self.0.is_empty() && path.is_empty() {
            return left.parted(&all, path, place, quote!(()));
        }
        if self.0.is_empty() || all.len() > inside.len() {
            return left.given(&all, place);
        }
        let (fields, indexed) = self.fields();
        let values: Vec<_> = fields
            .iter()
            .map(|(step, parts)| {
                let Some(parts) = parts else {
                    return quote!(());
                };
                path.push(step.clone());
                let value = parts.collect(&inner_name(name, step), base, path, given, left);
                path.pop();
                value
            })
            .collect();
        let name = word_at(name, base.span());
        let parts = if indexed {
            quote!(#name(#(#values),*))
        } else {
            let fields = fields
                .iter()
                .map(|(step, _)| member(step, Span::call_site()));
            quote!(#name { #(#fields: #values),* })
        };
        left.parted(&all, path, place, parts)
    }

    /// The fields in order, and whether they go by index: then none is left out.
    fn fields(&self) -> (Vec<(String, Option<&Parts>)>, bool) {
        let indices: Option<Vec<usize>> = self.0.keys().map(|step| step.parse().ok()).collect();
        match indices.and_then(|indices| indices.into_iter().max()) {
            Some(last) => {
                let all = (0..=last).map(|at| at.to_string());
                (
                    all.map(|step| (step.clone(), self.0.get(&step))).collect(),
                    true,
                )
            }
            None => (
                self.0
                    .iter()
                    .map(|(step, parts)| (step.clone(), Some(parts)))
                    .collect(),
                false,
            ),
        }
    }
}

fn inner_name(name: &str, step: &str) -> String {
    format!("{name}Of{}", step.trim_start_matches("r#"))
}
