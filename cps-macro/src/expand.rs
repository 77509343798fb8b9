//! The pipeline: a function's text goes through the passes and comes out as the plain function, which keeps
//! its face, and its sibling, which makes the call without starting it.

use crate::arms::{Arms, Field, Mode, arms};
use crate::diagnostics::Diagnostics;
use crate::hygiene::{word, word_at};
use crate::liveness::liveness;
use crate::locals::{LocalId, Locals};
use crate::lower::lower;
use crate::options::Options;
use crate::resolve::{Resolver, visible_type};
use crate::signature::{Sibling, is_unsafe, sibling, turbofish};
use crate::states::{States, states};
use crate::tree::Tree;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::{BTreeMap, HashSet};
use syn::visit_mut::VisitMut;
use syn::{Attribute, FnArg, ItemFn, Pat, ReceiverKind, parse_quote};

pub(crate) fn expand(options: &Options, function: ItemFn) -> TokenStream {
    let root = options.root();
    let mut diagnostics = Diagnostics::default();
    crate::signature::check(&function.sig, &mut diagnostics);
    let of_type = is_of_type(&function);
    let face = sibling(&function.sig, of_type);
    let mut compiled = Compiled::new(
        &function,
        &root,
        &face.result,
        &HashSet::new(),
        &mut diagnostics,
    );
    if !diagnostics.is_empty() {
        return stub(&function, diagnostics);
    }
    // Two locals of one name that must be captured side by side cannot both keep it.
    let renamed = compiled.clashes(&root, &face.result);
    if !renamed.is_empty() {
        compiled = Compiled::new(&function, &root, &face.result, &renamed, &mut diagnostics);
    }
    let body = compiled.code(&root, &face, &function);
    let plain = plain(&function, &root, &face, of_type);
    let sibling = unstarted(&function, &root, &face, of_type, body);
    quote!(#plain #sibling)
}

/// A function through all passes but the last.
pub(crate) struct Compiled {
    pub(crate) locals: Locals,
    pub(crate) tree: Tree,
    pub(crate) states: States,
}

impl Compiled {
    pub(crate) fn new(
        function: &ItemFn,
        root: &TokenStream,
        result: &TokenStream,
        renamed: &HashSet<LocalId>,
        diagnostics: &mut Diagnostics,
    ) -> Compiled {
        let mut locals = Locals::renaming(renamed);
        let mut block = (*function.block).clone();
        let mut resolver = Resolver::new(&mut locals, diagnostics);
        let (params, unpack) = parameters(&mut resolver, function);
        resolver.visit_block_mut(&mut block);
        let mut tree = lower(
            &mut locals,
            diagnostics,
            root,
            result,
            params,
            unpack,
            block,
        );
        let promoted = crate::promote::promoted(&tree, &liveness(&tree, &locals), &locals);
        promoted
            .into_iter()
            .for_each(|node| tree.nodes[node].promoted = true);
        let states = states(&mut tree);
        Compiled {
            locals,
            tree,
            states,
        }
    }

    /// Locals that share their name with one that is captured where both are in scope.
    fn clashes(&self, root: &TokenStream, result: &TokenStream) -> HashSet<LocalId> {
        let needs = liveness(&self.tree, &self.locals);
        let (_, arms) = arms(&self.tree, &self.states, &needs, &self.locals, root, result);
        let mut clashes = HashSet::new();
        for state in 0..self.states.all.len() {
            let captured: Vec<_> = arms
                .fields(state)
                .into_iter()
                .filter_map(|field| field.local)
                .collect();
            let scope = arms.scope(state);
            for (at, inner) in scope.iter().enumerate() {
                let name = &self.locals.get(*inner).name;
                let shadows = |outer: &LocalId| {
                    captured.contains(outer) && self.locals.get(*outer).name == *name
                };
                if !self.locals.get(*inner).synthetic && scope[..at].iter().any(shadows) {
                    clashes.insert(*inner);
                }
            }
        }
        clashes
    }

    /// The frame and the closure that steps through it.
    fn code(&self, root: &TokenStream, face: &Sibling, function: &ItemFn) -> TokenStream {
        let needs = liveness(&self.tree, &self.locals);
        let (code, arms) = arms(
            &self.tree,
            &self.states,
            &needs,
            &self.locals,
            root,
            &face.result,
        );
        let variants = self.variants(&arms);
        let (frame, cx) = (word("frame"), word("cx"));
        let keep = arms
            .keeps
            .then(|| quote!(use #root::expansion::KeepDrop as _;));
        let machine = if arms.jumps {
            let turn = syn::Lifetime::new("'cps", Span::mixed_site());
            quote!(let mut #frame = #cx.take(); #turn: loop { match #frame { #(#code)* } })
        } else {
            quote!(match #cx.take() { #(#code)* })
        };
        let (params, holes) = variants.params();
        let result = &face.result;
        let start = arms.fields(0).into_iter().map(|field| {
            let id = field.local.expect("the start waits for nothing");
            let (field, value) = (word(&field.name), self.argument(id, face, function));
            quote!(#field: #value)
        });
        let items = &self.tree.items;
        let variants = &variants.code;
        let code = quote! {
            #(#items)*
            enum __Frame #params { #(#variants),* }
            #root::Thunk::new(__Frame::Start { #(#start),* }, |mut #cx: #root::expansion::Context<'_, __Frame #holes, #result>| {
                #keep
                #machine
            })
        };
        let taken = mentions(function.to_token_stream(), "Frame");
        name_frame(
            self.locals.pretty(code),
            if taken { "__Frame" } else { "Frame" },
        )
    }

    /// What a parameter's local starts with.
    fn argument(&self, id: LocalId, face: &Sibling, function: &ItemFn) -> TokenStream {
        let receiver = matches!(function.sig.inputs.first(), Some(FnArg::Receiver(_)));
        match (receiver, id) {
            (true, 0) => quote!(self),
            (true, id) => face.names[id - 1].to_token_stream(),
            (false, id) => face.names[id].to_token_stream(),
        }
    }

    fn variants(&self, arms: &Arms) -> Variants {
        let mut variants = Variants::default();
        for (state, named) in self.states.all.iter().enumerate() {
            let fields: Vec<_> = arms
                .fields(state)
                .into_iter()
                .map(|field| {
                    let name = word(&field.name);
                    let param = variants.param(&self.locals, state, &field);
                    match field.mode {
                        Mode::Held => quote!(#name: ::core::option::Option<#param>),
                        _ => quote!(#name: #param),
                    }
                })
                .collect();
            let name = word_at(&named.name, named.span);
            variants.code.push(quote!(#name { #(#fields),* }));
        }
        variants
    }
}

/// The frame's variants, and a type parameter for each way in which each local is held.
#[derive(Default)]
struct Variants {
    code: Vec<TokenStream>,
    params: Vec<(Ident, Span)>,
    known: BTreeMap<(LocalId, Mode), Ident>,
}

impl Variants {
    fn param(&mut self, locals: &Locals, state: usize, field: &Field) -> Ident {
        let key = field.local.map(|id| (id, field.mode));
        if let Some(known) = key.and_then(|key| self.known.get(&key)) {
            return known.clone();
        }
        let suffix = match field.mode {
            Mode::Plain => "",
            Mode::Kept => "Kept",
            Mode::Held => "Held",
        };
        let number = if field.local.is_none() {
            state.to_string()
        } else {
            String::new()
        };
        let name = Ident::new(
            &format!("{}{suffix}{number}", camel(&field.name)),
            Span::mixed_site(),
        );
        let span = field
            .local
            .map_or_else(Span::call_site, |id| locals.get(id).name.span());
        self.params.push((name.clone(), span));
        if let Some(key) = key {
            self.known.insert(key, name.clone());
        }
        name
    }

    fn params(&self) -> (TokenStream, TokenStream) {
        if self.params.is_empty() {
            return (quote!(), quote!());
        }
        let names = self.params.iter().map(|(name, _)| name);
        // The type of a local that cannot be inferred is reported where the local is declared.
        let holes = self
            .params
            .iter()
            .map(|(_, span)| quote_spanned!(Span::mixed_site().located_at(*span)=> _));
        (quote!(<#(#names),*>), quote!(<#(#holes),*>))
    }
}

/// `some_name` as a type parameter: `SomeName`.
fn camel(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    let camel: String = words
        .map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(chars)
                .collect::<String>()
        })
        .collect();
    if camel.starts_with(|c: char| c.is_alphabetic()) {
        camel
    } else {
        format!("P{camel}")
    }
}

/// Declares the parameters: a local each, and a `let` for each that is a pattern.
fn parameters(resolver: &mut Resolver, function: &ItemFn) -> (Vec<LocalId>, Vec<syn::Stmt>) {
    let (mut params, mut patterns) = (Vec::new(), Vec::new());
    for (at, input) in function.sig.inputs.iter().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                let visible = match &receiver.kind {
                    ReceiverKind::Reference(_, _, Some(_)) => crate::locals::Visible::Exclusive,
                    ReceiverKind::Reference(_, _, None) => crate::locals::Visible::Shared,
                    ReceiverKind::Typed(_, ty) => visible_type(ty),
                    _ => crate::locals::Visible::Unknown,
                };
                params.push(resolver.declare_self(
                    &receiver.self_token,
                    receiver.mutability.is_some(),
                    visible,
                ));
            }
            FnArg::Typed(typed) => {
                let mut pat = (*typed.pat).clone();
                let visible = visible_type(&typed.ty);
                if matches!(&pat, Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none())
                {
                    params.extend(resolver.declare(&mut pat, visible));
                } else {
                    let name = format_ident!("arg{at}", span = Span::mixed_site());
                    params.push(resolver.locals.declare(&name, false, visible));
                    patterns.push((params.len() - 1, pat));
                }
            }
        }
    }
    let unpack = patterns
        .into_iter()
        .filter(|(_, pat)| !matches!(pat, Pat::Wild(_)))
        .map(|(at, mut pat)| {
            resolver.declare(&mut pat, crate::locals::Visible::Unknown);
            let name = resolver.locals.own(params[at]);
            parse_quote!(let #pat = #name;)
        });
    let unpack = unpack.collect();
    (params, unpack)
}

/// Whether a function belongs to a type, so that its sibling stands beside it.
fn is_of_type(function: &ItemFn) -> bool {
    let receiver = matches!(function.sig.inputs.first(), Some(FnArg::Receiver(_)));
    receiver || mentions(function.to_token_stream(), "Self")
}

fn mentions(code: TokenStream, word: &str) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

/// The frame is called `Frame`, unless the author has a `Frame` too.
fn name_frame(code: TokenStream, name: &str) -> TokenStream {
    code.into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "__Frame" => Ident::new(name, ident.span()).into(),
            TokenTree::Group(group) => {
                let mut new =
                    proc_macro2::Group::new(group.delimiter(), name_frame(group.stream(), name));
                new.set_span(group.span());
                new.into()
            }
            token => token,
        })
        .collect()
}

/// The plain function: its face as written, its body a run of its sibling.
fn plain(function: &ItemFn, root: &TokenStream, face: &Sibling, of_type: bool) -> TokenStream {
    let ItemFn {
        attrs, vis, sig, ..
    } = function;
    let mut sig = sig.clone();
    let mut names = face.names.iter();
    for input in &mut sig.inputs {
        match input {
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(typed) => {
                let name = names.next().expect("a name for each parameter");
                typed.pat = parse_quote!(#name);
            }
        }
    }
    let (name, names, turbofish) = (&sig.ident, &face.names, turbofish(&sig));
    let receiver = matches!(sig.inputs.first(), Some(FnArg::Receiver(_))).then(|| quote!(self,));
    let callee = if of_type {
        let beside = crate::sibling::beside(name);
        quote!(Self::#beside #turbofish)
    } else {
        quote!(#name::thunk #turbofish)
    };
    let call = quote!(#callee(#receiver #(#names),*));
    let call = if is_unsafe(&sig) {
        quote!(unsafe { #call })
    } else {
        call
    };
    let run = if face.never {
        quote!(match #root::Thunk::run(#call) {})
    } else {
        quote!(#root::Thunk::run(#call))
    };
    quote!(#(#attrs)* #vis #sig { #run })
}

/// The sibling.
fn unstarted(
    function: &ItemFn,
    root: &TokenStream,
    face: &Sibling,
    of_type: bool,
    body: TokenStream,
) -> TokenStream {
    let ItemFn {
        attrs, vis, sig, ..
    } = function;
    let attrs: Vec<&Attribute> = attrs
        .iter()
        .filter(|attr| is_lint(attr) || attr.path().is_ident("cfg"))
        .collect();
    let Sibling {
        generics,
        inputs,
        output,
        lifetime,
        ..
    } = face;
    let (generics, clause) = (&generics.params, &generics.where_clause);
    let generics = if generics.is_empty() {
        quote!()
    } else {
        quote!(<#generics>)
    };
    let safety = is_unsafe(sig).then(|| quote!(unsafe));
    let name = &sig.ident;
    let beside = crate::sibling::beside(name);
    let called = if of_type {
        beside
    } else {
        Ident::new("thunk", name.span())
    };
    let function = quote! {
        #[doc(hidden)]
        #[allow(dead_code, unused_mut, clippy::all)]
        #(#attrs)*
        #vis #safety fn #called #generics(#(#inputs),*) -> #root::Thunk<#lifetime, #output> #clause { #body }
    };
    if of_type {
        return function;
    }
    let inner = function;
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types)]
        #(#attrs)*
        #vis enum #name {}
        #(#attrs)*
        impl #name { #inner }
    }
}

fn is_lint(attr: &Attribute) -> bool {
    ["allow", "warn", "deny", "forbid"]
        .iter()
        .any(|name| attr.path().is_ident(name))
}

/// After errors: the function's face and its sibling's, so that nothing that calls them fails too.
fn stub(function: &ItemFn, diagnostics: Diagnostics) -> TokenStream {
    let errors = diagnostics.into_tokens();
    let ItemFn {
        attrs, vis, sig, ..
    } = function;
    let mut sig = sig.clone();
    sig.asyncness = None;
    sig.constness = None;
    sig.abi = None;
    sig.variadic = None;
    let unused = quote!(#[allow(unused, clippy::all)]);
    quote!(#errors #(#attrs)* #unused #vis #sig { ::core::unreachable!() })
}
