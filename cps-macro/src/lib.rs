//! The `#[cps]` attribute and the macros that mean something inside it.
//!
//! The attribute is a small compiler. A function's text goes through these passes:
//!
//! | pass | from | to |
//! | --- | --- | --- |
//! | `resolve` | the author's block | the same, each local under a unique name; misplaced points refused |
//! | `lower` | that block | the `tree`: every suspension point alone, other code left whole |
//! | `states` | the tree | its states: where it starts, resumes, turns and meets again |
//! | `carried` | tree and states | which loops leave locals where they are in the frame |
//! | `arms` | tree and states | the code of each state, and what the frame holds in it |
//! | `validate` | all of that | the same, or a word on which promise between the passes was broken |
//! | `expand` | all of it | the plain function, the frame, and the sibling that makes the call unstarted |
//!
//! Everything it emits is safe code that names only one module of the crate it is used with.

mod anew;
mod arguments;
mod arms;
mod as_written;
mod bounds;
mod bulk;
mod carried;
mod cfgs;
mod closures;
mod describe;
mod diagnostics;
#[cfg(test)]
mod documented;
mod effects;
mod expand;
mod face;
mod fates;
mod frame;
#[cfg(test)]
mod half_typed;
mod hidden;
mod hygiene;
mod in_place;
mod items;
mod jumps;
mod leaving;
mod liveness;
mod locals;
mod lower;
mod mend;
mod mentions;
mod messages;
#[cfg(test)]
mod mutations;
mod open_types;
mod opened;
mod options;
mod parts;
mod points;
mod print;
mod promote;
mod renewed;
mod resolve;
mod root;
mod sets;
mod sibling;
mod signature;
#[cfg(test)]
mod snapshots;
mod states;
mod stub;
mod syntax;
mod tree;
mod unused;
mod uses;
mod validate;
mod visible;
mod visit;

use points::PointMacro;
use proc_macro::TokenStream;
use quote::quote;
use syn::{Expr, parse_macro_input};

/// Turns a function into one that can be suspended.
///
/// On an `impl` or `trait` block it does so to the methods in it that are annotated themselves.
///
/// Options, with commas between them:
///
/// - `local`: the function stays on its thread, so what it holds need not be `Send`; `thunk!` makes a
///   `LocalThunk`.
/// - `fits = bytes`: an error of the build where the whole continuation is larger.
/// - `crate = path`: where the crate is that expansions name.
///
/// The function keeps its face: calling it plainly runs it to completion. `thunk!(f(x))` makes the call
/// without starting it, `call!(f(x))` suspends the caller until it has returned. See the crate `insideout`
/// for what a `#[cps]` function means and for the macros that suspend it.
#[proc_macro_attribute]
pub fn cps(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = diagnostics::Diagnostics::default();
    let options = syn::parse(options).unwrap_or_else(|error| {
        diagnostics.push(error);
        options::Options::default()
    });
    items::expand(&options, item.into(), diagnostics).into()
}

/// Makes a call of a `#[cps]` function without starting it: a `Thunk`.
///
/// `thunk!(f(x))` evaluates the arguments at once. `f` may be a path, `Type::f` an associated function, and
/// `x.f(y)` a method. The macro works anywhere.
#[proc_macro]
pub fn thunk(call: TokenStream) -> TokenStream {
    let mut call = parse_macro_input!(call as Expr);
    if !sibling::name(&mut call) {
        let error = messages::THUNK_OF_VALUE.at(call, &[]);
        return error.into_compile_error().into();
    }
    quote!(#call).into()
}

fn outside(point: PointMacro) -> TokenStream {
    let words = messages::OUTSIDE.text(&[point.name()]);
    quote!(::core::compile_error!(#words)).into()
}

macro_rules! suspension_points {
    ($($(#[$doc:meta])* $name:ident: $point:ident;)*) => {$(
        $(#[$doc])*
        #[proc_macro]
        pub fn $name(_: TokenStream) -> TokenStream {
            outside(PointMacro::$point)
        }
    )*};
}

suspension_points! {
    /// Suspends until the dispatcher's next turn: `coop!()`.
    coop: Coop;
    /// Suspends until a callee has returned, and yields its value: `call!(f(x))`.
    call: Call;
    /// Suspends, and gives the continuation to a closure: `suspend!(|continuation| None)`. What the closure
    /// returns runs next.
    suspend: Suspend;
    /// Suspends until the function runs elsewhere: `migrate!(pool)`. Yields `Err(Closed)` where it was
    /// refused, and goes on where it was.
    migrate: Migrate;
    /// Goes elsewhere, evaluates an expression there, and comes home: `visit!(pool, f(x))`. Yields its value,
    /// or `Err(Closed)` where the place refused it, and then has evaluated nothing.
    visit: Visit;
    /// Suspends until a mailbox has a message: `recv!(mailbox)`. Yields `Err(Closed)` when none can come.
    recv: Recv;
    /// As `recv!`, at most until a moment: `recv_deadline!(mailbox, instant)`. Yields `Err(RecvTimeoutError)`
    /// when none came.
    recv_deadline: RecvDeadline;
    /// Suspends until a mailbox has room: `send!(mailbox, message)`. Yields `Err(Closed(message))` if none
    /// can be.
    send: Send;
    /// As `send!`, at most until a moment: `send_deadline!(mailbox, message, instant)`. Yields
    /// `Err(SendTimeoutError)` with the message if there was no room.
    send_deadline: SendDeadline;
    /// Suspends until an activity has ended: `join!(handle)`. Yields its value, or why there is none.
    join: Join;
    /// As `join!`, at most until a moment: `join_deadline!(handle, instant)`. Yields what `join!` does, or
    /// `Err` with the handle.
    join_deadline: JoinDeadline;
    /// Suspends until one of two to four things has something, and takes that: `select!(mailbox, handle)`.
    /// Yields which it was, and what: `Chosen::First`, `Second`, `Third` or `Fourth`.
    select: Select;
    /// As `call!`, given up when a duration is over: `timeout!(duration, f(x))`. Yields `Ok` with the value,
    /// or `Err(TimedOut)`; then the callee was dropped.
    timeout: Timeout;
    /// Suspends for a duration: `sleep!(duration)`.
    sleep: Sleep;
    /// Suspends until a moment: `sleep_until!(instant)`.
    sleep_until: SleepUntil;
    /// Suspends until a descriptor can be read from: `readable!(source)`. Yields an error if that cannot be
    /// waited for.
    readable: Readable;
    /// Suspends until a descriptor can be written to: `writable!(source)`. Yields an error if that cannot be
    /// waited for.
    writable: Writable;
    /// Suspends until a signal is delivered to the process: `signal!(libc::SIGTERM)`. Its handler stays from
    /// the first wait on. Yields an error if the signal cannot be handled.
    signal: Signal;
    /// Suspends until a child process has ended: `child!(process)`. Takes the `Child`, and yields how it
    /// ended.
    child: Child;
}
