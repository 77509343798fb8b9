//! The pipeline: a function's text goes through the passes and comes out as the plain function, which keeps
//! its face, and its sibling, which makes the call without starting it.

use crate::anew::probes;
use crate::arms::{Arms, arms};
use crate::as_written::before_machine;
use crate::bounds::takers;
use crate::bulk::{bulk_of_type, is_owned_type};
use crate::carried::{Group, groups};
use crate::describe::describe;
use crate::diagnostics::Diagnostics;
use crate::face::{plain, receiver, unstarted};
use crate::frame::{EnumNames, Variants};
use crate::hidden;
use crate::hygiene::{is_word, word};
use crate::liveness::{Liveness, liveness};
use crate::locals::{LocalId, Locals, Visible};
use crate::lower::lower;
use crate::mend::unread;
use crate::mentions::each_word;
use crate::messages;
use crate::opened::Opened;
use crate::options::Options;
use crate::promote::promote;
use crate::renewed::{Renewed, set_apart};
use crate::resolve::Resolver;
use crate::root::Root;
use crate::signature::{Sibling, sibling};
use crate::states::{At, StateId, States, states};
use crate::stub::stub;
use crate::tree::Tree;
use crate::unused::{declared, unused};
use crate::validate::validate;
use crate::visible::visible_type;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::HashSet;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{FnArg, ItemFn, Pat, ReceiverKind, parse_quote};

