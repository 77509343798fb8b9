//! The two directions of a stream, each with an owner of its own.
//!
//! The halves share the stream, which is closed when both are gone. The half that writes ends its
//! direction when it is dropped, so that the peer reads the end although the other half lives on.
//!
//! What suspends is the stream's own call, and not one around it: that would be a cell more, and a leg more
//! before which a timeout asks for the time.

use super::stream::{Bytes, Stream};
use crate::event_queue::Interest;
use crate::event_queue::points::{Lent, Pollable, Watching};
use cps_core::Thunk;
use std::error::Error;
use std::net::Shutdown;
use std::sync::Arc;
use std::{fmt, io};

/// The half of a stream that reads: see [`Stream::split`].
#[derive(Debug)]
pub struct ReadHalf<S: Bytes>(Arc<Stream<S>>);

/// The half of a stream that writes: see [`Stream::split`].
///
/// When it is dropped, the peer reads the end.
#[derive(Debug)]
pub struct WriteHalf<S: Bytes>(
    /// There until the halves are put together again.
    Option<Arc<Stream<S>>>,
);

impl<S: Bytes> Stream<S> {
    /// Two halves, each with an owner of its own: one that reads and one that writes.
    ///
    /// Where two activities that end together share a stream, `&Stream` or an `Arc` of it will do. Of a local
    /// of a `#[cps]` function, write `{ stream }.split()`, as for each method that takes what it is called
    /// on.
    ///
    /// ```
    /// use insideout::net::{ReadHalf, UnixStream};
    /// use insideout::prelude::*;
    ///
    /// #[cps]
    /// fn hear(half: ReadHalf<std::os::unix::net::UnixStream>) -> std::io::Result<Vec<u8>> {
    ///     let (mut all, mut buf) = (Vec::new(), [0; 64]);
    ///     loop {
    ///         match call!(half.read(&mut buf))? {
    ///             0 => return Ok(all),
    ///             count => all.extend_from_slice(&buf[..count]),
    ///         }
    ///     }
    /// }
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// let (read, write) = there.split();
    /// let pool = Pool::new(1);
    /// let hearing = pool.spawn(thunk!(hear(read)));
    /// write.write_all(b"hello")?;
    /// drop(write);                                      // the peer reads the end,
    /// let mut heard = [0; 5];
    /// here.read_exact(&mut heard)?;
    /// assert_eq!(here.read(&mut [0])?, 0);
    /// here.write_all(&heard)?;                          // and can still write
    /// drop(here);
    /// assert_eq!(hearing.join().unwrap()?, b"hello");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn split(self) -> (ReadHalf<S>, WriteHalf<S>) {
        let stream = Arc::new(self);
        (ReadHalf(stream.clone()), WriteHalf(Some(stream)))
    }
}

impl<S: Bytes> ReadHalf<S> {
    /// As [`Stream::read`].
    ///
    /// # Errors
    ///
    /// With the system's.
    pub fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }

    #[doc(hidden)]
    pub fn read_thunk<'cps>(&'cps self, buf: &'cps mut [u8]) -> Thunk<'cps, io::Result<usize>> {
        self.0.read_thunk(buf)
    }

    /// As [`Stream::read_exact`].
    ///
    /// # Errors
    ///
    /// `UnexpectedEof`, if the stream ends before; or with the system's.
    pub fn read_exact(&self, buf: &mut [u8]) -> io::Result<()> {
        self.0.read_exact(buf)
    }

    #[doc(hidden)]
    pub fn read_exact_thunk<'cps>(&'cps self, buf: &'cps mut [u8]) -> Thunk<'cps, io::Result<()>> {
        self.0.read_exact_thunk(buf)
    }

    /// As [`Stream::try_read`].
    ///
    /// # Errors
    ///
    /// `WouldBlock`, if there is nothing; or with the system's.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }

    /// The stream itself, for its addresses and options, and for a [`Reader`](super::Reader).
    pub fn stream(&self) -> &Stream<S> {
        &self.0
    }

    /// The stream that was split.
    ///
    /// # Errors
    ///
    /// With both halves, if they are of different streams.
    ///
    /// ```
    /// use insideout::net::UnixStream;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// let (read, write) = here.split();
    /// let (other, _write) = there.split();
    /// let apart = other.reunite(write).unwrap_err();
    /// let here = read.reunite(apart.1).unwrap();
    /// here.write_all(b"hi")?;
    /// assert_eq!(apart.0.read(&mut [0; 8])?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reunite(self, mut write: WriteHalf<S>) -> Result<Stream<S>, ReuniteError<S>> {
        let other = write.0.take_if(|other| Arc::ptr_eq(&self.0, other));
        if other.is_none() {
            return Err(ReuniteError(self, write));
        }
        drop(other);
        Ok(Arc::into_inner(self.0).expect("a stream has two halves"))
    }
}

impl<S: Bytes> WriteHalf<S> {
    /// As [`Stream::write`].
    ///
    /// # Errors
    ///
    /// With the system's.
    pub fn write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream().write(buf)
    }

    #[doc(hidden)]
    pub fn write_thunk<'cps>(&'cps self, buf: &'cps [u8]) -> Thunk<'cps, io::Result<usize>> {
        self.stream().write_thunk(buf)
    }

    /// As [`Stream::write_all`].
    ///
    /// # Errors
    ///
    /// `WriteZero` if the system takes nothing, or with the system's.
    pub fn write_all(&self, buf: &[u8]) -> io::Result<()> {
        self.stream().write_all(buf)
    }

    #[doc(hidden)]
    pub fn write_all_thunk<'cps>(&'cps self, buf: &'cps [u8]) -> Thunk<'cps, io::Result<()>> {
        self.stream().write_all_thunk(buf)
    }

    /// As [`Stream::try_write`].
    ///
    /// # Errors
    ///
    /// `WouldBlock`, if there is no room; or with the system's.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.stream().try_write(buf)
    }

    /// Ends the direction, as dropping the half does: the peer reads the end. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that there is no peer.
    pub fn shutdown(&self) -> io::Result<()> {
        self.stream().shutdown(Shutdown::Write)
    }

    /// The stream itself, for its addresses and options.
    pub fn stream(&self) -> &Stream<S> {
        self.0.as_ref().expect("the half is there")
    }
}

impl<S: Bytes> Drop for WriteHalf<S> {
    fn drop(&mut self) {
        if let Some(stream) = &self.0 {
            // Without a peer it has ended already.
            let _ = stream.shutdown(Shutdown::Write);
        }
    }
}

/// `readable!(half)` waits until there is something to read, or the end.
impl<S: Bytes> Pollable for ReadHalf<S> {
    fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>> {
        self.0.wait_with(interest, lent)
    }
}

/// `writable!(half)` waits until there is room.
impl<S: Bytes> Pollable for WriteHalf<S> {
    fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>> {
        self.stream().wait_with(interest, lent)
    }
}

/// Halves of two different streams cannot be [put together](ReadHalf::reunite); here they are.
pub struct ReuniteError<S: Bytes>(pub ReadHalf<S>, pub WriteHalf<S>);

impl<S: Bytes> fmt::Debug for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReuniteError").finish_non_exhaustive()
    }
}

impl<S: Bytes> fmt::Display for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves are of different streams")
    }
}

impl<S: Bytes> Error for ReuniteError<S> {}
