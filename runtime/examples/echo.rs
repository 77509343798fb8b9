//! Sends back what it receives, over TCP, until it is told to end.
//!
//!     cargo run --release --example echo -- 127.0.0.1:7000 2
//!
//! listens at the address with a pool of two workers (the defaults; port 0 takes a free one). One
//! continuation accepts connections, and one serves each of them. SIGTERM or SIGINT ends it: it accepts
//! no more, and serves those it has until their peers are done.

use insideout::net::{TcpListener, TcpStream};
use insideout::prelude::*;
use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Those who have a clone of it are alive.
type Alive = Sender<()>;

/// Serves one connection, which has a buffer only while there is something to send back.
#[cps]
fn echo(stream: TcpStream, _alive: Alive) -> io::Result<()> {
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
    static SHARED: RefCell<[u8; 4096]> = const { RefCell::new([0; 4096]) };
}

/// Sends back what is there, as far as there is room; returns the rest, or None at the end.
fn pass_on(stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    let not_now = |error: &io::Error| error.kind() == ErrorKind::WouldBlock;
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

#[cps]
fn serve(listener: Arc<TcpListener>, alive: Alive) {
    while !listener.is_closed() {
        match call!(listener.accept()) {
            Ok((stream, _peer)) => {
                let _ = spawn_detached(thunk!(echo(stream, alive.clone())));
            }
            Err(_) if listener.is_closed() => {}
            // Out of descriptors, most likely: there will be some when a connection ends.
            Err(error) => {
                eprintln!("cannot accept: {error}");
                sleep!(Duration::from_millis(100));
            }
        }
    }
}

#[cps]
fn end(signal: i32, listener: Arc<TcpListener>) -> io::Result<()> {
    signal!(signal)?;
    listener.close();
    Ok(())
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7000".into());
    let address: SocketAddr = address.parse().map_err(|_| ErrorKind::InvalidInput)?;
    let workers = arguments.next().map_or(Ok(2), |workers| workers.parse());
    let workers = workers.map_err(|_| ErrorKind::InvalidInput)?;

    let pool = Pool::named("echo", workers);
    let listener = Arc::new(TcpListener::bind(address)?);
    println!("listening at {}", listener.get_ref().local_addr()?);
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let _ = pool.spawn_detached(thunk!(end(signal, listener.clone())));
    }
    let (alive, ended) = Mailbox::bounded(1).split();
    let _ = pool.spawn_detached(thunk!(serve(listener, alive)));
    // Nobody sends anything: this returns when the last of them is gone.
    let _ = ended.recv();
    Ok(())
}
