//! What the macro refuses, in words: one sentence that says what and why, and what to write instead.
//! Errors are collected, so that all independent ones are shown at once.

use crate::points::PointMacro;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// What a suspension point cannot stand in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Barrier {
    Closure,
    Async,
    Const,
    Guard,
    Item,
    Macro,
}

impl Barrier {
    /// Where it stands and why that cannot be suspended, then what to write instead.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Barrier::Closure => (
                "inside a closure, which is called by code that cannot be suspended",
                "use a loop in place of the closure, or make it a `#[cps]` function and `call!` that",
            ),
            Barrier::Async => (
                "inside an `async` block, which suspends by `.await` instead",
                "make the block a `#[cps]` function, or move the suspension out of it",
            ),
            Barrier::Const => (
                "in a constant, which is computed by the compiler",
                "bind its value with `let` before",
            ),
            Barrier::Guard => (
                "in a match guard, which may run more than once before an arm is chosen",
                "move it before the `match`, or into the arm",
            ),
            Barrier::Item => (
                "inside a nested item, which is a function of its own",
                "annotate that function with `#[cps]` and `call!` it",
            ),
            Barrier::Macro => (
                "inside the arguments of a macro whose expansion `#[cps]` cannot see",
                "bind its value before: `let value = ..;`, and pass `value` to the macro",
            ),
        }
    }
}

#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Vec<Error>,
}

impl Diagnostics {
    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    pub(crate) fn error(&mut self, at: impl ToTokens, words: impl std::fmt::Display) {
        self.errors.push(Error::new_spanned(at, words));
    }

    pub(crate) fn barred(&mut self, at: impl ToTokens, point: PointMacro, barrier: Barrier) {
        let (place, instead) = barrier.words();
        self.error(
            at,
            format_args!("`{}!` cannot suspend {place}; {instead}", point.name()),
        );
    }

    pub(crate) fn arguments(&mut self, at: impl ToTokens, point: PointMacro) {
        let (count, example) = point.arguments();
        let plural = if count == 1 { "argument" } else { "arguments" };
        self.error(
            at,
            format_args!(
                "`{}!` takes {count} {plural}; write `{example}`",
                point.name()
            ),
        );
    }

    pub(crate) fn stray(&mut self, at: impl ToTokens, word: &str) {
        self.error(
            at,
            format_args!(
                "`{word}` outside of a loop; it ends a turn of the loop that it stands in"
            ),
        );
    }

    /// A promise between the passes was broken.
    pub(crate) fn broken(&mut self, at: impl ToTokens, what: &str) {
        self.error(at, format_args!("`#[cps]` could not lower this function, which is a bug in it, please report it: {what}"));
    }

    pub(crate) fn conditional(&mut self, cfg: &syn::Attribute) {
        self.error(
            cfg,
            "a statement that suspends cannot be compiled conditionally, since the states depend on it; \
             put the `#[cfg]` on the whole function, or use `if cfg!(..)`",
        );
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// All of them as `compile_error!`s.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.errors
            .into_iter()
            .map(|error| error.into_compile_error())
            .collect()
    }
}
