//! Taking expressions apart so that a suspension in the middle of one becomes a statement before it.
//!
//! What Rust evaluates before the suspension is evaluated before it: values are taken early, to locals of
//! our own; a borrow of a place, a closure or a literal may stay where it is, since nothing can change in
//! between. What Rust evaluates after it stays in the rest of the expression, which does not suspend.

use super::changes::{Changes, leads_elsewhere};
use super::{Lower, suspends};
use crate::arguments::{Arguments, Family};
use crate::locals::{LocalId, Visible, as_local, mentioned};
use crate::messages;
use crate::points::PointMacro;
use crate::tree::Bind;
use crate::uses::place_of;
use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, parse_quote, parse_quote_spanned};

/// How an operand is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is moved or copied.
    Value,
    /// It is borrowed if it is a place, or taken by value: its type decides.
    Place,
    /// The same of what is called, or of what a callee is a method of, which may change it.
    Called,
    /// The same of what a method is called on.
    Receiver,
    /// It is a part of a place, which is looked at when all of it is known.
    Part,
}

impl Use {
    /// Whether it is a place as a whole, or taken by value.
    fn is_whole(self) -> bool {
        matches!(self, Use::Place | Use::Called | Use::Receiver)
    }
}

impl Lower<'_> {
    /// Emits what must happen before the rest of `expr`, and returns that rest, in which nothing suspends.
    pub(super) fn operands(&mut self, mut expr: Expr) -> Expr {
        if !suspends(&expr) {
            return expr;
        }
        match &mut expr {
            Expr::Macro(mac) if PointMacro::of(&mac.mac) == Some(PointMacro::Thunk) => {
                let call = super::arguments(&mac.mac).pop();
                let call = call.expect("a thunk's call was found to suspend");
                mac.mac.tokens = self.operands(call).into_token_stream();
            }
            Expr::Macro(mac) if PointMacro::suspending(&mac.mac).is_none() => {
                return self.std_macro(mac.mac.clone());
            }
            Expr::Macro(_)
            | Expr::If(_)
            | Expr::Match(_)
            | Expr::Block(_)
            | Expr::Unsafe(_)
            | Expr::Loop(_)
            | Expr::While(_)
            | Expr::ForLoop(_) => {
                let value = self.locals.invent("value", expr.span());
                let name = self.locals.own(value);
                self.value(expr, Bind::of(parse_quote!(#name)));
                return self.name(value);
            }
            Expr::Binary(binary) => match binary.op {
                BinOp::And(_) | BinOp::Or(_) => {
                    let (left, right) = (binary.left.clone(), *binary.right.clone());
                    let (yes, no) = (parse_quote!(true), parse_quote!(false));
                    let lazy = match binary.op {
                        BinOp::And(_) => either(left, right, no, binary.op.span()),
                        _ => either(left, yes, right, binary.op.span()),
                    };
                    return self.operands(lazy);
                }
                op if op.assigns()
                    && !is_simple(&binary.right)
                    && (!self.is_place(&binary.left)
                        || leads_elsewhere(&binary.left, &binary.right)) =>
                {
                    self.diagnostics
                        .error(&binary.left, messages::UNKNOWN_ORDER, &[]);
                    return parse_quote!(());
                }
                op if op.assigns() => self.sequence(vec![
                    (&mut binary.right, Use::Value),
                    (&mut binary.left, Use::Place),
                ]),
                op => {
                    let used = if op.compares() {
                        Use::Place
                    } else {
                        Use::Value
                    };
                    self.sequence(vec![(&mut binary.left, used), (&mut binary.right, used)]);
                }
            },
            Expr::Assign(assign) => {
                self.sequence(vec![
                    (&mut assign.right, Use::Value),
                    (&mut assign.left, Use::Place),
                ]);
            }
            Expr::MethodCall(call) => {
                let receiver = std::iter::once((&mut *call.receiver, Use::Receiver));
                self.sequence(
                    receiver
                        .chain(call.args.iter_mut().map(|arg| (arg, Use::Value)))
                        .collect(),
                );
            }
            Expr::Call(call) => {
                let func = std::iter::once((&mut *call.func, Use::Called));
                self.sequence(
                    func.chain(call.args.iter_mut().map(|arg| (arg, Use::Value)))
                        .collect(),
                );
            }
            Expr::Tuple(tuple) => self.sequence(
                tuple
                    .elems
                    .iter_mut()
                    .map(|elem| (elem, Use::Value))
                    .collect(),
            ),
            Expr::Array(array) => self.sequence(
                array
                    .elems
                    .iter_mut()
                    .map(|elem| (elem, Use::Value))
                    .collect(),
            ),
            Expr::Struct(literal) => {
                let fields = literal.fields.iter_mut().map(|field| {
                    field.colon_token.get_or_insert_with(Default::default);
                    (&mut field.expr, Use::Value)
                });
                let rest = literal
                    .rest
                    .iter_mut()
                    .map(|rest| (&mut **rest, Use::Place));
                self.sequence(fields.chain(rest).collect());
            }
            Expr::Repeat(repeat) => self.sequence(vec![(&mut repeat.expr, Use::Value)]),
            Expr::Range(range) => {
                let bounds = range.start.iter_mut().chain(range.end.iter_mut());
                self.sequence(bounds.map(|bound| (&mut **bound, Use::Value)).collect());
            }
            Expr::Index(index) => {
                self.sequence(vec![
                    (&mut index.expr, Use::Part),
                    (&mut index.index, Use::Value),
                ]);
            }
            Expr::Field(field) => self.sequence(vec![(&mut field.base, Use::Place)]),
            Expr::Unary(unary) => self.sequence(vec![(&mut unary.expr, Use::Place)]),
            Expr::Reference(reference) => self.sequence(vec![(&mut reference.expr, Use::Place)]),
            Expr::Cast(cast) => self.sequence(vec![(&mut cast.expr, Use::Value)]),
            Expr::Paren(paren) => self.sequence(vec![(&mut paren.expr, Use::Value)]),
            Expr::Group(group) => self.sequence(vec![(&mut group.expr, Use::Value)]),
            Expr::Try(tried) => self.sequence(vec![(&mut tried.expr, Use::Value)]),
            Expr::Let(cond) => self.sequence(vec![(&mut cond.expr, Use::Place)]),
            Expr::Return(returned) => {
                self.sequence(
                    returned
                        .expr
                        .iter_mut()
                        .map(|value| (&mut **value, Use::Value))
                        .collect(),
                );
            }
            Expr::Break(jump) => {
                self.sequence(
                    jump.expr
                        .iter_mut()
                        .map(|value| (&mut **value, Use::Value))
                        .collect(),
                );
            }
            other => {
                self.diagnostics.error(other, messages::IN_EXPRESSION, &[]);
                return parse_quote!(::core::unreachable!());
            }
        }
        expr
    }

    /// The arguments of a standard macro. Assertions evaluate those of their message only when they fail.
    fn std_macro(&mut self, mut mac: syn::Macro) -> Expr {
        let name = mac
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string())
            .unwrap_or_default();
        let Some(mut arguments) = Arguments::of(&mac) else {
            unreachable!("its arguments suspend")
        };
        if let Some(checked) = name.strip_prefix("debug_") {
            let at = mac.path.span();
            let (checked, args) = (syn::Ident::new(checked, at), arguments);
            return self.operands(
                parse_quote_spanned!(at=> if ::core::cfg!(debug_assertions) { #checked!(#args); }),
            );
        }
        let used = if arguments.family == Family::Value {
            Use::Value
        } else {
            Use::Place
        };
        let always = match &*name {
            "assert" => 1,
            "assert_eq" | "assert_ne" => 2,
            _ => arguments.args.len(),
        };
        let lazy = arguments
            .args
            .iter()
            .skip(always)
            .find(|arg| suspends(&arg.expr));
        match lazy {
            Some(_) if name == "assert" => {
                let (condition, at) = (arguments.args.remove(0).expr, mac.path.span());
                return self.operands(
                    parse_quote_spanned!(at=> if !(#condition) { ::core::panic!(#arguments); }),
                );
            }
            Some(lazy) => {
                self.diagnostics
                    .error(&lazy.expr, messages::IN_ASSERTION, &[]);
                return parse_quote!(());
            }
            None => {}
        }
        if name == "assert" && arguments.args.len() == 1 {
            // Tokens are printed with a space that an expression is not.
            let condition = arguments.args[0].expr.to_token_stream().to_string();
            let condition = condition.replace("call! (", "call!(");
            arguments.say(&format!("assertion failed: {condition}"));
        }
        self.sequence(
            arguments
                .args
                .iter_mut()
                .take(always)
                .map(|arg| (&mut arg.expr, used))
                .collect(),
        );
        mac.tokens = arguments.into_token_stream();
        Expr::Macro(syn::ExprMacro {
            attrs: Vec::new(),
            mac,
        })
    }

    /// Operands in the order in which Rust evaluates them.
    pub(super) fn sequence(&mut self, mut operands: Vec<(&mut Expr, Use)>) {
        let Some(last) = operands.iter().rposition(|(operand, _)| suspends(operand)) else {
            return;
        };
        let mut next = Vec::new();
        for at in 0..last {
            let later = operands[at + 1..].iter().map(|(later, _)| &**later);
            let changes = Changes::by(later.take(last - at));
            let (operand, used) = &mut operands[at];
            // What a later operand changes can only have been taken by value.
            if used.is_whole() && changes.root_of(operand) {
                *used = Use::Value;
            }
            next.push(changes);
        }
        let mut held = None;
        for (at, (operand, used)) in operands.iter_mut().enumerate().take(last + 1) {
            let expr = std::mem::replace(&mut **operand, parse_quote!(()));
            let rest = match (self.operands(expr), *used) {
                // What a suspension yielded is a temporary, and has but this one use.
                (rest, used) if used != Use::Value && self.is_temporary(&rest) => {
                    parse_quote!({ #rest })
                }
                (rest, _) => rest,
            };
            **operand = if at == last {
                rest
            } else {
                let rest = self.steadied(rest, *used != Use::Value, &next[at]);
                let changes = |this: &Self, called| this.may_change(&rest, called, &next[at]);
                match used {
                    Use::Place if changes(self, false) => self.copied(&rest),
                    Use::Called if changes(self, true) => {
                        self.must_be_steady(&rest);
                        self.taken_early(rest, *used)
                    }
                    Use::Receiver => match self.called_on(&rest, &next[at]) {
                        Some(receiver) => {
                            held = place_of(&rest).map(|((root, _), _)| root);
                            receiver
                        }
                        None => self.taken_early(rest, *used),
                    },
                    _ => self.taken_early(rest, *used),
                }
            };
        }
        if let Some(receiver) = held {
            self.before_the_receiver(receiver, &mut operands[last..]);
        }
    }

    /// What names a receiver that is borrowed before its arguments, not behind them as in a call of Rust's
    /// own, is evaluated before that.
    fn before_the_receiver(&mut self, receiver: LocalId, operands: &mut [(&mut Expr, Use)]) {
        let names = |(operand, _): &(&mut Expr, Use)| {
            let mut named = Vec::new();
            mentioned(operand.to_token_stream(), &mut named);
            named.contains(&receiver)
        };
        let Some(last) = operands.iter().rposition(names) else {
            return;
        };
        for (operand, used) in &mut operands[..=last] {
            let expr = std::mem::replace(&mut **operand, parse_quote!(()));
            **operand = self.early(expr, *used);
        }
    }

    fn taken_early(&mut self, rest: Expr, used: Use) -> Expr {
        match self.early(rest, used) {
            // A method may take its receiver.
            kept if used.is_whole() && self.is_temporary(&kept) => {
                parse_quote!({ #kept })
            }
            kept => kept,
        }
    }

    fn is_temporary(&self, expr: &Expr) -> bool {
        as_local(expr).is_some_and(|id| self.locals.get(id).synthetic)
    }

    /// Takes an operand before what follows it suspends.
    pub(super) fn early(&mut self, operand: Expr, used: Use) -> Expr {
        match &operand {
            Expr::Lit(_) | Expr::Closure(_) | Expr::Infer(_) => operand,
            Expr::Path(_) => match as_local(&operand) {
                Some(id) if self.locals.get(id).synthetic => operand,
                Some(id)
                    if used == Use::Value && self.locals.get(id).visible != Visible::Exclusive =>
                {
                    self.keep("value", operand)
                }
                _ => operand,
            },
            Expr::Reference(reference) if self.is_place(&reference.expr) => operand,
            Expr::Reference(reference) if matches!(*reference.expr, Expr::Lit(_)) => operand,
            Expr::Reference(_) => {
                let Expr::Reference(mut reference) = operand else {
                    unreachable!()
                };
                let value = std::mem::replace(&mut *reference.expr, parse_quote!(()));
                *reference.expr = self.keep("value", value);
                Expr::Reference(reference)
            }
            _ if used != Use::Value && self.is_place(&operand) => operand,
            Expr::Tuple(tuple) if tuple.elems.is_empty() => operand,
            _ => self.keep("value", operand),
        }
    }

    /// A place whose evaluation does nothing: a local or a static, its fields, what it points to, and its
    /// elements at indices that are themselves such.
    pub(super) fn is_place(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(_) => true,
            Expr::Field(field) => self.is_place(&field.base),
            Expr::Unary(unary) => {
                matches!(unary.op, syn::UnOp::Deref(_)) && self.is_place(&unary.expr)
            }
            Expr::Index(index) => self.is_place(&index.expr) && is_simple(&index.index),
            Expr::Paren(paren) => self.is_place(&paren.expr),
            Expr::Group(group) => self.is_place(&group.expr),
            _ => false,
        }
    }
}

/// An index that can be computed again and again to the same value.
pub(super) fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(field) => is_simple(&field.base),
        Expr::Paren(paren) => is_simple(&paren.expr),
        Expr::Group(group) => is_simple(&group.expr),
        Expr::Unary(unary) => is_simple(&unary.expr),
        Expr::Cast(cast) => is_simple(&cast.expr),
        Expr::Binary(binary) => {
            !binary.op.assigns() && is_simple(&binary.left) && is_simple(&binary.right)
        }
        Expr::Range(range) => range
            .start
            .iter()
            .chain(range.end.iter())
            .all(|bound| is_simple(bound)),
        _ => false,
    }
}

/// What an operator does with its operands.
pub(crate) trait Comparison {
    /// It borrows both.
    fn compares(&self) -> bool;
    /// It changes the left one in place.
    fn assigns(&self) -> bool;
}

impl Comparison for BinOp {
    fn compares(&self) -> bool {
        matches!(
            self,
            BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_)
        )
    }

    fn assigns(&self) -> bool {
        matches!(
            self,
            BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_)
                | BinOp::BitXorAssign(_)
                | BinOp::BitAndAssign(_)
                | BinOp::BitOrAssign(_)
                | BinOp::ShlAssign(_)
                | BinOp::ShrAssign(_)
        )
    }
}

/// `if cond { then } else { other }`, of expressions that need not be ones that may stand there: the compiler
/// says so better.
fn either(cond: Box<Expr>, then: Expr, other: Expr, span: Span) -> Expr {
    let block = |value| syn::Block {
        brace_token: syn::token::Brace(span),
        stmts: vec![syn::Stmt::Expr(value, None)],
    };
    let other = Expr::Block(syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block: block(other),
    });
    Expr::If(syn::ExprIf {
        attrs: Vec::new(),
        if_token: syn::token::If(span),
        cond,
        then_branch: block(then),
        else_branch: Some((syn::token::Else(span), Box::new(other))),
    })
}
