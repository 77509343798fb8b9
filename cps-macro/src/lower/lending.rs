//! What a callee borrows from its caller's frame, and which of its arguments are evaluated when.
//!
//! A borrow of a place in the frame is made when the callee is, for then the frame lies still. The same goes
//! for what borrows by way of a method or a function, `text.as_bytes()` or `Some(&name)`: the text does not
//! tell whether it does, so every argument of that form is evaluated then, with all that stand behind it,
//! unless one of these must be evaluated before. All others are values, and taken first.

use super::operands::{Comparison, is_simple};
use super::{Lower, suspends};
use crate::effects::consumes;
use crate::locals::{LocalId, Visible, as_local, mentioned};
use crate::messages;
use crate::uses::place_of;
use crate::visible::is_primitive;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, parse_quote, parse_quote_spanned};

/// How a receiver or an argument is taken.
enum Taken {
    /// It does nothing, and may stay where it stands.
    Still,
    /// A borrow of a place, in these locals of the frame.
    Lent(Vec<LocalId>),
    /// It can be evaluated when the callee is made, and must be if it borrows.
    Late(Late),
    /// The value of a place in a local.
    Part(LocalId),
    /// It is evaluated first.
    Early,
}

/// What an expression does that is evaluated when the callee is made.
#[derive(Default)]
struct Late {
    /// The locals that it may borrow from.
    borrowed: Vec<LocalId>,
    /// Those that it takes, or copies.
    taken: Vec<LocalId>,
}

