//! What leaves native code: `return`, `?`, `break` and `continue`, rewritten for the leg they now stand in.
//!
//! A `return` ends the leg with a result, `?` does so on the residual. A jump to a loop or block that is
//! split goes to a label that [`crate::arms`] puts where that construct is re-entered; jumps within native
//! code stay as they are.

use crate::arguments::Arguments;
use crate::diagnostics::Diagnostics;
use crate::hygiene::{word, word_at};
use crate::messages;
use crate::points::PointMacro;
use crate::root::Root;
use crate::syntax;
use crate::tree::Target;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Label, Lifetime, Stmt, Token, Type, parse_quote_spanned};

/// An enclosing loop or labelled block.
#[derive(Clone)]
pub(crate) struct Enclosing {
    pub(crate) label: Option<Lifetime>,
    pub(crate) is_loop: bool,
    /// `None`: it is native, and so are jumps to it.
    pub(crate) target: Option<Target>,
}

const EXIT: &str = "__exit";
const NEXT: &str = "__next";

/// The label that ends a split construct with a value.
pub(crate) fn exit(target: Target, span: Span) -> Lifetime {
    Lifetime::new(&format!("'{EXIT}{target}"), span)
}

/// The label that ends a turn of a split loop.
pub(crate) fn next(target: Target, span: Span) -> Lifetime {
    Lifetime::new(&format!("'{NEXT}{target}"), span)
}

/// The name under which a label made here is emitted.
pub(crate) fn pretty(label: &Ident) -> Option<Ident> {
    let name = label.to_string();
    let plain = name
        .strip_prefix("__")
        .filter(|_| name.starts_with(EXIT) || name.starts_with(NEXT))?;
    Some(crate::hygiene::word_at(plain, label.span()))
}

/// The target of a label made here, and whether it starts the next turn.
pub(crate) fn target_of(label: &Lifetime) -> Option<(Target, bool)> {
    target_named(&label.ident.to_string())
}

/// The same by the label's name.
pub(crate) fn target_named(name: &str) -> Option<(Target, bool)> {
    let exit = name.strip_prefix(EXIT).map(|target| (target, false));
    let (target, next) = exit.or_else(|| name.strip_prefix(NEXT).map(|target| (target, true)))?;
    Some((target.parse().ok()?, next))
}

pub(crate) struct Jumps<'a> {
    pub(crate) diagnostics: &'a mut Diagnostics,
    pub(crate) enclosing: &'a mut Vec<Enclosing>,
    pub(crate) root: &'a Root,
    /// The type of what the function yields.
    pub(crate) result: &'a TokenStream,
}

/// Ends the leg with the function's value, of which the compiler knows by the author's word what it must be.
pub(crate) fn done(value: &TokenStream, result: &TokenStream) -> TokenStream {
    let (cx, done) = (word("cx"), word("value"));
    quote!(let #done: #result = #value; return #cx.done(#done);)
}

/// What a `return` that was written here returns: in `return { let value: T = returned; cx.done(value) }`, or
/// as it is.
pub(crate) fn returned(value: &Expr) -> &Expr {
    let Expr::Block(block) = value else {
        return value;
    };
    match block.block.stmts.first() {
        Some(syn::Stmt::Local(local)) if names(&local.pat, "value") => {
            local.init.as_ref().map_or(value, |init| &init.expr)
        }
        _ => value,
    }
}

fn names(pat: &syn::Pat, name: &str) -> bool {
    match pat {
        syn::Pat::Type(typed) => names(&typed.pat, name),
        syn::Pat::Ident(ident) => ident.ident == name,
        _ => false,
    }
}

impl Jumps<'_> {
    fn find(&self, label: Option<&Lifetime>, loops_only: bool) -> Option<Target> {
        let found = self.enclosing.iter().rev().find(|enclosing| match label {
            Some(label) => enclosing
                .label
                .as_ref()
                .is_some_and(|own| own.ident == label.ident),
            None => enclosing.is_loop || !loops_only,
        });
        found.and_then(|enclosing| enclosing.target)
    }

    fn within(&mut self, label: &Option<Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) {
        let label = label.as_ref().map(|label| label.name.clone());
        self.enclosing.push(Enclosing {
            label,
            is_loop,
            target: None,
        });
        visit(self);
        self.enclosing.pop();
    }

    /// What a macro does with a label is not seen, and there is no such label where its loop or block is
    /// split.
    fn refuse_labels(&mut self, tokens: TokenStream) {
        let mut apostrophe = None;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                    apostrophe = Some(punct.span())
                }
                TokenTree::Ident(ident) => {
                    let label = apostrophe
                        .take()
                        .map(|apostrophe| Lifetime { apostrophe, ident });
                    if let Some(label) =
                        label.filter(|label| self.find(Some(label), false).is_some())
                    {
                        let name = label.ident.to_string();
                        self.diagnostics
                            .error(&label, messages::LABEL_IN_MACRO, &[&name]);
                    }
                }
                TokenTree::Group(group) => self.refuse_labels(group.stream()),
                _ => apostrophe = None,
            }
        }
    }

    /// `match Try::branch(operand) { Continue(value) => value, Break(residual) => return .. }`
    fn question(&self, operand: Expr, span: Span) -> Expr {
        let [cx, value, residual] = ["cx", "value", "residual"].map(|name| word_at(name, span));
        let ours = |names: &[&str]| syntax::ours(self.root, names, span);
        let flow = |name, of: &Ident| {
            let path = syntax::global(&["core", "ops", "ControlFlow", name], span);
            syntax::variant(path, syntax::bound(of.clone(), None), span)
        };
        let (goes_on, leaves) = (flow("Continue", &value), flow("Break", &residual));
        let branch = syntax::call(ours(&["expansion", "Try", "branch"]), operand, span);
        let from_residual = ours(&["expansion", "FromResidual", "from_residual"]);
        let left = syntax::call(from_residual, syntax::named(residual), span);
        let leave = Expr::Return(syn::ExprReturn {
            attrs: Vec::new(),
            return_token: Token![return](span),
            expr: Some(Box::new(syntax::method(cx, "done", left, span))),
        });
        let arms = vec![(goes_on, syntax::named(value)), (leaves, leave)];
        syntax::matched(branch, arms, span)
    }

    /// `{ let value: T = value; cx.done(value) }`
    fn done(&self, value: Expr, span: Span) -> Expr {
        let (cx, name) = (word("cx"), word("value"));
        let result = Type::Verbatim(self.result.clone());
        let bound = syntax::bound(name.clone(), None);
        let declared = syntax::declared(bound, Some(result), value, span);
        let done = syntax::method(cx, "done", syntax::named(name), span);
        syntax::block(vec![declared, Stmt::Expr(done, None)], span)
    }
}

