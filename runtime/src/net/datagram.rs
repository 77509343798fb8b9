//! Packets: UDP and Unix.

use super::watch;
use crate::event_queue::{Interest, Source};
use cps_macro::{cps, readable, writable};
use std::fmt::Debug;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::net::SocketAddr as UnixAddr;
use std::path::Path;

/// A UDP socket.
pub type UdpSocket = Datagram<std::net::UdpSocket>;

/// A Unix socket that carries packets.
pub type UnixDatagram = Datagram<std::os::unix::net::UnixDatagram>;

/// A socket that carries packets, each whole or not at all.
///
/// All methods take `&self`. Made from std's socket, and goes back to it with
/// [`into_std`](Datagram::into_std).
///
/// ```
/// use insideout::net::UdpSocket;
///
/// let (a, b) = (UdpSocket::bind(([127, 0, 0, 1], 0).into())?, UdpSocket::bind(([127, 0, 0, 1], 0).into())?);
/// a.send_to(b"hi", b.get_ref().local_addr()?)?;
/// let mut buf = [0; 8];
/// assert_eq!(b.recv_from(&mut buf)?, (2, a.get_ref().local_addr()?));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Datagram<S: AsFd>(Source<S>);

/// What std's sockets of packets have in common. Implemented by them alone.
pub trait Packets: AsFd + Send + Sync + 'static {
    /// Where a packet comes from or goes to.
    type Address: Debug + Send + 'static;

    #[doc(hidden)]
    fn receive(&self, buf: &mut [u8]) -> io::Result<(usize, Self::Address)>;
    #[doc(hidden)]
    fn receive_connected(&self, buf: &mut [u8]) -> io::Result<usize>;
    #[doc(hidden)]
    fn send_away(&self, buf: &[u8], to: &Self::Address) -> io::Result<usize>;
    #[doc(hidden)]
    fn send_connected(&self, buf: &[u8]) -> io::Result<usize>;
    #[doc(hidden)]
    fn block(&self, blocking: bool) -> io::Result<()>;
}

macro_rules! packets {
    ($($socket:ty: $address:ty, $send_to:ident;)+) => {$(
        impl Packets for $socket {
            type Address = $address;

            fn receive(&self, buf: &mut [u8]) -> io::Result<(usize, $address)> {
                self.recv_from(buf)
            }

            fn receive_connected(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.recv(buf)
            }

            fn send_away(&self, buf: &[u8], to: &$address) -> io::Result<usize> {
                self.$send_to(buf, to)
            }

            fn send_connected(&self, buf: &[u8]) -> io::Result<usize> {
                self.send(buf)
            }

            fn block(&self, blocking: bool) -> io::Result<()> {
                self.set_nonblocking(!blocking)
            }
        }

        impl TryFrom<$socket> for Datagram<$socket> {
            type Error = io::Error;

            fn try_from(socket: $socket) -> io::Result<Self> {
                watch(socket, |socket| socket.block(false)).map(Datagram)
            }
        }
    )+};
}

packets! {
    std::net::UdpSocket: SocketAddr, send_to;
    std::os::unix::net::UnixDatagram: UnixAddr, send_to_addr;
}

impl UdpSocket {
    /// A socket at an address. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the address is in use.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        std::net::UdpSocket::bind(address)?.try_into()
    }
}

impl UnixDatagram {
    /// A socket at a path, which must not exist yet. Does not block.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the path is in use.
    ///
    /// ```no_run
    /// let log = insideout::net::UnixDatagram::bind("/run/log.socket")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        std::os::unix::net::UnixDatagram::bind(path)?.try_into()
    }

    /// Two sockets that are connected with each other.
    ///
    /// # Errors
    ///
    /// With the system's.
    ///
    /// ```
    /// use insideout::net::UnixDatagram;
    ///
    /// let (here, there) = UnixDatagram::pair()?;
    /// here.send(b"hi")?;
    /// assert_eq!(there.recv(&mut [0; 8])?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn pair() -> io::Result<(Self, Self)> {
        let (here, there) = std::os::unix::net::UnixDatagram::pair()?;
        Ok((here.try_into()?, there.try_into()?))
    }
}

impl<S: Packets> Datagram<S> {
    /// std's socket, which blocks.
    ///
    /// # Errors
    ///
    /// If the system cannot make it block.
    pub fn into_std(self) -> io::Result<S> {
        let socket = self.0.into_inner();
        socket.block(true)?;
        Ok(socket)
    }

    /// std's socket, for its addresses and options, and to connect it.
    pub fn get_ref(&self) -> &S {
        self.0.get_ref()
    }

    /// What `readable!` and `writable!` wait for.
    pub fn source(&self) -> &Source<S> {
        &self.0
    }

    /// Receives a packet; returns how many bytes of it are in `buf`, and whom it is from. What has no
    /// room is lost.
    ///
    /// Suspends until there is one.
    ///
    /// # Errors
    ///
    /// With the system's.
    #[cps]
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, S::Address)> {
        loop {
            match self.0.attempt(Interest::Read, |socket| socket.receive(buf)) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => readable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    /// Receives a packet; returns how many bytes of it are in `buf`. What has no room is lost.
    ///
    /// Suspends until there is one.
    ///
    /// # Errors
    ///
    /// With the system's.
    #[cps]
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self
                .0
                .attempt(Interest::Read, |socket| socket.receive_connected(buf))
            {
                Err(error) if error.kind() == ErrorKind::WouldBlock => readable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    /// Sends a packet; returns how many bytes.
    ///
    /// Suspends while the system has no room.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the packet is too long.
    #[cps]
    pub fn send_to(&self, buf: &[u8], to: S::Address) -> io::Result<usize> {
        loop {
            match self
                .0
                .attempt(Interest::Write, |socket| socket.send_away(buf, &to))
            {
                Err(error) if error.kind() == ErrorKind::WouldBlock => writable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    /// Sends a packet to whom the socket is connected to; returns how many bytes.
    ///
    /// Suspends while the system has no room.
    ///
    /// # Errors
    ///
    /// With the system's, such as that the socket is not connected.
    #[cps]
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        loop {
            match self
                .0
                .attempt(Interest::Write, |socket| socket.send_connected(buf))
            {
                Err(error) if error.kind() == ErrorKind::WouldBlock => writable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}
