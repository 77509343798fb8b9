//! The signature of a function's unstarted form: the same parameters, and a thunk of the result that lives as
//! long as all that they borrow.

use crate::diagnostics::Diagnostics;
use crate::messages;
use crate::points::PointMacro;
use crate::root::Root;
use crate::syntax;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericParam, Generics, Ident, Lifetime, Pat, ReceiverKind, ReturnType, Safety,
    Signature, Type, TypeParamBound, WhereClause, WherePredicate, parse_quote, parse_quote_spanned,
};

/// What the sibling of a function looks like from outside.
pub(crate) struct Sibling {
    pub(crate) generics: Generics,
    pub(crate) inputs: Vec<FnArg>,
    /// The names under which the wrapper passes its arguments on.
    pub(crate) names: Vec<Ident>,
    /// What the function yields.
    pub(crate) output: Type,
    /// The same as the context's type argument: left to inference where it has no name.
    pub(crate) result: TokenStream,
    pub(crate) lifetime: Lifetime,
    /// It stays on its thread.
    pub(crate) local: bool,
}

impl Sibling {
    /// The type of what it makes.
    pub(crate) fn thunk(&self, span: Span) -> Ident {
        let name = if self.local { "LocalThunk" } else { "Thunk" };
        Ident::new(name, span)
    }
}

/// Refuses what cannot be a `#[cps]` function.
pub(crate) fn check(sig: &Signature, diagnostics: &mut Diagnostics) {
    if let Some(token) = &sig.asyncness {
        diagnostics.error(token, messages::ON_ASYNC_FN, &[]);
    }
    if let Some(token) = &sig.constness {
        diagnostics.error(token, messages::ON_CONST_FN, &[]);
    }
    if let Some(abi) = &sig.abi {
        diagnostics.error(abi, messages::ON_FOREIGN_FN, &[]);
    }
    if let Some(dots) = &sig.variadic {
        diagnostics.error(dots, messages::ON_VARIADIC_FN, &[]);
    }
}

pub(crate) fn sibling(sig: &Signature, root: &Root, of_type: bool, local: bool) -> Sibling {
    let returns_elided = match &sig.output {
        ReturnType::Type(_, ty) => Elided::within(ty),
        ReturnType::Default => false,
    };
    let named = sig.generics.lifetimes().next().is_some();
    let has_types = sig.generics.type_params().next().is_some();
    let mut lifetimes = Lifetimes {
        own: Vec::new(),
        separate: returns_elided,
        borrowed: false,
        depth: 0,
    };
    let mut receiver_lifetime = None;
    let mut names = Vec::new();
    let mut inputs = Vec::new();
    for (at, input) in sig.inputs.iter().enumerate() {
        let mut input = input.clone();
        match &mut input {
            FnArg::Receiver(receiver) => {
                receiver.mutability = None;
                match &mut receiver.kind {
                    ReceiverKind::Reference(_, lifetime, _) => {
                        let name = lifetimes.name(lifetime.take(), false);
                        receiver_lifetime = Some(name.clone());
                        *lifetime = Some(name);
                    }
                    ReceiverKind::Typed(_, ty) => {
                        lifetimes.visit_type_mut(ty);
                        receiver_lifetime = first_lifetime(ty);
                    }
                    _ => {}
                }
            }
            FnArg::Typed(typed) => {
                let name = match &*typed.pat {
                    Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
                        beside_macros(&ident.ident)
                    }
                    _ => format_ident!("arg{at}", span = Span::mixed_site()),
                };
                *typed.pat = syntax::bound(name.clone(), None);
                typed.attrs.retain(|attr| attr.path().is_ident("cfg"));
                lifetimes.visit_type_mut(&mut typed.ty);
                names.push(name);
            }
        }
        inputs.push(input);
    }
    let mut output = output(sig, root);
    if returns_elided {
        let source = receiver_lifetime
            .or_else(|| lifetimes.own.first().cloned())
            .or_else(|| {
                sig.generics
                    .lifetimes()
                    .next()
                    .map(|param| param.lifetime.clone())
            });
        if let Some(source) = source {
            Fill(source).visit_type_mut(&mut output);
        }
    }
    let bounded = named || has_types || of_type || lifetimes.borrowed || !lifetimes.own.is_empty();
    let lifetime = if bounded {
        lifetimes.whole()
    } else {
        Lifetime::new("'static", Span::mixed_site())
    };
    let generics = generics(sig, of_type, bounded, &lifetimes, &lifetime);
    let result = if Opaque::within(&output) {
        quote!(_)
    } else {
        output.to_token_stream()
    };
    Sibling {
        generics,
        inputs,
        names,
        output,
        result,
        lifetime,
        local,
    }
}