/// Expands a function that stands alone, or a method whose block is not itself annotated.
pub(crate) fn expand(options: &Options, function: ItemFn, diagnostics: Diagnostics) -> TokenStream {
    let of_type = is_of_type(&function);
    let (plain, sibling) = both(options, function, of_type, diagnostics);
    quote!(#plain #sibling)
}

/// The plain function and its sibling.
pub(crate) fn both(
    options: &Options,
    mut function: ItemFn,
    of_type: bool,
    mut diagnostics: Diagnostics,
) -> (TokenStream, TokenStream) {
    // What stood inside the body stands before the function now.
    let attrs = function.attrs.iter_mut();
    attrs.for_each(|attr| attr.style = syn::AttrStyle::Outer);

    crate::signature::check(&function.sig, &mut diagnostics);
    let root = &options.root();
    let face = sibling(&function.sig, root, of_type, options.local.is_some());
    if let Some(body) = unread(&function.block) {
        let error = syn::parse2::<ItemFn>(quote!(fn f() #body)).expect_err("it could not be read");
        diagnostics.unreadable(&error);
        return stub(&function, root, &face, of_type, body, diagnostics);
    }
    let refuse = |diagnostics| {
        let body = function.block.to_token_stream();
        stub(&function, root, &face, of_type, body, diagnostics)
    };
    let mut renamed = HashSet::new();
    let code = loop {
        let compiled = Compiled::new(&function, root, &face, &renamed, &mut diagnostics);
        let Some(mut compiled) = compiled.filter(|_| diagnostics.is_empty()) else {
            return refuse(diagnostics);
        };
        let mut written = compiled.arms(root, &face.result);
        let renewed = std::mem::take(&mut written.1.renewed);
        if !renewed.is_empty() {
            compiled.renew(&renewed);
            written = compiled.arms(root, &face.result);
        }
        let groups = compiled.groups(&written.1);
        if !groups.is_empty() {
            compiled.group(groups);
            written = compiled.arms(root, &face.result);
        }
        // Two locals of one name that must be captured side by side cannot both keep it.
        if renamed.is_empty() {
            renamed = compiled.clashes(&written.1);
            if !renamed.is_empty() {
                continue;
            }
        }
        break compiled.code(written, root, options, &face, &function, of_type);
    };
    let code = match code {
        Ok(code) => code,
        Err(broken) => {
            diagnostics.error(&function.sig.ident, messages::BROKEN, &[&broken]);
            return refuse(diagnostics);
        }
    };
    let words = before_machine(&function, &face);
    let plain = plain(&function, root, &face, of_type);
    (
        plain,
        unstarted(&function, root, &face, of_type, Some(quote!(#words #code))),
    )
}

/// Both faces of a method that a trait requires.
pub(crate) fn faces(
    options: &Options,
    function: ItemFn,
    diagnostics: Diagnostics,
) -> (TokenStream, TokenStream) {
    let (root, local) = (&options.root(), options.local.is_some());
    let face = sibling(&function.sig, root, true, local);
    if !diagnostics.is_empty() {
        return stub(&function, root, &face, true, quote!({}), diagnostics);
    }
    let plain = plain(&function, root, &face, true);
    (plain, unstarted(&function, root, &face, true, None))
}

/// A function through all passes but the last.
pub(crate) struct Compiled {
    pub(crate) locals: Locals,
    pub(crate) tree: Tree,
    needs: Liveness,
    pub(crate) states: States,
    /// The paths by which the author's macros were named: used, though nothing is left of them.
    imports: Vec<syn::Path>,
    unused: Vec<LocalId>,
    enums: EnumNames,
}

impl Compiled {
    pub(crate) fn new(
        function: &ItemFn,
        root: &Root,
        face: &Sibling,
        renamed: &HashSet<LocalId>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Compiled> {
        let mut locals = Locals::renaming(renamed, face.local);
        let mut block = (*function.block).clone();
        let mut resolver = Resolver::new(&mut locals, diagnostics, root);
        let (params, unpack) = parameters(&mut resolver, function);
        resolver.visit_block_mut(&mut block);
        let imports = std::mem::take(&mut resolver.imports);
        let opened = Opened::of(&block);
        crate::closures::note(&mut locals, &block, &opened);
        locals.hides = hidden::hides(&block, &opened);
        crate::parts::name_parts(&mut locals, &opened, &unpack, &block);
        if !diagnostics.is_empty() {
            return None;
        }
        let unused = unused(&locals, &params, &unpack, &block, &function.sig);
        let mut tree = lower(
            &mut locals,
            diagnostics,
            root,
            &face.result,
            params,
            unpack,
            block,
        );
        let mut needs = liveness(&tree, &locals);
        while !needs.stale.is_empty() {
            for id in &needs.stale {
                locals.get_mut(*id).rebuild = None;
            }
            needs = liveness(&tree, &locals);
        }
        if locals.hides {
            tree.probes = probes(&tree, &needs);
        }
        promote(&mut tree, &needs, &locals);
        let states = states(&mut tree, &locals, &needs);
        Some(Compiled {
            locals,
            tree,
            needs,
            states,
            imports,
            unused,
            enums: EnumNames::beside(function),
        })
    }

    /// Gives a state of its own to what is assigned where only parts of it are held.
    fn renew(&mut self, renewed: &Renewed) {
        set_apart(&mut self.tree, &mut self.locals, renewed);
        self.needs = liveness(&self.tree, &self.locals);
        promote(&mut self.tree, &self.needs, &self.locals);
        self.states = states(&mut self.tree, &self.locals, &self.needs);
    }

    /// What can be carried.
    pub(crate) fn groups(&self, arms: &Arms) -> Vec<Group> {
        groups(&self.tree, &self.states, &self.locals, &self.needs, arms)
    }

    /// Lets it be carried.
    pub(crate) fn group(&mut self, groups: Vec<Group>) {
        self.tree.groups = groups;
        self.states = states(&mut self.tree, &self.locals, &self.needs);
    }

    /// The code of each state.
    pub(crate) fn arms<'a>(
        &'a self,
        root: &'a Root,
        result: &'a TokenStream,
    ) -> (Vec<(StateId, TokenStream)>, Arms<'a>) {
        let Compiled {
            tree,
            states,
            needs,
            locals,
            enums,
            ..
        } = self;
        arms(tree, states, needs, locals, root, result, enums)
    }

    /// Locals that share their name with one that is captured where both are in scope.
    fn clashes(&self, arms: &Arms) -> HashSet<LocalId> {
        let mut clashes: HashSet<_> = self.locals.shadowing.iter().copied().collect();
        for (state, at) in self.states.all.iter().map(|state| state.at).enumerate() {
            let fields = arms.fields(state);
            let held = fields.iter().filter_map(|field| field.local);
            let captured: Vec<_> = held.chain(arms.typed(state)).collect();
            let name = |id: LocalId| &self.locals.get(id).name;
            let mut scope = arms.scope(state).to_vec();
            // A branch may go on from within the scope of what its pattern binds.
            if let At::End(node) = at {
                let branches = self.tree.nodes[node].kind.bodies();
                scope.extend(
                    branches
                        .into_iter()
                        .flat_map(|body| &self.tree.bodies[body].binds),
                );
            }
            for (at, inner) in scope
                .iter()
                .enumerate()
                .filter(|(_, id)| !self.locals.get(**id).synthetic)
            {
                if scope[..at]
                    .iter()
                    .any(|outer| captured.contains(outer) && name(*outer) == name(*inner))
                {
                    clashes.insert(*inner);
                }
            }
        }
        // What is put away behind a branch is named where the branch may have given its name to another.
        for settled in arms.all_settled() {
            let same = |id: &LocalId| self.locals.get(*id).name == self.locals.get(settled).name;
            clashes.extend(self.locals.ids().filter(|id| *id != settled && same(id)));
        }
        clashes
    }

    /// The frame and the closure that steps through it.
    fn code(
        &self,
        (code, arms): (Vec<(StateId, TokenStream)>, Arms),
        root: &Root,
        options: &Options,
        face: &Sibling,
        function: &ItemFn,
        of_type: bool,
    ) -> Result<TokenStream, String> {
        validate(&self.tree, &self.states, &self.locals, &arms)?;
        let variants = Variants::of(&self.states, &self.locals, &arms);
        let (frame, cx) = (word("frame"), word("cx"));
        let keep = arms
            .keeps
            .then(|| quote!(use #root::expansion::{KeepDrop as _, KeepExclusive as _};));
        // What is bound again is not the author's to use; of what he does not use, see `crate::unused`.
        let quiet = quote!(#[allow(unused_variables)]);
        let machine = if self.locals.hides {
            let code = code.iter().map(|(_, arm)| arm);
            hidden::machine(quote!(#(#code)*), arms.jumps, root)
        } else if arms.has_groups() {
            let machine = arms.machine(&code);
            quote!(#quiet #machine)
        } else if arms.jumps {
            let turn = syn::Lifetime::new("'cps", Span::mixed_site());
            let code = code.iter().map(|(_, arm)| arm);
            // In braces the frame is moved whole, so that no flag must tell of each field whether it is still
            // to be dropped before another frame takes its place.
            quote!(let mut #frame = #cx.take(); #quiet #turn: loop { match { #frame } { #(#code)* } })
        } else {
            let code = code.iter().map(|(_, arm)| arm);
            quote!(#quiet match #cx.take() { #(#code)* })
        };
        let holes = variants.holes();
        let result = &face.result;
        let start = arms.fields(0);
        let start = start.iter().map(|field| {
            let id = field.local.expect("the start waits for nothing");
            let (field, value) = (word(&field.name), self.argument(id, face, function));
            match field == value.to_string() {
                true => value,
                false => quote!(#field: #value),
            }
        });
        let at = Span::mixed_site().located_at(function.sig.ident.span());
        let (start, root_at) = (
            start.collect::<Vec<_>>(),
            root.at(function.sig.ident.span()),
        );
        let thunk = face.thunk(at);
        let new = quote_spanned!(at=> #root_at::#thunk::described);
        let runs = face.local.then(|| quote!(, #root::expansion::Local));
        let fits = options.fits.as_ref().map(|(_, most)| fits(root, most));
        let mut first = arms.level(None);
        first.set_span(at);
        let start = quote_spanned!(at=> #first::Start { #(#start),* });
        let name = &function.sig.ident;
        let described = describe(&self.tree, &self.states, &arms, name, of_type, root);
        let parted = arms.parted_locals().into_iter();
        let parted = parted.map(|id| arms.parts(id).define(&arms.parts_name(id), root));
        let (items, imports) = (&self.tree.items, &self.imports);
        let items = self.locals.pretty(quote!(#(#items)*));
        let (machine, frame_type) = (self.locals.pretty(machine), arms.level(None));
        let unused = declared(&self.unused, &self.locals);
        let enums = variants.code(&arms);
        Ok(quote! {
            #(#[allow(unused_imports)] use #imports as _;)*
            #items
            #(#parted)*
            #unused
            #enums
            #new(#start, |mut #cx: #root::expansion::Context<'_, #frame_type #holes, #result #runs>| {
                #fits
                #keep
                #machine
            }, #described)
        })
    }

    /// What a parameter's local starts with.
    fn argument(&self, id: LocalId, face: &Sibling, function: &ItemFn) -> TokenStream {
        match (receiver(&function.sig), id) {
            (Some(me), 0) => me.to_token_stream(),
            (Some(_), id) => face.names[id - 1].to_token_stream(),
            (None, id) => face.names[id].to_token_stream(),
        }
    }
}

/// Asks, where the author wrote how large the continuation may be, whether it is no larger.
fn fits(root: &Root, most: &syn::Expr) -> TokenStream {
    let span = Span::mixed_site().located_at(most.span());
    let (cx, root) = (word("cx"), root.at(most.span()));
    quote_spanned!(span=> #cx.fits(const { #root::expansion::Fits::check(#most) });)
}

/// Declares the parameters: a local each, and a `let` for each that is a pattern. What such a `let` binds
/// ends behind the parameters that follow, so those are bound anew behind it.
fn parameters(resolver: &mut Resolver, function: &ItemFn) -> (Vec<LocalId>, Vec<syn::Stmt>) {
    let (mut params, mut patterns) = (Vec::new(), Vec::new());
    for (at, input) in function.sig.inputs.iter().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                let visible = match &receiver.kind {
                    ReceiverKind::Reference(_, _, Some(_)) => Visible::Exclusive,
                    ReceiverKind::Reference(_, _, None) => Visible::Shared,
                    ReceiverKind::Typed(_, ty) => visible_type(ty),
                    _ => Visible::Unknown,
                };
                let id = resolver.declare_self(
                    &receiver.self_token,
                    receiver.mutability.is_some(),
                    visible,
                );
                if visible.needs_no_drop() {
                    resolver.locals.get_mut(id).bulk = crate::locals::Bulk::Small;
                }
                params.push(id);
            }
            FnArg::Typed(typed) => {
                let mut pat = (*typed.pat).clone();
                let visible = visible_type(&typed.ty);
                if is_name(&pat) && (patterns.is_empty() || visible.needs_no_drop()) {
                    params.push(named(resolver, function, &mut pat, &typed.ty));
                } else {
                    let name = format_ident!("arg{at}", span = Span::mixed_site());
                    params.push(resolver.locals.declare(&name, false, visible));
                    // What has no name ends in its turn, too.
                    if matches!(pat, Pat::Wild(_)) && !patterns.is_empty() {
                        pat = parse_quote!(_argument);
                    }
                    if !matches!(pat, Pat::Wild(_)) {
                        patterns.push((params.len() - 1, pat, &typed.ty));
                    }
                }
            }
        }
    }
    let mut unpack = Vec::new();
    for (at, mut pat, ty) in patterns {
        let mut value = resolver.locals.own(params[at]);
        if let Pat::Ident(ident) = &mut pat
            && ident.subpat.is_none()
            && let Some(by_ref) = ident.by_ref.take()
        {
            // What is referred to ends where the parameter would.
            let mutability = ident.mutability.take();
            let mut place: Pat = syn::parse_quote_spanned!(by_ref.span=> #mutability _argument);
            let [id] = resolver.declare(&mut place, visible_type(ty))[..] else {
                unreachable!("a name binds one local")
            };
            unpack.push(parse_quote!(let #place = #value;));
            value = resolver.locals.own(id);
            let borrow: syn::Expr = parse_quote!(& #mutability #value);
            for id in resolver.declare(&mut pat, Visible::Unknown) {
                resolver.locals.get_mut(id).rebuild = Some(borrow.clone());
            }
            unpack.push(parse_quote!(let #pat = #borrow;));
            continue;
        }
        if is_name(&pat) {
            named(resolver, function, &mut pat, ty);
        } else {
            resolver.declare(&mut pat, Visible::Unknown);
        }
        unpack.push(parse_quote!(let #pat = #value;));
    }
    (params, unpack)
}

/// Declares a parameter that is nothing but a name.
fn named(resolver: &mut Resolver, function: &ItemFn, pat: &mut Pat, ty: &syn::Type) -> LocalId {
    let visible = visible_type(ty);
    let declared = resolver.declare(pat, visible).pop();
    // A name in capitals may be that of a constant.
    let id = declared.unwrap_or_else(|| resolver.locals.invent("constant", pat.span()));
    let mut generics = function.sig.generics.type_params();
    let new = resolver.locals.get_mut(id);
    new.generic = generics.any(|param| is_named(ty, &param.ident));
    new.takers = takers(ty, &function.sig.generics);
    (new.bulk, new.owned) = (bulk_of_type(ty), is_owned_type(ty));
    id
}

fn is_name(pat: &Pat) -> bool {
    matches!(pat, Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none())
}

fn is_named(ty: &syn::Type, name: &syn::Ident) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident(name))
}

/// Whether a function belongs to a type, so that its sibling stands beside it.
fn is_of_type(function: &ItemFn) -> bool {
    let receiver = matches!(function.sig.inputs.first(), Some(FnArg::Receiver(_)));
    let mut named = false;
    if !receiver {
        each_word(function, |word| named |= is_word(word, "Self"));
    }
    receiver || named
}
