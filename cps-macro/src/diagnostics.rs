//! What the macro refuses in a function, collected, so that all independent errors are shown at once.

use crate::messages::{self, Message};
use crate::points::PointMacro;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Vec<Error>,
}

impl Diagnostics {
    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    pub(crate) fn error(&mut self, at: impl ToTokens, message: Message, words: &[&str]) {
        self.errors.push(message.at(at, words));
    }

    pub(crate) fn error_at(&mut self, at: Span, message: Message, words: &[&str]) {
        self.errors.push(Error::new(at, message.text(words)));
    }

    /// What the compiler may read, and the macro does not.
    pub(crate) fn unreadable(&mut self, why: &Error) {
        self.error_at(why.span(), messages::UNREADABLE, &[&why.to_string()]);
    }

    pub(crate) fn arguments(&mut self, at: impl ToTokens, point: PointMacro) {
        let (count, example) = point.arguments();
        let count = match count {
            0 => "no argument",
            1 => "1 argument",
            _ if point == PointMacro::Select => "2 to 4 arguments",
            _ => "2 arguments",
        };
        self.error(at, messages::ARGUMENTS, &[point.name(), count, example]);
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
