//! From the author's block to the [`Tree`]: what suspends is taken apart until every suspension point stands
//! alone, as a statement of its own; what does not suspend stays whole.
//!
//! [`operands`] does it for expressions, in Rust's order of evaluation; [`call`] for what is called, and
//! [`lending`] and [`captured`] for what that borrows.

mod call;
mod captured;
mod changes;
mod control;
mod items;
mod lending;
mod operands;

pub(crate) use operands::Comparison;

use crate::bulk::bulk_of_value;
use crate::diagnostics::Diagnostics;
use crate::jumps::{Enclosing, Jumps};
use crate::locals::{LocalId, Locals};
use crate::points::PointMacro;
use crate::root::Root;
use crate::syntax;
use crate::tree::{Bind, Binding, BodyId, Kind, NodeId, Stmt, Target, Tree};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::cell::LazyCell;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{Expr, Pat, parse_quote, parse_quote_spanned};

pub(crate) struct Lower<'a> {
    pub(crate) tree: Tree,
    pub(crate) locals: &'a mut Locals,
    pub(crate) diagnostics: &'a mut Diagnostics,
    /// The path of the crate that expansions name.
    root: &'a Root,
    result: &'a TokenStream,
    /// All words of the function's block, for those who ask.
    words: LazyCell<items::Words, Box<dyn FnOnce() -> items::Words>>,
    enclosing: Vec<Enclosing>,
    targets: Target,
    /// The body at whose end the next statement goes.
    here: BodyId,
}

/// Lowers a function: its parameters' scope, in which `unpack` binds those that are patterns, then its block.
pub(crate) fn lower(
    locals: &mut Locals,
    diagnostics: &mut Diagnostics,
    root: &Root,
    result: &TokenStream,
    params: Vec<LocalId>,
    unpack: Vec<syn::Stmt>,
    block: syn::Block,
) -> Tree {
    let mut tree = Tree::default();
    let here = tree.body(params);
    tree.root = here;
    let mut lower = Lower {
        tree,
        locals,
        diagnostics,
        root,
        result,
        words: LazyCell::new(Box::new({
            let block = block.clone();
            move || items::Words::of(block.to_token_stream())
        })),
        enclosing: Vec::new(),
        targets: 0,
        here,
    };
    for stmt in unpack {
        lower.push(Stmt::Native(stmt));
    }
    let body = lower.tree.body(Vec::new());
    let mut suspends = FindPoint::default();
    suspends.visit_block(&block);
    let span = block.brace_token.span.join();
    lower.block(body, block);
    lower.tree.node(
        here,
        Bind::Tail,
        Kind::Block {
            unsafety: false,
            body,
        },
        span,
        suspends.found,
    );
    lower.tree.complete();
    lower.tree
}

/// Whether evaluating an expression may suspend.
pub(crate) fn suspends(expr: &Expr) -> bool {
    let mut find = FindPoint::default();
    find.visit_expr(expr);
    find.found
}

#[derive(Default)]
pub(crate) struct FindPoint {
    pub(crate) found: bool,
}

impl<'ast> Visit<'ast> for FindPoint {
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if PointMacro::suspending(mac).is_some() {
            self.found = true;
        } else if let Some(arguments) = crate::arguments::Arguments::of(mac) {
            arguments
                .args
                .iter()
                .for_each(|arg| self.found |= suspends(&arg.expr));
        } else if PointMacro::of(mac) == Some(PointMacro::Thunk)
            && let Ok(call) = syn::parse2::<Expr>(mac.tokens.clone())
        {
            self.found |= suspends(&call);
        }
    }
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_path(&mut self, _: &'ast syn::Path) {}
    fn visit_pat(&mut self, pat: &'ast Pat) {
        if !matches!(pat, Pat::Macro(_)) {
            visit::visit_pat(self, pat);
        }
    }
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if !self.found {
            visit::visit_expr(self, expr);
        }
    }
}

