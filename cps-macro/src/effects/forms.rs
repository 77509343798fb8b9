//! What single forms do, by their looks.

use crate::arguments::Arguments;
use proc_macro2::Ident;
use syn::{Expr, Pat};

/// Whether a macro's output shows the text of its arguments.
pub(super) fn says_its_arguments(mac: &syn::Macro, arguments: &Arguments) -> bool {
    let name = mac.path.segments.last().map(|last| last.ident.to_string());
    match name.as_deref() {
        Some("assert" | "debug_assert") => arguments.args.len() == 1,
        Some("dbg") => true,
        _ => false,
    }
}

/// Whether this is the name of one of std's macros that never return. The author may have one that does.
pub(crate) fn is_said_to_diverge(name: &Ident) -> bool {
    ["panic", "todo", "unimplemented", "unreachable"]
        .iter()
        .any(|known| name == known)
}

/// std's methods on `Option`, `Result`, `Vec`, `String` and `Box` that take `self` by value.
pub(super) fn is_by_value(method: &str) -> bool {
    let families = [
        "unwrap", "expect", "into_", "ok", "err", "map", "and", "or", "xor", "zip",
    ];
    let words = [
        "filter",
        "flatten",
        "transpose",
        "leak",
        "unzip",
        "copied",
        "cloned",
        "inspect",
        "is_some_and",
        "is_none_or",
        "is_ok_and",
    ];
    let family = |name: &&str| {
        method == name.trim_end_matches('_')
            || method
                .strip_prefix(name.trim_end_matches('_'))
                .is_some_and(|rest| rest.starts_with('_'))
    };
    families.iter().any(family) || words.contains(&method)
}

pub(super) fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Field(_) | Expr::Index(_) => true,
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// Whether matching a local against a pattern moves it, or a part of it.
pub(crate) fn binds_by_value(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => {
            let bound = crate::locals::local_id(&ident.ident).is_some() && ident.by_ref.is_none();
            bound || ident.subpat.iter().any(|(_, inner)| binds_by_value(inner))
        }
        Pat::Guard(guarded) => binds_by_value(&guarded.pat),
        Pat::Type(typed) => binds_by_value(&typed.pat),
        Pat::Paren(paren) => binds_by_value(&paren.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(binds_by_value),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(binds_by_value),
        Pat::Struct(fields) => fields.fields.iter().any(|field| binds_by_value(&field.pat)),
        Pat::Slice(slice) => slice.elems.iter().any(binds_by_value),
        Pat::Or(or) => or.cases.iter().any(binds_by_value),
        _ => false,
    }
}
