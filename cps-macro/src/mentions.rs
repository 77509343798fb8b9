//! What native code mentions: locals, and labels of what is split.

use crate::jumps::target_of;
use crate::locals::{LocalId, as_local, local_id, mentioned};
use crate::open_types::tells_nothing;
use crate::parts::Path;
use crate::tree::Target;
use crate::uses::{Place, place_of};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprAssign, ExprMethodCall, ItemFn, Lifetime, LitStr, Pat, PatIdent, Stmt, Type,
};

/// What some code mentions, in order of appearance.
#[derive(Default)]
pub(crate) struct Mentions {
    /// Inline captures of format strings included.
    pub(crate) locals: Vec<LocalId>,
    /// The targets of labels, and whether each starts the next turn.
    pub(crate) labels: Vec<(Target, bool)>,
    /// The places that are assigned.
    pub(crate) assigned: Vec<Place>,
    /// Those of the locals of whose types the mention tells nothing.
    looked_at: Vec<LocalId>,
}

impl Mentions {
    pub(crate) fn of(code: &impl Code) -> Self {
        let mut mentions = Mentions::default();
        code.show(&mut mentions);
        mentions
    }

    /// Whether a mention of a local may tell its type.
    pub(crate) fn tells(&self, id: LocalId) -> bool {
        let times = |mentions: &[LocalId]| mentions.iter().filter(|other| **other == id).count();
        times(&self.locals) > times(&self.looked_at)
    }
}

impl<'ast> Visit<'ast> for Mentions {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        match path.get_ident() {
            Some(name) => self.locals.extend(local_id(name)),
            None => visit::visit_path(self, path),
        }
    }

    fn visit_pat_ident(&mut self, bound: &'ast PatIdent) {
        self.locals.extend(local_id(&bound.ident));
        visit::visit_pat_ident(self, bound);
    }

    /// No type mentions a local.
    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_expr_assign(&mut self, assign: &'ast ExprAssign) {
        assigned(&assign.left, &mut self.assigned);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if tells_nothing(&call.method) {
            self.looked_at.extend(as_local(&call.receiver));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.labels.extend(target_of(lifetime));
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        mentioned(text.to_token_stream(), &mut self.locals);
    }

    fn visit_token_stream(&mut self, code: &'ast TokenStream) {
        self.opaque(code.clone(), true);
    }
}

impl Mentions {
    /// Notes the words of code that is not looked into: each may be a local, or behind a `'` a label. One
    /// before a `=` is assigned, where no parentheses stand around it.
    fn opaque(&mut self, code: TokenStream, outermost: bool) {
        let (mut apostrophe, mut before) = (None, None);
        for token in code {
            let name = before.take();
            match token {
                TokenTree::Ident(ident) => {
                    let id = local_id(&ident);
                    self.locals.extend(id);
                    before = id;
                    if let Some(apostrophe) = apostrophe.take() {
                        self.labels
                            .extend(target_of(&Lifetime { apostrophe, ident }));
                    }
                    continue;
                }
                TokenTree::Punct(mark) => {
                    if mark.as_char() == '=' && outermost {
                        self.assigned.extend(name.map(|id| (id, Path::new())));
                    }
                    apostrophe = (mark.as_char() == '\'').then(|| mark.span());
                    continue;
                }
                TokenTree::Group(group) => self.opaque(group.stream(), false),
                literal => mentioned(literal.into(), &mut self.locals),
            }
            apostrophe = None;
        }
    }
}

/// The places that the left side of an assignment names.
fn assigned(left: &Expr, found: &mut Vec<Place>) {
    match left {
        Expr::Tuple(tuple) => tuple.elems.iter().for_each(|left| assigned(left, found)),
        Expr::Array(array) => array.elems.iter().for_each(|left| assigned(left, found)),
        Expr::Call(call) => call.args.iter().for_each(|left| assigned(left, found)),
        Expr::Struct(literal) => {
            let fields = literal.fields.iter();
            fields.for_each(|field| assigned(&field.expr, found));
        }
        left => found.extend(place_of(left).map(|(place, _)| place)),
    }
}

/// Code that can be looked through.
pub(crate) trait Code {
    fn show(&self, mentions: &mut Mentions);
}

macro_rules! code {
    ($($code:ident: $visit:ident,)*) => {$(
        impl Code for $code {
            fn show(&self, mentions: &mut Mentions) {
                mentions.$visit(self);
            }
        }
    )*};
}

code! {
    Block: visit_block,
    Expr: visit_expr,
    Pat: visit_pat,
    Stmt: visit_stmt,
    TokenStream: visit_token_stream,
}

impl<C: Code> Code for Option<C> {
    fn show(&self, mentions: &mut Mentions) {
        self.iter().for_each(|code| code.show(mentions));
    }
}

/// Calls `each` with every word of a function.
pub(crate) fn each_word(function: &ItemFn, each: impl FnMut(&Ident)) {
    Words(each).visit_item_fn(function);
}

/// Calls `each` with every word of some code.
pub(crate) fn words_of(code: TokenStream, each: impl FnMut(&Ident)) {
    Words(each).words(code);
}

struct Words<F>(F);

impl<F: FnMut(&Ident)> Words<F> {
    fn words(&mut self, code: TokenStream) {
        for token in code {
            match token {
                TokenTree::Ident(word) => self.0(&word),
                TokenTree::Group(group) => self.words(group.stream()),
                _ => {}
            }
        }
    }
}

impl<'ast, F: FnMut(&Ident)> Visit<'ast> for Words<F> {
    fn visit_ident(&mut self, word: &'ast Ident) {
        self.0(word);
    }

    fn visit_token_stream(&mut self, code: &'ast TokenStream) {
        self.words(code.clone());
    }
}
