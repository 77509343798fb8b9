//! Public functions of many shapes under every lint that plain functions like them satisfy.
//!
//! Nothing here needs an `allow`; an expansion that needs one has to bring it, for its own tokens only. It
//! stands in a library, since lints about public items say nothing elsewhere; `tests/lints.rs` runs it.

#![deny(
    warnings,
    keyword_idents,
    let_underscore,
    nonstandard_style,
    refining_impl_trait,
    rust_2018_idioms,
    unused
)]
#![deny(
    absolute_paths_not_starting_with_crate,
    ambiguous_negative_literals,
    explicit_outlives_requirements,
    macro_use_extern_crate,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(
    clippy::allow_attributes_without_reason,
    clippy::as_conversions,
    clippy::clone_on_ref_ptr,
    clippy::create_dir,
    clippy::dbg_macro,
    clippy::empty_enum_variants_with_brackets,
    clippy::empty_structs_with_brackets,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::exit,
    clippy::expect_used,
    clippy::get_unwrap,
    clippy::if_then_some_else_none,
    clippy::indexing_slicing,
    clippy::infinite_loop,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::mem_forget,
    clippy::missing_assert_message,
    clippy::mixed_read_write_in_expression,
    clippy::multiple_inherent_impl,
    clippy::multiple_unsafe_ops_per_block,
    clippy::mutex_atomic,
    clippy::panic,
    clippy::partial_pub_fields,
    clippy::pattern_type_mismatch,
    clippy::rc_buffer,
    clippy::rest_pat_in_fully_bound_structs,
    clippy::same_name_method,
    clippy::self_named_module_files,
    clippy::shadow_unrelated,
    clippy::str_to_string,
    clippy::todo,
    clippy::try_err,
    clippy::undocumented_unsafe_blocks,
    clippy::unimplemented,
    clippy::unnecessary_safety_comment,
    clippy::unreachable,
    clippy::unused_result_ok,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    clippy::use_debug,
    clippy::wildcard_enum_match_arm
)]

use std::fmt::Display;
use std::num::ParseIntError;

use insideout::prelude::*;

/// Adds two numbers, at leisure.
#[cps]
#[must_use]
pub fn add(left: u32, right: u32) -> u32 {
    coop!();
    left + right
}

/// Does nothing, twice.
#[cps]
pub fn nothing() {
    coop!();
    coop!();
}

/// Never suspends.
#[cps]
#[must_use]
pub fn unsuspended(value: &str) -> String {
    value.to_owned() + "!"
}

/// Counts what it is given.
#[cps]
#[must_use]
pub fn count<I>(items: I) -> usize
where
    I: IntoIterator + Send,
    I::IntoIter: Send,
    I::Item: Send,
{
    let mut counted = 0;
    for item in items {
        coop!();
        drop(item);
        counted += 1;
    }
    counted
}

/// Takes the first word.
#[cps]
#[must_use]
pub fn first_word<'text>(text: &'text str, otherwise: &'text str) -> &'text str {
    let Some((word, _)) = text.split_once(' ') else {
        coop!();
        return otherwise;
    };
    coop!();
    word
}

/// Trims with elided lifetimes.
#[cps]
#[must_use]
pub fn trim(text: &str) -> &str {
    coop!();
    text.trim()
}

/// Sums what the texts say.
///
/// # Errors
///
/// If one of them is not a number.
#[cps]
pub fn sum(texts: &[&str]) -> Result<u32, ParseIntError> {
    let mut total = 0;
    for text in texts {
        let number: u32 = text.parse()?;
        total = call!(add(total, number));
        if total > 1000 {
            break;
        }
    }
    Ok(total)
}

/// The text backwards; what its author denies is not looked for in what the attribute writes.
#[cps]
#[deny(unused, unreachable_code, clippy::all)]
pub fn reversed(text: &str) -> String {
    let mut chars = Vec::new();
    coop!();
    chars.extend(text.chars());
    coop!();
    chars.reverse();
    chars.into_iter().collect()
}

/// Fills a slice.
#[cps]
pub fn fill(slots: &mut [u32], value: u32) {
    let mut filled = 0;
    while filled < slots.len() {
        coop!();
        if let Some(slot) = slots.get_mut(filled) {
            *slot = value;
        }
        filled += 1;
    }
}

/// Borrows from its own frame.
#[cps]
#[must_use]
pub fn filled() -> [u32; 3] {
    let mut slots = [0; 3];
    call!(fill(&mut slots, 7));
    slots
}

/// Shows whatever can be shown.
#[cps]
#[must_use]
pub fn show(thing: &(impl Display + Sync), times: usize) -> String {
    let mut text = String::new();
    let guard = Guard(0);
    'times: for time in 0..times {
        coop!();
        if time == 3 {
            break 'times;
        }
        text += &thing.to_string();
    }
    coop!();
    text + &guard.0.to_string()
}

/// Has parameters that it does not use.
#[cps]
pub fn unused(_: u32, _text: &str, _numbers: Vec<u32>) {
    coop!();
}

/// Matches and loops with values.
#[cps]
#[must_use]
pub fn choose(number: Option<u32>) -> u32 {
    let chosen = match number {
        Some(0) => {
            let mut turns = 0;
            loop {
                coop!();
                turns += 3;
                if turns > 8 {
                    break turns;
                }
            }
        }
        Some(other) if other > 5 => call!(add(other, 1)),
        Some(other) => {
            let doubled = other * 2;
            coop!();
            doubled
        }
        None => 0,
    };
    if chosen > 3 && call!(add(chosen, 1)) > 5 {
        chosen
    } else {
        call!(add(1, 1))
    }
}

/// Holds a number.
#[derive(Debug, Default)]
pub struct Holder<T> {
    held: Option<T>,
}

#[cps]
impl<T: Send + Sync> Holder<T> {
    /// Holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { held: None }
    }

    /// Puts a value in; returns what was there.
    #[cps]
    pub fn put(&mut self, value: T) -> Option<T> {
        coop!();
        self.held.replace(value)
    }

    /// What it holds.
    #[cps]
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        coop!();
        self.held.as_ref()
    }

    /// Gives up what it holds.
    #[cps]
    #[must_use]
    pub fn take(self) -> Option<T> {
        coop!();
        self.private(1)
    }

    #[cps]
    fn private(self, times: u32) -> Option<T> {
        for _ in 0..times {
            coop!();
        }
        self.held
    }
}

/// Recurses.
#[cps]
#[must_use]
pub fn fib(number: u64) -> u64 {
    if number < 2 {
        number
    } else {
        call!(fib(number - 1)) + call!(fib(number - 2))
    }
}

#[cps]
fn private(number: u32) -> u32 {
    coop!();
    number
}

/// Calls what is private to the module, and to the crate.
#[cps]
#[must_use]
pub fn uses_private(number: u32) -> u32 {
    call!(private(number)) + call!(of_the_crate(number))
}

#[cps]
pub(crate) fn of_the_crate(number: u32) -> u32 {
    let mut changed = number;
    changed = call!(private(changed));
    coop!();
    changed += 1;
    changed
}

struct Guard(u32);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0 += 1;
    }
}