impl Lower<'_> {
    /// Sorts out the receiver and the arguments of a callee. Returns the locals that it borrows from the
    /// frame.
    pub(super) fn lent(
        &mut self,
        receiver: Option<&mut Expr>,
        args: Vec<&mut Expr>,
    ) -> Vec<LocalId> {
        let called_on = receiver.is_some();
        let operands: Vec<&mut Expr> = receiver.into_iter().chain(args).collect();
        let taken: Vec<Taken> = operands
            .iter()
            .enumerate()
            .map(|(at, operand)| self.taken(operand, called_on && at == 0))
            .collect();
        let late = self.late_from(&operands, &taken);
        let lends = |(taken, operand): (&Taken, &&mut Expr)| match taken {
            Taken::Lent(locals) => !locals.is_empty(),
            Taken::Early => self.refers_to_value(operand),
            _ => false,
        };
        if late.is_none() && !taken.iter().zip(&operands).any(lends) {
            return Vec::new();
        }
        let late = late.unwrap_or(operands.len());
        let settled = |(at, taken): (usize, &Taken)| match taken {
            Taken::Late(..) => at < late,
            Taken::Early | Taken::Part(_) => true,
            Taken::Still | Taken::Lent(_) => false,
        };
        let settles = taken.iter().enumerate().skip(1).any(settled);
        let mut held = Vec::new();
        for (at, (operand, taken)) in operands.into_iter().zip(taken).enumerate() {
            match taken {
                Taken::Late(operand) if at >= late => held.extend(operand.borrowed),
                Taken::Lent(locals) => {
                    self.reborrow(operand, called_on && at == 0);
                    held.extend(locals);
                }
                Taken::Still => {}
                _ if called_on && at == 0 => {
                    if settles {
                        let value = std::mem::replace(operand, parse_quote!(()));
                        let value = self.keep("receiver", value);
                        *operand = parse_quote!({ #value });
                    }
                }
                _ => held.extend(self.settle(operand)),
            }
        }
        held.sort_unstable();
        held.dedup();
        held
    }

    fn taken(&self, expr: &Expr, receiver: bool) -> Taken {
        if receiver && self.rooted(expr) {
            return Taken::Lent(self.roots(expr, true));
        }
        if let Some(id) = as_local(expr) {
            let local = self.locals.get(id);
            return match local.rebuild.is_some() || local.visible == Visible::Exclusive {
                true => Taken::Lent(self.behind(id)),
                false => Taken::Still,
            };
        }
        let mut late = Late::default();
        let is_late = match expr {
            Expr::Closure(closure) => match &self.captured(closure)[..] {
                [] => return Taken::Still,
                captured => return Taken::Lent(captured.to_vec()),
            },
            Expr::Lit(_) | Expr::Path(_) => return Taken::Still,
            Expr::Reference(reference) => match &*reference.expr {
                place if self.rooted(place) => return Taken::Lent(self.roots(place, false)),
                _ if is_constant(reference) => return Taken::Still,
                place if self.is_place(place) && !is_copied(reference) => return Taken::Still,
                // Anything else may be a value that would end too soon.
                Expr::Index(index) => self.is_late_slice(index, &mut late),
                _ => false,
            },
            _ if self.is_place(expr) => {
                return place_of(expr).map_or(Taken::Early, |((local, _), _)| Taken::Part(local));
            }
            _ => self.is_late(expr, &mut late),
        };
        match is_late {
            true => Taken::Late(late),
            false => Taken::Early,
        }
    }

    /// The first operand that is evaluated when the callee is made: none before may have to be, and none
    /// behind may have to come first, or take what it borrows from.
    fn late_from(&self, operands: &[&mut Expr], taken: &[Taken]) -> Option<usize> {
        let first = operands.iter().zip(taken).rposition(|(operand, taken)| {
            matches!(taken, Taken::Early) || matches!(taken, Taken::Lent(_) if !is_still(operand))
        });
        let from = first.map_or(0, |at| at + 1);
        let must = |at: &usize| match &taken[*at] {
            Taken::Late(_) => self.may_borrow(operands[*at]),
            _ => false,
        };
        let start = (from..taken.len()).find(must)?;
        let late = || {
            taken[start..].iter().filter_map(|taken| match taken {
                Taken::Late(late) => Some(late),
                _ => None,
            })
        };
        let mut gone: Vec<LocalId> = late().flat_map(|late| &late.taken).copied().collect();
        for (operand, taken) in operands.iter().zip(taken) {
            match taken {
                Taken::Still => mentioned(operand.to_token_stream(), &mut gone),
                Taken::Part(local) => gone.push(*local),
                _ => {}
            }
        }
        let clash = late().any(|late| late.borrowed.iter().any(|local| gone.contains(local)));
        (!clash).then_some(start)
    }

    /// Whether the value of an expression that can be evaluated late may borrow from the frame.
    fn may_borrow(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Tuple(tuple) => tuple.elems.iter().any(|elem| self.may_borrow(elem)),
            Expr::Array(array) => array.elems.iter().any(|elem| self.may_borrow(elem)),
            expr => {
                let mut late = Late::default();
                self.is_late(expr, &mut late);
                !late.borrowed.is_empty() && !is_said_to_own(expr)
            }
        }
    }

    /// Whether an expression may be evaluated when the callee is made: nothing in it suspends or leaves.
    fn is_late(&self, expr: &Expr, late: &mut Late) -> bool {
        match expr {
            Expr::Lit(_) => true,
            Expr::Path(_) => {
                match as_local(expr) {
                    Some(id) if self.locals.get(id).rebuild.is_some() => {
                        late.borrowed.extend(self.behind(id));
                    }
                    Some(id) if !self.locals.get(id).visible.needs_no_drop() => late.taken.push(id),
                    _ => {}
                }
                true
            }
            Expr::Paren(paren) => self.is_late(&paren.expr, late),
            Expr::Group(group) => self.is_late(&group.expr, late),
            Expr::Tuple(tuple) => tuple.elems.iter().all(|elem| self.is_late(elem, late)),
            Expr::Array(array) => array.elems.iter().all(|elem| self.is_late(elem, late)),
            Expr::Reference(reference) => self.is_late_place(&reference.expr, false, late),
            Expr::Cast(cast) => self.is_late_operand(&cast.expr, late),
            Expr::Unary(unary) if !matches!(unary.op, syn::UnOp::Deref(_)) => {
                self.is_late_operand(&unary.expr, late)
            }
            Expr::Binary(binary) if binary.op.compares() => {
                self.is_late_place(&binary.left, false, late)
                    && self.is_late_place(&binary.right, false, late)
            }
            Expr::Binary(binary) if !binary.op.assigns() => {
                self.is_late_operand(&binary.left, late)
                    && self.is_late_operand(&binary.right, late)
            }
            Expr::MethodCall(call) => {
                let receiver = match as_local(&call.receiver) {
                    Some(id) if consumes(self.locals, id, &call.method) => {
                        late.taken.push(id);
                        true
                    }
                    _ => self.is_late_place(&call.receiver, true, late),
                };
                receiver && call.args.iter().all(|arg| self.is_late(arg, late))
            }
            Expr::Call(call) => {
                matches!(&*call.func, Expr::Path(_))
                    && as_local(&call.func).is_none()
                    && call.args.iter().all(|arg| self.is_late(arg, late))
            }
            _ => false,
        }
    }

    /// The same of an operand: what is a part of a local is a number or the like, and copied.
    fn is_late_operand(&self, operand: &Expr, late: &mut Late) -> bool {
        match as_local(operand).is_none() && self.rooted(operand) {
            true => self.is_late_place(operand, true, late),
            false => self.is_late(operand, late),
        }
    }

    /// The same of what is borrowed.
    fn is_late_place(&self, place: &Expr, receiver: bool, late: &mut Late) -> bool {
        if self.rooted(place) {
            late.borrowed.extend(self.roots(place, receiver));
            return is_still(place);
        }
        match place {
            Expr::Paren(paren) => self.is_late_place(&paren.expr, receiver, late),
            Expr::Group(group) => self.is_late_place(&group.expr, receiver, late),
            Expr::Field(field) => self.is_late_place(&field.base, receiver, late),
            Expr::Index(index) => self.is_late_slice(index, late),
            value => self.is_late(value, late),
        }
    }

    /// The same of a part of what a method or a function yields.
    fn is_late_slice(&self, index: &syn::ExprIndex, late: &mut Late) -> bool {
        let slice = matches!(*index.index, Expr::Range(_)) && is_simple(&index.index);
        mentioned(index.index.to_token_stream(), &mut late.taken);
        slice && self.is_late_place(&index.expr, true, late)
    }

    /// Evaluates an argument that is not a borrow of a place; what `&rvalue` refers to is kept, and then
    /// lent.
    fn settle(&mut self, arg: &mut Expr) -> Option<LocalId> {
        let refers = self.refers_to_value(arg);
        let value = match arg {
            Expr::Reference(reference) if refers => &mut *reference.expr,
            value => value,
        };
        let expr = std::mem::replace(value, parse_quote!(()));
        *value = self.keep("value", expr);
        as_local(value).filter(|_| refers)
    }

    /// Makes a borrow of a place ready to be made when the callee is.
    fn reborrow(&mut self, operand: &mut Expr, receiver: bool) {
        if receiver {
            return self.hoist_indices(operand);
        }
        match operand {
            Expr::Closure(closure) => self.check_assigned(closure),
            Expr::Reference(reference) => {
                self.check_mutable(reference);
                self.hoist_indices(&mut reference.expr);
            }
            local => {
                let exclusive = |id| self.locals.get(id).visible == Visible::Exclusive;
                if as_local(local).is_some_and(exclusive) {
                    let span = local.span();
                    *local = parse_quote_spanned!(span=> &mut *#local);
                }
            }
        }
    }

    fn refers_to_value(&self, arg: &Expr) -> bool {
        match arg {
            Expr::Reference(reference) => {
                let place = &*reference.expr;
                let lies_still = self.is_place(place) && !is_copied(reference);
                !is_constant(reference) && !self.rooted(place) && !lies_still
            }
            _ => false,
        }
    }

    /// Whether an expression is a place within a local.
    fn rooted(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Path(_) => as_local(expr).is_some(),
            Expr::Field(field) => self.rooted(&field.base),
            Expr::Unary(unary) => {
                matches!(unary.op, syn::UnOp::Deref(_)) && self.rooted(&unary.expr)
            }
            Expr::Index(index) => self.rooted(&index.expr) && !suspends(&index.index),
            Expr::Paren(paren) => self.rooted(&paren.expr),
            Expr::Group(group) => self.rooted(&group.expr),
            _ => false,
        }
    }

    /// The locals that a borrowed place is in or depends on; none if it lies behind a shared reference, since
    /// then it is not in the frame.
    fn roots(&self, place: &Expr, receiver: bool) -> Vec<LocalId> {
        let mut locals = Vec::new();
        mentioned(place.to_token_stream(), &mut locals);
        let bare = as_local(place).is_some() && !receiver;
        let shared = |id: &LocalId| {
            let local = self.locals.get(*id);
            local.visible == Visible::Shared && local.rebuild.is_none()
        };
        match locals.first() {
            Some(root) if shared(root) && !bare => Vec::new(),
            _ => locals.into_iter().flat_map(|id| self.behind(id)).collect(),
        }
    }

    /// A local that is in the frame, or, in place of one that is built again, those that it refers to.
    pub(super) fn behind(&self, id: LocalId) -> Vec<LocalId> {
        let Some(reference) = self.locals.borrowed_by(id) else {
            return vec![id];
        };
        let mut roots = self.roots(&reference.expr, false);
        if let Some(Expr::Call(again)) = &self.locals.get(id).rebuild {
            roots.extend(again.args.first().and_then(as_local));
        }
        roots
    }

    /// The callee gets its reference from the frame, where everything is mutable; the author's word counts.
    fn check_mutable(&mut self, reference: &syn::ExprReference) {
        let local = as_local(&reference.expr).map(|id| self.locals.get(id));
        if let Some(local) = local
            .filter(|local| !local.mutable && !local.synthetic && reference.mutability.is_some())
        {
            let name = local.name.to_string();
            self.diagnostics
                .error(reference, messages::NOT_MUTABLE, &[&name]);
        }
    }

    fn hoist_indices(&mut self, place: &mut Expr) {
        match place {
            Expr::Field(field) => self.hoist_indices(&mut field.base),
            Expr::Unary(unary) => self.hoist_indices(&mut unary.expr),
            Expr::Paren(paren) => self.hoist_indices(&mut paren.expr),
            Expr::Group(group) => self.hoist_indices(&mut group.expr),
            Expr::Index(index) => {
                self.hoist_indices(&mut index.expr);
                if !is_simple(&index.index) {
                    let value = std::mem::replace(&mut *index.index, parse_quote!(()));
                    *index.index = self.keep("index", value);
                }
            }
            _ => {}
        }
    }
}

