//! Streams of bytes: TCP and Unix.

use super::{address, watch};
use crate::event_queue::points::{Lent, Pollable, Watching};
use crate::event_queue::{Interest, Source};
use crate::syscalls;
use crate::timeout::timeout_at;
use cps_macro::{call, cps, readable, sleep, thunk, writable};
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A TCP connection.
pub type TcpStream = Stream<std::net::TcpStream>;

/// A connection over a Unix socket.
pub type UnixStream = Stream<std::os::unix::net::UnixStream>;

/// A connection: bytes in both directions.
///
/// All methods take `&self`, so that one activity can read while another one writes; where each is to own
/// its direction, [`split`](Stream::split) makes two halves. Made from std's stream, and goes back to it with
/// [`into_std`](Stream::into_std).
///
/// ```
/// use insideout::net::UnixStream;
/// use insideout::prelude::*;
///
/// #[cps]
/// fn shout(stream: UnixStream) -> std::io::Result<()> {
///     let mut buf = [0; 64];
///     loop {
///         let count = call!(stream.read(&mut buf))?;
///         if count == 0 {
///             return Ok(());
///         }
///         buf.make_ascii_uppercase();
///         call!(stream.write_all(&buf[..count]))?;
///     }
/// }
///
/// let (stream, there) = UnixStream::pair()?;
/// let pool = Pool::new(1);
/// let shouting = pool.spawn(thunk!(shout(there)));
/// stream.write_all(b"hello")?;
/// let mut heard = [0; 5];
/// stream.read_exact(&mut heard)?;
/// assert_eq!(&heard, b"HELLO");
/// drop(stream);
/// shouting.join().unwrap()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream<S: AsFd>(Source<S>);

/// What std's streams have in common. Implemented by them alone.
pub trait Bytes: AsFd + AsRawFd + Send + Sync + 'static {
    #[doc(hidden)]
    fn shut_down(&self, how: Shutdown) -> io::Result<()>;
    #[doc(hidden)]
    fn block(&self, blocking: bool) -> io::Result<()>;
}

macro_rules! bytes {
    ($($stream:ty),+) => {$(
        impl Bytes for $stream {
            fn shut_down(&self, how: Shutdown) -> io::Result<()> {
                self.shutdown(how)
            }

            fn block(&self, blocking: bool) -> io::Result<()> {
                self.set_nonblocking(!blocking)
            }
        }

        impl TryFrom<$stream> for Stream<$stream> {
            type Error = io::Error;

            fn try_from(stream: $stream) -> io::Result<Self> {
                Stream::new(stream)
            }
        }
    )+};
}

bytes!(std::net::TcpStream, std::os::unix::net::UnixStream);

#[cps]
impl TcpStream {
    /// Connects to an address.
    ///
    /// Suspends until it is connected.
    ///
    /// # Errors
    ///
    /// With the system's, such as `ConnectionRefused`.
    ///
    /// ```
    /// use insideout::net::{TcpListener, TcpStream};
    ///
    /// let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    /// let address = listener.get_ref().local_addr()?;
    /// let stream = TcpStream::connect(address)?;
    /// assert_eq!(stream.get_ref().peer_addr()?, address);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn connect(to: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::try_from(address::begin_to_connect(to)?)?;
        loop {
            match stream.0.attempt(Interest::Write, connected) {
                Ok(()) => return Ok(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => writable!(stream.0)?,
                Err(error) => return Err(error),
            }
        }
    }

    /// As [`connect`](TcpStream::connect), at most until `deadline`.
    ///
    /// # Errors
    ///
    /// `TimedOut`, or with the system's.
    ///
    /// ```
    /// use insideout::net::{TcpListener, TcpStream};
    /// use std::time::{Duration, Instant};
    ///
    /// let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    /// let address = listener.get_ref().local_addr()?;
    /// let stream = TcpStream::connect_deadline(address, Instant::now() + Duration::from_secs(1))?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn connect_deadline(to: SocketAddr, deadline: Instant) -> io::Result<TcpStream> {
        let connect = timeout_at(deadline, thunk!(TcpStream::connect(to)));
        call!(connect)?
    }
}

#[cps]
impl UnixStream {
    /// Connects to a path.
    ///
    /// Suspends while who listens there has no room for it.
    ///
    /// # Errors
    ///
    /// With the system's, such as that there is nothing, or `ConnectionRefused`: nobody listens.
    ///
    /// ```no_run
    /// use insideout::net::UnixStream;
    ///
    /// let stream = UnixStream::connect("/run/log.socket".into())?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn connect(to: PathBuf) -> io::Result<UnixStream> {
        loop {
            match address::connect_at_once(&to) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => sleep!(BETWEEN),
                done => return done?.try_into(),
            }
        }
    }

    /// As [`connect`](UnixStream::connect), at most until `deadline`.
    ///
    /// # Errors
    ///
    /// `TimedOut`, or with the system's.
    #[cps]
    pub fn connect_deadline(to: PathBuf, deadline: Instant) -> io::Result<UnixStream> {
        let connect = timeout_at(deadline, thunk!(UnixStream::connect(to)));
        call!(connect)?
    }

    /// Two streams that are connected with each other. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's.
    ///
    /// ```
    /// use insideout::net::UnixStream;
    ///
    /// let (here, there) = UnixStream::pair()?;
    /// here.write_all(b"hi")?;
    /// assert_eq!(there.read(&mut [0; 8])?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pair() -> io::Result<(Self, Self)> {
        let (here, there) = std::os::unix::net::UnixStream::pair()?;
        Ok((here.try_into()?, there.try_into()?))
    }
}

