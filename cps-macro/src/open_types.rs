//! Locals of which the declaration leaves the type open, for code behind it to tell.
//!
//! The compiler infers types in the order of the text, and goes through the states in theirs. So what uses such a local
//! stands in no earlier state than what tells its type: see [`crate::states`]. Where a guess is wrong, the compiler asks
//! for a type.

use crate::locals::{LocalId, Locals};
use syn::{Expr, GenericArgument, Pat, PathArguments, Type};

/// Notes what the declaration of a local tells.
pub(crate) fn note(locals: &mut Locals, bound: &[LocalId], local: &syn::Local) {
    let told = matches!(&local.pat, Pat::Type(typed) if !is_open_type(&typed.ty));
    if let [id] = *bound
        && !told
        && local.init.as_ref().is_none_or(|init| is_open(&init.expr))
    {
        locals.open.insert(id);
    }
}

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
        Expr::Array(array) => array.elems.is_empty(),
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
