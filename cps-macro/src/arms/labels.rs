//! Labels of split constructs: where an arm re-enters one, and code in it jumps out or to the next turn.

use super::Arms;
use super::code::braced_at;
use super::settled::behind;
use crate::fates::meet;
use crate::jumps;
use crate::tree::NodeId;
use proc_macro2::TokenStream;
use quote::quote;

impl Arms<'_> {
    /// The label of a split construct, if code of this arm has jumped to it, and what is put away where it
    /// comes to its end without; the fates there join those here.
    pub(super) fn label(&mut self, id: NodeId, next: bool) -> Option<(TokenStream, TokenStream)> {
        let node = &self.tree.nodes[id];
        let label = match next {
            true => jumps::next(node.target?, node.span),
            false => jumps::exit(node.target?, node.span),
        };
        let name = label.ident.to_string();
        let broken = self.broken.remove(&name)?;
        let put = match next {
            true => {
                meet(&mut self.flow, broken.met());
                quote!()
            }
            false => self.meet_at(id, &name, &broken),
        };
        Some((quote!(#label:), put))
    }

    /// A block that is split, in braces where that makes a difference.
    pub(super) fn block(
        &mut self,
        id: NodeId,
        unsafety: bool,
        contents: TokenStream,
    ) -> TokenStream {
        let node = &self.tree.nodes[id];
        let (label, put) = self.label(id, false).unzip();
        let contents = match put.filter(|put| !put.is_empty()) {
            Some(put) => behind(&contents, &put),
            None => contents,
        };
        match (unsafety, label) {
            // Nothing is behind it that the braces would part it from.
            (false, None) if self.flow.is_none() => contents,
            (true, label) => quote!(#label unsafe { #contents }),
            (false, None) => braced_at(contents, node.span),
            (false, Some(label)) => self.labelled(quote!(#label { #contents })),
        }
    }

    /// A construct that code of this arm jumps out of. If nothing is behind it, that code leaves before it
    /// has the value which it would take along, and nothing takes that.
    pub(super) fn labelled(&self, code: TokenStream) -> TokenStream {
        match self.flow {
            Some(_) => code,
            None => quote!(let _ = #code;),
        }
    }
}
