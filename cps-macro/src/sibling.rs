//! Where the unstarted form of a function is found.
//!
//! `f(x)` and `module::f(x)` have it at `f::thunk(x)`, in a type of the same name; methods and associated
//! functions beside them: `x.m(y)` at `x.m_thunk(y)`, `Type::f(x)` at `Type::f_thunk(x)`.

use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Expr, ExprPath, Ident, Path, PathSegment, QSelf, Token, Type, TypePath};

/// Makes a call name the sibling of what it calls; `false` if it is no call.
pub(crate) fn name(call: &mut Expr) -> bool {
    match call {
        Expr::Call(call) => match &mut *call.func {
            Expr::Path(path) => {
                name_path(path);
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

fn name_path(called: &mut ExprPath) {
    let path = &mut called.path;
    let count = path.segments.len();
    let owner = count
        .checked_sub(2)
        .map(|at| path.segments[at].ident.unraw().to_string());
    let of_type = owner.is_some_and(|name| name.starts_with(char::is_uppercase));
    let (Some(first), Some(last)) = (path.segments.first(), path.segments.last()) else {
        return;
    };
    let (first, at) = (first.ident.span(), last.ident.span());
    let last = path.segments.last_mut().expect("a path names something");
    if called.qself.is_some() || of_type {
        last.ident = beside(&last.ident);
    } else {
        // As a type, so that the compiler says of a name it does not know that it is none, and not that it
        // is no crate.
        let arguments = std::mem::take(&mut last.arguments);
        let thunk = PathSegment {
            ident: Ident::new("thunk", at),
            arguments,
        };
        let path = Path {
            leading_colon: Some(Token![::](at)),
            segments: std::iter::once(thunk).collect(),
        };
        let owner = Type::Path(TypePath {
            attrs: Vec::new(),
            qself: None,
            path: std::mem::replace(&mut called.path, path),
        });
        called.qself = Some(QSelf {
            lt_token: Token![<](first),
            ty: Box::new(owner),
            position: 0,
            as_token: None,
            gt_token: Token![>](at),
        });
    }
}
