//! A web server: HTTP/1.1 with keep-alive and pipelining, which serves a directory and `/hello`.
//!
//!     cargo run --release --example http -- 127.0.0.1:8000 . 2 5000
//!
//! listens at the address and serves the current directory with a pool of two workers, to clients that
//! take no longer than 5,000 milliseconds for a request (the defaults; port 0 takes a free one).
//! SIGTERM or SIGINT ends it: requests that it has begun to read are answered, and then it exits with
//! code 0.
//!
//! `request` reads what a client asks, `site` knows the answers, `connection` is the conversation with
//! one client, and `guests` knows all of them: it turns out who is too slow, and at the end who is
//! idle.

mod connection;
mod guests;
mod request;
mod site;

use guests::Guests;
use insideout::net::TcpListener;
use insideout::prelude::*;
use site::Site;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// What all connections share.
struct House {
    site: Site,
    guests: Guests,
}

#[cps]
fn accept(listener: Arc<TcpListener>, house: Arc<House>, alive: Sender<()>) {
    while !listener.is_closed() {
        match call!(listener.accept()) {
            Ok((stream, _peer)) => {
                let _ = stream.get_ref().set_nodelay(true);
                let conversation = thunk!(connection::talk(stream, house.clone(), alive.clone()));
                let _ = spawn_detached(conversation);
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

/// Turns out those who are too slow, until the server ends.
#[cps]
fn watch(house: Arc<House>) {
    while !house.guests.are_leaving() {
        sleep!(guests::GLANCE);
        house.guests.turn_out_the_slow();
    }
}

#[cps]
fn end(signal: i32, listener: Arc<TcpListener>, house: Arc<House>) -> io::Result<()> {
    signal!(signal)?;
    listener.close();
    house.guests.turn_out_the_idle();
    Ok(())
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8000".into());
    let address: SocketAddr = address.parse().map_err(|_| ErrorKind::InvalidInput)?;
    let root = arguments.next().unwrap_or_else(|| ".".into());
    let workers = arguments.next().map_or(Ok(2), |workers| workers.parse());
    let workers = workers.map_err(|_| ErrorKind::InvalidInput)?;
    let patience = arguments.next().map_or(Ok(5000), |millis| millis.parse());
    let patience = Duration::from_millis(patience.map_err(|_| ErrorKind::InvalidInput)?);

    let (pool, files) = (Pool::named("http", workers), Pool::named("files", 1));
    let house = Arc::new(House {
        site: Site::new(root.as_ref(), files.home())?,
        guests: Guests::new(patience),
    });
    let listener = Arc::new(TcpListener::bind(address)?);
    println!("listening at {}", listener.get_ref().local_addr()?);
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let _ = pool.spawn_detached(thunk!(end(signal, listener.clone(), house.clone())));
    }
    let _ = pool.spawn_detached(thunk!(watch(house.clone())));
    let (alive, ended) = Mailbox::bounded(1).split();
    let _ = pool.spawn_detached(thunk!(accept(listener, house, alive)));
    // Nobody sends anything: this returns when the last connection is gone.
    let _ = ended.recv();
    Ok(())
}
