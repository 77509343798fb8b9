//! Which parts of locals a function names: those that some expression leads to, and the fields of patterns
//! that take a local, or a part of it, apart.
//!
//! Without types a pattern `Name { .. }` may be an enum's, which has no fields to hold apart. It is a
//! struct's where an expression names a field of the same place, or where it is one word's and stands in a
//! `let` that always matches.

use super::{Path, part, points, step};
use crate::effects::binds_by_value;
use crate::locals::{LocalId, Locals, as_local};
use crate::opened::Opened;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Member, Pat, Stmt, Token};

/// Finds the parts that are named in a function: where its parameters' patterns are matched, and
/// in its block.
pub(crate) fn name_parts(locals: &mut Locals, opened: &Opened, unpack: &[Stmt], block: &Block) {
    let mut named = Named { locals, opened };
    named.visit_block(block);
    let mut apart = Apart { locals };
    unpack.iter().for_each(|stmt| apart.visit_stmt(stmt));
    apart.visit_block(block);
}

struct Named<'a> {
    locals: &'a mut Locals,
    opened: &'a Opened<'a>,
}

impl<'ast> Visit<'ast> for Named<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match part(expr) {
            Some((id, path)) => self.locals.name_part(id, path),
            None => visit::visit_expr(self, expr),
        }
    }

    fn visit_path(&mut self, _: &'ast syn::Path) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        for expr in self.opened.arguments(mac).iter().flat_map(|exprs| &**exprs) {
            self.visit_expr(expr);
        }
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Finds what patterns take apart.
struct Apart<'a> {
    locals: &'a mut Locals,
}

impl Apart<'_> {
    /// A place is matched against a pattern, which may be said to match whatever is there.
    fn matched(&mut self, scrutinee: &Expr, pat: &Pat, always: bool) {
        let whole = as_local(scrutinee).map(|id| (id, Path::new()));
        if let Some((id, path)) = whole.or_else(|| part(scrutinee))
            && !points(&path)
        {
            self.taken(id, &path, pat, always);
        }
    }

    fn taken(&mut self, id: LocalId, place: &Path, pat: &Pat, always: bool) {
        if !binds_by_value(pat) {
            return;
        }
        let named = match pat {
            Pat::Paren(paren) => return self.taken(id, place, &paren.pat, always),
            Pat::Type(typed) => return self.taken(id, place, &typed.pat, always),
            Pat::Guard(guarded) => return self.taken(id, place, &guarded.pat, false),
            Pat::Tuple(_) => leaves_named(pat),
            Pat::TupleStruct(tuple) => self.is_struct(id, place, &tuple.path, pat, always),
            Pat::Struct(fields) => self.is_struct(id, place, &fields.path, pat, always),
            _ => false,
        };
        for (member, pat) in fields(pat).into_iter().filter(|_| named) {
            let path = [&**place, &[step(&member)]].concat();
            self.taken(id, &path, pat, always);
            self.locals.name_part(id, path);
        }
    }

    fn is_struct(
        &self,
        id: LocalId,
        place: &Path,
        name: &syn::Path,
        pat: &Pat,
        always: bool,
    ) -> bool {
        let within = |named: &Path| named.len() > place.len() && named.starts_with(place);
        let mut named = self.locals.named_parts(id).into_iter().flatten();
        named.any(within) || (always && name.get_ident().is_some() && leaves_named(pat))
    }
}

impl<'ast> Visit<'ast> for Apart<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.matched(&init.expr, &local.pat, init.diverge.is_none());
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, cond: &'ast syn::ExprLet) {
        self.matched(&cond.expr, &cond.pat, false);
        visit::visit_expr_let(self, cond);
    }

    fn visit_expr_match(&mut self, matched: &'ast syn::ExprMatch) {
        for arm in &matched.arms {
            self.matched(&matched.expr, &arm.pat, false);
        }
        visit::visit_expr_match(self, matched);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The fields that a pattern of a struct or tuple names. How many there are behind `..` is not told.
fn fields(pat: &Pat) -> Vec<(Member, &Pat)> {
    match pat {
        Pat::Struct(fields) => {
            let fields = fields.fields.iter();
            let fields = fields.map(|field| (field.member.clone(), &*field.pat));
            fields.collect()
        }
        pat => {
            let elems = elems(pat).into_iter().flatten();
            let counted = elems.take_while(|pat| !matches!(pat, Pat::Rest(_)));
            let fields = counted.enumerate();
            fields.map(|(at, pat)| (at.into(), pat)).collect()
        }
    }
}

fn elems(pat: &Pat) -> Option<&Punctuated<Pat, Token![,]>> {
    match pat {
        Pat::Tuple(tuple) => Some(&tuple.elems),
        Pat::TupleStruct(tuple) => Some(&tuple.elems),
        _ => None,
    }
}

/// Whether a pattern names all there is of a value, and leaves some of it where it is.
fn leaves_named(pat: &Pat) -> bool {
    let open = match pat {
        Pat::Struct(fields) => fields.rest.is_some(),
        pat => {
            let mut elems = elems(pat).into_iter().flatten();
            elems.any(|pat| matches!(pat, Pat::Rest(_)))
        }
    };
    !open && leaves(pat)
}

/// Whether a pattern leaves some of a value where it is.
fn leaves(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(_) => !binds_by_value(pat),
        Pat::Paren(paren) => leaves(&paren.pat),
        Pat::Type(typed) => leaves(&typed.pat),
        Pat::Struct(of) => of.rest.is_some() || fields(pat).iter().any(|(_, pat)| leaves(pat)),
        Pat::Tuple(_) | Pat::TupleStruct(_) => elems(pat).into_iter().flatten().any(leaves),
        _ => true,
    }
}
