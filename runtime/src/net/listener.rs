//! Listeners: TCP and Unix.

use super::stream::{Bytes, Stream};
use super::{address, watch};
use crate::event_queue::{Interest, Source};
use cps_macro::{cps, readable};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::Path;

/// Accepts TCP connections.
pub type TcpListener = Listener<std::net::TcpListener>;

/// Accepts connections over a Unix socket.
pub type UnixListener = Listener<std::os::unix::net::UnixListener>;

/// Accepts connections. Several activities may do so at once.
///
/// ```
/// use insideout::net::{TcpListener, TcpStream};
/// use insideout::prelude::*;
///
/// #[cps]
/// fn greet_one(listener: TcpListener) -> std::io::Result<()> {
///     let (stream, _peer) = call!(listener.accept())?;
///     call!(stream.write_all(b"hello"))
/// }
///
/// let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
/// let address = listener.get_ref().local_addr()?;
/// let pool = Pool::new(1);
/// let greeting = pool.spawn(thunk!(greet_one(listener)));
/// let mut heard = [0; 5];
/// TcpStream::connect(address)?.read_exact(&mut heard)?;
/// assert_eq!(&heard, b"hello");
/// greeting.join().unwrap()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Listener<L: AsFd>(Source<L>);

/// What std's listeners have in common. Implemented by them alone.
pub trait Accept: AsFd + Send + Sync + 'static {
    /// Std's stream.
    type Stream: Bytes;
    /// Where a peer is.
    type Address: Send + 'static;
    #[doc(hidden)]
    fn accept_one(&self) -> io::Result<(Self::Stream, Self::Address)>;
    #[doc(hidden)]
    fn block(&self, blocking: bool) -> io::Result<()>;
}

macro_rules! accept {
    ($($listener:ty: $stream:ty, $address:ty;)+) => {$(
        impl Accept for $listener {
            type Stream = $stream;
            type Address = $address;

            fn accept_one(&self) -> io::Result<(Self::Stream, Self::Address)> {
                self.accept()
            }

            fn block(&self, blocking: bool) -> io::Result<()> {
                self.set_nonblocking(!blocking)
            }
        }

        impl TryFrom<$listener> for Listener<$listener> {
            type Error = io::Error;

            fn try_from(listener: $listener) -> io::Result<Self> {
                watch(listener, |listener| listener.block(false)).map(Listener)
            }
        }
    )+};
}

accept! {
    std::net::TcpListener: std::net::TcpStream, SocketAddr;
    std::os::unix::net::UnixListener: std::os::unix::net::UnixStream, std::os::unix::net::SocketAddr;
}

impl TcpListener {
    /// Listens at an address. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the address is in use.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        std::net::TcpListener::bind(address)?.try_into()
    }

    /// Listens at an address that others who do so too share with it: the system spreads connections
    /// over them (`SO_REUSEPORT`). Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the address is in use by one who does not share it.
    pub fn bind_shared(address: SocketAddr) -> io::Result<Self> {
        address::listen_shared(address)?.try_into()
    }
}

impl UnixListener {
    /// Listens at a path, which must not exist yet. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the path is in use.
    ///
    /// ```no_run
    /// let listener = insideout::net::UnixListener::bind("/run/log.socket")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        std::os::unix::net::UnixListener::bind(path)?.try_into()
    }
}

impl<L: Accept> Listener<L> {
    /// std's listener, which blocks.
    ///
    /// # Errors
    ///
    /// If the system cannot make it block.
    pub fn into_std(self) -> io::Result<L> {
        let listener = self.0.into_inner();
        listener.block(true)?;
        Ok(listener)
    }

    /// std's listener, for its address and options.
    pub fn get_ref(&self) -> &L {
        self.0.get_ref()
    }

    /// What `readable!` waits for.
    pub fn source(&self) -> &Source<L> {
        &self.0
    }

    /// Accepts no more: who waits in [`accept`](Listener::accept) gets an error, and so does who calls it.
    ///
    /// ```
    /// # use insideout::net::TcpListener;
    /// let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    /// listener.close();
    /// assert!(listener.is_closed() && listener.accept().is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.0.cancel();
    }

    /// Whether it was [closed](Listener::close), or its event queue is.
    pub fn is_closed(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Accepts a connection; returns it and where it comes from.
    ///
    /// Suspends until there is one. Connections that ended before they were accepted are passed over.
    ///
    /// # Errors
    ///
    /// If it is [closed](Listener::close), or with the system's. After one that says that something has
    /// run out (descriptors: `EMFILE`) it may be called again when there is more of it: no connection
    /// is lost.
    #[cps]
    pub fn accept(&self) -> io::Result<(Stream<L::Stream>, L::Address)> {
        loop {
            if self.is_closed() {
                return Err(io::Error::other("the listener is closed"));
            }
            match self.0.attempt(Interest::Read, L::accept_one) {
                Ok((stream, address)) => return Ok((Stream::new(stream)?, address)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => readable!(self.0)?,
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                    _ => return Err(error),
                },
            }
        }
    }
}
