//! Assignments that take a value apart, `(a, b.c, _) = value`, as what they stand for: a `let`, and an
//! assignment of each part.

use super::Resolver;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::parse::Parser;
use syn::spanned::Spanned;

impl Resolver<'_> {
    /// The block that such an assignment stands for.
    pub(super) fn destructured(&mut self, assign: &syn::ExprAssign) -> Option<Expr> {
        if !is_pattern(&assign.left) {
            return None;
        }
        let mut assigned = Vec::new();
        let (pat, value) = (self.pattern(&assign.left, &mut assigned), &assign.right);
        let at = Span::mixed_site().located_at(assign.eq_token.span());
        let pat = syn::Pat::parse_multi.parse2(pat).ok()?;
        self.locals.bound_by(&pat);
        // What stands where a place would be need not be one.
        syn::parse2(quote_spanned!(at=> { let #pat = #value; #(#assigned)* })).ok()
    }

    /// The pattern of a left side, whose parts are assigned behind it.
    fn pattern(&mut self, left: &Expr, assigned: &mut Vec<TokenStream>) -> TokenStream {
        match left {
            Expr::Infer(_) => left.to_token_stream(),
            Expr::Paren(paren) => self.pattern(&paren.expr, assigned),
            Expr::Range(rest) if rest.start.is_none() && rest.end.is_none() => quote!(..),
            Expr::Tuple(tuple) => {
                let parts = tuple.elems.iter().map(|left| self.pattern(left, assigned));
                let parts: Vec<_> = parts.collect();
                quote_spanned!(left.span()=> (#(#parts,)*))
            }
            Expr::Array(array) => {
                let parts = array.elems.iter().map(|left| self.pattern(left, assigned));
                let parts: Vec<_> = parts.collect();
                quote_spanned!(left.span()=> [#(#parts),*])
            }
            Expr::Call(call) => {
                let parts = call.args.iter().map(|left| self.pattern(left, assigned));
                let (parts, path): (Vec<_>, _) = (parts.collect(), &call.func);
                quote_spanned!(left.span()=> #path(#(#parts),*))
            }
            Expr::Struct(literal) => {
                let fields = literal.fields.iter().map(|field| {
                    let (name, part) = (&field.member, self.pattern(&field.expr, assigned));
                    quote!(#name: #part,)
                });
                let (fields, path): (Vec<_>, _) = (fields.collect(), &literal.path);
                let rest = literal.dot2_token;
                quote_spanned!(left.span()=> #path { #(#fields)* #rest })
            }
            place => {
                let part = self.locals.invent("part", place.span());
                let part = self.locals.own(part);
                assigned.push(quote_spanned!(place.span()=> #place = #part;));
                part.into_token_stream()
            }
        }
    }
}

/// Whether a left side is no place.
fn is_pattern(left: &Expr) -> bool {
    match left {
        Expr::Paren(paren) => is_pattern(&paren.expr),
        Expr::Infer(_) | Expr::Tuple(_) | Expr::Array(_) | Expr::Struct(_) => true,
        Expr::Call(call) => matches!(*call.func, Expr::Path(_)),
        _ => false,
    }
}
