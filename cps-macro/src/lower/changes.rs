//! Borrows of places that what is evaluated behind them may change.
//!
//! A borrow stands where it stood, and is made behind the suspension, for nothing changes in a place while it
//! is borrowed. But what leads to the place may change: an index is copied, and a reference on the way may be
//! another one then. So an index that changes is taken before; and if the local changes that the place begins
//! with, the place lies behind a reference, and the borrow is taken before. Where the text does not tell, it
//! is a local that is built again (see [`crate::resolve`]).

use super::operands::{Comparison, Use, is_simple};
use super::{Lower, suspends};
use crate::arguments::Arguments;
use crate::locals::{Bulk, Visible, as_local, mentioned};
use crate::mentions::{Code, Mentions};
use crate::parts::{Path, seen};
use crate::points::PointMacro;
use crate::root::Root;
use crate::uses::{Place, place_of};
use proc_macro2::Span;
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, parse_quote, parse_quote_spanned};

/// What some code does to locals.
#[derive(Default)]
pub(super) struct Changes {
    /// The places that it assigns, or borrows exclusively.
    surely: Vec<Place>,
    /// Those that it assigns.
    assigned: Vec<Place>,
    /// Those that it may change: what methods are called on, what is handed on, what code that is not looked
    /// into names.
    perhaps: Vec<Place>,
    /// It does something that can be observed.
    acts: bool,
}

impl Changes {
    pub(super) fn by<'e>(code: impl Iterator<Item = &'e Expr>) -> Self {
        let mut changes = Changes::default();
        for expr in code {
            changes.acts |= suspends(expr) || !is_simple(expr);
            changes.visit_expr(expr);
        }
        changes
    }

    /// Whether it changes the local that a place is in.
    pub(super) fn root_of(&self, place: &Expr) -> bool {
        let root = place_of(place).map(|((root, _), _)| root);
        root.is_some_and(|root| self.surely.iter().any(|(local, _)| *local == root))
    }

    /// Whether it changes a local that some code names.
    fn any(&self, code: &Expr) -> bool {
        let mut locals = Vec::new();
        mentioned(code.to_token_stream(), &mut locals);
        let mut changed = self.surely.iter();
        changed.any(|(local, _)| locals.contains(local))
    }

    /// Whether it changes an index on the way to a place.
    fn index_in(&self, place: &Expr) -> bool {
        match place {
            Expr::Index(index) => self.index_in(&index.expr) || self.any(&index.index),
            Expr::Field(field) => self.index_in(&field.base),
            Expr::Unary(unary) => self.index_in(&unary.expr),
            Expr::Paren(paren) => self.index_in(&paren.expr),
            Expr::Group(group) => self.index_in(&group.expr),
            _ => false,
        }
    }

    fn hand_on(&mut self, expr: &Expr) {
        self.perhaps
            .extend(as_local(expr).map(|id| (id, Path::new())));
    }

    fn not_seen(&mut self, code: &impl Code) {
        let named = Mentions::of(code).locals;
        self.perhaps
            .extend(named.into_iter().map(|id| (id, Path::new())));
    }
}

/// Whether one of some places leads to a place.
fn lead_to(places: &[Place], place: &Expr) -> bool {
    let Some(((root, path), _)) = place_of(place) else {
        return false;
    };
    places
        .iter()
        .any(|(local, to)| *local == root && seen(&path).starts_with(&seen(to)))
}

impl<'ast> Visit<'ast> for Changes {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        let place = place_of(&assign.left).map(|(place, _)| place);
        self.assigned.extend(place.clone());
        self.surely.extend(place);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if binary.op.assigns() {
            self.surely
                .extend(place_of(&binary.left).map(|(place, _)| place));
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.surely
                .extend(place_of(&reference.expr).map(|(place, _)| place));
        }
        visit::visit_expr_reference(self, reference);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.perhaps
            .extend(place_of(&call.receiver).map(|(place, _)| place));
        call.args.iter().for_each(|arg| self.hand_on(arg));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        call.args.iter().for_each(|arg| self.hand_on(arg));
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.not_seen(&*closure.body);
        visit::visit_expr_closure(self, closure);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let args = super::arguments(mac);
        if PointMacro::of(mac).is_none() && Arguments::of(mac).is_none() {
            self.not_seen(&mac.tokens);
        }
        args.iter().for_each(|arg| self.visit_expr(arg));
    }
}

