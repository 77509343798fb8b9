//! The arguments of the standard macros whose expansion is plain expressions, so that locals and
//! suspension points in them can be seen. Any other macro stays opaque.

use crate::points::PointMacro;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, LitStr, Macro, Token};

/// How a standard macro uses its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Family {
    /// By reference, with a format string: `println!`, `write!`, `assert_eq!`.
    Format,
    /// By value: `vec!`, `dbg!`.
    Value,
}

pub(crate) struct Arguments {
    pub(crate) family: Family,
    pub(crate) args: Vec<Argument>,
    /// `vec![x; n]` has a semicolon between its two.
    repeat: bool,
}

pub(crate) struct Argument {
    label: Option<Ident>,
    pub(crate) expr: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let labelled = input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let label = if labelled {
            let label = input.parse()?;
            input.parse::<Token![=]>()?;
            Some(label)
        } else {
            None
        };
        Ok(Argument {
            label,
            expr: input.parse()?,
        })
    }
}

fn family(name: &str) -> Option<Family> {
    Some(match name {
        "print" | "println" | "eprint" | "eprintln" | "format" | "format_args" | "write"
        | "writeln" | "panic" | "todo" | "unimplemented" | "unreachable" | "assert"
        | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" | "debug_assert_ne" => {
            Family::Format
        }
        "vec" | "dbg" => Family::Value,
        _ => return None,
    })
}

impl Arguments {
    /// The arguments of a macro that is known and parses; `None` leaves it opaque.
    pub(crate) fn of(mac: &Macro) -> Option<Arguments> {
        let name = &mac.path.segments.last()?.ident;
        let family = family(&name.to_string())?;
        let repeat = |input: ParseStream| -> syn::Result<Vec<Argument>> {
            let element = input.parse::<Expr>()?;
            input.parse::<Token![;]>()?;
            let count = input.parse::<Expr>()?;
            Ok(vec![
                Argument {
                    label: None,
                    expr: element,
                },
                Argument {
                    label: None,
                    expr: count,
                },
            ])
        };
        if name == "vec"
            && let Ok(args) = repeat.parse2(mac.tokens.clone())
        {
            return Some(Arguments {
                family,
                args,
                repeat: true,
            });
        }
        let args = Punctuated::<Argument, Token![,]>::parse_terminated
            .parse2(mac.tokens.clone())
            .ok()?;
        Some(Arguments {
            family,
            args: args.into_iter().collect(),
            repeat: false,
        })
    }
}

impl Arguments {
    /// Adds a message, word for word.
    pub(crate) fn say(&mut self, words: &str) {
        let literals: [Expr; 2] = [syn::parse_quote!("{}"), syn::parse_quote!(#words)];
        self.args
            .extend(literals.map(|expr| Argument { label: None, expr }));
    }
}

impl ToTokens for Arguments {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let args = self
            .args
            .iter()
            .map(|Argument { label, expr }| match label {
                Some(label) => quote!(#label = #expr),
                None => expr.to_token_stream(),
            });
        tokens.extend(if self.repeat {
            quote!(#(#args);*)
        } else {
            quote!(#(#args),*)
        });
    }
}

/// `matches!` as the `match` that it stands for.
pub(crate) fn as_match(mac: &Macro) -> Option<Expr> {
    if mac.path.segments.last()?.ident != "matches" {
        return None;
    }
    let parse = |input: ParseStream| -> syn::Result<Expr> {
        let scrutinee = input.parse::<Expr>()?;
        input.parse::<Token![,]>()?;
        let mut arm: Vec<_> = input.parse::<TokenStream>()?.into_iter().collect();
        arm.pop_if(|last| matches!(last, TokenTree::Punct(comma) if comma.as_char() == ','));
        let arm: TokenStream = arm.into_iter().collect();
        syn::parse2(quote_spanned!(mac.span()=> match (#scrutinee) { #arm => true, _ => false }))
    };
    parse.parse2(mac.tokens.clone()).ok()
}

/// Whether some token is the name of a suspension point, or leaves the function.
pub(crate) fn is_for_us(code: TokenStream) -> bool {
    code.into_iter().any(|token| match token {
        TokenTree::Ident(name) => {
            let name = name.to_string();
            ["return", "break", "continue"].contains(&&*name) || PointMacro::named(&name).is_some()
        }
        TokenTree::Group(group) => is_for_us(group.stream()),
        TokenTree::Punct(mark) => mark.as_char() == '?',
        TokenTree::Literal(_) => false,
    })
}

/// A format string with the names it captures inline replaced by what `rename` gives for them;
/// `None` if it captures nothing that is renamed.
pub(crate) fn rename_captures(
    text: &LitStr,
    mut rename: impl FnMut(&str) -> Option<String>,
) -> Option<LitStr> {
    // As it is written, so that what stays is the same token.
    let written = text.token().to_string();
    let (mut out, mut changed, mut rest) = (String::new(), false, written.as_str());
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..=open]);
        rest = &rest[open + 1..];
        if out.ends_with("\\u{") && !written.starts_with('r') {
            continue;
        }
        if let Some(after) = rest.strip_prefix('{') {
            out.push('{');
            rest = after;
            continue;
        }
        let end = rest.find('}').unwrap_or(rest.len());
        let (holder, tail) = rest.split_at(end);
        let (name, spec) = holder.split_at(holder.find(':').unwrap_or(holder.len()));
        let mut put = |word: &str| match rename(word.trim()) {
            Some(new) => {
                changed = true;
                word.replace(word.trim(), &new)
            }
            None => word.to_owned(),
        };
        out.push_str(&put(name));
        // Width and precision may be captured too: `{x:width$.precision$}`.
        for piece in spec.split_inclusive('$') {
            match piece.strip_suffix('$') {
                Some(body) => {
                    let start = body
                        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
                        .map_or(0, |at| at + 1);
                    out.push_str(&body[..start]);
                    out.push_str(&put(&body[start..]));
                    out.push('$');
                }
                None => out.push_str(piece),
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    let mut new: LitStr = syn::parse_str(&out).ok().filter(|_| changed)?;
    new.set_span(text.span());
    Some(new)
}
