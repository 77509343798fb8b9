//! Lowering of suspension points: what each evaluates before it suspends, and what it borrows meanwhile.

use super::operands::Use;
use super::{Lower, arguments, inner};
use crate::locals::{LocalId, as_local};
use crate::messages;
use crate::points::PointMacro;
use crate::tree::{Bind, Callee, Kind, Point, Retry};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, parse_quote_spanned};

impl Lower<'_> {
    /// A suspension point whose value goes to `bind`. What its operands need is evaluated in a scope around
    /// it.
    pub(super) fn point(&mut self, mac: syn::Macro, bind: Bind) {
        let Some(point) = PointMacro::suspending(&mac) else {
            unreachable!("a point was found")
        };
        let span = mac
            .path
            .segments
            .last()
            .map_or_else(|| mac.path.span(), |last| last.ident.span());
        let body = self.tree.body(Vec::new());
        let mut lowered = None;
        self.inside(body, |this| {
            lowered = Some(this.operation(point, arguments(&mac)))
        });
        let kind = Kind::Point(lowered.expect("a point was lowered"));
        if self.tree.bodies[body].stmts.is_empty() {
            self.node(bind, kind, span);
        } else {
            self.inside(body, |this| {
                this.node(Bind::Tail, kind, span);
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

    fn operation(&mut self, point: PointMacro, args: Vec<Expr>) -> Point {
        let mut args = args.into_iter();
        let mut arg = || args.next().expect("arguments were counted");
        match point {
            PointMacro::Coop => Point::Coop,
            PointMacro::Suspend => {
                let mut give = inner(arg());
                if let Expr::Closure(closure) = &mut give {
                    // The continuation outlives the leg, so what it is given with cannot borrow from it.
                    let at = closure.span();
                    closure.capture.get_or_insert_with(|| syn::Token![move](at));
                }
                let give = self.operands(give);
                Point::Suspend(self.native(give))
            }
            PointMacro::Migrate => {
                let dest = self.operands(arg());
                Point::Migrate(self.native(dest))
            }
            PointMacro::Visit => unreachable!("a visit is written out before"),
            PointMacro::Call => Point::Call(self.callee(inner(arg()))),
            PointMacro::Timeout => {
                let duration = self.keep("duration", arg());
                let callee = self.callee(inner(arg()));
                Point::Call(self.within(duration, callee))
            }
            PointMacro::Recv => {
                let place = self.mailbox(arg());
                Point::Retry(Retry {
                    attempt: "recv",
                    place: Some(place),
                    operand: None,
                })
            }
            PointMacro::RecvDeadline => {
                let place = self.mailbox(arg());
                let until = self.made("until", vec![arg()]);
                self.retry("recv_deadline", Some(place), "until", until)
            }
            PointMacro::Send => {
                let (mailbox, message) = (arg(), arg());
                self.send("send", "message", mailbox, vec![message])
            }
            PointMacro::SendDeadline => {
                let (mailbox, message, deadline) = (arg(), arg(), arg());
                self.send(
                    "send_deadline",
                    "message_until",
                    mailbox,
                    vec![message, deadline],
                )
            }
            PointMacro::Join => self.of("join", "handle", vec![arg()]),
            PointMacro::JoinDeadline => {
                let (handle, deadline) = (arg(), arg());
                self.of("join_deadline", "handle_until", vec![handle, deadline])
            }
            PointMacro::Select => self.select(args.collect()),
            PointMacro::Sleep => self.of("sleep", "after", vec![arg()]),
            PointMacro::SleepUntil => self.of("sleep", "at", vec![arg()]),
            PointMacro::Signal => self.of("signal", "listen", vec![arg()]),
            PointMacro::Child => self.of("child", "process", vec![arg()]),
            PointMacro::Readable => self.ready("readable", arg()),
            PointMacro::Writable => self.ready("writable", arg()),
            PointMacro::Thunk => unreachable!("`thunk!` does not suspend"),
        }
    }

    /// Waits for what is made once of the arguments.
    fn of(&mut self, attempt: &'static str, make: &str, args: Vec<Expr>) -> Point {
        let made = self.made(make, args);
        self.retry(attempt, None, make, made)
    }

    /// Leaves a message in a mailbox. By way of a call, it is coerced to what the mailbox carries.
    fn send(
        &mut self,
        attempt: &'static str,
        make: &str,
        mailbox: Expr,
        mut args: Vec<Expr>,
    ) -> Point {
        let place = self.mailbox(mailbox);
        let at = args[0].span();
        args.insert(0, parse_quote_spanned!(at=> &#place));
        let message = self.made(make, args);
        self.retry(attempt, Some(place), "message", message)
    }

    /// What a function of ours makes of arguments.
    fn made(&mut self, make: &str, args: Vec<Expr>) -> Expr {
        let at = args.last().map_or_else(Span::call_site, Spanned::span);
        let (root, make) = (self.root.at(at), syn::Ident::new(make, at));
        parse_quote_spanned!(at=> #root::expansion::points::#make(#(#args),*))
    }

    /// Tries at a place, with what each try hands to the next.
    fn retry(
        &mut self,
        attempt: &'static str,
        place: Option<Expr>,
        name: &str,
        operand: Expr,
    ) -> Point {
        let operand = self.operand(name, operand);
        Point::Retry(Retry {
            attempt,
            place,
            operand: Some(operand),
        })
    }

    /// Waits at several places, and keeps what is left at them meanwhile.
    fn select(&mut self, choices: Vec<Expr>) -> Point {
        let at = choices.first().map_or_else(Span::call_site, Spanned::span);
        let root = self.root.at(at);
        let places = choices.into_iter().map(|choice| self.mailbox(choice));
        let places: Vec<Expr> = places.collect();
        let selected = parse_quote_spanned!(at=> #root::expansion::points::selected());
        let operand = self.operand("selected", selected);
        Point::Retry(Retry {
            attempt: "select",
            place: Some(parse_quote_spanned!(at=> (#(&#places),*))),
            operand: Some(operand),
        })
    }

    /// Waits for a descriptor, and keeps what watches it meanwhile.
    fn ready(&mut self, attempt: &'static str, source: Expr) -> Point {
        let (at, root) = (source.span(), self.root.at(source.span()));
        let place = self.mailbox(source);
        let unwatched = parse_quote_spanned!(at=> #root::expansion::points::unwatched());
        let operand = self.operand("watch", unwatched);
        Point::Retry(Retry {
            attempt,
            place: Some(place),
            operand: Some(operand),
        })
    }

    fn operand(&mut self, name: &str, expr: Expr) -> LocalId {
        let id = self.locals.invent(name, expr.span());
        self.keep_as(id, expr);
        id
    }

    /// The place of a mailbox, which is looked at each time the point is tried.
    fn mailbox(&mut self, expr: Expr) -> Expr {
        let place = match inner(expr) {
            Expr::Reference(reference) => *reference.expr,
            expr => expr,
        };
        if self.is_place(&place) {
            place
        } else {
            self.keep("mailbox", place)
        }
    }

    fn callee(&mut self, expr: Expr) -> Callee {
        match expr {
            Expr::Call(call) if as_local(&call.func).is_some() => {
                self.diagnostics
                    .error(&call.func, messages::CALL_OF_CLOSURE, &[]);
                Callee::Free(Expr::Call(call))
            }
            Expr::Call(mut call) if matches!(*call.func, Expr::Path(_)) => {
                self.steady_arguments(call.args.iter_mut().collect());
                self.sequence(call.args.iter_mut().map(|arg| (arg, Use::Value)).collect());
                let held = self.lent(None, call.args.iter_mut().collect());
                self.thunk(Expr::Call(call), held)
            }
            Expr::MethodCall(mut call) => {
                self.steady_arguments(call.args.iter_mut().collect());
                let receiver = std::iter::once((&mut *call.receiver, Use::Called));
                self.sequence(
                    receiver
                        .chain(call.args.iter_mut().map(|arg| (arg, Use::Value)))
                        .collect(),
                );
                let held = self.lent(Some(&mut call.receiver), call.args.iter_mut().collect());
                self.thunk(Expr::MethodCall(call), held)
            }
            thunk => {
                if is_no_thunk(&thunk) {
                    self.diagnostics.error(&thunk, messages::CALL_OF_VALUE, &[]);
                }
                let thunk = self.operands(thunk);
                Callee::Free(self.native(thunk))
            }
        }
    }

    fn thunk(&mut self, mut call: Expr, held: Vec<LocalId>) -> Callee {
        crate::sibling::name(&mut call);
        let thunk = self.native(call);
        if held.is_empty() {
            Callee::Free(thunk)
        } else {
            Callee::Borrowing { thunk, held }
        }
    }

    /// A callee that is given up when its time is over.
    fn within(&self, duration: Expr, mut callee: Callee) -> Callee {
        let (Callee::Free(thunk) | Callee::Borrowing { thunk, .. }) = &mut callee;
        let (at, root) = (thunk.span(), self.root.at(thunk.span()));
        *thunk = parse_quote_spanned!(at=> #root::expansion::points::timeout(#duration, #thunk));
        callee
    }
}

/// Whether an expression is certainly not a `Thunk`.
fn is_no_thunk(expr: &Expr) -> bool {
    match expr {
        Expr::Unary(unary) => !matches!(unary.op, syn::UnOp::Deref(_)),
        Expr::Array(_)
        | Expr::Assign(_)
        | Expr::Binary(_)
        | Expr::Cast(_)
        | Expr::Closure(_)
        | Expr::Lit(_)
        | Expr::Range(_)
        | Expr::Reference(_)
        | Expr::Repeat(_)
        | Expr::Struct(_)
        | Expr::Tuple(_) => true,
        _ => false,
    }
}
