//! Scopes: gives every local a unique name, in place, and tells what is declared.
//!
//! After this pass equal names are equal variables (see [`crate::locals`]). It also knows where a
//! suspension point stands, so it is the one to refuse those that stand where nothing can be suspended.

mod binder;
mod declaring;
mod destructuring;
mod references;
mod rules;
mod words;

use crate::arguments::{Arguments, Family, as_match, is_for_us};
use crate::diagnostics::Diagnostics;
use crate::hygiene::{Hand, letters};
use crate::locals::{LocalId, Locals, Visible};
use crate::messages::{self, Message};
use crate::points::PointMacro;
use crate::root::Root;
use crate::visible::{is_steady_place, visible_type, visible_value};
use binder::{Binder, by_reference};
pub(crate) use declaring::{Looks, is_opaque, names};
use declaring::{Promises, name_of};
use proc_macro2::{Ident, Span};
use quote::ToTokens;
pub(crate) use references::{held, looked_at_only, steps};
use rules::Rules;
use std::collections::HashMap;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Lit, Member, Pat, Stmt, Token, Type};
use words::holds_block;

pub(crate) struct Resolver<'a> {
    pub(crate) locals: &'a mut Locals,
    pub(crate) diagnostics: &'a mut Diagnostics,
    scopes: Vec<HashMap<String, Vec<(Hand, LocalId)>>>,
    /// What there is to say of a suspension behind what encloses the code at hand, innermost last.
    barriers: Vec<Message>,
    /// What our crate is called here, and the path to it.
    home: String,
    root: Root,
    /// How many loops are around the code at hand.
    loops: usize,
    /// The paths by which our macros are named, each once.
    pub(crate) imports: Vec<syn::Path>,
    promises: Promises,
    /// The macros of the blocks around that name locals, innermost last.
    rules: Vec<Rules>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        locals: &'a mut Locals,
        diagnostics: &'a mut Diagnostics,
        root: &Root,
    ) -> Self {
        let home = root.last();
        Resolver {
            locals,
            diagnostics,
            scopes: vec![HashMap::new()],
            barriers: Vec::new(),
            home: home.unwrap_or_default(),
            root: root.clone(),
            loops: 0,
            imports: Vec::new(),
            promises: Promises::default(),
            rules: Vec::new(),
        }
    }

    /// Declares what a pattern binds that always matches, and renames it there. Returns the locals in order.
    pub(crate) fn declare(&mut self, pat: &mut Pat, visible: Visible) -> Vec<LocalId> {
        self.declare_either(pat, visible, false)
    }

    /// Declares what a pattern binds that may not match.
    fn declare_matched(&mut self, pat: &mut Pat) {
        self.declare_either(pat, Visible::Unknown, true);
    }

    fn declare_either(&mut self, pat: &mut Pat, visible: Visible, refutable: bool) -> Vec<LocalId> {
        let mut binder = Binder {
            resolver: self,
            visible,
            refutable,
            bound: Vec::new(),
        };
        binder.visit_pat_mut(pat);
        let bound = binder.bound;
        self.locals.bound_by(pat);
        for (name, id) in &bound {
            self.enter(name.clone(), *id);
        }
        bound.into_iter().map(|(_, id)| id).collect()
    }

    /// Declares `self`, under the name that stands for it.
    pub(crate) fn declare_self(
        &mut self,
        token: &Token![self],
        mutable: bool,
        visible: Visible,
    ) -> LocalId {
        let id = self.locals.declare(&Ident::from(*token), mutable, visible);
        self.enter("self".into(), id);
        id
    }

    fn lookup(&self, name: &Ident) -> Option<LocalId> {
        let mut plain = String::new();
        letters(name, |piece| plain.push_str(piece));
        let plain = plain.strip_prefix("r#").unwrap_or(&plain);
        let scopes = self.scopes.iter().rev();
        let mut named = scopes.filter_map(|scope| scope.get(plain)).peekable();
        named.peek()?;
        let hand = Hand::of(name.span());
        let mut ids = named.flat_map(|ids| ids.iter().rev());
        ids.find(|(by, _)| *by == hand).map(|(_, id)| *id)
    }

    /// The local that code names.
    fn used(&mut self, name: &Ident) -> Option<LocalId> {
        let id = self.lookup(name)?;
        self.promises.use_of(id);
        Some(id)
    }

    fn enter(&mut self, name: String, id: LocalId) {
        let hand = Hand::of(self.locals.get(id).name.span());
        let scope = self.scopes.last_mut().expect("a scope");
        scope.entry(name).or_default().push((hand, id));
    }

    fn scoped(&mut self, visit: impl FnOnce(&mut Self)) {
        let rules = self.rules.len();
        self.scopes.push(HashMap::new());
        visit(self);
        self.scopes.pop();
        self.rules.truncate(rules);
    }

    fn looped(&mut self, visit: impl FnOnce(&mut Self)) {
        self.loops += 1;
        self.scoped(visit);
        self.loops -= 1;
    }

    fn behind(&mut self, barrier: Message, visit: impl FnOnce(&mut Self)) {
        self.barriers.push(barrier);
        let loops = std::mem::take(&mut self.loops);
        self.scoped(visit);
        self.loops = loops;
        self.barriers.pop();
    }

    /// Whether a `match` declares what must be known: its first pattern gives a new meaning to the name of a
    /// local, or there are blocks in its scrutinee.
    fn declares(&self, matched: &Expr) -> bool {
        struct Bound(Vec<Ident>);
        impl<'ast> Visit<'ast> for Bound {
            fn visit_pat_ident(&mut self, bound: &'ast syn::PatIdent) {
                self.0.push(bound.ident.clone());
                visit::visit_pat_ident(self, bound);
            }
            fn visit_expr(&mut self, _: &'ast Expr) {}
        }
        let mut bound = Bound(Vec::new());
        if let Expr::Match(matched) = matched {
            if holds_block(matched.expr.to_token_stream()) {
                return true;
            }
            bound.visit_pat(&matched.arms[0].pat);
        }
        bound.0.iter().any(|name| self.lookup(name).is_some())
    }

    fn rename_format(&mut self, arguments: &mut Arguments) {
        if arguments.family != Family::Format {
            return;
        }
        for argument in &mut arguments.args {
            if let Expr::Lit(lit) = &mut argument.expr
                && let Lit::Str(text) = &mut lit.lit
                && let Some(new) = self.rename_text(text)
            {
                *text = new;
            }
        }
    }

    fn jump(&mut self, label: &Option<syn::Lifetime>, at: impl ToTokens, word: &str) {
        if label.is_none() && self.loops == 0 {
            let message = messages::STRAY_JUMP;
            self.diagnostics.error(at, message, &[word]);
        }
    }

    fn import(&mut self, path: syn::Path) {
        if !self.imports.contains(&path) {
            self.imports.push(path);
        }
    }

    /// Where a suspension cannot stand, the visit is left to be refused by its own name.
    fn visit_written_out(&mut self, mac: &syn::Macro) -> Option<Expr> {
        if !self.barriers.is_empty() {
            return None;
        }
        let mut bare = mac.clone();
        self.bare(&mut bare);
        let written = crate::visit::written_out(&bare, &self.root)?;
        self.import(mac.path.clone());
        Some(written)
    }

    /// Makes the path of a macro of ours bare, if it leads to our crate.
    fn bare(&self, mac: &mut syn::Macro) {
        let (first, last) = (mac.path.segments.first(), mac.path.segments.last());
        if let (Some(first), Some(last)) = (first, last)
            && first.ident == self.home
            && PointMacro::named(&last.ident.to_string()).is_some()
        {
            mac.path = last.ident.clone().into();
        }
    }

    fn point(&mut self, point: PointMacro, mac: &mut syn::Macro) {
        if point != PointMacro::Thunk
            && let Some(barrier) = self.barriers.last()
        {
            self.diagnostics.error(&mac.path, *barrier, &[point.name()]);
        } else if self.locals.stay && point.leaves() {
            let message = messages::IN_LOCAL;
            self.diagnostics.error(&mac.path, message, &[point.name()]);
        }
        let parsed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone());
        match parsed {
            Ok(mut args) if point.counts().contains(&args.len()) => {
                args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                if args.trailing_punct() {
                    args.pop_punct();
                }
                mac.tokens = args.into_token_stream();
            }
            Ok(_) => self.diagnostics.arguments(&mac.path, point),
            Err(error) => self.diagnostics.push(error),
        }
    }
}

