//! What native code mentions: locals, and labels of what is split.

use crate::jumps::{labels, target_of};
use crate::locals::{LocalId, local_id, mentioned};
use crate::parts::Path;
use crate::tree::Target;
use crate::uses::{Place, place_of};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprAssign, ItemFn, Lifetime, LitStr, Pat, Stmt};

/// What some code mentions, in order of appearance.
#[derive(Default)]
pub(crate) struct Mentions {
    /// Inline captures of format strings included.
    pub(crate) locals: Vec<LocalId>,
    /// The targets of labels, and whether each starts the next turn.
    pub(crate) labels: Vec<(Target, bool)>,
    /// The places that are assigned.
    pub(crate) assigned: Vec<Place>,
}

impl Mentions {
    pub(crate) fn of(code: &impl Code) -> Self {
        let mut mentions = Mentions::default();
        code.show(&mut mentions);
        mentions
    }
}

impl<'ast> Visit<'ast> for Mentions {
    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.locals.extend(local_id(ident));
    }

    fn visit_expr_assign(&mut self, assign: &'ast ExprAssign) {
        assigned(&assign.left, &mut self.assigned);
        visit::visit_expr_assign(self, assign);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.labels.extend(target_of(lifetime));
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        mentioned(text.to_token_stream(), &mut self.locals);
    }

    fn visit_token_stream(&mut self, code: &'ast TokenStream) {
        mentioned(code.clone(), &mut self.locals);
        self.labels.extend(labels(code.clone()));
        let names = assigned_words(code.clone());
        let places = names.filter_map(|name| Some((local_id(&name)?, Path::new())));
        self.assigned.extend(places);
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

/// The words before a `=` in code that is not looked into.
fn assigned_words(code: TokenStream) -> impl Iterator<Item = Ident> {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let words = tokens.windows(2).filter_map(|two| match two {
        [TokenTree::Ident(name), TokenTree::Punct(mark)] if mark.as_char() == '=' => {
            Some(name.clone())
        }
        _ => None,
    });
    words.collect::<Vec<_>>().into_iter()
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
