//! Sockets whose methods suspend instead of blocking: streams, listeners, datagrams.
//!
//! Each is one of std's sockets in the keeping of the event queue that serves the thread it is made on,
//! and goes to and from std's type. Its methods are `#[cps]` functions that borrow their buffers:
//! `call!(stream.read(&mut buf))`. Each tries the system call first, and suspends only if that would
//! block; called plainly, it blocks the thread.
//!
//! `stream` has what carries bytes, `halves` its two directions, `listener` what accepts streams, `datagram`
//! what carries packets, `reader` a buffer in front of a stream, `address` what the system is told in its own
//! words, `names` what names of hosts stand for.

mod address;
mod datagram;
mod halves;
mod listener;
mod names;
mod reader;
mod stream;

pub use datagram::{Datagram, Packets, UdpSocket, UnixDatagram};
pub use halves::{ReadHalf, ReuniteError, WriteHalf};
pub use listener::{Accept, Listener, TcpListener, UnixListener};
pub use names::resolve;
pub use reader::Reader;
pub use stream::{Bytes, Stream, TcpStream, UnixStream};

use crate::event_queue::{EventQueue, Source};
use std::io;
use std::os::fd::AsFd;

/// A socket that does not block, in the keeping of the thread's event queue.
fn watch<S: AsFd>(
    socket: S,
    set_nonblocking: impl FnOnce(&S) -> io::Result<()>,
) -> io::Result<Source<S>> {
    set_nonblocking(&socket)?;
    EventQueue::here()?.register(socket)
}
