//! Whatever stands in a body, the pipeline ends in code or in a diagnostic, never in a panic: the functions
//! of the behaviour tests, and generated ones, with tokens dropped, doubled, exchanged, transplanted and
//! taken out of their brackets at random from a fixed seed. `MUTANTS` and `SEED` in the environment ask for
//! more of them, and for others.

use crate::options::Options;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use std::panic::{AssertUnwindSafe, catch_unwind};
use syn::visit::Visit;
use syn::{ImplItemFn, Item, ItemFn};

/// How many generated programs are mutated too.
const GENERATED: u64 = 40;

/// How often each function is, unless something else is asked for.
const MUTANTS: u64 = 16;

/// What the random numbers begin with, unless something else is asked for.
const SEED: u64 = 0x5eed;

fn asked(name: &str, otherwise: u64) -> u64 {
    let asked = std::env::var(name).ok();
    asked.map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Marsaglia's xorshift: the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Changes a token somewhere; `others` are tokens from elsewhere.
fn mutate(code: TokenStream, others: &[TokenTree], numbers: &mut Numbers) -> TokenStream {
    let mut tokens: Vec<TokenTree> = code.into_iter().collect();
    if tokens.is_empty() {
        return TokenStream::new();
    }
    let at = numbers.below(tokens.len());
    if let TokenTree::Group(group) = &tokens[at]
        && numbers.below(8) > 0
    {
        let inner = mutate(group.stream(), others, numbers);
        tokens[at] = Group::new(group.delimiter(), inner).into();
        return tokens.into_iter().collect();
    }
    let other = others[numbers.below(others.len())].clone();
    match (numbers.below(5), tokens[at].clone()) {
        (0, _) => {
            tokens.remove(at);
        }
        (1, token) => tokens.insert(at, token),
        (2, TokenTree::Group(group)) => {
            tokens.splice(at..=at, group.stream());
        }
        (2 | 3, _) => {
            let other = numbers.below(tokens.len());
            tokens.swap(at, other);
        }
        _ if numbers.below(2) == 0 => tokens.insert(at, other),
        _ => tokens[at] = other,
    }
    tokens.into_iter().collect()
}

/// Every token of some code, brackets with what is in them and by themselves.
fn all_tokens(code: TokenStream, found: &mut Vec<TokenTree>) {
    for token in code {
        if let TokenTree::Group(group) = &token {
            all_tokens(group.stream(), found);
        }
        found.push(token);
    }
}

/// The functions of the behaviour tests, and of some generated programs.
fn functions() -> Vec<ItemFn> {
    struct Functions(Vec<ItemFn>);
    impl<'ast> Visit<'ast> for Functions {
        fn visit_item_fn(&mut self, function: &'ast ItemFn) {
            self.0.push(function.clone());
            syn::visit::visit_item_fn(self, function);
        }
        fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
            let (sig, block) = (&method.sig, &method.block);
            self.0.push(syn::parse_quote!(#sig #block));
        }
    }
    let mut functions = Functions(Vec::new());
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tests");
    let files = std::fs::read_dir(tests).expect("the behaviour tests");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    for file in files {
        let Ok(text) = std::fs::read_to_string(file) else {
            continue;
        };
        functions.visit_file(&syn::parse_file(&text).expect("a test file"));
    }
    for seed in 0..GENERATED {
        let text = generate::Program::new(seed).text(true);
        functions.visit_file(&syn::parse_file(&text).expect("a program"));
    }
    functions.0
}

#[test]
fn mutated_bodies_never_panic() {
    let options: Options = syn::parse_str("crate = ::insideout").expect("options");
    let (mut numbers, mutants) = (
        Numbers(asked("SEED", SEED).max(1)),
        asked("MUTANTS", MUTANTS),
    );
    let (mut expanded, mut failed) = (0, Vec::new());
    for function in functions() {
        let mut others = Vec::new();
        all_tokens(function.block.to_token_stream(), &mut others);
        for _ in 0..mutants {
            let mut block = function.block.to_token_stream();
            for _ in 0..=numbers.below(3) {
                block = mutate(block, &others, &mut numbers);
            }
            let Ok(block) = syn::parse2(block) else {
                continue;
            };
            let mutant = ItemFn {
                block: Box::new(block),
                ..function.clone()
            };
            let text = mutant.to_token_stream().to_string();
            let done = catch_unwind(AssertUnwindSafe(|| {
                crate::items::expand(
                    &options,
                    Item::Fn(mutant).into_token_stream(),
                    crate::diagnostics::Diagnostics::default(),
                )
            }));
            expanded += 1;
            if done.is_err() {
                failed.push(text);
            }
        }
    }
    assert!(expanded > 2000, "only {expanded} mutants were Rust");
    assert!(
        failed.is_empty(),
        "{} of {expanded} panicked:\n{}",
        failed.len(),
        failed.join("\n\n")
    );
}
