//! Split loops: how a turn begins, and where its end leads.

use super::Arms;
use super::code::{braced, is_empty_block};
use crate::fates::Fates;
use crate::hidden;
use crate::locals::LocalId;
use crate::tree::{Kind, NodeId};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

impl Arms<'_> {
    /// A loop entered in the middle of a turn: the rest of the turn, then the loop's own state.
    pub(super) fn turned(&mut self, id: NodeId, contents: TokenStream) -> TokenStream {
        let contents = self.end_of_turn(id, contents);
        self.turn_again(id, contents)
    }

    /// A loop from its top. Turns that do not suspend are turns of a native loop.
    pub(super) fn turn(&mut self, id: NodeId) -> TokenStream {
        let node = &self.tree.nodes[id];
        let Kind::Loop { body } = node.kind else {
            unreachable!("a loop's state is a loop's")
        };
        let top = self.flow.clone().unwrap_or_default();
        let contents = self.rest(body, 0);
        let contents = self.end_of_turn(id, contents);
        let scope = self.tree.in_scope(node.body, node.index);
        let same = |end: &Fates| {
            let kept = |id: &LocalId| top.of(*id) == end.of(*id) && top.gives_as(end, *id);
            scope.iter().all(kept)
        };
        if !self.flow.as_ref().is_some_and(same) {
            return self.turn_again(id, contents);
        }
        self.flow = None;
        let contents = match self.locals.hides {
            true => hidden::enclosed("'_turn", contents),
            false => contents,
        };
        match self.label(id, false) {
            Some((exit, _)) => self.labelled(quote_spanned!(node.span=> #exit loop { #contents })),
            None => quote_spanned!(node.span=> loop { #contents }),
        }
    }

    /// Where code jumps to the next turn, that is the end of this one.
    fn end_of_turn(&mut self, id: NodeId, contents: TokenStream) -> TokenStream {
        match self.label(id, true) {
            Some((next, _)) => quote!(#next { #contents }),
            None if is_empty_block(&contents) => quote!(),
            None if self.flow.is_none() => contents,
            // The turn's own locals end here.
            None => braced(contents),
        }
    }

    /// Goes to a loop's own state behind what is left of a turn.
    fn turn_again(&mut self, id: NodeId, contents: TokenStream) -> TokenStream {
        let node = &self.tree.nodes[id];
        let again = match self.flow {
            Some(_) => self.go(node.state.expect("a loop has a state"), node.span),
            None => quote!(),
        };
        match self.label(id, false) {
            Some((exit, _)) => self.labelled(quote!(#exit { #contents #again })),
            None => quote!(#contents #again),
        }
    }
}
