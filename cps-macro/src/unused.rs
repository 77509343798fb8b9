//! Locals that the author declares and never mentions.
//!
//! In the states, where locals are bound again and again, the compiler's word on those it does not see
//! used is not to be had. So each that no one uses is declared once more where nothing runs, for the
//! compiler to speak of.

use crate::locals::{LocalId, Locals};
use crate::mentions::{Code, Mentions};
use crate::tree::bound_by;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{Block, FnArg, Signature, Stmt};

/// What is declared and not mentioned in a function. What has attributes of its own is left alone: one of
/// them may allow it.
pub(crate) fn unused(
    locals: &Locals,
    params: &[LocalId],
    unpack: &[Stmt],
    block: &Block,
    sig: &Signature,
) -> Vec<LocalId> {
    let mut mentions = Mentions::of(block);
    unpack.iter().for_each(|stmt| stmt.show(&mut mentions));
    let seen = mentions.locals;
    let mut attributed = Attributed::default();
    attributed.visit_block(block);
    for (param, input) in params.iter().zip(&sig.inputs) {
        if matches!(input, FnArg::Typed(typed) if !typed.attrs.is_empty()) {
            attributed.0.insert(*param);
        }
    }
    let unused = |id: &LocalId| {
        let local = locals.get(*id);
        // A parameter is declared elsewhere; any other local has one mention, which declares it.
        let declared = usize::from(!params.contains(id));
        let mentions = seen.iter().filter(|seen| *seen == id).count();
        let named =
            !local.synthetic && local.name != "self" && !local.name.to_string().starts_with('_');
        // One that is there in some configurations only leaves the name to another of it.
        let mut attributed = attributed.0.iter().map(|other| &locals.get(*other).name);
        named && mentions == declared && attributed.all(|other| *other != local.name)
    };
    locals.ids().filter(unused).collect()
}

/// The locals once more.
pub(crate) fn declared(unused: &[LocalId], locals: &Locals) -> TokenStream {
    if unused.is_empty() {
        return quote!();
    }
    let names = unused
        .iter()
        .map(|id| locals.emitted(*id, locals.get(*id).name.span()));
    quote!(if false { #(let #names = ();)* })
}

/// Parameters, and locals of `let`s, with attributes.
#[derive(Default)]
struct Attributed(HashSet<LocalId>);

impl<'ast> Visit<'ast> for Attributed {
    fn visit_path(&mut self, _: &'ast syn::Path) {}

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !local.attrs.is_empty() {
            self.0.extend(bound_by(&local.pat));
        }
        visit::visit_local(self, local);
    }
}
