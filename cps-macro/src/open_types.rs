//! Locals of which the declaration leaves the type open, for code behind it to tell.
//!
//! The compiler infers types in the order of the text, and goes through the states in theirs. So what uses
//! such a local stands in no earlier state than what tells its type: see [`crate::states`]. Where a guess is
//! wrong, the compiler asks for a type.

use crate::locals::Locals;
use crate::sets::LocalSet;
use crate::tree::bound_by;
use syn::punctuated::Punctuated;
use syn::{Expr, GenericArgument, Pat, PathArguments, Token, Type};

/// Notes what the declaration of locals tells.
pub(crate) fn note(locals: &mut Locals, local: &syn::Local) {
    let init = local.init.as_ref().map(|init| &*init.expr);
    open(&local.pat, init, &mut locals.open);
}

/// Adds the locals that a pattern binds to what tells nothing of them; each by its own value, where that
/// can be seen.
fn open(pat: &Pat, value: Option<&Expr>, found: &mut LocalSet) {
    match (pat, value) {
        (Pat::Type(typed), _) => {
            if is_open_type(&typed.ty) {
                open(&typed.pat, value, found);
            }
        }
        (Pat::Tuple(pats), Some(Expr::Tuple(values))) => {
            open_each(&pats.elems, &values.elems, found)
        }
        (Pat::Slice(pats), Some(Expr::Array(values))) => {
            open_each(&pats.elems, &values.elems, found)
        }
        (pat, value) => {
            if let [id] = bound_by(pat)[..]
                && value.is_none_or(is_open)
            {
                found.insert(id);
            }
        }
    }
}

fn open_each(pats: &Listed<Pat>, values: &Listed<Expr>, found: &mut LocalSet) {
    let rest = pats.iter().position(|pat| matches!(pat, Pat::Rest(_)));
    let behind = rest.map_or(0, |at| pats.len() - at - 1);
    let before = rest.unwrap_or(pats.len());
    let first = pats.iter().zip(values).take(before);
    let last = pats.iter().rev().zip(values.iter().rev()).take(behind);
    for (pat, value) in first.chain(last) {
        open(pat, Some(value), found);
    }
}

type Listed<T> = Punctuated<T, Token![,]>;

/// std's types that have their parameters told by what is put into them.
const HOLDERS: [&str; 12] = [
    "Vec",
    "VecDeque",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "Default",
    "Option",
    "Cell",
    "RefCell",
    "Mutex",
];

fn is_open_type(ty: &Type) -> bool {
    match ty {
        Type::Infer(_) => true,
        Type::Tuple(tuple) => tuple.elems.iter().any(is_open_type),
        Type::Array(array) => is_open_type(&array.elem),
        Type::Path(path) => path
            .path
            .segments
            .iter()
            .any(|segment| match &segment.arguments {
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().any(
                    |argument| matches!(argument, GenericArgument::Type(ty) if is_open_type(ty)),
                ),
                _ => false,
            }),
        _ => false,
    }
}

fn is_open(value: &Expr) -> bool {
    match value {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident == "None" && last.arguments.is_none() && path.path.segments.len() < 3
        }),
        Expr::Call(call) => is_open_call(call),
        Expr::Array(array) => array.elems.iter().all(is_open),
        Expr::Repeat(repeat) => is_open(&repeat.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().any(is_open),
        Expr::Macro(mac) => mac.mac.path.is_ident("vec") && mac.mac.tokens.is_empty(),
        Expr::MethodCall(call) => {
            let open = ["collect", "into", "parse", "try_into", "unwrap_or_default"];
            match &*call.method.to_string() {
                "unwrap" | "expect" => is_open(&call.receiver),
                name => call.turbofish.is_none() && open.contains(&name),
            }
        }
        Expr::Try(tried) => is_open(&tried.expr),
        _ => false,
    }
}

/// `Vec::new()`, `Some(None)`, `Ok(1)`.
fn is_open_call(call: &syn::ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else {
        return false;
    };
    let segments = &path.path.segments;
    if path.qself.is_some() || segments.iter().any(|segment| !segment.arguments.is_none()) {
        return false;
    }
    let of = segments.iter().rev().nth(1);
    match (of, segments.last()) {
        (None, Some(last)) if last.ident == "Ok" || last.ident == "Err" => true,
        (None, Some(last)) if last.ident == "Some" => call.args.iter().any(is_open),
        (Some(of), Some(_)) if HOLDERS.iter().any(|name| of.ident == name) => {
            // A number of elements tells nothing of them.
            let values = call.args.iter();
            values
                .filter(|value| !matches!(value, Expr::Lit(_)))
                .all(is_open)
        }
        _ => false,
    }
}

/// Whether a method, by its name, is called on a value of any type alike.
pub(crate) fn tells_nothing(method: &syn::Ident) -> bool {
    let looks = [
        "capacity", "clear", "clone", "is_empty", "is_none", "is_some", "iter", "len", "reserve",
        "truncate",
    ];
    looks.iter().any(|name| method == name)
}
