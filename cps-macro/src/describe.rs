//! What a function tells those who look at its calls while they wait: its name, and for each state the line
//! that the author sees.
//!
//! All of it is a table in the program, and a closure that says which of its rows a frame is at.

use crate::arms::Arms;
use crate::hygiene::word;
use crate::root::Root;
use crate::states::{At, State, StateId, States};
use crate::tree::{Callee, Kind, Point, Tree};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

/// The states that wait for a callee which borrows from the frame. There it cannot be looked at, so the call
/// says by its place among these which state it is.
pub(crate) fn lending(tree: &Tree, states: &States) -> Vec<StateId> {
    let lends = |state: &State| match state.at {
        At::Point(node) => matches!(
            tree.nodes[node].kind,
            Kind::Point(Point::Call(Callee::Borrowing { .. }))
        ),
        _ => false,
    };
    (0..states.all.len())
        .filter(|state| lends(&states.all[*state]))
        .collect()
}

/// The closure that describes a function.
pub(crate) fn describe(
    tree: &Tree,
    states: &States,
    arms: &Arms,
    name: &Ident,
    of_type: bool,
    root: &Root,
) -> TokenStream {
    let path = match of_type {
        true => quote!(Type(::core::any::type_name::<Self>)),
        false => quote!(Module(::core::module_path!())),
    };
    let rows = states.all.iter().map(|state| {
        let (label, span) = (&state.name, written(state, name));
        quote_spanned!(span=> (#label, ::core::line!()))
    });
    let lends = lending(tree, states)
        .into_iter()
        .map(Literal::usize_unsuffixed);
    let reached = (0..states.all.len()).filter(|state| arms.reaches(*state));
    let (patterns, ats): (Vec<_>, Vec<_>) = reached
        .map(|state| (arms.pattern(state, &[]), Literal::usize_unsuffixed(state)))
        .unzip();
    // Where a leg has taken the state out.
    let running = arms.has_groups().then(|| quote!(_ => 0,));
    let (function, frame) = (name.unraw().to_string(), word("frame"));
    quote! {
        |#frame| {
            let site = &#root::expansion::Site {
                path: #root::expansion::Path::#path,
                function: #function,
                file: ::core::file!(),
                states: &[#(#rows),*],
                lends: [#(#lends),*],
            };
            let ::core::option::Option::Some(#frame) = #frame else { return (site, 0) };
            (site, match #frame { #(#patterns => #ats,)* #running })
        }
    }
}

/// Where the author wrote what the state is named for. With the author's own span, `line!` tells the line of
/// the outermost macro which the function comes from, as panics do.
fn written(state: &State, name: &Ident) -> Span {
    match state.at {
        At::Start => name.span(),
        _ => state.span,
    }
}
