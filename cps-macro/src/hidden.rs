//! Macros that may hide `return` and `?`, and the legs of functions with such macros.
//!
//! What a macro of the author's expands to is not seen here. A `return` in it yields the function's value, so
//! it must stand where that is what `return` yields: in an `async` block, which is polled once (see `Hiding`
//! in the core). The ends of legs that are written here are no `return`s then. Each leg stands in a labelled
//! block, where a hidden `break` or `continue` that would mean a loop of the expansion's is an error.
//!
//! Such functions have no groups: their legs move the frame.

use crate::arguments::as_match;
use crate::hygiene::word;
use crate::in_place::returned;
use crate::opened::Opened;
use crate::root::Root;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::visit::{self, Visit};
use syn::{Block, Lifetime};

/// std's macros that expand to a value and nothing else, beside those whose arguments are known.
const VALUES: [&str; 13] = [
    "cfg",
    "column",
    "compile_error",
    "concat",
    "env",
    "file",
    "include_bytes",
    "include_str",
    "is_x86_feature_detected",
    "line",
    "module_path",
    "option_env",
    "stringify",
];

/// Whether a function's body has a macro that may leave it.
pub(crate) fn hides<'b>(block: &'b Block, opened: &Opened<'b>) -> bool {
    let mut found = Found(false, opened);
    found.visit_block(block);
    found.0
}

/// Whether a macro of this name is one of std's that expand to a value and nothing else.
pub(crate) fn is_value(name: &str) -> bool {
    VALUES.contains(&name)
}

struct Found<'o>(bool, &'o Opened<'o>);

impl Visit<'_> for Found<'_> {
    fn visit_macro(&mut self, mac: &syn::Macro) {
        if let Some(args) = self.1.arguments(mac) {
            args.iter().for_each(|arg| self.visit_expr(arg));
        } else if let Some(matched) = as_match(mac) {
            self.visit_expr(&matched);
        } else {
            let name = mac.path.segments.last();
            self.0 |= !name.is_some_and(|name| is_value(&name.ident.to_string()));
        }
    }

    fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
    fn visit_item(&mut self, _: &syn::Item) {}
    fn visit_pat(&mut self, _: &syn::Pat) {}
    fn visit_path(&mut self, _: &syn::Path) {}
    fn visit_type(&mut self, _: &syn::Type) {}

    fn visit_expr(&mut self, expr: &syn::Expr) {
        if !self.0 {
            visit::visit_expr(self, expr);
        }
    }
}

/// Code of a leg, where nothing outside of it can be left without a label.
pub(crate) fn enclosed(label: &str, code: TokenStream) -> TokenStream {
    let label = Lifetime::new(label, Span::mixed_site());
    quote!(#label: { #code })
}

/// The machine as an `async` block, and its one turn.
pub(crate) fn machine(machine: TokenStream, jumps: bool, root: &Root) -> TokenStream {
    let (cx, frame, leg, ended) = (word("cx"), word("frame"), word("leg"), word("ended"));
    let arms = ends(machine);
    let machine = match jumps {
        true => {
            let turn = Lifetime::new("'cps", Span::mixed_site());
            quote!({ let mut #frame = #cx.take(); #turn: loop { match #frame { #arms } } })
        }
        false => quote!(match #cx.take() { #arms }),
    };
    quote! {
        let #cx = #root::expansion::Hiding::new(#cx);
        let #leg = async {
            if false {
                return #cx.value();
            }
            #[allow(unreachable_code, unused_variables)]
            let #ended: #root::expansion::MustDiverge = #machine;
            #[allow(unreachable_code)]
            match #ended {}
        };
        #cx.run(#leg)
    }
}

/// Code in which a leg ends, made to do so in an `async` block: with the function's value by `return`,
/// else by waiting.
fn ends(code: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let (mut out, mut at) = (TokenStream::new(), 0);
    while let Some(token) = tokens.get(at) {
        let (end, length) = end(&tokens[at..]).unwrap_or_else(|| match token {
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), ends(group.stream()));
                new.set_span(group.span());
                (TokenTree::from(new).into(), 1)
            }
            token => (token.clone().into(), 1),
        });
        out.extend(end);
        at += length;
    }
    out
}

/// The end of a leg that stands at the beginning of some code, and how long it was.
fn end(tokens: &[TokenTree]) -> Option<(TokenStream, usize)> {
    if let Some((value, length)) = returned(tokens) {
        let (value, span) = (ends(value), tokens[0].span());
        return Some((quote_spanned!(span=> return (#value)), length));
    }
    let [
        TokenTree::Ident(leave),
        TokenTree::Ident(cx),
        TokenTree::Punct(_),
        TokenTree::Ident(ending),
        TokenTree::Group(given),
        ..,
    ] = tokens
    else {
        return None;
    };
    if leave != "return" || cx != "cx" {
        return None;
    }
    let given = given.stream();
    let at = Span::mixed_site().located_at(leave.span());
    let end = quote_spanned!(at=> match #cx.left(#cx.own().#ending(#given)).await {});
    Some((end, 5))
}
