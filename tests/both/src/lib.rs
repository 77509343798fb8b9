//! One body, compiled twice.
//!
//! `#[both] mod cases { .. }` becomes `mod plain { .. }`, in which `#[cps]` does nothing and the suspension
//! macros block, and `mod moved { .. }`, in which they are the real ones. Top-level functions without a
//! visibility become visible to the file that holds the module; everything else is left as it is written.
//! Both halves see what the file sees, so the file itself imports none of the suspension macros: they come
//! from `behaviour::plain` and `behaviour::moved`.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Emits the module's items as `mod plain` and as `mod moved`.
#[proc_macro_attribute]
pub fn both(_options: TokenStream, module: TokenStream) -> TokenStream {
    let body = module.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    let items = visible(body.expect("#[both] stands on an inline module"));
    let mut output = TokenStream::new();
    for half in ["plain", "moved"] {
        let mut content = parse(&format!(
            "#[allow(unused_imports)] use super::*;
            #[allow(unused_imports)] use ::behaviour::{half}::*;"
        ));
        content.extend(items.clone());
        output.extend(parse(&format!("mod {half}")));
        output.extend([TokenTree::from(Group::new(Delimiter::Brace, content))]);
    }
    output
}

/// Leaves its item as it is: what `#[cps]` means where functions block.
#[proc_macro_attribute]
pub fn cps(_options: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Puts `pub(super)` before each `fn` that begins an item or follows its last attribute.
fn visible(items: TokenStream) -> TokenStream {
    let mut output = TokenStream::new();
    let mut begins = true;
    for token in items {
        if begins && matches!(&token, TokenTree::Ident(word) if word.to_string() == "fn") {
            output.extend(parse("pub(super)"));
        }
        begins = match &token {
            TokenTree::Group(group) => group.delimiter() != Delimiter::Parenthesis,
            TokenTree::Punct(mark) => mark.as_char() == ';',
            _ => false,
        };
        output.extend([token]);
    }
    output
}

fn parse(source: &str) -> TokenStream {
    source.parse().expect("what this crate writes is Rust")
}
