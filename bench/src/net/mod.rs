//! Servers, and the client that drives them.
//!
//! A sample's process is the server, so that its processor time is the server's; the client is a
//! process of its own, which this program is too: see [`client`].

pub(crate) mod client;
pub(crate) mod echo;
pub(crate) mod http;
mod servers;

use crate::measure::{Clock, Cost};
use client::Talk;
use std::net::{SocketAddr, TcpListener};

/// How many connections there are.
pub(crate) const CONNECTIONS: usize = 64;

/// A listener at a free port, which does not block.
pub(crate) fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("it is a socket");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

/// What an exchange costs the server that `start` starts.
pub(crate) fn serve(exchanges: usize, talk: Talk, start: impl FnOnce() -> SocketAddr) -> Cost {
    let address = start();
    let clock = Clock::start();
    let done = talk.drive(address, CONNECTIONS, exchanges);
    clock.stop(done)
}
