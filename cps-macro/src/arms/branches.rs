//! Branches: what each leaves of the locals, and where that is not the same.

use super::Arms;
use super::code::braced;
use crate::fates::{Fates, Flow, meet};
use crate::in_place::names;
use crate::locals::LocalId;
use crate::tree::{BodyId, NodeId};
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::quote;

impl Arms<'_> {
    /// The branches of a node, each entered with its own fates. Where they disagree on what is left to drop,
    /// each goes on to the state behind by itself.
    pub(super) fn branches(
        &mut self,
        id: NodeId,
        entered: Vec<(Option<BodyId>, Flow)>,
    ) -> Vec<TokenStream> {
        let mut left: Vec<(TokenStream, Flow)> = Vec::new();
        for (body, flow) in entered {
            // No value of the condition is this branch's, which the compiler may not see.
            if flow.is_none() {
                left.push((quote!(::core::unreachable!()), None));
                continue;
            }
            self.flow = flow;
            let code = body.map(|body| {
                let code = self.rest(body, 0);
                // The same local may be declared again behind the node, and be put away there.
                let mut binds = self.tree.bodies[body].binds.clone();
                binds.retain(|id| {
                    self.is_settled(self.state, *id)
                        && names(&code, &self.hidden_name(*id).to_string())
                });
                let beside = self.beside(self.state, &binds);
                quote!(#beside #code)
            });
            left.push((code.unwrap_or_default(), self.flow.take()));
        }
        let end = self.tree.nodes[id]
            .end
            .filter(|_| self.differ(id, left.iter().filter_map(|(_, flow)| flow.as_ref())));
        if end.is_none() {
            self.put_at_ends(id, &mut left);
        }
        let mut code = Vec::new();
        for (branch, flow) in left {
            let on = match end {
                Some(end) if flow.is_some() => {
                    self.flow = flow;
                    let value = if branch.is_empty() {
                        branch
                    } else {
                        braced(branch)
                    };
                    let on = self.go_on(id, end, value);
                    self.flow = None;
                    on
                }
                _ => {
                    meet(&mut self.flow, flow);
                    branch
                }
            };
            code.push(on);
        }
        code
    }

    /// A branch in braces, where the author wrote it: the compiler suggests changes beside it.
    pub(super) fn written(&self, body: Option<BodyId>, code: &TokenStream) -> Group {
        let span = body.and_then(|body| self.tree.bodies[body].span);
        let mut braces = Group::new(Delimiter::Brace, code.clone());
        braces.set_span(span.unwrap_or_else(Span::call_site));
        braces
    }

    /// Whether ways out of a node differ in what is still to be dropped behind it.
    pub(super) fn differ<'f>(
        &self,
        id: NodeId,
        mut flows: impl Iterator<Item = &'f Fates>,
    ) -> bool {
        let node = &self.tree.nodes[id];
        let Some(first) = flows.next() else {
            return false;
        };
        let scope = self.tree.in_scope(node.body, node.index);
        let needs = &self.needs.after[id];
        let droppable = |id: &&LocalId| {
            !needs.read.contains(**id) && !self.locals.get(**id).visible.needs_no_drop()
        };
        let parted = |id: &&LocalId| !self.locals.get(**id).visible.needs_no_drop();
        flows.any(|other| {
            let mut whole = scope.iter().filter(droppable);
            let mut parts = scope.iter().filter(parted);
            whole.any(|id| first.of(*id) != other.of(*id))
                || parts.any(|id| !first.gives_as(other, *id))
        })
    }
}
