//! The frame: an enum with a variant for each state, generic in the type of everything it holds, so that the
//! compiler infers those types as it does those of locals. The states of a group share a variant, and are
//! those of an enum of their own in it.

use crate::arms::{Arms, Field, Mode};
use crate::carried::GroupId;
use crate::hygiene::{letters, word, word_at};
use crate::locals::{LocalId, Locals};
use crate::mentions::each_word;
use crate::parts::Gift;
use crate::states::States;
use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use syn::ItemFn;

/// A local, how it is held, and the parts without which it is, or may be.
type Way = (LocalId, Mode, BTreeSet<Gift>, BTreeSet<Gift>);

/// The enums, and a type parameter for each way in which each local is held.
#[derive(Default)]
pub(crate) struct Variants {
    /// By their groups; the frame itself belongs to none.
    enums: BTreeMap<Option<GroupId>, Enum>,
    params: Vec<(Ident, Span)>,
    known: BTreeMap<Way, Ident>,
    /// Those for the types of locals that are not there.
    types: BTreeMap<LocalId, Ident>,
}

#[derive(Default)]
struct Enum {
    variants: Vec<Variant>,
    /// The parameters that its own fields need.
    params: Vec<Ident>,
}

enum Variant {
    State {
        name: Ident,
        fields: Vec<Typed>,
    },
    /// That of a group within.
    Group {
        group: GroupId,
        carried: Vec<Typed>,
    },
}

/// A field with its type.
struct Typed {
    name: Ident,
    /// What it is wrapped in.
    of: Option<TokenStream>,
    param: Ident,
}

impl ToTokens for Typed {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Typed { name, param, .. } = self;
        tokens.append(name.clone());
        tokens.append(Punct::new(':', Spacing::Alone));
        match &self.of {
            Some(of) => quote!(#of<#param>).to_tokens(tokens),
            None => tokens.append(param.clone()),
        }
    }
}

impl Variants {
    pub(crate) fn of(states: &States, locals: &Locals, arms: &Arms) -> Variants {
        let mut variants = Variants::default();
        for (state, named) in states
            .all
            .iter()
            .enumerate()
            .filter(|(state, _)| arms.reaches(*state))
        {
            let groups = arms.groups_of(state);
            for (depth, group) in groups.iter().enumerate() {
                if !variants.enums.contains_key(&Some(*group)) {
                    let outer = depth.checked_sub(1).map(|outer| groups[outer]);
                    let carried = variants.fields(outer, locals, arms.carried(*group));
                    let group = Variant::Group {
                        group: *group,
                        carried,
                    };
                    variants.within(outer).variants.push(group);
                }
                variants.within(Some(*group));
            }
            let level = groups.last().copied();
            let mut fields = variants.fields(level, locals, &arms.own_fields(state));
            for id in arms.typed(state) {
                let param = variants.type_of(locals, id);
                variants.within(level).params.push(param.clone());
                fields.push(Typed {
                    name: arms.type_name(id, Span::call_site()),
                    of: Some(arms.type_of_types()),
                    param,
                });
            }
            let name = word_at(&named.name, named.span);
            variants
                .within(level)
                .variants
                .push(Variant::State { name, fields });
        }
        variants
    }

    fn within(&mut self, level: Option<GroupId>) -> &mut Enum {
        self.enums.entry(level).or_default()
    }

    fn fields(&mut self, level: Option<GroupId>, locals: &Locals, fields: &[Field]) -> Vec<Typed> {
        let field = |field: &Field| {
            let name = word(&field.name);
            let param = self.param(locals, field);
            self.within(level).params.push(param.clone());
            Typed {
                name,
                of: (field.mode == Mode::Held).then(|| quote!(::core::option::Option)),
                param,
            }
        };
        fields.iter().map(field).collect()
    }

