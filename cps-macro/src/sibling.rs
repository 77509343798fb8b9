//! Where the unstarted form of a function is found.
//!
//! `f(x)` and `module::f(x)` have it at `f::thunk(x)`, in a type of the same name; methods and associated
//! functions beside them: `x.m(y)` at `x.m_thunk(y)`, `Type::f(x)` at `Type::f_thunk(x)`.

use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Expr, Ident, Path, PathSegment};

/// Makes a call name the sibling of what it calls; `false` if it is no call.
pub(crate) fn name(call: &mut Expr) -> bool {
    match call {
        Expr::Call(call) => match &mut *call.func {
            Expr::Path(path) => {
                let associated = path.qself.is_some();
                name_path(&mut path.path, associated);
                true
            }
            _ => false,
        },
        Expr::MethodCall(call) => {
            call.method = beside(&call.method);
            true
        }
        Expr::Paren(paren) => name(&mut paren.expr),
        Expr::Group(group) => name(&mut group.expr),
        _ => false,
    }
}

/// The name of a method's sibling.
pub(crate) fn beside(method: &Ident) -> Ident {
    format_ident!("{}_thunk", method.unraw(), span = method.span())
}

fn name_path(path: &mut Path, associated: bool) {
    let count = path.segments.len();
    let owner = count
        .checked_sub(2)
        .map(|at| path.segments[at].ident.unraw().to_string());
    let of_type = owner.is_some_and(|name| name.starts_with(char::is_uppercase));
    let Some(last) = path.segments.last_mut() else {
        return;
    };
    if associated || of_type {
        last.ident = beside(&last.ident);
    } else {
        let arguments = std::mem::take(&mut last.arguments);
        let ident = Ident::new("thunk", last.ident.span());
        path.segments.push(PathSegment { ident, arguments });
    }
}
