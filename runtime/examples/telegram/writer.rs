//! The writer: writes lines to stdout.

use crate::component::{Failure, Tally};
use insideout::here;
use insideout::prelude::*;
use std::io::{self, Write};

/// Receives lines and writes them, on `io`, until they end.
#[cps]
pub(crate) fn write(lines: Receiver<Vec<u8>>, io: Home) -> Result<Tally, Failure> {
    let home = here();
    let mut tally = Tally::default();
    while let Ok(text) = recv!(lines) {
        tally.migration(migrate!(io));
        io::stdout().write_all(&text).map_err(Failure::Write)?;
        tally.migration(migrate!(home));
    }
    tally.migration(migrate!(io));
    io::stdout().flush().map_err(Failure::Write)?;
    Ok(tally)
}
