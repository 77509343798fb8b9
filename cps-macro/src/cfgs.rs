//! What is there in some configurations only: `#[cfg(unix)] drop(guard);`.
//!
//! The passes must know of each statement whether it is there, and that the compiler alone knows. So it
//! is asked before they begin: what the attribute stands on is emitted as it is, under
//! `#[cfg_attr(unix, cps(is(unix)))]` and `#[cfg_attr(not(unix), cps(not(unix)))]`. One of the two comes
//! back, the answer is applied, and the next question asked, until no condition is left. Items inside
//! the body are left to the compiler with theirs, and so is what is handed to macros that the passes do
//! not look into.

use crate::arguments::Arguments;
use crate::options::Options;
use crate::points::PointMacro;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, FnArg, GenericParam, ItemFn, Signature, Stmt, Token};

/// What the compiler has said of a condition.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) condition: TokenStream,
    pub(crate) holds: bool,
}

/// A walk over annotated functions that leaves in them what is there.
pub(crate) struct Configured<'a> {
    answer: Option<&'a Answer>,
    /// The first condition that nothing is known of.
    open: Option<TokenStream>,
}

impl<'a> Configured<'a> {
    /// By what has been answered.
    pub(crate) fn by(options: &'a Options) -> Self {
        Configured {
            answer: options.answer.as_ref(),
            open: None,
        }
    }

    /// A function of which all is to be known.
    pub(crate) fn function(&mut self, function: &mut ItemFn) {
        self.method(&mut function.sig, Some(&mut function.block));
    }

    /// The same of a method, which may have no body.
    pub(crate) fn method(&mut self, sig: &mut Signature, body: Option<&mut syn::Block>) {
        self.visit_signature_mut(sig);
        body.into_iter().for_each(|body| self.visit_block_mut(body));
    }

    /// The item with a question to the compiler, if there is one left.
    pub(crate) fn question(self, options: &Options, item: &impl ToTokens) -> Option<TokenStream> {
        // By what the attribute is written with, the compiler tells whose words those are that it
        // will put in.
        let (condition, root) = (self.open?, options.root_of(Span::call_site()));
        Some(quote! {
            #[cfg_attr(#condition, #root::expansion::cps(is(#condition), #options))]
            #[cfg_attr(not(#condition), #root::expansion::cps(not(#condition), #options))]
            #item
        })
    }

    /// Whether that is there, or may be, before which these attributes stand; they lose what is known.
    fn keeps(&mut self, attrs: &mut Vec<Attribute>) -> bool {
        let mut there = true;
        attrs.retain(|attr| match condition(attr) {
            Some((condition, negated)) => match self.answer {
                Some(answer) if text(&answer.condition) == text(&condition) => {
                    there &= answer.holds != negated;
                    false
                }
                _ => {
                    self.open.get_or_insert(condition);
                    true
                }
            },
            None => true,
        });
        there
    }

    fn keep_exprs(&mut self, exprs: &mut Punctuated<Expr, Token![,]>) {
        retain(exprs, |expr| {
            attributes(expr).is_none_or(|attrs| self.keeps(attrs))
        });
    }
}