/// After which time one who was turned away by a full listener comes again.
const BETWEEN: Duration = Duration::from_millis(1);

/// How far a stream has got that connects. It is writable when it is connected or has failed.
fn connected(stream: &std::net::TcpStream) -> io::Result<()> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    match stream.peer_addr() {
        Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
        told => told.map(|_| ()),
    }
}

/// `readable!(stream)` waits until there is something to read, or the end; `writable!(stream)` until
/// there is room.
impl<S: Bytes> Pollable for Stream<S> {
    fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>> {
        self.0.wait_with(interest, lent)
    }
}

impl<S: Bytes> Stream<S> {
    /// The stream in the keeping of the event queue that serves this thread. It does not block from now on.
    pub(super) fn new(stream: S) -> io::Result<Self> {
        watch(stream, |stream| stream.block(false)).map(Stream)
    }

    /// std's stream, which blocks.
    ///
    /// # Errors
    ///
    /// If the system cannot make it block.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// let std: std::os::unix::net::UnixStream = here.into_std()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<S> {
        let stream = self.0.into_inner();
        stream.block(true)?;
        Ok(stream)
    }

    /// std's stream, for its addresses and options. Reading or writing it beside this one confuses what
    /// this one knows.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// assert!(here.get_ref().peer_addr()?.is_unnamed());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn get_ref(&self) -> &S {
        self.0.get_ref()
    }

    /// What `readable!` and `writable!` wait for.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// let told: &insideout::Source<_> = here.source();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn source(&self) -> &Source<S> {
        &self.0
    }

    /// Reads what is there, or what comes first; returns how many bytes. 0 is the end, unless `buf` is empty.
    ///
    /// Suspends while there is nothing.
    ///
    /// # Errors
    ///
    /// With the system's.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// there.write_all(b"hi")?;
    /// let mut buf = [0; 8];
    /// assert_eq!(here.read(&mut buf)?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let room = buf.len();
            match self
                .0
                .transfer(Interest::Read, room, |stream| syscalls::recv(stream, buf))
            {
                Err(error) if error.kind() == ErrorKind::WouldBlock => readable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    /// Reads what is there, and does not wait: for those who need no buffer while there is nothing.
    ///
    /// # Errors
    ///
    /// `WouldBlock`, if there is nothing: `readable!(stream)` waits for more. Or with the system's.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// assert_eq!(here.try_read(&mut [0; 8]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let room = buf.len();
        self.0
            .transfer(Interest::Read, room, |stream| syscalls::recv(stream, buf))
    }

    /// Reads until `buf` is full.
    ///
    /// Suspends while there is nothing.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof`, if the stream ends before; what was read until then is in `buf`. Or with the
    /// system's.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// there.write_all(b"hello")?;
    /// let mut buf = [0; 4];
    /// here.read_exact(&mut buf)?;
    /// assert_eq!(&buf, b"hell");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn read_exact(&self, buf: &mut [u8]) -> io::Result<()> {
        let mut filled = 0;
        while filled < buf.len() {
            let room = buf.len() - filled;
            match self.0.transfer(Interest::Read, room, |stream| {
                syscalls::recv(stream, &mut buf[filled..])
            }) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => readable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes what there is room for; returns how many bytes.
    ///
    /// Suspends while there is no room.
    ///
    /// # Errors
    ///
    /// With the system's.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// assert_eq!(here.write(b"hi")?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn write(&self, buf: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.transfer(Interest::Write, buf.len(), |stream| {
                syscalls::send(stream, buf)
            }) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => writable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    /// Writes what there is room for, and does not wait; returns how many bytes.
    ///
    /// # Errors
    ///
    /// `WouldBlock`, if there is no room: `writable!(stream)` waits for some. Or with the system's.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// while here.try_write(&[0; 4096]).is_ok() {}
    /// assert_eq!(here.try_write(&[0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.transfer(Interest::Write, buf.len(), |stream| {
            syscalls::send(stream, buf)
        })
    }

    /// Writes all of `buf`.
    ///
    /// Suspends while there is no room.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the system takes nothing, or with the system's: how much was written until then
    /// is not known.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// here.write_all(b"hi")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cps]
    pub fn write_all(&self, buf: &[u8]) -> io::Result<()> {
        let mut written = 0;
        while written < buf.len() {
            let room = buf.len() - written;
            match self.0.transfer(Interest::Write, room, |stream| {
                syscalls::send(stream, &buf[written..])
            }) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => writable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends one direction or both: the peer reads the end, or we do. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that there is no peer.
    ///
    /// ```
    /// # use insideout::net::UnixStream;
    /// # let (here, there) = UnixStream::pair()?;
    /// here.shutdown(std::net::Shutdown::Write)?;
    /// assert_eq!(there.read(&mut [0])?, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.get_ref().shut_down(how)
    }
}
