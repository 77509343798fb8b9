//! Packets: UDP.

use super::watch;
use crate::event_queue::{Interest, Source};
use cps_macro::{cps, readable, writable};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

/// A UDP socket.
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
pub struct UdpSocket(Source<std::net::UdpSocket>);

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    fn try_from(socket: std::net::UdpSocket) -> io::Result<Self> {
        watch(socket, |socket| socket.set_nonblocking(true)).map(UdpSocket)
    }
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

    /// std's socket, which blocks.
    ///
    /// # Errors
    ///
    /// If the system cannot make it block.
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        let socket = self.0.into_inner();
        socket.set_nonblocking(false)?;
        Ok(socket)
    }

    /// std's socket, for its addresses and options.
    pub fn get_ref(&self) -> &std::net::UdpSocket {
        self.0.get_ref()
    }

    /// What `readable!` and `writable!` wait for.
    pub fn source(&self) -> &Source<std::net::UdpSocket> {
        &self.0
    }

    /// Receives a packet; returns how many bytes of it are in `buf`, and whom it is from. What has no room is lost.
    ///
    /// Suspends until there is one.
    ///
    /// # Errors
    ///
    /// With the system's.
    #[cps]
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            match self
                .0
                .attempt(Interest::Read, |socket| socket.recv_from(buf))
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
    pub fn send_to(&self, buf: &[u8], to: SocketAddr) -> io::Result<usize> {
        loop {
            match self
                .0
                .attempt(Interest::Write, |socket| socket.send_to(buf, to))
            {
                Err(error) if error.kind() == ErrorKind::WouldBlock => writable!(self.0)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}