/// Whether nothing is done to find a place.
fn is_still(operand: &Expr) -> bool {
    match operand {
        Expr::Reference(reference) => is_still(&reference.expr),
        Expr::Field(field) => is_still(&field.base),
        Expr::Unary(unary) => is_still(&unary.expr),
        Expr::Paren(paren) => is_still(&paren.expr),
        Expr::Group(group) => is_still(&group.expr),
        Expr::Index(index) => is_still(&index.expr) && is_simple(&index.index),
        _ => true,
    }
}

/// Whether a method yields, by its name, a value that borrows from nothing. Where it does, it need not be
/// late.
fn is_said_to_own(expr: &Expr) -> bool {
    const OWNED: [&str; 9] = [
        "len",
        "count",
        "is_empty",
        "capacity",
        "clone",
        "to_string",
        "to_owned",
        "to_vec",
        "contains",
    ];
    matches!(expr, Expr::MethodCall(call) if OWNED.iter().any(|name| call.method == name))
}

/// Whether a reference is to a copy of a constant, or to a value like `None`, for that it can be changed. No
/// static belongs to a type, or is called like one.
fn is_copied(reference: &syn::ExprReference) -> bool {
    let Expr::Path(path) = &*reference.expr else {
        return false;
    };
    let mut names = path.path.segments.iter().rev();
    let mut name = || names.next().map(|segment| segment.ident.to_string());
    let (last, owner) = (name().unwrap_or_default(), name().unwrap_or_default());
    let camel = |name: &str| name.starts_with(char::is_uppercase);
    let variant = camel(&last) && last.contains(char::is_lowercase);
    reference.mutability.is_some() && (variant || camel(&owner) || is_primitive(&owner))
}

/// Whether a reference is to a constant, which lives for ever.
fn is_constant(reference: &syn::ExprReference) -> bool {
    reference.mutability.is_none() && matches!(*reference.expr, Expr::Lit(_))
}
