//! Echo servers. Each accepts, and serves a connection with one activity and a buffer of a kilobyte.

use super::servers;
use crate::peers::Executor;
use insideout::prelude::*;
use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

const BUFFER: usize = 1024;

/// A connection has a buffer only while there is something to send back.
#[cps]
fn echo(stream: insideout::net::TcpStream) -> std::io::Result<()> {
    loop {
        readable!(stream)?;
        let Some(rest) = pass_on(&stream)? else {
            return Ok(());
        };
        if !rest.is_empty() {
            call!(stream.write_all(&rest))?;
        }
    }
}

thread_local! {
    /// Nothing is left in it at the end of a leg, so one is enough for all connections.
    static SHARED: RefCell<[u8; BUFFER]> = const { RefCell::new([0; BUFFER]) };
}

/// Sends back what is there, as far as there is room; returns the rest, or None at the end.
fn pass_on(stream: &insideout::net::TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let not_now = |error: &std::io::Error| error.kind() == ErrorKind::WouldBlock;
    SHARED.with_borrow_mut(|buf| {
        let there = match stream.try_read(buf) {
            Ok(0) => return Ok(None),
            Ok(count) => &buf[..count],
            Err(error) if not_now(&error) => return Ok(Some(Vec::new())),
            Err(error) => return Err(error),
        };
        let sent = match stream.try_write(there) {
            Err(error) if not_now(&error) => 0,
            sent => sent?,
        };
        Ok(Some(there[sent..].to_vec()))
    })
}

pub(crate) fn ours(workers: usize) -> SocketAddr {
    servers::ours(workers, |stream| thunk!(echo(stream)))
}

pub(crate) fn tokio<E: Executor>(workers: usize) -> SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    servers::tokio::<E, _>(workers, |mut stream| async move {
        let mut buf = [0; BUFFER];
        while let Ok(count @ 1..) = stream.read(&mut buf).await {
            if stream.write_all(&buf[..count]).await.is_err() {
                return;
            }
        }
    })
}

/// As [`tokio`], with a buffer only while there is something to read.
pub(crate) fn tokio_readable<E: Executor>(workers: usize) -> SocketAddr {
    use tokio::io::AsyncWriteExt;

    servers::tokio::<E, _>(workers, |mut stream| async move {
        while stream.readable().await.is_ok() {
            let mut buf = vec![0; BUFFER];
            match stream.try_read(&mut buf) {
                Ok(count @ 1..) if stream.write_all(&buf[..count]).await.is_ok() => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                _ => return,
            }
        }
    })
}

pub(crate) fn smol() -> SocketAddr {
    use futures_lite::{AsyncReadExt, AsyncWriteExt};

    servers::smol(|mut stream| async move {
        let mut buf = [0; BUFFER];
        while let Ok(count @ 1..) = stream.read(&mut buf).await {
            if stream.write_all(&buf[..count]).await.is_err() {
                return;
            }
        }
    })
}

pub(crate) fn may() -> SocketAddr {
    servers::may(|mut stream| {
        let mut buf = [0; BUFFER];
        while let Ok(count @ 1..) = stream.read(&mut buf) {
            if stream.write_all(&buf[..count]).is_err() {
                return;
            }
        }
    })
}

pub(crate) fn bare() -> SocketAddr {
    let mut buf = [0; BUFFER];
    servers::bare(move |stream, &mut ()| match stream.read(&mut buf) {
        Ok(count @ 1..) => stream.write_all(&buf[..count]).is_ok(),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
        Ok(0) => false,
    })
}
