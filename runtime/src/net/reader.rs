//! A buffer in front of a stream, for what is read in lines or in pieces of unknown length.

use super::stream::{Bytes, Stream};
use cps_macro::{call, cps, readable};
use std::io::{self, ErrorKind};

/// Reads a stream in larger pieces than it is asked for.
///
/// It does not own the stream: each method is told which one, so that it can be written to meanwhile.
///
/// ```
/// use insideout::net::{Reader, UnixStream};
///
/// let (here, there) = UnixStream::pair()?;
/// there.write_all(b"one\ntwo\nthr")?;
/// drop(there);
/// let (mut reader, mut line) = (Reader::with_capacity(64), Vec::new());
/// assert_eq!(reader.read_until(&here, b'\n', &mut line)?, 4);
/// assert_eq!(reader.read_until(&here, b'\n', &mut line)?, 4);
/// assert_eq!(reader.read_until(&here, b'\n', &mut line)?, 3);
/// assert_eq!(line, b"one\ntwo\nthr");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    buf: Box<[u8]>,
    /// What was read and not taken yet.
    begin: usize,
    end: usize,
}

impl Reader {
    /// A buffer of so many bytes.
    ///
    /// # Panics
    ///
    /// If that is 0.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        assert!(bytes > 0, "a buffer has room");
        Reader {
            buf: vec![0; bytes].into(),
            begin: 0,
            end: 0,
        }
    }

    /// What was read and not taken yet.
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        &self.buf[self.begin..self.end]
    }

    /// Takes bytes that are [buffered](Reader::buffered).
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub fn consume(&mut self, count: usize) {
        assert!(
            count <= self.end - self.begin,
            "only what is buffered can be taken"
        );
        self.begin += count;
    }

    /// Reads once from the stream, behind what is buffered; returns how many bytes, 0 being the end.
    ///
    /// Suspends while there is nothing.
    ///
    /// # Errors
    ///
    /// `StorageFull`, if there is no room behind what is buffered; or with the system's.
    #[cps]
    pub fn fill<S: Bytes>(&mut self, stream: &Stream<S>) -> io::Result<usize> {
        if self.begin > 0 {
            self.buf.copy_within(self.begin..self.end, 0);
            (self.begin, self.end) = (0, self.end - self.begin);
        }
        if self.end == self.buf.len() {
            return Err(ErrorKind::StorageFull.into());
        }
        loop {
            match stream.try_read(&mut self.buf[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => readable!(*stream)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads up to and with a delimiter, or to the end, and appends it to `to`; returns how many bytes.
    ///
    /// Suspends while there is nothing. It reads as much as comes: where the peer is not trusted, read
    /// [within](Reader::read_until_within) a limit.
    ///
    /// # Errors
    ///
    /// With the system's; what was read until then is in `to`.
    #[cps]
    pub fn read_until<S: Bytes>(
        &mut self,
        stream: &Stream<S>,
        delimiter: u8,
        to: &mut Vec<u8>,
    ) -> io::Result<usize> {
        call!(self.read_until_within(usize::MAX, stream, delimiter, to))
    }

    /// As [`read_until`](Reader::read_until), at most so many bytes with the delimiter.
    ///
    /// # Errors
    ///
    /// `InvalidData`, if the delimiter is not among them: `to` has the first `limit` bytes, and the rest
    /// is still to be read. Or with the system's.
    ///
    /// ```
    /// use insideout::net::{Reader, UnixStream};
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// there.write_all(b"one\ntwo and more\n")?;
    /// let (mut reader, mut line) = (Reader::with_capacity(64), Vec::new());
    /// assert_eq!(reader.read_until_within(8, &here, b'\n', &mut line)?, 4);
    /// let long = reader.read_until_within(8, &here, b'\n', &mut line).unwrap_err();
    /// assert_eq!(long.kind(), std::io::ErrorKind::InvalidData);
    /// assert_eq!(line, b"one\ntwo and ");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn read_until_within<S: Bytes>(
        &mut self,
        limit: usize,
        stream: &Stream<S>,
        delimiter: u8,
        to: &mut Vec<u8>,
    ) -> io::Result<usize> {
        let before = to.len();
        loop {
            let within = self
                .end
                .min(self.begin.saturating_add(limit - (to.len() - before)));
            let buffered = &self.buf[self.begin..within];
            let found = buffered.iter().position(|byte| *byte == delimiter);
            let count = found.map_or(buffered.len(), |at| at + 1);
            to.extend_from_slice(&buffered[..count]);
            self.consume(count);
            let read = to.len() - before;
            if found.is_some() {
                return Ok(read);
            }
            if read == limit {
                return Err(ErrorKind::InvalidData.into());
            }
            if call!(self.fill(stream))? == 0 {
                return Ok(read);
            }
        }
    }
}