impl VisitMut for Resolver<'_> {
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        self.scoped(|this| {
            this.visit_stmts(&mut block.stmts);
        });
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Item(item) => {
                if let syn::Item::Macro(item) = item {
                    self.visit_rules(item);
                }
                let own = matches!(item, syn::Item::Fn(f) if f.attrs.iter().any(|a| a.path().segments.last().is_some_and(|s| s.ident == "cps")))
                    || matches!(
                        item,
                        syn::Item::Macro(_)
                            | syn::Item::Impl(_)
                            | syn::Item::Trait(_)
                            | syn::Item::Mod(_)
                    );
                let barrier = match item {
                    syn::Item::Const(_) | syn::Item::Static(_) => messages::IN_CONST,
                    _ => messages::IN_ITEM,
                };
                if !own {
                    self.refuse_points(item.to_token_stream(), barrier);
                }
            }
            Stmt::Macro(mac) => match self.visit_written_out(&mac.mac) {
                Some(mut written) => {
                    self.visit_expr_mut(&mut written);
                    *stmt = Stmt::Expr(written, mac.semi_token);
                }
                None => self.visit_macro_mut(&mut mac.mac),
            },
            _ => visit_mut::visit_stmt_mut(self, stmt),
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        by_reference(local);
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.visit_expr_mut(diverge);
            }
        }
        let annotated = match &local.pat {
            Pat::Type(typed) => visible_type(&typed.ty),
            _ => Visible::Unknown,
        };
        let visible = match (annotated, &local.init) {
            (Visible::Unknown, Some(init)) => visible_value(&init.expr),
            _ => annotated,
        };
        let init = local.init.as_ref();
        let refutable = init.is_some_and(|init| init.diverge.is_some());
        let bound = self.declare_either(&mut local.pat, visible, refutable);
        crate::bulk::note(self.locals, &bound, local);
        crate::open_types::note(self.locals, local);
        if let ([id], Some(init)) = (&bound[..], &local.init)
            && let Expr::Reference(reference) = &*init.expr
            && !self.locals.get(*id).mutable
            && matches!(&local.pat, Pat::Ident(_) | Pat::Type(_))
            && is_steady_place(&reference.expr, self.locals)
            && !self.locals.is_behind_shared(&reference.expr)
        {
            self.locals.get_mut(*id).rebuild = Some((*init.expr).clone());
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(mac) = expr
            && let Some(written) = self.visit_written_out(&mac.mac)
        {
            *expr = written;
        }
        if let Expr::Macro(mac) = expr
            && let Some(matched) = as_match(&mac.mac)
            && (is_for_us(mac.mac.tokens.clone()) || self.declares(&matched))
        {
            *expr = matched;
        }
        match expr {
            Expr::Path(path) if path.qself.is_none() => {
                if let Some(name) = path.path.get_ident()
                    && let Some(id) = self.used(name)
                {
                    path.path = self.locals.unique(id, name.span()).into();
                }
            }
            Expr::If(branch) => {
                self.scoped(|this| {
                    this.visit_expr_mut(&mut branch.cond);
                    this.visit_block_mut(&mut branch.then_branch);
                });
                if let Some((_, other)) = &mut branch.else_branch {
                    self.visit_expr_mut(other);
                }
            }
            Expr::While(looped) => self.looped(|this| {
                this.visit_expr_mut(&mut looped.cond);
                this.visit_block_mut(&mut looped.body);
            }),
            Expr::ForLoop(looped) => {
                self.visit_expr_mut(&mut looped.expr);
                self.looped(|this| {
                    this.declare(&mut looped.pat, Visible::Unknown);
                    this.visit_block_mut(&mut looped.body);
                });
            }
            Expr::Let(cond) => {
                self.visit_expr_mut(&mut cond.expr);
                self.declare_matched(&mut cond.pat);
            }
            Expr::Repeat(repeat) => {
                self.visit_expr_mut(&mut repeat.expr);
                self.behind(messages::IN_CONST, |this| {
                    this.visit_expr_mut(&mut repeat.len)
                });
            }
            Expr::Assign(assign) => {
                visit_mut::visit_expr_assign_mut(self, assign);
                if let Some(block) = self.destructured(assign) {
                    *expr = block;
                }
            }
            Expr::Break(jump) => {
                self.jump(&jump.label, jump.break_token, "break");
                visit_mut::visit_expr_break_mut(self, jump);
            }
            Expr::Continue(jump) => self.jump(&jump.label, jump.continue_token, "continue"),
            Expr::Loop(looped) => self.looped(|this| this.visit_block_mut(&mut looped.body)),
            Expr::Closure(closure) => self.behind(messages::IN_CLOSURE, |this| {
                closure.inputs.iter_mut().for_each(|input| {
                    this.declare(input, Visible::Unknown);
                });
                this.visit_expr_mut(&mut closure.body);
            }),
            Expr::Async(block) => self.behind(messages::IN_ASYNC, |this| {
                this.visit_block_mut(&mut block.block)
            }),
            Expr::Const(block) => self.behind(messages::IN_CONST, |this| {
                this.visit_block_mut(&mut block.block)
            }),
            Expr::Verbatim(tokens) => *tokens = self.rename_words(tokens.clone(), ""),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        self.scoped(|this| {
            let guard = match &mut arm.pat {
                Pat::Guard(guarded) => {
                    this.declare_matched(&mut guarded.pat);
                    Some(&mut guarded.guard)
                }
                pat => {
                    this.declare_matched(pat);
                    None
                }
            };
            if let Some(guard) = guard {
                this.barriers.push(messages::IN_GUARD);
                this.visit_expr_mut(guard);
                this.barriers.pop();
            }
            this.visit_expr_mut(&mut arm.body);
        });
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        self.visit_expr_mut(&mut field.expr);
        if field.colon_token.is_none()
            && let Member::Named(name) = &field.member
            && self.lookup(name).is_some()
        {
            field.colon_token = Some(Token![:](Span::mixed_site()));
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut syn::Macro) {
        let path = mac.path.clone();
        self.bare(mac);
        if let Some(point) = PointMacro::of(mac) {
            self.import(path);
            self.point(point, mac);
        } else if let Some(mut arguments) = Arguments::of(mac) {
            self.rename_format(&mut arguments);
            arguments
                .args
                .iter_mut()
                .for_each(|arg| self.visit_expr_mut(&mut arg.expr));
            mac.tokens = arguments.into_token_stream();
        } else {
            self.refuse_points(mac.tokens.clone(), messages::IN_MACRO);
            let handed = self.handed_to(mac);
            let words = self.rename_words(mac.tokens.clone(), &name_of(mac));
            mac.tokens = handed.into_iter().chain(words).collect();
        }
    }

    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_type_mut(&mut self, _: &mut Type) {}
}
