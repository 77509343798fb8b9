//! What the text of a function tells about the types of its locals.

use crate::locals::{Locals, Visible, as_local};
use syn::{Expr, GenericArgument, PathArguments, PathSegment, Type};

/// What a type says about dropping and moving.
pub(crate) fn visible_type(ty: &Type) -> Visible {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => Visible::Exclusive,
        Type::Reference(_) => Visible::Shared,
        Type::FnPtr(_) | Type::Ptr(_) => Visible::Copy,
        Type::Paren(inner) => visible_type(&inner.elem),
        Type::Group(inner) => visible_type(&inner.elem),
        Type::Tuple(tuple)
            if tuple
                .elems
                .iter()
                .all(|ty| visible_type(ty) == Visible::Copy) =>
        {
            Visible::Copy
        }
        Type::Array(array) if visible_type(&array.elem) == Visible::Copy => Visible::Copy,
        Type::Path(path) => path.path.segments.last().map_or(Visible::Unknown, named),
        _ => Visible::Unknown,
    }
}

fn named(last: &PathSegment) -> Visible {
    match &*last.ident.to_string() {
        name if is_primitive(name) => Visible::Copy,
        "Option" if holds(&last.arguments, Visible::Copy) => Visible::Copy,
        "Option" | "Result" | "Vec" | "String" | "Box" | "Rc" | "Arc" => Visible::Std,
        _ => Visible::Unknown,
    }
}

/// Whether the one type between angle brackets is such.
fn holds(arguments: &PathArguments, visible: Visible) -> bool {
    match arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(ty)) => visible_type(ty) == visible,
            _ => false,
        },
        _ => false,
    }
}

/// Whether a name is that of a number type, `bool` or `char`.
pub(crate) fn is_primitive(name: &str) -> bool {
    let names = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    names.contains(&name)
}

pub(crate) fn visible_value(expr: &Expr) -> Visible {
    match expr {
        Expr::Reference(reference) if reference.mutability.is_some() => Visible::Exclusive,
        Expr::Reference(_) => Visible::Shared,
        Expr::Lit(_) => Visible::Copy,
        Expr::Repeat(repeat) if visible_value(&repeat.expr) == Visible::Copy => Visible::Copy,
        Expr::Array(array)
            if array
                .elems
                .iter()
                .all(|elem| visible_value(elem) == Visible::Copy) =>
        {
            Visible::Copy
        }
        Expr::Cast(cast) => visible_type(&cast.ty),
        _ => Visible::Unknown,
    }
}

/// Whether the value of an expression is, or plainly contains, a closure.
pub(crate) fn holds_closure(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(_) => true,
        Expr::Tuple(tuple) => tuple.elems.iter().any(holds_closure),
        Expr::Array(array) => array.elems.iter().any(holds_closure),
        Expr::Call(call) => call.args.iter().any(holds_closure),
        Expr::MethodCall(call) => {
            holds_closure(&call.receiver) || call.args.iter().any(holds_closure)
        }
        Expr::Struct(literal) => literal
            .fields
            .iter()
            .any(|field| holds_closure(&field.expr)),
        Expr::Paren(paren) => holds_closure(&paren.expr),
        Expr::Reference(reference) => holds_closure(&reference.expr),
        Expr::If(_) | Expr::Match(_) | Expr::Block(_) => {
            struct Find(bool);
            impl<'ast> syn::visit::Visit<'ast> for Find {
                fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {
                    self.0 = true;
                }
            }
            let mut find = Find(false);
            syn::visit::Visit::visit_expr(&mut find, expr);
            find.0
        }
        _ => false,
    }
}

/// A place that means the same whenever it is evaluated while it is borrowed: locals, fields, elements, and
/// what references point to.
pub(crate) fn is_steady_place(expr: &Expr, locals: &Locals) -> bool {
    let steady = |expr: &Expr| is_steady_place(expr, locals);
    match expr {
        Expr::Path(_) => as_local(expr).is_some(),
        Expr::Field(field) => steady(&field.base),
        Expr::Index(index) => steady(&index.expr) && is_steady_index(&index.index, locals),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && steady(&unary.expr),
        Expr::Paren(paren) => steady(&paren.expr),
        Expr::Group(group) => steady(&group.expr),
        _ => false,
    }
}

/// Whether an index is the same whenever it is evaluated.
pub(crate) fn is_steady_index(expr: &Expr, locals: &Locals) -> bool {
    let steady = |expr: &Expr| is_steady_index(expr, locals);
    match expr {
        Expr::Lit(_) => true,
        Expr::Path(_) => as_local(expr).is_some_and(|id| !locals.get(id).mutable),
        Expr::Range(range) => {
            let mut bounds = range.start.iter().chain(&range.end);
            bounds.all(|bound| steady(bound))
        }
        Expr::Binary(binary) => steady(&binary.left) && steady(&binary.right),
        Expr::Cast(cast) => steady(&cast.expr),
        Expr::Paren(paren) => steady(&paren.expr),
        Expr::Group(group) => steady(&group.expr),
        _ => false,
    }
}