impl Lower<'_> {
    /// Makes the borrow of a place one that means the same behind what comes next.
    pub(super) fn steadied(&mut self, operand: Expr, borrowed: bool, next: &Changes) -> Expr {
        let mut operand = operand;
        if let Expr::Closure(closure) = &operand
            && closure.capture.is_some()
            && next.any(&operand)
        {
            let id = self.locals.invent("closure", closure.span());
            self.locals.get_mut(id).closure = true;
            self.keep_as(id, operand);
            return self.name(id);
        }
        if as_local(&operand).is_some() && !borrowed && next.any(&operand) {
            return self.keep("value", operand);
        }
        let place = match &mut operand {
            Expr::Reference(reference) if self.is_place(&reference.expr) => &mut *reference.expr,
            place if borrowed && self.is_place(place) => place,
            _ => return operand,
        };
        self.steady_indices(place, next);
        if next.acts && has_index(place) {
            // If there is no such element, nothing more happens.
            let span = place.span();
            let looked_at = parse_quote_spanned!(span=> let _ = &#place;);
            self.native_stmt(looked_at);
        }
        let Expr::Reference(reference) = &operand else {
            return operand;
        };
        if as_local(&reference.expr).is_some() {
            return operand;
        }
        if lead_to(&next.surely, &reference.expr) {
            return self.keep("value", operand);
        }
        match lead_to(&next.perhaps, &reference.expr) {
            true => self.built_again(reference.clone()),
            false => operand,
        }
    }

    /// The same for the arguments of a callee that are borrows, which are made when the callee is.
    pub(super) fn steady_arguments(&mut self, mut args: Vec<&mut Expr>) {
        let mut first = 0;
        for at in 0..args.len() {
            let next = Changes::by(args[at + 1..].iter().map(|arg| &**arg));
            let place = match &*args[at] {
                Expr::Reference(reference) => {
                    let place = &*reference.expr;
                    let changed = lead_to(&next.surely, place) || lead_to(&next.perhaps, place);
                    let still = as_local(place).is_some() || !self.is_place(place);
                    if still || !(changed || next.index_in(place)) {
                        continue;
                    }
                    place
                }
                taken
                    if next.any(taken)
                        && (as_local(taken).is_some() || matches!(taken, Expr::Closure(_))) =>
                {
                    taken
                }
                _ => continue,
            };
            let before = Changes::by(args[first..at].iter().map(|arg| &**arg));
            if before.any(place) {
                for arg in &mut args[first..at] {
                    let value = std::mem::replace(&mut **arg, parse_quote!(()));
                    let value = self.operands(value);
                    **arg = self.early(value, Use::Value);
                }
                first = at;
            }
            let operand = std::mem::replace(&mut *args[at], parse_quote!(()));
            *args[at] = self.steadied(
                operand,
                false,
                &Changes {
                    acts: false,
                    ..next
                },
            );
        }
    }

    /// Whether what comes next may change a place, though the text does not tell.
    pub(super) fn may_change(&self, place: &Expr, called: bool, next: &Changes) -> bool {
        let Some(((id, path), _)) = place_of(place).filter(|_| self.is_place(place)) else {
            return false;
        };
        let known = self.locals.get(id);
        let fixed = !known.mutable && (path.is_empty() || known.visible == Visible::Shared);
        // A method of its own that is called on a place, too, does not make it another one.
        let own = |of: &Path| called && seen(of).len() == seen(&path).len();
        let mut perhaps = next.perhaps.iter().filter(|(_, of)| !own(of));
        !fixed
            && !known.synthetic
            && perhaps.any(|changed| lead_to(std::slice::from_ref(changed), place))
    }

    /// What a method is to be called on, where what comes next may change that: if it is `Copy`, the method
    /// may take what it was before.
    pub(super) fn called_on(&mut self, place: &Expr, next: &Changes) -> Option<Expr> {
        let ((id, path), _) = place_of(place).filter(|_| self.is_place(place))?;
        let known = self.locals.get(id);
        if known.synthetic || known.visible == Visible::Std || !lead_to(&next.perhaps, place) {
            return None;
        }
        let (at, root) = self.at(place);
        let changes = known.mutable || known.visible == Visible::Exclusive;
        if !changes && path.is_empty() {
            let refers = parse_quote_spanned!(at=> #root::expansion::Before::of(&#place).refers(););
            self.native_stmt(refers);
            return None;
        }
        if !changes {
            if self.may_change(place, true, next) {
                self.must_be_steady(place);
            }
            return None;
        }
        let behind = known.visible == Visible::Exclusive && path.is_empty();
        let place = match behind {
            true => parse_quote_spanned!(place.span()=> (*#place)),
            false => place.clone(),
        };
        self.steps_are_steady(&place);
        let own = self.own(&place);
        self.native_stmt(parse_quote_spanned! {at=>
            let #own = #root::expansion::Before::of(&#place).value(#root::expansion::Later);
        });
        Some(parse_quote_spanned!(at=> (*#root::expansion::Called::on(&#own, &mut #place))))
    }

    /// A local for what a place held.
    fn own(&mut self, place: &Expr) -> proc_macro2::Ident {
        let own = self.locals.invent("own", place.span());
        let new = self.locals.get_mut(own);
        (new.visible, new.bulk) = (Visible::Copy, Bulk::Small);
        self.locals.own(own)
    }

    /// What a place that is compared holds before what comes next, if it can be copied.
    pub(super) fn copied(&mut self, place: &Expr) -> Expr {
        let (at, root) = self.at(place);
        let own = self.own(place);
        let later = quote_spanned!(at=> #root::expansion::Later);
        let mut steps = Vec::new();
        crate::resolve::steps(place, &mut steps);
        let held = steps.iter().rev().fold(later, |held, step| {
            let behind = crate::resolve::looked_at_only(step, &root, at);
            quote_spanned!(at=> #behind.hold(&#place, #held))
        });
        self.native_stmt(parse_quote_spanned! {at=>
            let #own = #root::expansion::Before::of(&#place).value(#held);
        });
        parse_quote_spanned!(at=> (*#root::expansion::Compared::at(&#own, &#place)))
    }

    /// Lets the compiler refuse a place that is called, if it could have been copied before what comes next.
    pub(super) fn must_be_steady(&mut self, place: &Expr) {
        let (at, root) = self.at(place);
        self.steps_are_steady(place);
        self.native_stmt(
            parse_quote_spanned!(at=> #root::expansion::Before::of(&#place).steady();),
        );
    }

    /// Lets the compiler refuse a place that lies behind a shared reference.
    fn steps_are_steady(&mut self, place: &Expr) {
        let (at, root) = self.at(place);
        let mut steps = Vec::new();
        crate::resolve::steps(place, &mut steps);
        if !steps.is_empty() {
            // Only the compiler looks at them: of each, parts may have been moved.
            self.native_stmt(parse_quote_spanned! {at=>
                if false {
                    ::core::unreachable!();
                    #(#root::expansion::Behind::of(&#steps).steady();)*
                }
            });
        }
    }

    /// Where a place is written, and our crate as if named there.
    fn at(&self, place: &Expr) -> (Span, Root) {
        let at = Span::mixed_site().located_at(place.span());
        (at, self.root.at(place.span()))
    }

    fn steady_indices(&mut self, place: &mut Expr, next: &Changes) {
        match place {
            Expr::Field(field) => self.steady_indices(&mut field.base, next),
            Expr::Unary(unary) => self.steady_indices(&mut unary.expr, next),
            Expr::Paren(paren) => self.steady_indices(&mut paren.expr, next),
            Expr::Group(group) => self.steady_indices(&mut group.expr, next),
            Expr::Index(index) => {
                self.steady_indices(&mut index.expr, next);
                if next.any(&index.index) {
                    let value = std::mem::replace(&mut *index.index, parse_quote!(()));
                    *index.index = self.keep("index", value);
                }
            }
            _ => {}
        }
    }

    fn built_again(&mut self, reference: syn::ExprReference) -> Expr {
        let id = self.locals.invent("value", reference.span());
        let again = crate::resolve::held(self.locals, self.root, id, None, &reference);
        let Some((before, again)) = again else {
            return Expr::Reference(reference);
        };
        self.native_stmt(before);
        let name = self.locals.own(id);
        self.locals.get_mut(id).rebuild = Some(again.clone());
        self.native_stmt(parse_quote_spanned!(reference.span()=> let #name = #again;));
        self.name(id)
    }
}

fn has_index(place: &Expr) -> bool {
    match place {
        Expr::Index(_) => true,
        Expr::Field(field) => has_index(&field.base),
        Expr::Unary(unary) => has_index(&unary.expr),
        Expr::Paren(paren) => has_index(&paren.expr),
        Expr::Group(group) => has_index(&group.expr),
        _ => false,
    }
}

/// Whether code changes what leads to a place: an index, or, since nothing else is assigned while it is
/// borrowed, a reference.
pub(super) fn leads_elsewhere(place: &Expr, code: &Expr) -> bool {
    let changes = Changes::by(std::iter::once(code));
    let itself = |(_, path): &&Place| place_of(place).is_some_and(|((_, own), _)| own == *path);
    let mut before = changes.assigned.iter().filter(|place| !itself(place));
    changes.index_in(place) || before.any(|assigned| lead_to(std::slice::from_ref(assigned), place))
}
