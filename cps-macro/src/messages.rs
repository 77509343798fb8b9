//! Every message of the macro, in one table: what is wrong and why, then what to write instead.
//!
//! A message begins with what the author wrote, in lower case, and gives its reason behind a colon; the help
//! is an instruction. `{0}` and `{1}` stand for words that differ from case to case. A test holds
//! `docs/diagnostics.md` to a section, and `ui-tests` to a case, for each.

use quote::ToTokens;
use syn::Error;

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Message {
    /// What is wrong, and why.
    pub(crate) what: &'static str,
    /// What to write instead.
    pub(crate) help: &'static str,
}

impl Message {
    /// The text that the compiler shows.
    pub(crate) fn text(&self, words: &[&str]) -> String {
        let mut text = format!("{}\nhelp: {}", self.what, self.help);
        for (at, word) in words.iter().enumerate() {
            text = text.replace(&format!("{{{at}}}"), word);
        }
        text
    }

    /// The error of a place in the author's code.
    pub(crate) fn at(&self, place: impl ToTokens, words: &[&str]) -> Error {
        Error::new_spanned(place, self.text(words))
    }
}

macro_rules! table {
    ($($name:ident: $what:literal, $help:literal;)*) => {
        $(pub(crate) const $name: Message = Message { what: $what, help: $help };)*

        #[cfg(test)]
        pub(crate) const ALL: &[(&str, Message)] = &[$((stringify!($name), $name)),*];
    };
}

table! {
    IN_CLOSURE:
        "`{0}!` cannot stand in a closure: whoever calls the closure cannot be suspended",
        "use a loop in place of the closure, or make it a `#[cps]` function and `call!` that";
    IN_ASYNC:
        "`{0}!` cannot stand in an `async` block: that suspends by `.await` instead",
        "make the block a `#[cps]` function, or move the suspension out of it";
    IN_CONST:
        "`{0}!` cannot stand in a constant: the compiler computes it",
        "bind the value with `let` before";
    IN_GUARD:
        "`{0}!` cannot stand in a match guard: it may run more than once before an arm is chosen",
        "move it before the `match`, or into the arm";
    IN_ITEM:
        "`{0}!` cannot stand in a nested item: that is a function of its own",
        "annotate that function with `#[cps]`, and `call!` it";
    IN_MACRO:
        "`{0}!` cannot stand in the arguments of this macro: `#[cps]` cannot see what becomes of them",
        "bind the value before: `let value = ..;`, and pass `value` to the macro";
    IN_ASSERTION:
        "a suspension cannot stand in the message of this assertion: it is evaluated only on failure",
        "write `if left != right { panic!(..) }`";
    IN_EXPRESSION:
        "a suspension cannot stand in this kind of expression: `#[cps]` does not know its order of evaluation",
        "bind the value before: `let value = ..;`, and use `value` here";
    ITEM_IN_BLOCK:
        "`{0}` cannot stand for two things in this function: what is declared in a block that suspends is known to all of it",
        "give one of the two another name";
    LABEL_IN_MACRO:
        "`'{0}` cannot be handed to this macro: what it names suspends, and `#[cps]` cannot see the jump",
        "write the jump itself, outside of the macro, and let the macro say whether to make it";
    OUTSIDE:
        "`{0}!` cannot stand outside of a `#[cps]` function: it suspends the function whose body it stands in",
        "annotate the function with `#[cps]`, and write the `{0}!` in its body itself";
    ARGUMENTS:
        "`{0}!` takes {1}",
        "write `{2}`";

    CALL_OF_CLOSURE:
        "`call!` cannot call a closure: a closure cannot be suspended",
        "call it plainly, or make it a `#[cps]` function";
    CALL_OF_VALUE:
        "`call!` cannot call this: it is neither a call of a `#[cps]` function nor a `Thunk`",
        "write `call!(f(x))`, or use the value without `call!`";
    THUNK_OF_VALUE:
        "`thunk!` cannot take this: it makes a call without starting it, and this is no call",
        "write `thunk!(f(x))`";
    NOT_MUTABLE:
        "cannot borrow `{0}` as mutable: it is not declared as mutable",
        "declare it `mut {0}`";
    UNKNOWN_ORDER:
        "this assignment cannot suspend on its right: whether that is evaluated first depends on its type, \
         which `#[cps]` does not see",
        "bind the right side before: `let value = ..;`";
    STRAY_JUMP:
        "`{0}` cannot stand outside of a loop: it ends a turn of the loop that it stands in",
        "put it into a loop, or leave the function with `return`";

    ON_ASYNC_FN:
        "`#[cps]` cannot stand on an `async fn`: that suspends by `.await`, and a `#[cps]` function by its own macros",
        "remove `async`, and `call!` other `#[cps]` functions where it awaited";
    ON_CONST_FN:
        "`#[cps]` cannot stand on a `const fn`: it may run in the compiler, where nothing can be suspended",
        "remove `const`";
    ON_FOREIGN_FN:
        "`#[cps]` cannot stand on a function with a foreign ABI: its callers cannot be suspended",
        "remove the `extern`, or call a `#[cps]` function from it";
    ON_VARIADIC_FN:
        "`#[cps]` cannot stand on a variadic function: its arguments cannot be kept",
        "pass a slice instead";
    ON_REQUIRED_FN:
        "`#[cps]` cannot stand on a function without a body: what is required of others stands in a trait",
        "annotate the `trait` block as well";
    ON_ITEM:
        "`#[cps]` cannot stand on {0}: it makes a function one that can be suspended",
        "put it on a function, or on an `impl` or `trait` block with annotated methods inside";
    UNREADABLE:
        "`#[cps]` cannot read this: {0}",
        "correct it; if the compiler has no complaint of its own, please report it";
    UNKNOWN_OPTION:
        "`#[cps]` has no such option",
        "it takes `local`, `fits = bytes`, and `crate = path`";
    REPEATED_OPTION:
        "`{0}` stands here twice: an option is said once",
        "remove one of them";
    OPTION_ON_BLOCK:
        "`{0}` cannot stand on an `impl` or `trait` block: it says something of one function",
        "write it in the `#[cps(..)]` of the method";
    IN_LOCAL:
        "`{0}!` cannot stand in a `#[cps(local)]` function: it gives the continuation away, and this one stays on its thread",
        "put it into an ordinary `#[cps]` function and `call!` that: the thread waits for it, as in a plain call";
    BROKEN:
        "`#[cps]` failed at this function: {0}",
        "this is a bug in `#[cps]`: please report it, with the function";
}
