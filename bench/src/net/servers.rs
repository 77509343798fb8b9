//! How each contender accepts connections, and serves each with an activity of its own.

use super::listener;
use crate::peers::Executor;
use crate::peers::async_executor::AsyncExecutor;
use async_io::Async;
use insideout::prelude::*;
use rustix::event::epoll;
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

/// What one of our continuations does with its connection.
pub(crate) type Serve = fn(insideout::net::TcpStream) -> Thunk<'static, io::Result<()>>;

/// A continuation for each connection.
pub(crate) fn ours(workers: usize, serve: Serve) -> SocketAddr {
    let (listener, address) = listener();
    let pool = Pool::new(workers);
    pool.spawn_detached(thunk!(accept(listener, serve))).ok();
    std::mem::forget(pool);
    address
}

#[cps]
fn accept(listener: TcpListener, serve: Serve) {
    let listener = insideout::net::TcpListener::try_from(listener).expect("it is a socket");
    while let Ok((stream, _)) = call!(listener.accept()) {
        spawn_detached(serve(stream)).ok();
    }
}

/// A task for each connection, with tokio's sockets.
pub(crate) fn tokio<E: Executor, F: Future<Output = ()> + Send + 'static>(
    workers: usize,
    serve: fn(tokio::net::TcpStream) -> F,
) -> SocketAddr {
    let (listener, address) = listener();
    let executor = E::start(workers);
    executor.clone().spawn_detached(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("it is a socket");
        while let Ok((stream, _)) = listener.accept().await {
            executor.spawn_detached(serve(stream));
        }
    });
    address
}

/// A task for each connection, with smol's sockets.
pub(crate) fn smol<F: Future<Output = ()> + Send + 'static>(
    serve: fn(Async<TcpStream>) -> F,
) -> SocketAddr {
    let (listener, address) = listener();
    let executor = AsyncExecutor::start(1);
    executor.clone().spawn_detached(async move {
        let listener = Async::new(listener).expect("it is a socket");
        while let Ok((stream, _)) = listener.accept().await {
            executor.spawn_detached(serve(stream));
        }
    });
    address
}

/// A coroutine for each connection, with may's sockets.
pub(crate) fn may(serve: fn(may::net::TcpStream)) -> SocketAddr {
    crate::peers::may::start(1);
    let listener = may::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    crate::peers::may::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            crate::peers::may::spawn(move || serve(stream));
        }
    });
    address
}

/// The system calls and nothing else, on one thread: a connection has an `S`, and is closed when
/// `hears`, which is called when there is something to read, says false.
pub(crate) fn bare<S: Default>(
    mut hears: impl FnMut(&mut TcpStream, &mut S) -> bool + Send + 'static,
) -> SocketAddr {
    let (listener, address) = listener();
    std::thread::spawn(move || {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("there are descriptors");
        let data = |fd: &dyn AsRawFd| epoll::EventData::new_u64(fd.as_raw_fd() as u64);
        epoll::add(&poll, &listener, data(&listener), epoll::EventFlags::IN).expect("a socket");
        let mut streams: HashMap<u64, (TcpStream, S)> = HashMap::new();
        let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
        loop {
            events.clear();
            epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None).expect("waits");
            for event in &events {
                let number = event.data.u64();
                if let Some((stream, state)) = streams.get_mut(&number) {
                    if !hears(stream, state) {
                        streams.remove(&number);
                    }
                } else if let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true).expect("it is a socket");
                    let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
                    epoll::add(&poll, &stream, data(&stream), flags).expect("a socket");
                    streams.insert(data(&stream).u64(), (stream, S::default()));
                }
            }
        }
    });
    address
}
