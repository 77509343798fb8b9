//! What the components have in common: how they end, what they count, how that reads.

use insideout::prelude::*;
use std::fmt;
use std::io;
use std::ops::Add;
use std::panic::resume_unwind;
use std::path::Path;

/// How many bytes a message takes in its mailbox. Blocks and lines are `Vec<u8>`, words are a
/// `String`, which is one too.
const MESSAGE: usize = size_of::<Vec<u8>>();

/// What a component counts: what it sent on, and how often it migrated.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) migrations: u64,
}

impl Tally {
    /// Counts a message of so many bytes.
    pub(crate) fn message(&mut self, bytes: usize) {
        self.messages += 1;
        self.bytes += bytes as u64;
    }

    /// Counts a migration. Where it was refused the component goes on where it was, which is as
    /// good.
    pub(crate) fn migration(&mut self, moved: Result<(), Closed>) {
        self.migrations += u64::from(moved.is_ok());
    }
}

impl Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            messages: self.messages + other.messages,
            bytes: self.bytes + other.bytes,
            migrations: self.migrations + other.migrations,
        }
    }
}

/// Why the text was not wrapped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The file could not be read.
    Read(io::Error),
    /// The file has a byte, so many bytes from its beginning, that is not UTF-8.
    NotUtf8 { at: u64 },
    /// The wrapped text could not be written.
    Write(io::Error),
}

impl Failure {
    /// The failure in words, with the name of the file.
    pub(crate) fn about(&self, file: &Path) -> String {
        let file = file.display();
        match self {
            Failure::Read(error) => format!("{file}: {error}"),
            Failure::NotUtf8 { at } => format!("{file}: not UTF-8 at byte {at}"),
            Failure::Write(error) => format!("stdout: {error}"),
        }
    }
}

/// A component at work.
pub(crate) struct Component {
    name: &'static str,
    size: usize,
    handle: JoinHandle<Result<Tally, Failure>>,
}

impl Component {
    pub(crate) fn start(
        name: &'static str,
        call: Thunk<'static, Result<Tally, Failure>>,
        pool: &Pool,
    ) -> Self {
        let size = call.size();
        let handle = pool.spawn(call);
        Component { name, size, handle }
    }

    /// Blocks until it has ended.
    pub(crate) fn join(self) -> Result<Ended, Failure> {
        let Component { name, size, handle } = self;
        match handle.join() {
            Ok(tally) => tally.map(|tally| Ended { name, size, tally }),
            Err(JoinError::Panicked(payload)) => resume_unwind(payload),
            Err(JoinError::Cancelled) => unreachable!("the pools outlive the components"),
        }
    }
}

/// A component that has done its work.
pub(crate) struct Ended {
    name: &'static str,
    size: usize,
    tally: Tally,
}

/// What the work took: a line for all of it, and one for each component.
pub(crate) struct Report(Vec<Ended>);

impl FromIterator<Ended> for Report {
    fn from_iter<I: IntoIterator<Item = Ended>>(ended: I) -> Self {
        Report(ended.into_iter().collect())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report(ended) = self;
        let all = ended
            .iter()
            .fold(Tally::default(), |all, end| all + end.tally);
        writeln!(
            f,
            "{} continuations of {} bytes in all, {} migrations of {} bytes each, \
             {} messages of {} bytes each with {} bytes of text",
            ended.len(),
            ended.iter().map(|end| end.size).sum::<usize>(),
            all.migrations,
            size_of::<Continuation>(),
            all.messages,
            MESSAGE,
            all.bytes,
        )?;
        for Ended { name, size, tally } in ended {
            let Tally {
                migrations,
                messages,
                bytes,
            } = tally;
            writeln!(
                f,
                "{name:>12}: {size} bytes, {migrations} migrations, \
                 {messages} messages with {bytes} bytes of text",
            )?;
        }
        Ok(())
    }
}