    /// The definitions of all enums.
    pub(crate) fn code(&self, arms: &Arms) -> TokenStream {
        let enums = self.enums.iter().map(|(level, own)| {
            let (name, params) = (arms.level(*level), self.generics(*level));
            let running = level.map(|_| quote!(Running,));
            let variants = own.variants.iter().map(|variant| match variant {
                Variant::State { name, fields } => quote!(#name { #(#fields),* }),
                Variant::Group { group, carried } => {
                    let (name, within) = (arms.variant(*group), arms.level(Some(*group)));
                    let params = self.generics(Some(*group));
                    quote!(#name { at: #within #params, #(#carried),* })
                }
            });
            quote!(enum #name #params { #running #(#variants),* })
        });
        enums.collect()
    }

    /// The parameters of an enum, those of enums within it included.
    fn generics(&self, level: Option<GroupId>) -> TokenStream {
        let mut used = Vec::new();
        self.collect(level, &mut used);
        let names: Vec<_> = self
            .params
            .iter()
            .map(|(name, _)| name)
            .filter(|name| used.contains(name))
            .collect();
        if names.is_empty() {
            quote!()
        } else {
            quote!(<#(#names),*>)
        }
    }

    fn collect<'a>(&'a self, level: Option<GroupId>, used: &mut Vec<&'a Ident>) {
        let own = &self.enums[&level];
        used.extend(&own.params);
        for variant in &own.variants {
            if let Variant::Group { group, .. } = variant {
                self.collect(Some(*group), used);
            }
        }
    }

    fn param(&mut self, locals: &Locals, field: &Field) -> Ident {
        let key = field
            .local
            .map(|id| (id, field.mode, field.given.clone(), field.unsure.clone()));
        if let Some(known) = key.as_ref().and_then(|key| self.known.get(key)) {
            return known.clone();
        }
        let suffix = match field.mode {
            Mode::Plain => "",
            Mode::Kept => "Kept",
            Mode::Held => "Held",
        };
        let span = field
            .local
            .map_or_else(Span::call_site, |id| locals.get(id).name.span());
        let name = self.new_param(&format!("{}{suffix}", camel(&field.name)), span);
        if let Some(key) = key {
            self.known.insert(key, name.clone());
        }
        name
    }

    /// The parameter for the type of a local that is not there.
    fn type_of(&mut self, locals: &Locals, id: LocalId) -> Ident {
        if let Some(known) = self.types.get(&id) {
            return known.clone();
        }
        let base = format!("{}Type", camel(locals.field(id)));
        let name = self.new_param(&base, locals.get(id).name.span());
        self.types.insert(id, name.clone());
        name
    }

    fn new_param(&mut self, base: &str, span: Span) -> Ident {
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let free = |name: &String| self.params.iter().all(|(taken, _)| taken != name);
        let name = std::iter::once(base.to_owned()).chain(numbered).find(free);
        let name = Ident::new(&name.expect("numbers do not run out"), Span::mixed_site());
        self.params.push((name.clone(), span));
        name
    }

    /// The frame's type arguments, to be inferred.
    pub(crate) fn holes(&self) -> TokenStream {
        if self.params.is_empty() {
            return quote!();
        }
        // The type of a local that cannot be inferred is reported where the local is declared.
        let holes = self.params.iter().map(|(_, span)| word_at("_", *span));
        quote!(<#(#holes),*>)
    }
}

/// `some_name` as a type parameter: `SomeName`.
pub(crate) fn camel(name: &str) -> String {
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

/// The names of the enums: with underscores before them where the author has such names.
#[derive(Default)]
pub(crate) struct EnumNames {
    taken: HashSet<String>,
}

impl EnumNames {
    /// The names that are free beside what stands in a function.
    pub(crate) fn beside(function: &ItemFn) -> Self {
        let mut names = EnumNames::default();
        each_word(function, |word| {
            letters(word, |name| {
                if is_enum(name) {
                    names.taken.insert(name.to_owned());
                }
            });
        });
        names
    }

    /// The name of an enum.
    pub(crate) fn name(&self, plain: &str) -> Ident {
        match self.taken.contains(plain) {
            true => word(&format!("__{plain}")),
            false => word(plain),
        }
    }
}

fn is_enum(plain: &str) -> bool {
    plain == "Frame" || plain.starts_with("At")
}
