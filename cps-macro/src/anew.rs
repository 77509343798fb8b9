//! Macros of the author's that declare anew a local that they are handed.
//!
//! In `let n = 1; { again!(n); coop!(); } n` the macro may say `let n = 2;`, which is another local, and ends
//! with its block. What it says is not seen here, and to the states behind it both would be `n`. So where the
//! function is suspended behind the macro in its block, and the local read behind that block, code that never
//! runs asks the compiler to let a borrow of what the macro leaves as `n` outlive the macro. It does, unless
//! that is the macro's own.

use crate::hygiene::word;
use crate::liveness::Liveness;
use crate::locals::{LocalId, local_id};
use crate::resolve::{Looks, is_opaque, names};
use crate::tree::{BodyId, Kind, Stmt, Tree};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::HashMap;

/// What must stand before statements, each by its body and its number.
pub(crate) type Probes = HashMap<(BodyId, usize), TokenStream>;

/// The code that asks.
pub(crate) fn probes(tree: &Tree, needs: &Liveness) -> Probes {
    let mut probes = Probes::new();
    for (body, scope) in tree.bodies.iter().enumerate() {
        let suspends = |stmt: &Stmt| matches!(stmt, Stmt::Node(id) if tree.nodes[*id].suspends);
        let Some(last) = scope.stmts.iter().rposition(suspends) else {
            continue;
        };
        for (index, stmt) in scope.stmts[..last].iter().enumerate() {
            let Stmt::Native(syn::Stmt::Macro(mac)) = stmt else {
                continue;
            };
            if !is_opaque(&mac.mac) {
                continue;
            }
            let inside = tree.declared_before(body, index);
            let mut handed = Vec::new();
            names(mac.mac.tokens.clone(), &mut handed);
            let mut lasting = Vec::new();
            for (name, looks) in handed {
                let id = local_id(&name).filter(|id| looks != Looks::Other && !inside.contains(id));
                let Some(id) = id.filter(|id| is_read_outside(tree, needs, body, *id)) else {
                    continue;
                };
                if needs.reads.behind(body, index, id) {
                    lasting.push(name);
                }
            }
            if !lasting.is_empty() {
                probes.insert((body, index), probe(mac, &lasting));
            }
        }
    }
    probes
}

/// Whether a local may be read behind a body.
fn is_read_outside(tree: &Tree, needs: &Liveness, body: BodyId, id: LocalId) -> bool {
    let Some(owner) = tree.bodies[body].owner else {
        return false;
    };
    let mut around = std::iter::once(owner).chain(tree.around(owner));
    around.any(|node| {
        let again = matches!(tree.nodes[node].kind, Kind::Loop { .. });
        needs.after[node].read.contains(id) || again && needs.top[node].read.contains(id)
    })
}

fn probe(mac: &syn::StmtMacro, names: &[Ident]) -> TokenStream {
    let outlives = word("outlives");
    let borrows = names
        .iter()
        .map(|name| quote_spanned!(name.span()=> &#name));
    quote! {
        if false {
            let #outlives;
            {
                #mac;
                #outlives = (#(#borrows,)*);
            }
            ::core::mem::drop(#outlives);
            loop {}
        }
    }
}
