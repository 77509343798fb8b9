//! The reader: sends a file on in blocks, as it finds them.

use crate::component::{Failure, Tally};
use insideout::here;
use insideout::prelude::*;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;

/// How many bytes a block has at most.
const BLOCK: usize = 64 * 1024;

/// Reads `file`, on `io`, and sends its blocks on, until its end or until nobody receives them.
#[cps]
pub(crate) fn read(file: PathBuf, blocks: Sender<Vec<u8>>, io: Home) -> Result<Tally, Failure> {
    let home = here();
    let mut tally = Tally::default();
    tally.migration(migrate!(io));
    let mut source = File::open(&file).map_err(Failure::Read)?;
    loop {
        let block = next(&mut source).map_err(Failure::Read)?;
        tally.migration(migrate!(home));
        let bytes = block.len();
        if bytes == 0 || send!(blocks, block).is_err() {
            return Ok(tally);
        }
        tally.message(bytes);
        tally.migration(migrate!(io));
    }
}

/// The next block; an empty one at the end.
fn next(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut block = vec![0; BLOCK];
    loop {
        match source.read(&mut block) {
            Ok(bytes) => {
                block.truncate(bytes);
                return Ok(block);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