impl Lower<'_> {
    fn push(&mut self, stmt: Stmt) {
        self.tree.bodies[self.here].stmts.push(stmt);
    }

    fn node(&mut self, bind: Bind, kind: Kind, span: Span) -> NodeId {
        self.tree.node(self.here, bind, kind, span, true)
    }

    /// Runs `fill` with its statements going to the end of `body`.
    fn inside(&mut self, body: BodyId, fill: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.here, body);
        fill(self);
        self.here = outer;
    }

    /// Rewrites what leaves native code.
    fn native(&mut self, mut expr: Expr) -> Expr {
        Jumps {
            diagnostics: self.diagnostics,
            enclosing: &mut self.enclosing,
            root: self.root,
            result: self.result,
        }
        .visit_expr_mut(&mut expr);
        expr
    }

    fn native_stmt(&mut self, mut stmt: syn::Stmt) {
        Jumps {
            diagnostics: self.diagnostics,
            enclosing: &mut self.enclosing,
            root: self.root,
            result: self.result,
        }
        .visit_stmt_mut(&mut stmt);
        self.push(Stmt::Native(stmt));
    }

    fn name(&self, id: LocalId) -> Expr {
        Expr::Path(syn::ExprPath {
            attrs: Vec::new(),
            qself: None,
            path: self.locals.own(id).into(),
        })
    }

    /// `let mut value = expr;` under a name of our own.
    fn keep(&mut self, name: &str, expr: Expr) -> Expr {
        let span = expr.span();
        let id = self.locals.invent(name, span);
        self.keep_as(id, expr);
        self.name(id)
    }

    fn keep_as(&mut self, id: LocalId, expr: Expr) {
        let name = self.locals.own(id);
        let expr = inner(expr);
        self.locals.get_mut(id).bulk = bulk_of_value(&expr, self.locals);
        if suspends(&expr) {
            self.value(expr, Bind::of(parse_quote!(#name)));
        } else {
            let span = expr.span();
            let bound = syntax::bound(name, Some(syn::Token![mut](span)));
            self.native_stmt(syntax::declared(bound, None, expr, span));
        }
    }

    fn block(&mut self, body: BodyId, mut block: syn::Block) {
        self.items(body, &mut block);
        let last = block.stmts.len();
        self.tree.bodies[body].span = Some(block.brace_token.span.join());
        self.inside(body, |this| {
            for (at, stmt) in block.stmts.into_iter().enumerate() {
                this.stmt(stmt, at + 1 == last);
            }
        });
    }

    /// The body of a branch that is written as an expression.
    fn branch(&mut self, body: BodyId, expr: Expr) {
        match expr {
            Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => {
                self.block(body, block.block)
            }
            expr => {
                self.tree.bodies[body].span = Some(expr.span());
                self.inside(body, |this| this.value(expr, Bind::Tail))
            }
        }
    }

    fn stmt(&mut self, stmt: syn::Stmt, last: bool) {
        match stmt {
            syn::Stmt::Item(_) => unreachable!("items were taken out of the block"),
            syn::Stmt::Local(local) => self.local(local),
            syn::Stmt::Macro(mac) => {
                let tail = last
                    && mac.semi_token.is_none()
                    && !matches!(mac.mac.delimiter, syn::MacroDelimiter::Brace(_));
                let expr = Expr::Macro(syn::ExprMacro {
                    attrs: mac.attrs.clone(),
                    mac: mac.mac.clone(),
                });
                match suspends(&expr) || tail {
                    true => self.value(expr, if tail { Bind::Tail } else { Bind::Statement }),
                    false => self.native_stmt(syn::Stmt::Macro(mac)),
                }
            }
            syn::Stmt::Expr(expr, semi) => {
                let bind = if last && semi.is_none() {
                    Bind::Tail
                } else {
                    Bind::Statement
                };
                let native = !suspends(&expr) && !bind.is_tail() && !self.disagrees(&expr);
                match native {
                    true => self.native_stmt(syn::Stmt::Expr(expr, semi)),
                    false => self.value(expr, bind),
                }
            }
        }
    }

    fn local(&mut self, mut local: syn::Local) {
        if let Pat::Type(typed) = &local.pat
            && let Pat::Ident(name) = &*typed.pat
            && let Some(id) = crate::locals::local_id(&name.ident)
        {
            self.locals.get_mut(id).ty = Some((*typed.ty).clone());
        }
        let Some(init) = local.init.take() else {
            return self.native_stmt(syn::Stmt::Local(local));
        };
        let diverges = init
            .diverge
            .as_ref()
            .is_some_and(|(_, diverge)| suspends(diverge));
        if !suspends(&init.expr) && !diverges && !self.disagrees(&init.expr) {
            local.init = Some(init);
            return self.native_stmt(syn::Stmt::Local(local));
        }
        let (pat, ty) = match local.pat {
            Pat::Type(typed) => (*typed.pat, Some(*typed.ty)),
            pat => (pat, None),
        };
        let mut expr = *init.expr;
        if diverges {
            let (_, diverge) = init.diverge.expect("it diverges");
            return self.let_else(local.attrs, pat, expr, *diverge);
        }
        if let Expr::Reference(reference) = &mut expr
            && init.diverge.is_none()
            && suspends(&reference.expr)
        {
            // The value lives as long as the reference, so it belongs to this scope and not to the statement.
            let value = std::mem::replace(&mut *reference.expr, parse_quote!(()));
            let value = self.operands(value);
            *reference.expr = if self.is_place(&value) {
                value
            } else {
                self.keep("value", value)
            };
            if let [id] = crate::tree::bound_by(&pat)[..] {
                self.locals.get_mut(id).rebuild = Some(expr.clone());
            }
            let ty = ty.map(|ty| quote::quote!(: #ty));
            return self.native_stmt(parse_quote!(let #pat #ty = #expr;));
        }
        let diverge = init.diverge.map(|(_, diverge)| self.native(*diverge));
        let binding = Binding {
            attrs: local.attrs,
            pat,
            ty,
            diverge,
        };
        self.value(expr, Bind::Let(Box::new(binding)));
    }

    /// An initialiser whose `else` suspends is a `match` that yields what the pattern binds. A value that
    /// does not match ends before the `else` begins, so it is matched apart; a place does not end.
    fn let_else(&mut self, attrs: Vec<syn::Attribute>, pat: Pat, init: Expr, diverge: Expr) {
        let bound: Vec<_> = crate::tree::bound_by(&pat).into_iter().collect();
        let names: Vec<_> = bound.iter().map(|id| self.locals.own(*id)).collect();
        let rebound =
            bound
                .iter()
                .zip(&names)
                .map(|(id, name)| match self.locals.get(*id).mutable {
                    true => quote::quote!(mut #name),
                    false => quote::quote!(#name),
                });
        let tuple: Pat = parse_quote!((#(#rebound,)*));
        let (root, never) = (self.root, crate::hygiene::word("never"));
        let diverge = quote::quote! {
            let #never: #root::expansion::MustDiverge = #diverge;
            match #never {}
        };
        let span = pat.span();
        let value = if self.is_place(&init) {
            parse_quote_spanned! {span=> match (#init) {
                #pat => (#(#names,)*),
                _ => { #diverge }
            }}
        } else {
            let [matched, values] = ["matched", "values"].map(|name| {
                let id = self.locals.invent(name, span);
                self.locals.own(id)
            });
            let apart = parse_quote_spanned! {span=> match (#init) {
                #pat => ::core::option::Option::Some((#(#names,)*)),
                _ => ::core::option::Option::None,
            }};
            self.value(apart, Bind::of(parse_quote!(#matched)));
            parse_quote_spanned! {span=> match { #matched } {
                ::core::option::Option::Some(#values) => #values,
                ::core::option::Option::None => { #diverge }
            }}
        };
        self.value(
            value,
            Bind::Let(Box::new(Binding {
                attrs,
                pat: tuple,
                ty: None,
                diverge: None,
            })),
        );
    }

    /// Evaluates an expression that may suspend and binds its value.
    fn value(&mut self, expr: Expr, bind: Bind) {
        let may_split = suspends(&expr) || self.disagrees(&expr);
        if !may_split {
            let expr = self.native(expr);
            let stmt = match bind {
                Bind::Tail => Stmt::Tail(expr),
                Bind::Statement => Stmt::Native(syn::Stmt::Expr(expr, Some(Default::default()))),
                Bind::Let(binding) => {
                    let Binding {
                        attrs,
                        pat,
                        ty,
                        diverge,
                    } = *binding;
                    let ty = ty.map(|ty| quote::quote!(: #ty));
                    let diverge = diverge.map(|diverge| quote::quote!(else #diverge));
                    Stmt::Native(parse_quote!(#(#attrs)* let #pat #ty = #expr #diverge;))
                }
            };
            return self.push(stmt);
        }
        match expr {
            Expr::Paren(paren) => self.value(*paren.expr, bind),
            Expr::Group(group) => self.value(*group.expr, bind),
            Expr::Macro(mac) if PointMacro::suspending(&mac.mac).is_some() => {
                self.point(mac.mac, bind)
            }
            Expr::Block(_)
            | Expr::Unsafe(_)
            | Expr::If(_)
            | Expr::Match(_)
            | Expr::Loop(_)
            | Expr::While(_)
            | Expr::ForLoop(_) => self.control(expr, bind),
            expr => {
                let span = expr.span();
                let body = self.tree.body(Vec::new());
                self.inside(body, |this| {
                    let rest = this.operands(expr);
                    this.value(rest, Bind::Tail);
                });
                self.node(
                    bind,
                    Kind::Block {
                        unsafety: false,
                        body,
                    },
                    span,
                );
            }
        }
    }

    /// Whether branches in what does not suspend consume different locals.
    fn disagrees(&self, expr: &Expr) -> bool {
        matches!(
            expr,
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Unsafe(_)
        ) && !crate::effects::differing(expr, self.locals).is_empty()
    }

    fn fresh_target(&mut self) -> Target {
        self.targets += 1;
        self.targets
    }
}

impl Bind {
    pub(crate) fn of(pat: Pat) -> Bind {
        Bind::Let(Box::new(Binding {
            attrs: Vec::new(),
            pat,
            ty: None,
            diverge: None,
        }))
    }

    pub(crate) fn is_tail(&self) -> bool {
        matches!(self, Bind::Tail)
    }
}

/// Takes an expression out of its box, or out of parentheses.
fn inner(expr: Expr) -> Expr {
    match expr {
        Expr::Paren(paren) => inner(*paren.expr),
        Expr::Group(group) => inner(*group.expr),
        expr => expr,
    }
}

/// The arguments of a point, which [`crate::resolve`] has checked.
pub(crate) fn arguments(mac: &syn::Macro) -> Vec<Expr> {
    use syn::parse::Parser;
    if mac.tokens.is_empty() {
        return Vec::new();
    }
    syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated
        .parse2(mac.tokens.to_token_stream())
        .map(|args| args.into_iter().collect())
        .unwrap_or_default()
}
