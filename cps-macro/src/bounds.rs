//! What the bounds of a parameter's type tell: which of the methods of std's traits take the parameter.
//!
//! A type that is known by its bounds only has no methods but theirs, so that for once a name decides:
//! `f(..)` with `f: impl FnOnce(..)`, `name.into()` with `name: impl Into<String>`.

use syn::{Generics, Type, TypeParamBound};

/// Traits of std with methods that take `self`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taker {
    FnOnce,
    Into,
    TryInto,
    IntoIterator,
    Iterator,
}

/// Those of the traits that bound a parameter of this type.
pub(crate) fn takers(ty: &Type, generics: &Generics) -> Vec<Taker> {
    let mut names = Vec::new();
    match ty {
        Type::ImplTrait(bounded) => names_of(&bounded.bounds, &mut names),
        Type::Path(path) => match path.path.get_ident() {
            Some(name) => bounds_of(name, generics, &mut names),
            None => within_box(ty, &mut names),
        },
        _ => {}
    }
    // What can be called again is not taken by a call.
    let again = names.iter().any(|name| name == "Fn" || name == "FnMut");
    let takers = names.iter().filter_map(|name| Taker::named(name));
    takers
        .filter(|taker| !again || *taker != Taker::FnOnce)
        .collect()
}

/// The bounds of `Box<dyn FnOnce()>`, which the box passes on.
fn within_box(ty: &Type, names: &mut Vec<String>) {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Box"
        && let syn::PathArguments::AngleBracketed(inner) = &last.arguments
        && let Some(syn::GenericArgument::Type(Type::TraitObject(object))) = inner.args.first()
    {
        names_of(&object.bounds, names);
        names.retain(|name| name == "FnOnce");
    }
}

fn bounds_of(param: &syn::Ident, generics: &Generics, names: &mut Vec<String>) {
    for declared in generics.type_params().filter(|one| one.ident == *param) {
        names_of(&declared.bounds, names);
    }
    for predicate in generics.where_clause.iter().flat_map(|all| &all.predicates) {
        if let syn::WherePredicate::Type(bounded) = predicate
            && let Type::Path(path) = &bounded.bounded_ty
            && path.path.is_ident(param)
        {
            names_of(&bounded.bounds, names);
        }
    }
}

fn names_of<'b>(bounds: impl IntoIterator<Item = &'b TypeParamBound>, names: &mut Vec<String>) {
    let last = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string()),
        _ => None,
    };
    names.extend(bounds.into_iter().filter_map(last));
}

impl Taker {
    fn named(name: &str) -> Option<Taker> {
        Some(match name {
            "FnOnce" => Taker::FnOnce,
            "Into" => Taker::Into,
            "TryInto" => Taker::TryInto,
            "IntoIterator" => Taker::IntoIterator,
            "Iterator" | "DoubleEndedIterator" | "ExactSizeIterator" => Taker::Iterator,
            _ => return None,
        })
    }

    /// Whether its method of this name takes what it is called on.
    pub(crate) fn takes_by(self, method: &str) -> bool {
        match self {
            Taker::FnOnce => false,
            Taker::Into => method == "into",
            Taker::TryInto => method == "try_into",
            Taker::IntoIterator => method == "into_iter",
            Taker::Iterator => method == "into_iter" || ADAPTERS.contains(&method),
        }
    }
}

const ADAPTERS: [&str; 37] = [
    "chain",
    "cloned",
    "collect",
    "copied",
    "count",
    "cycle",
    "enumerate",
    "filter",
    "filter_map",
    "flat_map",
    "flatten",
    "fold",
    "for_each",
    "fuse",
    "inspect",
    "last",
    "map",
    "map_while",
    "max",
    "max_by",
    "max_by_key",
    "min",
    "min_by",
    "min_by_key",
    "partition",
    "peekable",
    "product",
    "reduce",
    "rev",
    "rfold",
    "scan",
    "skip",
    "step_by",
    "sum",
    "take",
    "unzip",
    "zip",
];
