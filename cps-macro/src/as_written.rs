//! The author's words as they are written, for tools that complete and resolve names.
//!
//! Tools look at what the macro emits, and go by the first place where a word stands in it. In a state only
//! what is held there has a name, and where a value may be moved in part its fields stand first in a type of
//! the macro's. So before the machine the whole body stands once more, in a closure that is never called. The
//! compiler does not see it: only rust-analyzer sets `cfg(rust_analyzer)`, and where the body is Rust it is
//! emitted only if that runs the macro.

use crate::arguments::{Arguments, as_match};
use crate::points::PointMacro;
use crate::signature::Sibling;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::sync::OnceLock;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, FnArg, ItemFn, Pat, Stmt, parse_quote_spanned};

/// What stands before the machine of a function that can be compiled.
pub(crate) fn before_machine(function: &ItemFn, face: &Sibling) -> Option<TokenStream> {
    // In a closure nothing can be `mut self`.
    let owned =
        function.sig.inputs.iter().any(
            |input| matches!(input, FnArg::Receiver(receiver) if receiver.mutability.is_some()),
        );
    (is_looked_at() && !owned).then(|| as_written(function, face, blocking(&function.block)))
}

/// Whether it is rust-analyzer that runs the macro.
fn is_looked_at() -> bool {
    static IS: OnceLock<bool> = OnceLock::new();
    *IS.get_or_init(|| {
        let program = std::env::current_exe().unwrap_or_default();
        let name = program.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with("rust-analyzer")
    })
}

/// A body, to be looked at and not to be compiled.
pub(crate) fn as_written(function: &ItemFn, face: &Sibling, body: TokenStream) -> TokenStream {
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&typed.pat),
        FnArg::Receiver(_) => None,
    });
    let is_name = |pat: &Pat| matches!(pat, Pat::Ident(name) if name.mutability.is_none());
    let patterns = typed
        .zip(&face.names)
        .filter(|(pat, _)| !is_name(pat))
        .map(|(pat, name)| quote!(let #pat = #name;));
    let output = match face.result.to_string() == "_" {
        true => quote!(),
        false => {
            let output = face.output.to_token_stream();
            quote!(-> #output)
        }
    };
    quote! {
        #[cfg(rust_analyzer)]
        let _ = || #output { #(#patterns)* #body };
    }
}

/// A body with calls that block in the place of suspension points.
fn blocking(body: &Block) -> TokenStream {
    let mut body = body.clone();
    Blocking.visit_block_mut(&mut body);
    body.into_token_stream()
}

struct Blocking;

impl VisitMut for Blocking {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && let Some(expr) = value(&mac.mac)
        {
            *stmt = Stmt::Expr(expr, mac.semi_token);
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(mac) = expr
            && let Some(value) = value(&mac.mac).or_else(|| as_match(&mac.mac))
        {
            *expr = value;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        if let Some(mut arguments) = Arguments::of(mac) {
            let args = arguments.args.iter_mut();
            args.for_each(|arg| self.visit_expr_mut(&mut arg.expr));
            mac.tokens = arguments.into_token_stream();
        }
    }
}

/// What has the type that a suspension point has.
fn value(mac: &syn::Macro) -> Option<Expr> {
    use PointMacro::*;
    let point = PointMacro::named(&mac.path.segments.last()?.ident.to_string())?;
    let args = crate::lower::arguments(mac);
    let at = Span::mixed_site().located_at(mac.path.span());
    Some(match (point, &args[..]) {
        (Thunk, _) => return None,
        (Coop, []) => parse_quote_spanned!(at=> ()),
        (Call, [call @ (Expr::Call(_) | Expr::MethodCall(_))]) => call.clone(),
        (Call, [thunk]) => parse_quote_spanned!(at=> (#thunk).run()),
        (Recv, [mailbox]) => parse_quote_spanned!(at=> (#mailbox).recv()),
        (Send, [mailbox, message]) => parse_quote_spanned!(at=> (#mailbox).send(#message)),
        (Join, [handle]) => parse_quote_spanned!(at=> (#handle).join()),
        (Visit | Timeout, [first, call]) => {
            parse_quote_spanned!(at=> { let _ = &#first; ::core::result::Result::Ok(#call) })
        }
        (Sleep | SleepUntil | Suspend, [given]) => {
            parse_quote_spanned!(at=> { let _ = &#given; })
        }
        (Migrate | Readable | Writable | Signal, [given]) => {
            parse_quote_spanned!(at=> { let _ = &#given; ::core::result::Result::Ok(()) })
        }
        (_, args) => parse_quote_spanned!(at=> { #(let _ = &#args;)* loop {} }),
    })
}

#[test]
fn points_become_calls_that_block() {
    let body: Block = syn::parse_quote!({
        coop!();
        let sum = call!(f(&mut x))? + insideout::call!(t) + call!(y.m());
        println!("{}", recv!(lines)?);
        if matches!(send!(lines, 1), Err(_)) && join!(h).is_ok() {
            return timeout!(t, f(readable!(fd)?));
        }
        while migrate!(pool).is_ok() {
            select!(a, b);
        }
        let later = thunk!(f(1));
        #[cps]
        fn inner() {
            coop!();
        }
        sleep!(t)
    });
    let expected = quote!({
        ();
        let sum = f(&mut x)? + (t).run() + y.m();
        println!("{}", (lines).recv()?);
        if match ((lines).send(1)) {
            Err(_) => true,
            _ => false,
        } && (h).join().is_ok()
        {
            return {
                let _ = &t;
                ::core::result::Result::Ok(f({
                    let _ = &fd;
                    ::core::result::Result::Ok(())
                }?))
            };
        }
        while {
            let _ = &pool;
            ::core::result::Result::Ok(())
        }
        .is_ok()
        {
            {
                let _ = &a;
                let _ = &b;
                loop {}
            };
        }
        let later = thunk!(f(1));
        #[cps]
        fn inner() {
            coop!();
        }
        {
            let _ = &t;
        }
    });
    let text = |code: TokenStream| code.to_string().replace(" , }", " }");
    assert_eq!(text(blocking(&body)), text(expected));
}