/// Whether an expression is a block or a loop.
fn is_block(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Block(_) | Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_)
    )
}

impl VisitMut for Jumps<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Return(returned) => {
                let span = returned.return_token.span();
                let Some(value) = returned.expr.as_deref_mut() else {
                    let cx = word("cx");
                    returned.expr = Some(parse_quote_spanned!(span=> #cx.done(())));
                    return;
                };
                self.visit_expr_mut(value);
                let returned = std::mem::replace(value, Expr::PLACEHOLDER);
                *value = self.done(returned, span);
            }
            Expr::Try(tried) => {
                self.visit_expr_mut(&mut tried.expr);
                let operand = std::mem::replace(&mut *tried.expr, Expr::PLACEHOLDER);
                *expr = self.question(operand, tried.question_token.span());
            }
            Expr::Break(jump) => {
                if let Some(value) = &mut jump.expr {
                    self.visit_expr_mut(value);
                }
                if let Some(target) = self.find(jump.label.as_ref(), true) {
                    jump.label = Some(exit(target, jump.break_token.span()));
                }
                // The compiler warns of a label before a block that has none.
                if let Some(value) = &mut jump.expr
                    && jump.label.is_some()
                    && is_block(value)
                {
                    **value = parse_quote_spanned!(value.span()=> (#value));
                }
            }
            Expr::Continue(jump) => {
                if let Some(target) = self.find(jump.label.as_ref(), true) {
                    let label = next(target, jump.continue_token.span());
                    *expr = parse_quote_spanned!(jump.span()=> break #label);
                }
            }
            Expr::Loop(looped) => {
                let label = looped.label.clone();
                self.within(&label, true, |this| this.visit_block_mut(&mut looped.body));
            }
            Expr::While(looped) => {
                let label = looped.label.clone();
                self.within(&label, true, |this| {
                    this.visit_expr_mut(&mut looped.cond);
                    this.visit_block_mut(&mut looped.body);
                });
            }
            Expr::ForLoop(looped) => {
                self.visit_expr_mut(&mut looped.expr);
                let label = looped.label.clone();
                self.within(&label, true, |this| this.visit_block_mut(&mut looped.body));
            }
            Expr::Block(block) if block.label.is_some() => {
                let label = block.label.clone();
                self.within(&label, false, |this| this.visit_block_mut(&mut block.block));
            }
            Expr::Macro(mac) if PointMacro::of(&mac.mac) == Some(PointMacro::Thunk) => {
                if let Ok(mut call) = syn::parse2::<Expr>(mac.mac.tokens.clone()) {
                    crate::sibling::name(&mut call);
                    self.visit_expr_mut(&mut call);
                    *expr = call;
                }
            }
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => Thunks.visit_expr_mut(expr),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        if let Some(mut arguments) = Arguments::of(mac) {
            arguments
                .args
                .iter_mut()
                .for_each(|arg| self.visit_expr_mut(&mut arg.expr));
            mac.tokens = arguments.into_token_stream();
        } else if PointMacro::of(mac).is_none() {
            self.refuse_labels(mac.tokens.clone());
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// In code that is called by others, only `thunk!` means something of ours.
struct Thunks;

impl VisitMut for Thunks {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Macro(mac) = expr
            && PointMacro::of(&mac.mac) == Some(PointMacro::Thunk)
            && let Ok(mut call) = syn::parse2::<Expr>(mac.mac.tokens.clone())
        {
            crate::sibling::name(&mut call);
            *expr = call;
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
