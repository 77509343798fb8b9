//! While someone types: a function cut off behind any token keeps its face, and nothing of what stands there
//! is lost to the tools that complete it.

use crate::diagnostics::Diagnostics;
use crate::options::Options;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Every beginning of some code, its open delimiters closed.
fn beginnings(code: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let mut cut = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = || tokens[..at].iter().cloned();
        cut.push(before().collect());
        if let TokenTree::Group(group) = token {
            for inner in beginnings(group.stream()) {
                let inner: TokenTree = Group::new(group.delimiter(), inner).into();
                cut.push(before().chain([inner]).collect());
            }
        }
    }
    cut
}

fn expanded(item: TokenStream) -> Option<String> {
    let options: Options = syn::parse_str("crate = ::insideout").expect("options");
    let expand = || crate::items::expand(&options, item, Diagnostics::default());
    let expanded = catch_unwind(AssertUnwindSafe(expand)).ok()?;
    Some(expanded.to_string())
}

/// What is wrong with what becomes of an item with a function of this body in it.
fn wrong(item: TokenStream, body: &TokenStream, faces: &[&str]) -> Option<&'static str> {
    let Some(expanded) = expanded(item) else {
        return Some("the macro panics");
    };
    if faces.iter().any(|face| !expanded.contains(face)) {
        return Some("a face is missing");
    }
    let refused = expanded.contains("compile_error");
    if !refused && syn::parse_str::<syn::File>(&expanded).is_err() {
        return Some("what was made of it is no Rust");
    }
    if refused && !spaceless(&expanded).contains(&spaceless(&body.to_string())) {
        return Some("the author's words are lost");
    }
    None
}

fn spaceless(code: &str) -> String {
    code.split_whitespace().collect()
}

/// An item with `body` in the place of its one loop.
fn with_body(item: TokenStream, body: &TokenStream) -> TokenStream {
    let tokens = item.into_iter().map(|token| match token {
        TokenTree::Group(group) if group.to_string() == "{ loop { } }" => body.clone(),
        TokenTree::Group(group) => {
            let inner: TokenTree =
                Group::new(group.delimiter(), with_body(group.stream(), body)).into();
            inner.into()
        }
        token => token.into(),
    });
    tokens.collect()
}

const BODIES: [&str; 4] = [
    "let mut sum = 0; let y = x.first().map(|n| n + 1).unwrap_or(sum); coop!(); \
     for n in x { if n > &y { sum += call!(double(*n)); } else { continue; } } Ok(sum)",
    "let Some(n) = x.iter().next() else { coop!(); return Err(call!(why(&x[..1]))); }; \
     let shown = format!(\"{n}\", call!(double(*n))); match call!(double(*n)) { 0 if sum! => 1, m @ 1..=9 => m, _ => loop { break 4 } }",
    "'outer: while let Some(n) = recv!(mailbox) { let v = vec![n; 3]; v[0].method::<u8>(&mut sum)?; break 'outer; } \
     let z = S { a: 1, ..s }; send!(mailbox, z.a as u64)?; unsafe { *p += 1 }; || -> u8 { 1 }",
    "let handle = thunk!(double(1)); let a = [1, 2]; a[join!(handle)?] += 1; suspend!(|c| Some(c)); migrate!(pool)?; \
     if let Some(n) = x.first() && call!(is(n)) { return Ok(*n) } #[allow(unused)] let q: Vec<u8> = x.into(); q",
];

#[test]
fn functions() {
    each_beginning(
        quote! {
            /// What it does.
            pub fn work<'a, T: Send>(x: &'a [u64], (y, s): (T, S)) -> Result<u64, T> { loop {} }
        },
        &BODIES,
        &["pub fn work <", "pub enum work", "pub fn thunk <"],
    );
}

#[test]
fn methods() {
    each_beginning(
        quote! {
            impl<T: Send> Work<{ N }, T> {
                const M: usize = { 1 };
                type F = fn() -> u8;
                #[cps] fn before(&self) { coop!() }
                #[cps] fn work(&mut self, x: Array<{ N }>) -> impl Iterator<Item = u8> { loop {} }
                #[cps] fn behind() {}
                fn plain(&self) -> u8 { 1 }
            }
        },
        &BODIES[1..3],
        &[
            "fn before_thunk",
            "fn work (& mut self",
            "fn work_thunk",
            "fn behind_thunk",
            "fn plain (& self",
        ],
    );
}

#[test]
fn traits() {
    each_beginning(
        quote! {
            pub trait Work {
                #[cps] fn required(&self) -> u8;
                #[cps] fn work(self: Box<Self>, x: &[u64]) -> u64 { loop {} }
            }
        },
        &BODIES[3..],
        &["fn required_thunk", "fn work (", "fn work_thunk"],
    );
}

fn each_beginning(item: TokenStream, bodies: &[&str], faces: &[&str]) {
    let (mut tried, mut read, mut failed) = (0, 0, Vec::new());
    for body in bodies {
        for body in beginnings(body.parse().expect("tokens")) {
            let body = Group::new(Delimiter::Brace, body).to_token_stream();
            tried += 1;
            read += usize::from(syn::parse2::<syn::Block>(body.clone()).is_ok());
            if let Some(wrong) = wrong(with_body(item.clone(), &body), &body, faces) {
                failed.push(format!("{wrong}: {body}"));
            }
        }
    }
    assert!(read > 20 && tried > read + 50, "{read} of {tried} are Rust");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
