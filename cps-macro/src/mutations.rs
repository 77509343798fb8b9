//! Whatever stands in a body, the pipeline ends in code or in a diagnostic, never in a panic: the functions of the
//! behaviour tests, with tokens dropped, doubled and exchanged at random from a fixed seed.

use crate::options::Options;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use std::panic::{AssertUnwindSafe, catch_unwind};
use syn::visit::Visit;
use syn::{Item, ItemFn};

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

/// Drops, doubles or exchanges a token somewhere.
fn mutate(code: TokenStream, numbers: &mut Numbers) -> TokenStream {
    let mut tokens: Vec<TokenTree> = code.into_iter().collect();
    if tokens.is_empty() {
        return TokenStream::new();
    }
    let at = numbers.below(tokens.len());
    if let TokenTree::Group(group) = &tokens[at] {
        let inner = mutate(group.stream(), numbers);
        tokens[at] = Group::new(group.delimiter(), inner).into();
        return tokens.into_iter().collect();
    }
    match numbers.below(3) {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(at, tokens[at].clone()),
        _ => {
            let other = numbers.below(tokens.len());
            tokens.swap(at, other);
        }
    }
    tokens.into_iter().collect()
}

/// The functions of the behaviour tests.
fn functions() -> Vec<ItemFn> {
    struct Functions(Vec<ItemFn>);
    impl<'ast> Visit<'ast> for Functions {
        fn visit_item_fn(&mut self, function: &'ast ItemFn) {
            self.0.push(function.clone());
            syn::visit::visit_item_fn(self, function);
        }
    }
    let mut functions = Functions(Vec::new());
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tests");
    for file in std::fs::read_dir(tests).expect("the behaviour tests") {
        let text = std::fs::read_to_string(file.expect("a file").path());
        let Ok(text) = text else { continue };
        functions.visit_file(&syn::parse_file(&text).expect("a test file"));
    }
    functions.0
}

#[test]
fn mutated_bodies_never_panic() {
    let options: Options = syn::parse_str("crate = ::insideout").expect("options");
    let mut numbers = Numbers(0x5eed);
    let (mut expanded, mut failed) = (0, Vec::new());
    for function in functions() {
        for _ in 0..12 {
            let mut block = function.block.to_token_stream();
            for _ in 0..=numbers.below(3) {
                block = mutate(block, &mut numbers);
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
    assert!(expanded > 500, "only {expanded} mutants were Rust");
    assert!(
        failed.is_empty(),
        "{} of {expanded} panicked:\n{}",
        failed.len(),
        failed.join("\n\n")
    );
}
