//! What the text tells of how locals may be worked on in place: a guess at how much it costs to move a value,
//! where names may decide since only speed depends on it, and whether it is certainly no reference.

use crate::locals::{Bulk, LocalId, Locals, Visible, as_local};
use crate::visible::{holds_closure, visible_type};
use syn::{Expr, Lit, Type};

/// Notes what the declaration of a local tells.
pub(crate) fn note(locals: &mut Locals, bound: &[LocalId], local: &syn::Local) {
    let init = local.init.as_ref();
    if init.is_some_and(|init| holds_closure(&init.expr)) {
        bound
            .iter()
            .for_each(|id| locals.get_mut(*id).closure = true);
    }
    let [id] = *bound else { return };
    let bulk = match (&local.pat, &local.init) {
        (syn::Pat::Type(typed), _) => bulk_of_type(&typed.ty),
        (_, Some(init)) => bulk_of_value(&init.expr, locals),
        _ => Bulk::default(),
    };
    let new = locals.get_mut(id);
    (new.bulk, new.owned) = (bulk, is_owned(local));
}

/// std's and our own types that are a few words, whatever their parameters are.
const HANDLES: [&str; 24] = [
    "Vec",
    "VecDeque",
    "String",
    "Box",
    "Rc",
    "Arc",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "Mailbox",
    "Sender",
    "Receiver",
    "Pool",
    "Home",
    "JoinHandle",
    "Thunk",
    "Continuation",
    "PathBuf",
    "Instant",
    "Duration",
    "Range",
    "Ordering",
    "NonZero",
];

/// Methods that, by their names, yield a few words.
const SMALL_METHODS: [&str; 26] = [
    "len",
    "count",
    "capacity",
    "iter",
    "iter_mut",
    "chars",
    "bytes",
    "lines",
    "enumerate",
    "rev",
    "keys",
    "values",
    "windows",
    "chunks",
    "to_string",
    "to_owned",
    "to_vec",
    "as_str",
    "as_ref",
    "as_mut",
    "min",
    "max",
    "home",
    "abs",
    "pow",
    "elapsed",
];

/// An array of no more elements than this is a few words.
const FEW: usize = 8;

/// One of so many is large, whatever they are.
const MANY: usize = 64;

/// How much moving a value of a type may cost.
pub(crate) fn bulk_of_type(ty: &Type) -> Bulk {
    match ty {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => Bulk::Small,
        Type::Paren(inner) => bulk_of_type(&inner.elem),
        Type::Group(inner) => bulk_of_type(&inner.elem),
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .map(bulk_of_type)
            .max()
            .unwrap_or(Bulk::Small),
        Type::Array(array) => bulk_of_many(&array.len, bulk_of_type(&array.elem)),
        Type::Path(_) if visible_type(ty) == Visible::Copy => Bulk::Small,
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if HANDLES.iter().any(|name| last.ident == name) => Bulk::Small,
            Some(last) if last.ident == "Option" || last.ident == "Result" => wrapped(last),
            _ => Bulk::Likely,
        },
        _ => Bulk::Maybe,
    }
}

fn wrapped(segment: &syn::PathSegment) -> Bulk {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return Bulk::Maybe;
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(bulk_of_type(ty)),
        _ => None,
    });
    types.max().unwrap_or(Bulk::Maybe)
}

/// How much moving the value of an expression may cost.
pub(crate) fn bulk_of_value(expr: &Expr, locals: &Locals) -> Bulk {
    let bulk = |expr: &Expr| bulk_of_value(expr, locals);
    let of = |id: LocalId| locals.get(id).bulk;
    match expr {
        Expr::Lit(_) | Expr::Reference(_) | Expr::Closure(_) | Expr::Range(_) => Bulk::Small,
        Expr::Cast(cast) => bulk_of_type(&cast.ty),
        Expr::Binary(_) | Expr::Unary(_) => Bulk::Small,
        Expr::Paren(paren) => bulk(&paren.expr),
        Expr::Group(group) => bulk(&group.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().map(bulk).max().unwrap_or(Bulk::Small),
        Expr::Repeat(repeat) => bulk_of_many(&repeat.len, bulk(&repeat.expr)),
        Expr::Array(array) => {
            let one = array.elems.iter().map(bulk).max().unwrap_or(Bulk::Small);
            bulk_of(Some(array.elems.len()), one)
        }
        Expr::Struct(literal) => {
            let fields = literal.fields.iter().map(|field| bulk(&field.expr));
            fields.max().unwrap_or(Bulk::Likely).max(Bulk::Likely)
        }
        Expr::Macro(mac) => match mac.mac.path.segments.last() {
            Some(last) if last.ident == "vec" || last.ident == "format" => Bulk::Small,
            _ => Bulk::Maybe,
        },
        Expr::Path(path) => match as_local(expr) {
            Some(id) => of(id),
            None if path.path.is_ident("None") => Bulk::Maybe,
            None => Bulk::Likely,
        },
        Expr::Call(call) => bulk_of_call(call, &bulk),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            match name.as_str() {
                "clone" | "into_iter" | "unwrap" | "expect" => bulk(&call.receiver),
                name if SMALL_METHODS.contains(&name) => Bulk::Small,
                _ => Bulk::Maybe,
            }
        }
        _ => Bulk::Maybe,
    }
}

/// `Vec::new()`, `Some(x)`, `IntoIterator::into_iter(x)`, and any other call.
fn bulk_of_call(call: &syn::ExprCall, bulk: &dyn Fn(&Expr) -> Bulk) -> Bulk {
    let Expr::Path(path) = &*call.func else {
        return Bulk::Maybe;
    };
    let segments: Vec<_> = path
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let last = segments.last().map(String::as_str);
    match (segments.iter().rev().nth(1), last) {
        (Some(ty), _) if HANDLES.contains(&ty.as_str()) => Bulk::Small,
        (_, Some("Some" | "Ok" | "Err")) => call.args.iter().map(bulk).max().unwrap_or(Bulk::Maybe),
        (Some(of), Some("into_iter")) if of == "IntoIterator" => call
            .args
            .first()
            .map_or(Bulk::Maybe, |iterated| bulk(iterated).min(Bulk::Maybe)),
        _ => Bulk::Likely,
    }
}

/// How much moving an array costs, given what moving an element does.
fn bulk_of_many(len: &Expr, one: Bulk) -> Bulk {
    let number = match len {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    };
    bulk_of(number, one)
}

fn bulk_of(len: Option<usize>, one: Bulk) -> Bulk {
    match len {
        Some(len) if len <= FEW => one,
        Some(len) if len < MANY => one.max(Bulk::Likely),
        _ => Bulk::Certain,
    }
}

/// Whether a local is, by its text, no reference: it has another type, or is made by a literal or by a
/// function of a type.
fn is_owned(local: &syn::Local) -> bool {
    match (&local.pat, &local.init) {
        (syn::Pat::Type(typed), _) => is_owned_type(&typed.ty),
        (syn::Pat::Ident(_), Some(init)) => match &*init.expr {
            Expr::Struct(_) | Expr::Array(_) | Expr::Repeat(_) | Expr::Tuple(_) => true,
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => path
                    .path
                    .segments
                    .iter()
                    .rev()
                    .nth(1)
                    .is_some_and(|ty| ty.ident.to_string().starts_with(char::is_uppercase)),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

pub(crate) fn is_owned_type(ty: &Type) -> bool {
    !matches!(ty, Type::Reference(_) | Type::Infer(_) | Type::Macro(_))
}
