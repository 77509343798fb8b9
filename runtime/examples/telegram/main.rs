//! The telegram problem: text in, the same words out, in lines as full as they can be.
//!
//! ```text
//! cargo run --release --example telegram -- [--one-pool] FILE WIDTH
//! ```
//!
//! Four components, each a `#[cps]` function, joined by bounded mailboxes:
//!
//! ```text
//! reader --bytes--> decomposer --words--> recomposer --lines--> writer
//! ```
//!
//! Each runs on a pool of its own, or all on one with `--one-pool`. Reader and writer migrate to a
//! pool for I/O for their system calls and back. However large the file, only a few blocks of it
//! are in memory.
//!
//! What becomes of the text:
//!
//! - Words are what stands between whitespace, as Unicode has it: spaces, tabs, ends of lines (also
//!   CR LF), blank lines. Whitespace means nothing beyond that: there are no paragraphs. Words come
//!   out unchanged and in order.
//! - A line takes as many words as fit into WIDTH characters (Unicode scalar values), one space
//!   between two. A word that is longer than that has a line of its own, and is not broken.
//! - Every line ends in a line feed, the last one too. A file without words gives no output.
//!
//! The wrapped text goes to stdout, and then to stderr what it took: continuations, migrations,
//! messages, and their sizes.
//!
//! Exit codes: 0, also when whoever reads stdout has closed it (which ends the work quietly); 1 if
//! FILE cannot be read, is not UTF-8 (the words before the first wrong byte are written), or stdout
//! cannot be written; 2 if the arguments are wrong.

mod component;
mod decomposer;
mod reader;
mod recomposer;
mod writer;

use component::{Component, Failure, Report};
use insideout::prelude::*;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

/// How many messages a mailbox holds before its sender waits.
const BACKLOG: usize = 4;

const USAGE: &str = "usage: telegram [--one-pool] FILE WIDTH
  FILE        the text to wrap, in UTF-8
  WIDTH       the most characters in a line, at least 1
  --one-pool  run all components on one pool, not each on its own
";

fn main() -> ExitCode {
    let (words, code) = match Order::parse(std::env::args_os().skip(1)) {
        None => (USAGE.to_string(), 2),
        Some(order) => match wrap(&order) {
            Ok(report) => (report.to_string(), 0),
            Err(Failure::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
                (String::new(), 0)
            }
            Err(failure) => (format!("telegram: {}\n", failure.about(&order.file)), 1),
        },
    };
    // With nobody to read it, there is nobody to tell.
    let _ = io::stderr().write_all(words.as_bytes());
    ExitCode::from(code)
}

/// What is asked for.
struct Order {
    file: PathBuf,
    width: usize,
    one_pool: bool,
}

impl Order {
    fn parse(arguments: impl Iterator<Item = OsString>) -> Option<Order> {
        let (flags, rest): (Vec<_>, Vec<_>) = arguments.partition(|word| word == "--one-pool");
        let [file, width] = <[OsString; 2]>::try_from(rest).ok()?;
        Some(Order {
            file: file.into(),
            width: width.to_str()?.parse().ok().filter(|width| *width > 0)?,
            one_pool: !flags.is_empty(),
        })
    }
}

/// Starts the components, joined by mailboxes, and waits for them.
fn wrap(order: &Order) -> Result<Report, Failure> {
    let pools = Pools::new(order.one_pool);
    let (to_decomposer, blocks) = Mailbox::bounded(BACKLOG).split();
    let (to_recomposer, words) = Mailbox::bounded(BACKLOG).split();
    let (to_writer, lines) = Mailbox::bounded(BACKLOG).split();
    let (file, width, io) = (order.file.clone(), order.width, pools.io.home());

    let read = thunk!(reader::read(file, to_decomposer, io.clone()));
    let decompose = thunk!(decomposer::decompose(blocks, to_recomposer));
    let recompose = thunk!(recomposer::recompose(words, width, to_writer));
    let write = thunk!(writer::write(lines, io));
    let components = [
        Component::start("reader", read, pools.at(0)),
        Component::start("decomposer", decompose, pools.at(1)),
        Component::start("recomposer", recompose, pools.at(2)),
        Component::start("writer", write, pools.at(3)),
    ];
    // All end before the first failure in the order of the flow is looked for: what comes later
    // follows from it.
    components.map(Component::join).into_iter().collect()
}

/// Where the components run.
struct Pools {
    /// One for all of them, or one for each.
    components: Vec<Pool>,
    /// For what blocks.
    io: Pool,
}

impl Pools {
    fn new(one_pool: bool) -> Self {
        let components = if one_pool {
            let workers = available_parallelism().map_or(1, usize::from);
            vec![Pool::named("components", workers)]
        } else {
            let names = ["reader", "decomposer", "recomposer", "writer"];
            names.map(|name| Pool::named(name, 1)).into()
        };
        let io = Pool::named("io", 2);
        Pools { components, io }
    }

    /// The pool of a component.
    fn at(&self, component: usize) -> &Pool {
        &self.components[component % self.components.len()]
    }
}