fn output(sig: &Signature, root: &Root) -> Type {
    match &sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => {
            parse_quote!(#root::expansion::Never)
        }
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// All that a frame may hold must outlive the thunk.
fn generics(
    sig: &Signature,
    of_type: bool,
    bounded: bool,
    lifetimes: &Lifetimes,
    whole: &Lifetime,
) -> Generics {
    let mut generics = sig.generics.clone();
    if !bounded {
        return generics;
    }
    // In front of what the author wrote, since the compiler suggests more bounds behind the last one.
    let mut predicates: Vec<WherePredicate> = Vec::new();
    for param in &mut generics.params {
        match param {
            GenericParam::Lifetime(param) => param.bounds.insert(0, whole.clone()),
            GenericParam::Type(param) if param.bounds.is_empty() => {
                let at = Span::mixed_site().located_at(param.ident.span());
                let (mut name, mut whole) = (param.ident.clone(), whole.clone());
                name.set_span(at);
                whole.set_span(at);
                generics.where_clause.get_or_insert_with(|| WhereClause {
                    where_token: syn::Token![where](at),
                    predicates: Default::default(),
                });
                predicates.push(parse_quote_spanned!(at=> #name: #whole));
            }
            GenericParam::Type(param) => param.bounds.insert(0, parse_quote!(#whole)),
            GenericParam::Const(_) => {}
        }
    }
    if of_type {
        predicates.insert(0, parse_quote!(Self: #whole));
    }
    if !predicates.is_empty() {
        let clause = generics.make_where_clause();
        predicates.extend(std::mem::take(&mut clause.predicates));
        clause.predicates = predicates.into_iter().collect();
    }
    let own = lifetimes.own.iter().rev();
    for lifetime in own {
        generics.params.insert(0, parse_quote!(#lifetime: #whole));
    }
    generics.params.insert(0, parse_quote!(#whole));
    generics
}

/// A parameter's name where the macros that the body uses are imported, which cannot be done beside a
/// variable of the same name.
fn beside_macros(name: &Ident) -> Ident {
    match PointMacro::named(&name.to_string()) {
        Some(_) => format_ident!("{name}_", span = name.span()),
        None => name.clone(),
    }
}

/// The wrapper's call of its sibling names its type arguments, which its arguments may not tell.
pub(crate) fn turbofish(sig: &Signature) -> TokenStream {
    let args: Vec<_> = sig
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if args.is_empty() {
        quote!()
    } else {
        quote!(::<#(#args),*>)
    }
}

pub(crate) fn is_unsafe(sig: &Signature) -> bool {
    matches!(sig.safety, Safety::Unsafe(_))
}

/// Names the lifetimes that a parameter elides.
struct Lifetimes {
    /// Those that need a name of their own.
    own: Vec<Lifetime>,
    /// The result borrows from one of them, so none may stand for another.
    separate: bool,
    /// Some parameter borrows for as long as the thunk lives.
    borrowed: bool,
    depth: usize,
}

impl Lifetimes {
    fn whole(&self) -> Lifetime {
        Lifetime::new("'cps", Span::mixed_site())
    }

    /// A name for a lifetime at hand. Of those in front, one may stand for all: they only shrink. One within
    /// a type may be invariant.
    fn name(&mut self, given: Option<Lifetime>, within: bool) -> Lifetime {
        match given {
            Some(lifetime) if lifetime.ident != "_" => lifetime,
            _ if within || self.separate => {
                let lifetime =
                    Lifetime::new(&format!("'cps{}", self.own.len() + 1), Span::mixed_site());
                self.own.push(lifetime.clone());
                lifetime
            }
            _ => {
                self.borrowed = true;
                self.whole()
            }
        }
    }
}

impl VisitMut for Lifetimes {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::FnPtr(_) => {}
            Type::Reference(reference) => {
                let name = self.name(reference.lifetime.take(), self.depth > 0);
                reference.lifetime = Some(name);
                self.depth += 1;
                self.visit_type_mut(&mut reference.elem);
                self.depth -= 1;
                if matches!(*reference.elem, Type::ImplTrait(_)) {
                    let elem = &reference.elem;
                    *reference.elem = parse_quote!((#elem));
                }
            }
            Type::ImplTrait(opaque) => {
                self.borrowed = true;
                let whole = self.whole();
                opaque.bounds.push(TypeParamBound::Lifetime(whole));
            }
            ty => {
                self.depth += 1;
                visit_mut::visit_type_mut(self, ty);
                self.depth -= 1;
            }
        }
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.name(None, true);
        }
    }

    fn visit_parenthesized_generic_arguments_mut(
        &mut self,
        _: &mut syn::ParenthesizedGenericArguments,
    ) {
    }

    fn visit_expr_mut(&mut self, _: &mut syn::Expr) {}
}

/// Gives the elided lifetimes of a result their source.
struct Fill(Lifetime);

impl VisitMut for Fill {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.0.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.0.clone();
        }
    }
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(
        &mut self,
        _: &mut syn::ParenthesizedGenericArguments,
    ) {
    }
}

/// Looks for elided lifetimes.
struct Elided(bool);

impl Elided {
    fn within(ty: &Type) -> bool {
        let mut elided = Elided(false);
        elided.visit_type(ty);
        elided.0
    }
}

impl<'ast> Visit<'ast> for Elided {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        self.0 |= reference.lifetime.is_none();
        syn::visit::visit_type_reference(self, reference);
    }
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.0 |= lifetime.ident == "_";
    }
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(
        &mut self,
        _: &'ast syn::ParenthesizedGenericArguments,
    ) {
    }
}

/// Looks for types without a name.
struct Opaque(bool);

impl Opaque {
    fn within(ty: &Type) -> bool {
        let mut opaque = Opaque(false);
        opaque.visit_type(ty);
        opaque.0
    }
}

impl<'ast> Visit<'ast> for Opaque {
    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
        self.0 = true;
    }
}

fn first_lifetime(ty: &Type) -> Option<Lifetime> {
    struct First(Option<Lifetime>);
    impl<'ast> Visit<'ast> for First {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.0.get_or_insert_with(|| lifetime.clone());
        }
    }
    let mut first = First(None);
    first.visit_type(ty);
    first.0
}
