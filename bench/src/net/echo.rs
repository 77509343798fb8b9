//! Echo servers. Each accepts, and serves a connection with one activity and a buffer of a kilobyte.

use super::listener;
use crate::peers::Executor;
use insideout::prelude::*;
use rustix::event::epoll;
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;

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

/// Sends back what is there, as far as there is room; returns the rest, or None at the end.
fn pass_on(stream: &insideout::net::TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let not_now = |error: &std::io::Error| error.kind() == ErrorKind::WouldBlock;
    let mut buf = [0; BUFFER];
    let there = match stream.try_read(&mut buf) {
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
}

#[cps]
fn accept(listener: std::net::TcpListener) {
    let listener = insideout::net::TcpListener::try_from(listener).expect("it is a socket");
    while let Ok((stream, _)) = call!(listener.accept()) {
        spawn_detached(thunk!(echo(stream))).ok();
    }
}

pub(crate) fn ours(workers: usize) -> SocketAddr {
    let (listener, address) = listener();
    let pool = Pool::new(workers);
    pool.spawn_detached(thunk!(accept(listener))).ok();
    std::mem::forget(pool);
    address
}

pub(crate) fn tokio<E: Executor>(workers: usize) -> SocketAddr {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let (listener, address) = listener();
    let executor = E::start(workers);
    executor.clone().spawn_detached(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
        while let Ok((mut stream, _)) = listener.accept().await {
            executor.spawn_detached(async move {
                let mut buf = [0; BUFFER];
                while let Ok(count @ 1..) = stream.read(&mut buf).await {
                    if stream.write_all(&buf[..count]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// As [`tokio`], with a buffer only while there is something to read.
pub(crate) fn tokio_readable<E: Executor>(workers: usize) -> SocketAddr {
    use tokio::io::AsyncWriteExt;

    let (listener, address) = listener();
    let executor = E::start(workers);
    executor.clone().spawn_detached(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
        while let Ok((mut stream, _)) = listener.accept().await {
            executor.spawn_detached(async move {
                while stream.readable().await.is_ok() {
                    let mut buf = vec![0; BUFFER];
                    match stream.try_read(&mut buf) {
                        Ok(count @ 1..) if stream.write_all(&buf[..count]).await.is_ok() => {}
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        _ => return,
                    }
                }
            });
        }
    });
    address
}

pub(crate) fn smol<E: Executor>(workers: usize) -> SocketAddr {
    use futures_lite::{AsyncReadExt, AsyncWriteExt};

    let (listener, address) = listener();
    let executor = E::start(workers);
    executor.clone().spawn_detached(async move {
        let listener = async_io::Async::new(listener).expect("it is a socket");
        while let Ok((mut stream, _)) = listener.accept().await {
            executor.spawn_detached(async move {
                let mut buf = [0; BUFFER];
                while let Ok(count @ 1..) = stream.read(&mut buf).await {
                    if stream.write_all(&buf[..count]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// The system calls, and nothing else.
pub(crate) fn bare() -> SocketAddr {
    let (listener, address) = listener();
    std::thread::spawn(move || {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("there are descriptors");
        let data = |fd: &dyn AsRawFd| epoll::EventData::new_u64(fd.as_raw_fd() as u64);
        epoll::add(&poll, &listener, data(&listener), epoll::EventFlags::IN).expect("a socket");
        let mut streams: HashMap<u64, TcpStream> = HashMap::new();
        let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
        let mut buf = [0; BUFFER];
        loop {
            events.clear();
            epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None).expect("waits");
            for event in &events {
                let number = event.data.u64();
                if let Some(stream) = streams.get_mut(&number) {
                    match stream.read(&mut buf) {
                        Ok(count @ 1..) if stream.write_all(&buf[..count]).is_ok() => {}
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        _ => drop(streams.remove(&number)),
                    }
                } else if let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true).expect("it is a socket");
                    let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
                    epoll::add(&poll, &stream, data(&stream), flags).expect("a socket");
                    streams.insert(data(&stream).u64(), stream);
                }
            }
        }
    });
    address
}