impl VisitMut for Configured<'_> {
    fn visit_signature_mut(&mut self, sig: &mut Signature) {
        retain(&mut sig.inputs, |input| match input {
            FnArg::Receiver(receiver) => self.keeps(&mut receiver.attrs),
            FnArg::Typed(typed) => self.keeps(&mut typed.attrs),
        });
        for input in &mut sig.inputs {
            self.visit_fn_arg_mut(input);
        }
        retain(&mut sig.generics.params, |param| match param {
            GenericParam::Lifetime(param) => self.keeps(&mut param.attrs),
            GenericParam::Type(param) => self.keeps(&mut param.attrs),
            GenericParam::Const(param) => self.keeps(&mut param.attrs),
        });
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain_mut(|stmt| match stmt {
            Stmt::Local(local) => self.keeps(&mut local.attrs),
            Stmt::Macro(mac) => self.keeps(&mut mac.attrs),
            Stmt::Expr(expr, _) => attributes(expr).is_none_or(|attrs| self.keeps(attrs)),
            Stmt::Item(_) => true,
        });
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Array(array) => self.keep_exprs(&mut array.elems),
            Expr::Call(call) => self.keep_exprs(&mut call.args),
            Expr::Closure(closure) => retain(&mut closure.inputs, |input| match input {
                syn::Pat::Ident(name) => self.keeps(&mut name.attrs),
                syn::Pat::Type(typed) => self.keeps(&mut typed.attrs),
                _ => true,
            }),
            Expr::Match(matched) => matched.arms.retain_mut(|arm| self.keeps(&mut arm.attrs)),
            Expr::MethodCall(call) => self.keep_exprs(&mut call.args),
            Expr::Struct(made) => retain(&mut made.fields, |field| self.keeps(&mut field.attrs)),
            Expr::Tuple(tuple) => self.keep_exprs(&mut tuple.elems),
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_pat_struct_mut(&mut self, pat: &mut syn::PatStruct) {
        retain(&mut pat.fields, |field| self.keeps(&mut field.attrs));
        visit_mut::visit_pat_struct_mut(self, pat);
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        if !holds_condition(mac.tokens.clone()) {
            return;
        }
        if PointMacro::of(mac).is_some() {
            let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
            if let Ok(mut args) = parse.parse2(mac.tokens.clone()) {
                args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                mac.tokens = args.into_token_stream();
            }
        } else if let Some(mut arguments) = Arguments::of(mac) {
            let args = arguments.args.iter_mut();
            args.for_each(|arg| self.visit_expr_mut(&mut arg.expr));
            mac.tokens = arguments.into_token_stream();
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
}

/// Leaves of a list what is to be kept.
fn retain<T, P: Default>(list: &mut Punctuated<T, P>, mut keep: impl FnMut(&mut T) -> bool) {
    let mut kept = Punctuated::new();
    for mut pair in std::mem::take(list).into_pairs() {
        if keep(pair.value_mut()) {
            let (value, mark) = pair.into_tuple();
            kept.push_value(value);
            mark.into_iter().for_each(|mark| kept.push_punct(mark));
        }
    }
    *list = kept;
}

/// The condition of a `#[cfg]`, and whether it is negated.
fn condition(attr: &Attribute) -> Option<(TokenStream, bool)> {
    let list = attr.meta.require_list().ok()?;
    let mut condition = list
        .path
        .is_ident("cfg")
        .then(|| trimmed(list.tokens.clone()))?;
    let mut negated = false;
    while let Some(inner) = of_not(&condition) {
        (condition, negated) = (inner, !negated);
    }
    Some((condition, negated))
}

/// What stands in `not(..)`.
fn of_not(condition: &TokenStream) -> Option<TokenStream> {
    let mut tokens = condition.clone().into_iter();
    match (tokens.next(), tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(not)), Some(TokenTree::Group(inner)), None) if not == "not" => {
            Some(trimmed(inner.stream()))
        }
        _ => None,
    }
}

/// Without the comma that may stand behind it.
fn trimmed(condition: TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = condition.into_iter().collect();
    tokens.pop_if(|last| matches!(last, TokenTree::Punct(comma) if comma.as_char() == ','));
    tokens.into_iter().collect()
}

/// A condition without the space that tokens are shown with.
fn text(condition: &TokenStream) -> String {
    condition.to_string().split_whitespace().collect()
}

fn holds_condition(code: TokenStream) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "cfg",
        TokenTree::Group(group) => holds_condition(group.stream()),
        _ => false,
    })
}

/// The attributes that stand before an expression. Before an assignment or an operator they are
/// its left side's.
fn attributes(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    Some(match expr {
        Expr::Assign(assign) => return attributes(&mut assign.left),
        Expr::Binary(binary) => return attributes(&mut binary.left),
        Expr::Array(expr) => &mut expr.attrs,
        Expr::Async(expr) => &mut expr.attrs,
        Expr::Await(expr) => &mut expr.attrs,
        Expr::Block(expr) => &mut expr.attrs,
        Expr::Break(expr) => &mut expr.attrs,
        Expr::Call(expr) => &mut expr.attrs,
        Expr::Cast(expr) => &mut expr.attrs,
        Expr::Closure(expr) => &mut expr.attrs,
        Expr::Continue(expr) => &mut expr.attrs,
        Expr::Field(expr) => &mut expr.attrs,
        Expr::ForLoop(expr) => &mut expr.attrs,
        Expr::If(expr) => &mut expr.attrs,
        Expr::Index(expr) => &mut expr.attrs,
        Expr::Lit(expr) => &mut expr.attrs,
        Expr::Loop(expr) => &mut expr.attrs,
        Expr::Macro(expr) => &mut expr.attrs,
        Expr::Match(expr) => &mut expr.attrs,
        Expr::MethodCall(expr) => &mut expr.attrs,
        Expr::Paren(expr) => &mut expr.attrs,
        Expr::Path(expr) => &mut expr.attrs,
        Expr::Range(expr) => &mut expr.attrs,
        Expr::Reference(expr) => &mut expr.attrs,
        Expr::Repeat(expr) => &mut expr.attrs,
        Expr::Return(expr) => &mut expr.attrs,
        Expr::Struct(expr) => &mut expr.attrs,
        Expr::Try(expr) => &mut expr.attrs,
        Expr::Tuple(expr) => &mut expr.attrs,
        Expr::Unary(expr) => &mut expr.attrs,
        Expr::Unsafe(expr) => &mut expr.attrs,
        Expr::While(expr) => &mut expr.attrs,
        _ => return None,
    })
}
